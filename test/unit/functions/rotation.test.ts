/** What was made before a rotation of the service's secret works until it would have ended anyway, in functions that are warm and in new ones. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { askForCode, mayLook, maySee, tryCode } from '../../../functions/provider-offer/code.ts';
import { servedAt, trapped } from '../../../functions/public-forms/trap.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { type Keyring, readKeyring } from '../../../functions/shared/keyring.ts';
import { mintToken, readToken } from '../../../functions/shared/links.ts';
import { log } from '../../../functions/shared/log.ts';
import { pageSecretOf, personCalendarToken } from '../../../functions/shared/person-calendar.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { beginSession, isOwnForm, whoIsSignedIn } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { openFlow, sealFlow } from '../../../functions/sign-in/flow.ts';
import { nextStep, PUBLISHED_FOR, withoutFormer } from '../../../infra/rotation.ts';
import { withHash } from '../../../workflows/links.ts';
import { after } from '../../../workflows/time.ts';
import { accepted, NOW } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:test';
const FIRST = 'the-secret-as-the-stack-makes-it'.repeat(2);
/** What Secrets Manager holds. */
const held = { [ARN]: FIRST };

let table: TestTable;
let outbox: Server;
let digits: string;
beforeAll(async () => {
  table = await startEnvironment(held);
  outbox = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    digits = JSON.parse(text).code.digits;
    response.end('{}');
  });
  outbox.listen(0, '127.0.0.1');
  await once(outbox, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(outbox.address() as AddressInfo).port}`);
});
afterAll(async () => {
  outbox.close();
  outbox.closeAllConnections();
  await table.stop();
});

/** Each test takes place on a day of its own, so that what is kept warm is old by then. */
let day = 0;
let now: string;
beforeEach(async () => {
  day += 1;
  now = after(NOW, { days: day });
  await hold(FIRST);
});

/** Puts a secret in place, and has this function learn of it as it would: by a request some time later. */
async function hold(text: string): Promise<void> {
  held[ARN] = text;
  await later();
}

async function later(): Promise<void> {
  now = after(now, { minutes: 6 });
  await freshen(now);
}

/** Goes one step on. Gives the keyring that is then held. */
function step(key: string): Keyring {
  const stepped = nextStep(readKeyring(held[ARN] ?? ''), after(now, PUBLISHED_FOR), key);
  if (stepped.state === 'waiting') throw new Error('too early');
  held[ARN] = JSON.stringify(stepped.keyring);
  return stepped.keyring;
}

const NEW = 'another-key-of-enough-characters'.repeat(2);

async function rotated(): Promise<void> {
  now = after(now, { minutes: 1 });
  held[ARN] = JSON.stringify({ person: FIRST, keys: [{ key: NEW, since: now }, { key: FIRST }] });
  await later();
}

async function forgotten(): Promise<void> {
  await hold(JSON.stringify(withoutFormer(readKeyring(held[ARN] ?? ''))));
}

const visit = (more: Partial<Visit> = {}): Visit =>
  ({ now, cookies: [], fields: {}, path: {}, query: {}, secure: false, ...more }) as Visit;
const amina = { sub: 'amina', name: 'Amina', email: '', roles: ['link-worker' as const], teams: ['all'] };
const cookieOf = (header: string) => [header.split(';')[0] ?? ''];
const { person } = accepted();

/** Everything that is made with a key: how it is made, and whether it works then. */
const MADE: Record<string, () => Promise<() => Promise<boolean>>> = {
  async 'a form of whoever is signed in'() {
    const cookies = cookieOf(await beginSession(visit(), amina));
    const { csrf = '' } = (await whoIsSignedIn(visit({ cookies }))) ?? {};
    return () => isOwnForm(visit({ cookies, fields: { csrf } }));
  },
  async 'a sign-in under way'() {
    const begun = Math.floor(Date.parse(now) / 1000);
    const sealed = await sealFlow({ begun, state: 's', nonce: 'n', verifier: 'v', returnTo: '/' });
    // The sign-in may take ten minutes; the key is what is tried here.
    return async () => (await openFlow(sealed, new Date(begun * 1000).toISOString())) !== undefined;
  },
  async 'a form that is open'() {
    const served = await servedAt('begin', now);
    return async () => (await trapped('begin', { served }, now)) === undefined;
  },
  async 'a calendar that somebody subscribed to'() {
    const { token, hash } = mintToken(accepted().id);
    const referral = accepted();
    const link = referral.links.person;
    if (!link) throw new Error('no link');
    const linked = { ...referral, links: { ...referral.links, person: withHash(link, hash, now) } };
    const calendar = readToken(await personCalendarToken(token))?.hash ?? '';
    return async () => (await pageSecretOf(linked, calendar)) === hash;
  },
  async 'the leave to look at an offer'() {
    const cookies = cookieOf(await mayLook(visit(), 'choir@provider.example'));
    return () => maySee(visit({ cookies }), 'choir@provider.example');
  },
  async 'a code that is on its way'() {
    const whose = { referral: accepted(), id: `offer-${day}`, programmeId: 'choir', address: 'a@b.example' };
    expect(await askForCode(visit(), whose)).toEqual({ state: 'sent' });
    const [sent, at] = [digits, now];
    return async () => (await tryCode(visit({ now: at }), whose, sent)) === 'right';
  },
};

describe.each(Object.entries(MADE))('%s', (_, make) => {
  it('works while the next key is only published', async () => {
    const works = await make();
    step(NEW);
    await later();
    expect(await works()).toBe(true);
  });

  it('works after a rotation', async () => {
    const works = await make();
    await rotated();
    expect(await works()).toBe(true);
  });

  it('works when it was made with the new key, in a function that knows it as the next one only', async () => {
    await rotated();
    const works = await make();
    await hold(JSON.stringify({ person: FIRST, next: { key: NEW, since: now }, keys: [{ key: FIRST }] }));
    expect(await works()).toBe(true);
  });

  it('does not work when the keys before are forgotten', async () => {
    const works = await make();
    await rotated();
    await forgotten();
    expect(await works()).toBe(false);
  });
});

it('the same person is found again after any rotation', async () => {
  const before = await personKeysOf(person);
  await rotated();
  await forgotten();
  expect(await personKeysOf(person)).toEqual(before);
});

it('a warm function goes on with the keys that it has while the secret cannot be read', async () => {
  const works = await MADE['a form that is open']?.();
  held[ARN] = '';
  const said = vi.spyOn(log, 'error').mockImplementation(() => {});
  await later();
  expect(await works?.()).toBe(true);
  expect(said.mock.calls.map(([message]) => message)).toContain('SECRET_NOT_READ');
  said.mockRestore();
});
