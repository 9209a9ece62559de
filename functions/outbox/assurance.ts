/** Sends the emails about an entry of the directory that wait with it, at least once, each provider's with a secret of its own. */
import { type Assurance, withSecret } from '../../workflows/assurance.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { assuranceIdOf } from '../shared/directory/links.ts';
import { storeAssurance, storedAssurance } from '../shared/directory/store.ts';
import { mintToken } from '../shared/links.ts';
import type { Effects } from './effects.ts';
import { type MailSettings, writeAssuranceMail } from './mail.ts';
import { post } from './post.ts';
import { tryEntry } from './trying.ts';

/** How long whoever sends keeps others away; then it is tried again, by the next daily look at the directory. */
const CLAIM: Span = { minutes: 10 };
/** How often a write is tried again on the newest version. */
const ATTEMPTS = 8;

/** Sends what is to be sent about an entry. Returns how many emails went out and how many failed. */
export async function sendAssurance(
  table: string,
  effects: Effects,
  settings: MailSettings,
  programmeId: string,
  now: string,
): Promise<{ done: number; failed: number }> {
  const programme = findProgramme(programmeId);
  if (!programme) return { done: 0, failed: 0 };
  const to = programme.provider.email;
  const { token, hash } = mintToken(assuranceIdOf(programmeId));
  let claimed: Assurance['pending'] = [];
  await change(table, programmeId, (state) => {
    claimed = state.pending.filter(({ notBefore }) => isDue(notBefore, now));
    if (claimed.length === 0) return undefined;
    const notBefore = after(now, CLAIM);
    const pending = state.pending.map((each) => (claimed.includes(each) ? { ...each, notBefore } : each));
    const asks = claimed.some(({ message }) => isToProvider(message));
    return asks ? withSecret({ ...state, pending }, hash, to, now) : { ...state, pending };
  });
  const done: string[] = [];
  for (const { message } of claimed) {
    const [address, path] = isToProvider(message)
      ? [to, `assurance/${token}`]
      : [settings.coordinatorAddress, 'directory'];
    const key = `directory:${programmeId}:${message}:${now}`;
    const send = async () => {
      const raw = await writeAssuranceMail(message, { to: address, path, key }, settings, now);
      const whom = isToProvider(message) ? 'provider' : 'coordinator';
      const tags = { about: 'programme', id: programmeId, message, to: whom } as const;
      await post({ table, effects }, { to: address, raw }, tags, now);
    };
    const { state } = await tryEntry(table, send, { programmeId, key: message }, now);
    if (state === 'done') done.push(message);
  }
  if (done.length > 0) {
    await change(table, programmeId, (state) => ({
      ...state,
      pending: state.pending.filter(({ message }) => !done.includes(message)),
    }));
  }
  return { done: done.length, failed: claimed.length - done.length };
}

function isToProvider(message: Assurance['pending'][number]['message']): boolean {
  return message === 'confirm' || message === 'confirm-again';
}

/** Applies a rule to the newest version; a rule that gives nothing changes nothing. */
async function change(
  table: string,
  programmeId: string,
  rule: (state: Assurance) => Assurance | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await storedAssurance(table, programmeId);
    const changed = state && rule(state);
    if (!changed || (await storeAssurance(table, programmeId, changed))) return;
  }
  throw new Error('the assurance of an entry is changed by too many at once');
}
