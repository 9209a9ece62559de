/** All open offers of a provider: the page, fresh links, the email of the day, and what they cost. */
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as directory } from '../../../functions/directory/handler.ts';
import type { Effects } from '../../../functions/outbox/effects.ts';
import { emptyOutbox, type World } from '../../../functions/outbox/outbox.ts';
import { sendDigest, sendFreshLinks } from '../../../functions/outbox/provider.ts';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { handler } from '../../../functions/provider-offers/handler.ts';
import { handler as sweep } from '../../../functions/reminder-sweep/handler.ts';
import { handler as register } from '../../../functions/session-register/handler.ts';
import { ensureCohort, readCohort } from '../../../functions/shared/cohorts.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { storeEntry } from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { openOffersOf } from '../../../functions/shared/open-offers.ts';
import { changeProvider, providerIdOf, readProvider } from '../../../functions/shared/providers.ts';
import { email } from '../../../workflows/change.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { leave } from '../../../workflows/leaving.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { askAboutOffer } from '../../../workflows/offer-questions.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { accepted, NOW, offered, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { anOffer, formIn, listening, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

const EIGHT = '2026-11-24T08:00:00.000Z';

/** Two programmes of one provider, and one of another; of a third nobody has heard. */
const THEIRS = { name: 'Daily', email: 'Daily@provider.example', digest: true };
const PROGRAMMES: [string, Programme['provider']][] = [
  ['daily-choir', THEIRS],
  ['daily-walks', { ...THEIRS, email: 'daily@Provider.example' }],
  ['other-choir', { name: 'Other', email: 'other@provider.example' }],
];
const ID = providerIdOf('daily@provider.example');

let table: TestTable;
let outbox: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  table = await startEnvironment();
  outbox = await listening();
  const [like] = allProgrammes();
  if (!like) throw new Error('the directory is empty');
  const { cohorts: _none, ...rest } = like;
  for (const [id, provider] of PROGRAMMES) {
    const programme = { ...rest, id, name: `The ${id}`, provider };
    await storeEntry(TABLE, undefined, { programme, at: NOW, how: 'added', changes: [] });
  }
  await freshen(later(NOW, { days: -30 }));
});
beforeEach(() => {
  outbox.heard.length = 0;
});
afterAll(async () => {
  outbox.stop();
  await table.stop();
});

/** An offer of one of these programmes. */
function offeredTo(programmeId: string, referral = offered()): Referral {
  const offers = referral.offers.map((each) => ({ ...each, programmeId }));
  return { ...referral, offers, outbox: [] };
}

function world() {
  const mails: { to: string; raw: Uint8Array }[] = [];
  const state = { fails: false };
  const effects: Effects = {
    send: async (mail) => {
      if (state.fails) throw new Error('no');
      mails.push(mail);
    },
    answer: async () => {},
    stop: async () => {},
    start: async () => {},
  };
  const mail = {
    ...{ sender: 'noreply@service.example', serviceName: 'Service', baseUrl: 'https://service.example' },
    ...{ linkWorkerAddress: 'l@service.example', coordinatorAddress: 'c@service.example' },
    ...{ teams: [], crisisContacts: [{ when: 'Life in danger', call: '999' }] },
  };
  const all: World = { table: TABLE, referrals: table.referrals, effects, mail };
  return {
    ...{ all, mails, state },
    read: async () => {
      const [newest] = mails.toReversed();
      const { text = '', html = '', subject = '', messageId } = await PostalMime.parse(newest?.raw ?? '');
      return {
        to: newest?.to,
        text,
        html,
        subject,
        messageId,
        link: /\/offers\/([\w-]{54})/.exec(text)?.[1],
      };
    },
  };
}

const see = (link: string, query = {}, now = NOW) =>
  readPage(handler, { route: 'GET /offers/{link}', path: { link }, query, now });
const go = (link: string, reference: string, now = NOW) =>
  readPage(handler, { route: 'POST /offers/{link}', path: { link }, fields: { reference }, now });

