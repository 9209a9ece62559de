/** A link to one offer, once its provider has another address, or the team has closed what was sent. */
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { handler as directory } from '../../../functions/directory/handler.ts';
import { emptyOutbox, type World } from '../../../functions/outbox/outbox.ts';
import { sendDigest, sendFreshLinks } from '../../../functions/outbox/provider.ts';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { handler as offers } from '../../../functions/provider-offers/handler.ts';
import { allProgrammes, findProgramme } from '../../../functions/shared/directory/directory.ts';
import { storedEntry, storeEntry } from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { providerIdOf } from '../../../functions/shared/providers.ts';
import { nextDigest } from '../../../workflows/provider.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, NOW, offered } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { anOffer, formIn, listening, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

const ENTRY = 'moving-choir';
const [FORMER, NEW, NEWER] = ['former', 'new', 'newer'].map((name) => `${name}@provider.example`) as [
  string,
  string,
  string,
];

let table: TestTable;
let outbox: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  table = await startEnvironment();
  outbox = await listening();
});
beforeEach(() => address(FORMER));
afterAll(async () => {
  outbox.stop();
  await table.stop();
});

let clock = Date.parse(NOW) - 400 * 86_400_000;
/** The directory has this address from now on, with nobody told: as after a deployment. */
async function address(email: string): Promise<void> {
  const [like] = allProgrammes();
  if (!like) throw new Error('the directory is empty');
  const { cohorts: _none, ...rest } = like;
  const programme = { ...rest, id: ENTRY, name: 'The moving choir', provider: { name: 'Moving', email } };
  const stored = await storedEntry(TABLE, ENTRY);
  await storeEntry(TABLE, stored, { programme, at: NOW, how: 'edited', changes: [] });
  await reread();
}

/** Whatever is kept warm is read again. */
async function reread(): Promise<void> {
  clock += 86_400_000;
  await freshen(new Date(clock).toISOString());
}

function ofTheirs(referral: Referral): Referral {
  const given = referral.offers.map((each) => ({ ...each, programmeId: ENTRY }));
  const told = referral.outbox.map((each) =>
    each.kind === 'email' && each.to === 'provider' ? { ...each, programmeId: ENTRY } : each,
  );
  const made = { ...referral, offers: given, outbox: told.filter(({ kind }) => kind === 'email') };
  return made.stage === 'programme'
    ? ({ ...made, programme: { ...made.programme, programmeId: ENTRY } } as Referral)
    : (made as Referral);
}

function world() {
  const mails: { to: string; raw: Uint8Array }[] = [];
  const mail = {
    ...{ sender: 'noreply@service.example', serviceName: 'Service', baseUrl: 'https://service.example' },
    ...{ linkWorkerAddress: 'l@service.example', coordinatorAddress: 'c@service.example' },
    ...{ teams: [], crisisContacts: [{ when: 'Life in danger', call: '999' }] },
  };
  const effects = {
    send: async (sent: { to: string; raw: Uint8Array }) => void mails.push(sent),
    ...{ answer: async () => {}, stop: async () => {}, start: async () => {} },
  };
  const all: World = { table: TABLE, referrals: table.referrals, effects, mail };
  const linkTo = async (to: string) => {
    const newest = mails.findLast((each) => each.to === to);
    const { text = '' } = await PostalMime.parse(newest?.raw ?? '');
    return /\/offers?\/([\w-]{54})/.exec(text)?.[1] ?? '';
  };
  return { all, mails, linkTo };
}

/** An offer that was sent, and the link in its email. */
async function sent(made = offered()) {
  const referral = await anOffer(table, ofTheirs(made));
  const { all, linkTo } = world();
  await emptyOutbox(all, referral.id, NOW);
  return { ...referral, link: await linkTo(findProgramme(ENTRY)?.provider.email ?? '') };
}

const get = (link: string, now: string) =>
  readPage(offer, { route: 'GET /offer/{link}', path: { link }, now });
const post = (link: string, fields: Record<string, string>, now: string) =>
  readPage(offer, { route: 'POST /offer/{link}', path: { link }, fields, now });
const HOUR = later(NOW, { hours: 1 });

const SENT = [
  { action: 'open' },
  { action: 'reply', reply: 'decline', declineReason: 'no-capacity' },
  { action: 'reply', reply: 'waitlist' },
  {
    ...{ action: 'reply', reply: 'accept', firstSessionTime: '16:00' },
    ...{ 'firstSessionDate-day': '8', 'firstSessionDate-month': '12', 'firstSessionDate-year': '2026' },
  },
  { action: 'ask', number: '1', question: 'Are there stairs?' },
  { action: 'code' },
  { action: 'enter', code: '123456' },
];

