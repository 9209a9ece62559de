/**
 * Changes the key that the service makes cookies, links and codes with, while everything goes on: first every function learns of the next key, then it
 * comes into use, and what was made with the ones before still works (functions/shared/keyring.ts, docs/adr/0023).
 */
import { randomBytes } from 'node:crypto';
import { KEYS_FRESH_MINUTES, type Keyring, readKeyring } from '../functions/shared/keyring.ts';
import { after, isDue, type Span } from '../workflows/time.ts';

/** Where the secret is. Both reject when it cannot be reached. */
export interface SecretStore {
  read(): Promise<string>;
  write(text: string): Promise<void>;
}

/** Until every warm function has read the secret again, and has finished what it did before. */
export const PUBLISHED_FOR: Span = { minutes: 2 * KEYS_FRESH_MINUTES };

/** Longer than any link lives (workflows/links.ts), and so what is made of one. */
export const BELIEVED_FOR: Span = { days: 400 };

export type Step =
  | { state: 'published' | 'in-use'; keyring: Keyring }
  /** The next key is not known everywhere yet. */
  | { state: 'waiting'; until: string };

/** The next step of a rotation. @param newKey the key to publish, where that is the step. */
export function nextStep(keyring: Keyring, now: string, newKey: string): Step {
  const { next, keys } = keyring;
  if (!next) return { state: 'published', keyring: { ...keyring, next: { key: newKey, since: now } } };
  const until = after(next.since, PUBLISHED_FOR);
  if (!isDue(until, now)) return { state: 'waiting', until };
  // A key went out of use when the one before it in the list came into use.
  const former = keys.filter((_, i) => {
    const outOfUse = i === 0 ? now : keys[i - 1]?.since;
    return outOfUse === undefined || !isDue(after(outOfUse, BELIEVED_FOR), now);
  });
  const { person } = keyring;
  return { state: 'in-use', keyring: { person, keys: [{ key: next.key, since: now }, ...former] } };
}

/** Lets nothing work any more that was made with keys that are out of use. */
export function withoutFormer(keyring: Keyring): Keyring {
  return { ...keyring, keys: keyring.keys.slice(0, 1) };
}

/**
 * A whole rotation. Stopped in between, it goes on where it was when it is called again.
 * @param clock what time it is for the service, ISO 8601. @param wait until that time has come.
 */
export async function rotate(
  store: SecretStore,
  clock: () => Promise<string>,
  wait: (until: string) => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  for (;;) {
    const keyring = readKeyring(await store.read());
    const step = nextStep(keyring, await clock(), randomBytes(48).toString('base64url'));
    if (step.state === 'waiting') {
      say(
        `Every function learns of the next key until ${step.until}. Stopped now, npm run rotate goes on from here.`,
      );
      await wait(step.until);
      continue;
    }
    await store.write(JSON.stringify(step.keyring));
    if (step.state === 'in-use') {
      say(`The next key is in use. ${step.keyring.keys.length - 1} before it are still believed.`);
      return;
    }
  }
}

/** Forgets the keys that are out of use: after a leak, when what was made with them must not work. */
export async function forgetFormer(store: SecretStore, say: (line: string) => void): Promise<void> {
  const keyring = readKeyring(await store.read());
  if (keyring.next) throw new Error('a rotation is under way. Finish it first: npm run rotate');
  await store.write(JSON.stringify(withoutFormer(keyring)));
  say(
    `${keyring.keys.length - 1} former keys are forgotten. Calendars are subscribed to anew from the person's page; forms that are open are sent again.`,
  );
}