describe('fresh links', () => {
  const ask = (address: string, { now = NOW, sourceIp = '192.0.2.9' } = {}) =>
    readPage(handler, { route: 'POST /offers', fields: { email: address }, now, sourceIp });

  it('are asked for in the same way, and with the same work, whoever asks', async () => {
    const answers = await Promise.all(
      ['daily@provider.example', ' DAILY@provider.example', 'nobody@provider.example'].map((address) =>
        ask(address),
      ),
    );
    expect(new Set(answers.map(({ status, location }) => `${status} ${location}`))).toEqual(
      new Set(['303 /offers?sent=yes']),
    );
    const costs = [
      await table.counted(() => ask('other@provider.example')),
      await table.counted(() => ask('unknown@provider.example')),
    ];
    expect(costs[0]).toEqual(costs[1]);
    expect(outbox.heard.map(({ waits, payload }) => [waits, payload.why])).toEqual(
      Array(5).fill([false, 'links']),
    );
    expect(JSON.stringify(outbox.heard)).not.toContain('provider.example');
    expect(
      (await readPage(handler, { route: 'GET /offers', query: { sent: 'yes' }, now: NOW })).text,
    ).toContain('If it is an address to which we write');
  });

  it('are not asked for without an address', async () => {
    for (const address of ['', 'nobody', 'a@b', '<script>@x.example']) {
      expect((await ask(address)).status).toBe(422);
    }
    expect(outbox.heard).toEqual([]);
  });

  it('go out a few times an hour to one address, and the answer does not tell', async () => {
    const address = 'often@provider.example';
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await ask(address, { sourceIp: `198.51.100.${i}` }));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(303));
    expect(outbox.heard).toHaveLength(3);
    await ask(address, { now: later(NOW, { hours: 1 }) });
    expect(outbox.heard).toHaveLength(4);
  });

  it('are refused to a client who asks for many', async () => {
    let refused = 0;
    for (let i = 0; i < 65; i++) {
      const { status } = await ask(`p${i}@provider.example`, { sourceIp: '203.0.113.7' });
      if (status === 429) refused += 1;
    }
    expect(refused).toBe(5);
  });

  it('go to the registered address alone, as one email', async () => {
    const { all, mails, read } = world();
    const offers = [
      await anOffer(table, offeredTo('daily-choir')),
      await anOffer(table, offeredTo('daily-walks')),
    ];
    const others = await anOffer(table, offeredTo('other-choir'));
    await sendFreshLinks(all, ID, NOW);
    expect(mails).toHaveLength(1);
    const { to, text, html, link = '' } = await read();
    expect(to?.toLowerCase()).toBe('daily@provider.example');
    for (const { reference } of offers) expect(text).toContain(reference);
    expect(text + html).not.toMatch(/Brien|Róisín|choir|walks/);
    expect(text).not.toContain(others.reference);
    const page = await see(link);
    for (const { reference } of offers) expect(page.text).toContain(reference);
    expect(page.text).not.toContain(others.reference);
    expect(await sendFreshLinks(all, providerIdOf('nobody@provider.example'), NOW)).toEqual({
      done: 0,
      failed: 0,
    });
    expect(mails).toHaveLength(1);
    for (const { id } of offers) await close(id);
    await sendFreshLinks(all, ID, NOW);
    expect((await read()).text).toContain('None is open at the moment');
    expect((await read()).link).toBeUndefined();
  });
});

/** The offer is taken back. */
async function close(id: string): Promise<void> {
  await table.referrals.change(id, NOW, (referral) => stored(undoDecision(referral, 'review-1', NOW)));
}

async function aLink(now = NOW): Promise<string> {
  const { all, read } = world();
  await sendFreshLinks(all, ID, now);
  return (await read()).link ?? '';
}