/** Nothing is opened or changed by a link, and whoever has it is led to where fresh ones are asked for. */
async function opensNothing({ link, read }: { link: string; read: () => Promise<Referral> }, now = HOUR) {
  const before = await read();
  outbox.heard.length = 0;
  const answers = [await get(link, now)];
  for (const fields of SENT) answers.push(await post(link, fields, now));
  for (const { status, html, text } of answers) {
    expect([status, html.querySelector('main a[href="/offers"]') !== null]).toEqual([410, true]);
    expect(text).not.toContain(before.reference);
    for (const said of [before.offers[0]?.summary, before.person.familyName])
      if (said) expect(text).not.toContain(said);
  }
  expect(await read()).toEqual(before);
  expect(outbox.heard).toEqual([]);
}

it('opens and changes nothing at a former address, and the new one has a link that does', async () => {
  const made = await sent();
  expect((await post(made.link, { action: 'open' }, HOUR)).status).toBe(200);
  const tom = await atWork('Tom', { roles: ['coordinator'] });
  const at = { route: '/directory/{programme}', path: { programme: ENTRY } };
  const fields = formIn((await tom.open(directory, at)).body);
  const saved = await tom.send(directory, { ...at, fields: { ...fields, providerEmail: NEW } });
  expect(saved.statusCode).toBe(303);
  await reread();
  await opensNothing(made);

  const { all, linkTo } = world();
  const eight = nextDigest(NOW);
  expect(await sendDigest(all, providerIdOf(NEW), eight)).toMatchObject({ done: 1 });
  const path = { link: await linkTo(NEW) };
  const chosen = { reference: made.reference };
  const go = await readPage(offers, { route: 'POST /offers/{link}', path, fields: chosen, now: eight });
  const own = String(go.location).replace('/offer/', '');
  expect((await post(own, { action: 'open' }, eight)).status).toBe(200);
  const declined = { action: 'reply', reply: 'decline', declineReason: 'no-capacity' };
  expect((await post(own, declined, eight)).status).toBe(303);
  expect((await made.read()).offers[0]?.result).toBe('declined');
});

it('opens nothing of whom they accepted, either, and nothing at each address before the newest', async () => {
  const first = await sent();
  await address(NEW);
  const second = await sent();
  const theirs = await sent(accepted());
  expect((await get(theirs.link, HOUR)).status).toBe(200);
  await address(NEWER);
  for (const made of [first, second, theirs]) await opensNothing(made);
  const third = await sent();
  expect((await get(third.link, HOUR)).status).toBe(200);
  // Theirs again: so are their links.
  await address(FORMER);
  expect((await get(first.link, HOUR)).status).toBe(200);
  await opensNothing(third);
});

it('goes to the address for which it was made, also where that is changed while its email is on the way', async () => {
  const { id } = await anOffer(table, ofTheirs(offered()));
  const { all, mails, linkTo } = world();
  const change = all.referrals.change.bind(all.referrals);
  vi.spyOn(all.referrals, 'change').mockImplementationOnce(async (...given) => {
    const claimed = await change(...given);
    await address(NEW);
    return claimed;
  });
  expect(await emptyOutbox(all, id, NOW)).toMatchObject({ failed: 1 });
  expect(mails.filter(({ to }) => [FORMER, NEW].includes(to))).toEqual([]);
  await emptyOutbox(all, id, later(NOW, { minutes: 2 }));
  expect((await post(await linkTo(NEW), { action: 'open' }, HOUR)).status).toBe(200);
});

it('is closed with every other one that went to the provider, however they came by it', async () => {
  const [made, theirs] = [await sent(), await sent(accepted())];
  const old = await anOffer(table, ofTheirs({ ...offered(), outbox: [] }));
  const { all, linkTo } = world();
  const viaAll = async (now: string) => {
    await sendFreshLinks(all, providerIdOf(FORMER), now);
    const path = { link: await linkTo(FORMER) };
    const fields = { reference: made.reference };
    const go = await readPage(offers, { route: 'POST /offers/{link}', path, fields, now });
    return String(go.location).replace('/offer/', '');
  };
  const derived = await viaAll(NOW);
  for (const link of [made.link, theirs.link, old.token, derived])
    expect((await get(link, NOW)).status).toBe(200);
  const tom = await atWork('Tom', { roles: ['coordinator'] });
  const at = { route: '/directory/{programme}', path: { programme: ENTRY } };
  await tom.send(directory, { ...at, fields: { action: 'close-links' } });
  for (const each of [made, theirs, { ...old, link: old.token }, { ...made, link: derived }])
    await opensNothing(each);
  const fresh = await viaAll(later(NOW, { minutes: 1 }));
  expect((await post(fresh, { action: 'open' }, HOUR)).status).toBe(200);
});