describe('the page of all offers', () => {
  it('says of each how it stands, leads to its own page, and names nobody', async () => {
    const fresh = await anOffer(table, offeredTo('daily-choir'));
    const listed = await anOffer(
      table,
      stored(replyToOffer(offeredTo('daily-walks'), 'offer-1', { reply: 'waitlist' }, NOW)),
    );
    const asked = await anOffer(
      table,
      stored(askAboutOffer(offeredTo('daily-walks'), 'offer-1', { number: 1, text: 'Any stairs?' }, NOW)),
    );
    const link = await aLink();
    const page = await see(link);
    expect(page.text).toMatch(
      new RegExp(`${fresh.reference} New The daily-choir Please reply by 26 November 2026`),
    );
    expect(page.text).toMatch(new RegExp(`${listed.reference} Waiting list The daily-walks`));
    expect(page.text).toMatch(new RegExp(`${asked.reference} Your question`));
    expect(page.text).not.toMatch(/Brien|stairs/);
    expect([page.headers['cache-control'], page.headers['referrer-policy']]).toEqual([
      'no-store',
      'no-referrer',
    ]);

    const before = (await fresh.read()).links['offer-1']?.hashes.length ?? 0;
    const to = await Promise.all([1, 2, 3].map(() => go(link, fresh.reference)));
    expect(new Set(to.map(({ location }) => location)).size).toBe(1);
    expect((await fresh.read()).links['offer-1']?.hashes).toHaveLength(before + 1);
    const token = String(to[0]?.location).replace('/offer/', '');
    const path = { link: token };
    expect((await readPage(offer, { route: 'GET /offer/{link}', path, now: NOW })).text).toContain(
      'See the referral',
    );
    const fields = { action: 'reply', reply: 'decline', declineReason: 'other' };
    expect((await readPage(offer, { route: 'POST /offer/{link}', path, fields, now: NOW })).status).toBe(303);
    expect((await see(link)).text).not.toContain(fresh.reference);
    expect((await go(link, fresh.reference)).location).toMatch(/\?gone=yes$/);
    expect((await see(link, { gone: 'yes' })).text).toContain('not open any more');
    for (const { id } of [listed, asked]) {
      await table.referrals.change(id, NOW, (referral) =>
        stored(replyToOffer(referral, 'offer-1', { reply: 'decline', reason: 'other' }, NOW)),
      );
    }
  });

  it('leads to nobody else’s offers', async () => {
    const others = await anOffer(table, offeredTo('other-choir'));
    const mine = await anOffer(table, offeredTo('daily-choir'));
    const link = await aLink();
    expect((await go(link, others.reference)).location).toMatch(/\?gone=yes$/);
    await close(mine.id);
    await close(others.id);
  });

  it('is dead for an offer the moment that it is taken back', async () => {
    const made = await anOffer(table, offeredTo('daily-choir'));
    const link = await aLink();
    const to = String((await go(link, made.reference)).location).replace('/offer/', '');
    await close(made.id);
    expect((await see(link)).text).toContain('No offer is open');
    expect((await readPage(offer, { route: 'GET /offer/{link}', path: { link: to }, now: NOW })).status).toBe(
      410,
    );
  });

  it('is closed by a coordinator on an entry of the provider’s, and a fresh link is sent', async () => {
    const made = await anOffer(table, offeredTo('daily-choir'));
    const link = await aLink();
    expect((await see(link)).status).toBe(200);
    // A link that is made in the very moment counts as closed.
    const now = later(NOW, { minutes: -1 });
    const tom = await atWork('Tom', { roles: ['coordinator'], now });
    const at = { route: '/directory/{programme}', path: { programme: 'daily-choir' } };
    const { body = '' } = await tom.open(directory, at);
    expect(body).toContain('value="close-links"');
    outbox.heard.length = 0;
    const { headers } = await tom.send(directory, { ...at, fields: { action: 'close-links' } });
    expect(headers?.location).toBe('/directory/daily-choir?closed=yes');
    expect(outbox.heard.map(({ payload }) => payload)).toEqual([{ provider: ID, why: 'links', now }]);
    const closed = await see(link);
    expect([closed.status, closed.html.querySelector('main a[href="/offers"]') !== null]).toEqual([
      410,
      true,
    ]);
    const fresh = await aLink();
    expect([(await see(fresh)).status, (await see(link)).status]).toEqual([200, 410]);
    await close(made.id);
  });

  it('opens for as long as its link works, and then leads to where a fresh one is asked for', async () => {
    const made = await anOffer(table, offeredTo('daily-choir'));
    const link = await aLink();
    const expired = await see(link, {}, later(NOW, { days: 14 }));
    expect(expired.status).toBe(410);
    expect(expired.html.querySelector('main a[href="/offers"]')).not.toBeNull();
    expect((await go(link, made.reference, later(NOW, { days: 14 }))).status).toBe(410);
    const path = { link: made.token };
    const old = await readPage(offer, { route: 'GET /offer/{link}', path, now: later(NOW, { days: 181 }) });
    expect([old.status, old.html.querySelector('main a[href="/offers"]') !== null]).toEqual([410, true]);
    await close(made.id);
  });

  it('costs the same with one offer as with sixty, and finds the longest waiting of more than a hundred', async () => {
    const made = [await anOffer(table, offeredTo('daily-choir'))];
    const link = await aLink();
    const page = () => see(link);
    // The directory is warm.
    await page();
    const few = await table.counted(page);
    for (let i = 0; i < 59; i++) {
      made.push(await anOffer(table, offeredTo(i % 2 ? 'daily-choir' : 'daily-walks')));
    }
    expect(await table.counted(page)).toEqual(few);
    expect(few).toEqual({ GetItem: 1, Query: 4, BatchGetItem: 1 });
    for (let i = 0; i < 60; i++) {
      const referral = offeredTo('daily-walks');
      const offers = referral.offers.map((each) => ({ ...each, askedAt: later(NOW, { days: 1 }) }));
      made.push(await anOffer(table, { ...referral, offers }));
    }
    const { offers, more } = await openOffersOf(TABLE, ['daily-choir', 'daily-walks']);
    expect([offers.length, more]).toEqual([100, true]);
    const oldest = new Set(made.slice(0, 60).map(({ reference }) => reference));
    expect(offers.slice(0, 60).every(({ referral }) => oldest.has(referral.reference))).toBe(true);
    expect((await page()).text).toContain('There are more');
    for (const { id } of made) await close(id);
    expect((await openOffersOf(TABLE, ['daily-choir', 'daily-walks'])).offers).toEqual([]);
  });
});

describe('groups on the page of all offers', () => {
  const chosen = async (link: string, fields: Record<string, string>, now = NOW) =>
    String((await readPage(handler, { route: 'POST /offers/{link}', path: { link }, fields, now })).location);
  /** Somebody whom the provider of a programme accepted into a group. */
  async function acceptedInto(cohortId: string, programmeId = 'daily-choir') {
    const referral = accepted();
    if (referral.stage !== 'programme') throw new Error('no programme');
    const offers = referral.offers.map((each) => ({ ...each, programmeId }));
    const programme = { ...referral.programme, programmeId, cohortId, joinedAt: NOW };
    return anOffer(table, { ...referral, offers, programme, outbox: [] });
  }
  const groupAt = (cohortId: string, firstAt: string, programmeId = 'daily-choir') =>
    ensureCohort(TABLE, { programmeId, cohortId, firstAt, count: 12, minutes: 90 }, undefined, NOW);
  const FIRST = '2026-12-01T16:00:00.000Z';
  const AFTER = later(FIRST, { hours: 2 });

  it('are listed with their next session and whom they accepted, by reference; each leads to its own page', async () => {
    const group = await groupAt('begins', FIRST);
    const people = [await acceptedInto('begins'), await acceptedInto('begins')];
    const others = await acceptedInto('theirs', 'other-choir');
    await groupAt('theirs', FIRST, 'other-choir');
    const link = await aLink();
    const before = await see(link);
    expect(before.text).toMatch(
      new RegExp(
        `${group.reference} Not begun The daily-choir 2 people. Next session: Tuesday 1 December 2026`,
      ),
    );
    for (const { reference } of people)
      expect(before.text).toMatch(new RegExp(`${reference} Waits to start`));
    expect(before.text).not.toMatch(new RegExp(`Brien|Róisín|${others.reference}`));

    // Once a session is over the register is what is first, and its page is where the group leads to.
    const after = await see(link, {}, AFTER);
    expect(after.text).toMatch(
      new RegExp(`${group.reference} Register missing .*Please record who came: session 1, 1 December 2026`),
    );
    for (const { reference } of people) expect(after.text).toMatch(new RegExp(`${reference} Takes part`));
    const to = await Promise.all([1, 2, 3].map(() => chosen(link, { group: group.reference }, AFTER)));
    expect(new Set(to).size).toBe(1);
    const [, token = ''] = /^\/register\/([\w-]{54})\?session=1$/.exec(to[0] ?? '') ?? [];
    const path = { link: token };
    const opened = await readPage(register, { route: 'GET /register/{link}', path, now: AFTER });
    expect([opened.status, opened.text.includes('Session 1 of 12')]).toEqual([200, true]);
    expect((await readCohort(TABLE, group.id))?.hashes).toHaveLength(1);
    expect(await chosen(link, { group: group.reference }, NOW)).toBe(`/register/${token}/group`);

    // Whom they accepted: behind the code as ever.
    const [first] = people;
    const offerPage = await chosen(link, { reference: first?.reference ?? '' });
    const [, offerToken = ''] = /^\/offer\/([\w-]{54})$/.exec(offerPage) ?? [];
    const details = await readPage(offer, {
      route: 'GET /offer/{link}',
      path: { link: offerToken },
      now: NOW,
    });
    expect([details.status, details.html.querySelector('button[value=code]') !== null]).toEqual([200, true]);
    expect(details.text).not.toMatch(/Brien|Róisín/);
    expect(await chosen(link, { reference: others.reference })).toMatch(/\?gone=yes$/);
    expect(await chosen(link, { group: 'GR-0000-0000' })).toMatch(/\?gone=yes$/);

    // The emails with the link are sent also when no offer is open, and name the group whose register is missing.
    const { all, mails, read } = world();
    await sendFreshLinks(all, ID, AFTER);
    expect((await read()).text).toContain(group.reference);
    expect((await read()).text).not.toMatch(/Brien|choir/);
    expect((await read()).link).toBeDefined();
    await changeProvider(TABLE, ID, AFTER, (provider) => ({ ...provider, digestAt: AFTER }));
    await sendDigest(all, ID, AFTER);
    expect(mails).toHaveLength(1);
    const open = await anOffer(table, offeredTo('daily-choir'));
    await changeProvider(TABLE, ID, AFTER, (provider) => ({ ...provider, digestAt: AFTER }));
    await sendDigest(all, ID, AFTER);
    expect((await read()).text).toContain(open.reference);
    expect((await read()).text).toMatch(new RegExp(`Please record who came: ${group.reference}`));
    await close(open.id);

    // Who has left is not listed any more, and their link is dead.
    for (const { id } of people) {
      await table.referrals.change(id, AFTER, (referral) => stored(leave(referral, 'person', AFTER)));
    }
    expect((await see(link, {}, AFTER)).text).toContain('Nobody takes part in a group of yours');
    expect(await chosen(link, { reference: first?.reference ?? '' }, AFTER)).toMatch(/\?gone=yes$/);
  });

  it('cost the same with one as with twenty', async () => {
    const made = [await acceptedInto('many-0')];
    await groupAt('many-0', FIRST);
    const link = await aLink();
    await see(link);
    const few = await table.counted(() => see(link));
    for (let i = 1; i < 20; i++) {
      await groupAt(`many-${i}`, FIRST, 'daily-walks');
      made.push(await acceptedInto(`many-${i}`, 'daily-walks'));
    }
    expect(await table.counted(() => see(link))).toEqual(few);
    // A part of the index for each programme of offers and of groups; those who are found together, and their groups.
    expect(few).toEqual({ GetItem: 1, Query: 4, BatchGetItem: 2 });
    for (const { id } of made) {
      await table.referrals.change(id, NOW, (referral) => stored(leave(referral, 'person', NOW)));
    }
  });
});

describe('the email of the day', () => {
  const asking = (programmeId: string) => {
    const referral = offeredTo(programmeId);
    return email(referral, NOW, { message: 'offer', to: 'provider', cause: 'offer-1', link: 'offer-1' });
  };
  /** As on a day of its own, on which nothing was sent before. */
  const anew = (now: string) =>
    changeProvider(
      TABLE,
      ID,
      now,
      ({ digestAt: _d, wantedAt: _w, sentFor: _s, toldAt: _t, ...before }) => before,
    );

  it('comes in place of one for each offer, at eight, once, from the sweep, and from no scan', async () => {
    await anew(NOW);
    const { all, mails, read } = world();
    const made = [await anOffer(table, asking('daily-choir')), await anOffer(table, asking('daily-walks'))];
    const single = await anOffer(table, asking('other-choir'));
    for (const { id } of [...made, single]) await emptyOutbox(all, id, NOW);
    expect(mails.map(({ to }) => to)).toEqual(['other@provider.example']);
    for (const { read: stands } of made) {
      expect((await stands()).outbox).toEqual([]);
      expect((await stands()).sent ?? []).toEqual([]);
    }
    expect((await readProvider(TABLE, ID))?.digestAt).toBe(EIGHT);

    const context = {} as never;
    const woken = async (now: string) => {
      outbox.heard.length = 0;
      await (sweep as unknown as (event: object, context: never) => Promise<unknown>)({ now }, context);
      return outbox.heard.filter(({ payload }) => payload.provider === ID).map(({ payload }) => payload.why);
    };
    expect(await woken(later(EIGHT, { minutes: -5 }))).toEqual([]);
    const cost = await table.counted(async () => expect(await woken(EIGHT)).toEqual(['digest']));
    expect(cost.Scan).toBeUndefined();

    // Two at the same moment, and again: one email.
    mails.length = 0;
    const sending = await table.counted(() => Promise.all([1, 2, 3].map(() => sendDigest(all, ID, EIGHT))));
    expect(sending.Scan).toBeUndefined();
    await sendDigest(all, ID, later(EIGHT, { minutes: 30 }));
    expect(mails).toHaveLength(1);
    const { text, html, subject, link = '' } = await read();
    expect(subject).toBe('Referrals that wait for your reply');
    for (const { reference } of made) expect(text).toContain(reference);
    expect(text + html).not.toMatch(/Brien|choir|walks/);
    expect((await see(link, {}, EIGHT)).text).toContain(made[0]?.reference);
    expect((await readProvider(TABLE, ID))?.digestAt).toBe(later(EIGHT, { days: 1 }));

    // The next day one still waits; then none does, and there is no email, nor one the day after.
    await close(made[0]?.id ?? '');
    await sendDigest(all, ID, later(EIGHT, { days: 1 }));
    expect(mails).toHaveLength(2);
    expect((await read()).text).not.toContain(made[0]?.reference);
    await close(made[1]?.id ?? '');
    await close(single.id);
    await sendDigest(all, ID, later(EIGHT, { days: 2 }));
    expect(mails).toHaveLength(2);
    expect((await readProvider(TABLE, ID))?.digestAt).toBeUndefined();
  });

  it('is sent later when it could not be sent, with the same Message-ID', async () => {
    await anew(NOW);
    const { all, mails, state, read } = world();
    const made = await anOffer(table, asking('daily-choir'));
    await emptyOutbox(all, made.id, NOW);
    state.fails = true;
    await expect(sendDigest(all, ID, EIGHT)).rejects.toThrow('no');
    state.fails = false;
    expect(await sendDigest(all, ID, later(EIGHT, { minutes: 5 }))).toEqual({ done: 0, failed: 0 });
    expect(await sendDigest(all, ID, later(EIGHT, { minutes: 10 }))).toEqual({ done: 1, failed: 0 });
    const first = await read();
    await anew(EIGHT);
    await emptyOutbox(all, made.id, NOW);
    await changeProvider(TABLE, ID, EIGHT, (before) => ({ ...before, digestAt: EIGHT }));
    await sendDigest(all, ID, EIGHT);
    expect(mails).toHaveLength(2);
    expect((await read()).messageId).toBe(first.messageId);
    await close(made.id);
  });

  it('is followed by no word that an offer is no longer needed of which they have not heard', async () => {
    const { all, mails } = world();
    /** An offer that was left to the next email of the day, what they do, and which emails go out when the person leaves after that. */
    const left = async (meanwhile: (id: string, reference: string) => Promise<unknown>, at: string) => {
      await anew(NOW);
      const { id, reference } = await anOffer(table, asking('daily-choir'));
      await emptyOutbox(all, id, NOW);
      await meanwhile(id, reference);
      mails.length = 0;
      await table.referrals.change(id, at, (referral) => leave(referral, 'person', at));
      await emptyOutbox(all, id, at);
      return mails.filter(({ to }) => to.toLowerCase() === 'daily@provider.example').length;
    };
    const noon = later(NOW, { hours: 3 });
    expect(await left(async () => {}, noon)).toBe(0);
    // An email of the day went out before, on the same day.
    const noted = (how: object) => changeProvider(TABLE, ID, NOW, (provider) => ({ ...provider, ...how }));
    const earlier = later(NOW, { hours: -1 });
    expect(await left(() => noted({ sentFor: '2026-11-23', toldAt: earlier }), noon)).toBe(0);
    expect(await left(() => sendDigest(all, ID, EIGHT), later(EIGHT, { hours: 1 }))).toBe(1);
    expect(await left(() => sendFreshLinks(all, ID, later(NOW, { hours: 1 })), noon)).toBe(1);
    // They have an older link, and went there by the page of all offers.
    const other = await anOffer(table, offeredTo('daily-walks'));
    const link = await aLink();
    expect(await left((_id, reference) => go(link, reference), noon)).toBe(1);
    await close(other.id);
    // Sent before it was noted when.
    expect(await left(() => noted({ sentFor: '2026-11-24' }), noon)).toBe(1);
  });

  it.each([
    ['on its page', 'moved-choir'],
    ['by a file', 'moved-walks'],
  ])(
    'goes to the address that an entry has by then, changed %s, with the offers of which it has not heard',
    async (how, id) => {
      const [like] = allProgrammes();
      if (!like) throw new Error('the directory is empty');
      const { cohorts: _none, ...rest } = like;
      const [old, fresh] = [`old-${id}@provider.example`, `new-${id}@provider.example`];
      const programme = { ...rest, id, name: id, provider: { name: 'Moved', email: old, digest: true } };
      await storeEntry(TABLE, undefined, { programme, at: NOW, how: 'added', changes: [] });
      await freshen(later(NOW, { days: 10 }));
      const { all, mails, read } = world();
      const { id: referralId, reference } = await anOffer(table, asking(id));
      await emptyOutbox(all, referralId, NOW);
      expect(mails).toEqual([]);
      const tom = await atWork('Tom', { roles: ['coordinator'] });
      if (how === 'by a file') {
        const at = { route: '/directory/import', path: {} };
        const file = `id,provider_email\n${id},${fresh}`;
        const plan = formIn((await tom.send(directory, { ...at, fields: { file } })).body);
        await tom.send(directory, { ...at, fields: { ...plan, action: 'apply' } });
      } else {
        const at = { route: '/directory/{programme}', path: { programme: id } };
        const shown = formIn((await tom.open(directory, at)).body);
        await tom.send(directory, { ...at, fields: { ...shown, providerEmail: fresh } });
      }
      await freshen(later(NOW, { days: 20 }));
      for (const address of [old, fresh]) await sendDigest(all, providerIdOf(address), EIGHT);
      expect(mails.map(({ to }) => to)).toEqual([fresh]);
      expect((await read()).text).toContain(reference);
      await close(referralId);
      // Nothing waits any more, and nobody is written to.
      const next = later(EIGHT, { days: 1 });
      for (const address of [old, fresh]) await sendDigest(all, providerIdOf(address), next);
      expect(mails).toHaveLength(1);
    },
  );

  it('leaves emails about whom they accepted, what is taken back and what they asked as they are', async () => {
    const { all, mails } = world();
    const { offers, ...rest } = offeredTo('daily-choir');
    const referral = { ...rest, offers: offers.map((each) => ({ ...each, seenAt: NOW })) } as Referral;
    const told = (['offer-confirmed', 'offer-answered', 'offer-withdrawn', 'place-check'] as const).reduce(
      (before, message) => email(before, NOW, { message, to: 'provider', cause: 'offer-1', link: 'offer-1' }),
      referral,
    );
    const { id } = await anOffer(table, told);
    await emptyOutbox(all, id, NOW);
    expect(mails).toHaveLength(4);
    await close(id);
  });
});
