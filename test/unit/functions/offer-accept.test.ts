/** A provider accepts an offer, and says when the first session is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/provider-offer/handler.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { storedEntry, storeEntry } from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { callFromWaitingList } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { NOW, offered } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { anOffer, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

/** An offer of a programme that is on Tuesdays at 16:00, or of another one, and what opens it, and accepts it, at a moment. */
async function atOffer(now: string, programmeId = 'hive-music') {
  const made = offered();
  const offers = made.offers.map((offer) => ({ ...offer, programmeId }));
  const { token, read } = await anOffer(table, { ...made, offers });
  const ask = (fields: Record<string, string>) =>
    readPage(handler, { route: 'POST /offer/{link}', path: { link: token }, fields, now });
  const accept = (day: string, month: string, year: string, more: Record<string, string> = {}) =>
    ask({
      ...{ action: 'reply', reply: 'accept', firstSessionTime: '16:00' },
      ...{ 'firstSessionDate-day': day, 'firstSessionDate-month': month, 'firstSessionDate-year': year },
      ...more,
    });
  return { open: () => ask({ action: 'open' }), accept, read };
}

describe('a place that is found while a page of the waiting list is open', () => {
  const GROUP = { id: 'winter', startsOn: '2027-01-12', capacity: 8 };

  it.each([
    ['waits', { reply: 'waitlist' }],
    ['has no room', { reply: 'decline', declineReason: 'no-capacity' }],
  ])('is not refused by what that page says (%s): it is shown first', async (_, reply) => {
    const crafts = findProgramme('example-crafts') as Programme;
    const programme = { ...crafts, cohorts: [GROUP] };
    await storeEntry(TABLE, await storedEntry(TABLE, crafts.id), {
      ...{ programme, at: NOW, how: 'edited', changes: [] },
    });
    await freshen(later(NOW, { days: 30 }));
    const made = offered();
    const [offer] = made.offers.map(({ askedAt: _never, ...rest }) => ({ ...rest, programmeId: crafts.id }));
    const { token, read, id } = await anOffer(table, {
      ...made,
      offers: [{ ...offer, waitlistedAt: NOW }],
    } as Referral);
    const ask = (fields: Record<string, string>) =>
      readPage(handler, { route: 'POST /offer/{link}', path: { link: token }, fields, now: NOW });
    const placeOn = (page: Awaited<ReturnType<typeof ask>>) =>
      page.html.querySelector('input[name=place]')?.getAttribute('value') ?? '';
    const old = await readPage(handler, { route: 'GET /offer/{link}', path: { link: token }, now: NOW });
    await table.referrals.change(id, NOW, (referral) =>
      callFromWaitingList(referral, { offer: 1, cohortId: GROUP.id }, NOW),
    );
    const refused = await ask({ action: 'reply', place: placeOn(old), ...reply });
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('A place has been found since you opened this page'),
    ]);
    expect((await read()).offers[0]).toMatchObject({ cohortId: GROUP.id });
    const said = { action: 'reply', place: placeOn(refused), ...reply };
    // Sent twice, it is said once.
    for (let i = 0; i < 2; i++) expect((await ask(said)).status).toBe(303);
    expect((await read()).offers[0]).toMatchObject({ fullCohortId: GROUP.id });
  });
});

describe('a place that is in another group than the page shows', () => {
  const [WINTER, SPRING] = ['winter', 'spring'];

  it('is not accepted, and is shown first; accepted then, it stands however often it is sent', async () => {
    const crafts = findProgramme('example-crafts') as Programme;
    const cohorts = [
      { id: WINTER, startsOn: '2027-01-12', capacity: 8 },
      { id: SPRING, startsOn: '2027-04-13', capacity: 8 },
    ];
    await storeEntry(TABLE, await storedEntry(TABLE, crafts.id), {
      ...{ programme: { ...crafts, cohorts }, at: NOW, how: 'edited', changes: [] },
    });
    await freshen(later(NOW, { days: 60 }));
    const made = offered();
    const offers = made.offers.map((offer) => ({ ...offer, programmeId: crafts.id, cohortId: WINTER }));
    const { token, read, id } = await anOffer(table, { ...made, offers });
    const ask = (fields: Record<string, string>) =>
      readPage(handler, { route: 'POST /offer/{link}', path: { link: token }, fields, now: NOW });
    const accept = (place: string) => ask({ action: 'reply', reply: 'accept', place });
    const placeOn = (page: Awaited<ReturnType<typeof ask>>) =>
      page.html.querySelector('input[name=place]')?.getAttribute('value') ?? '';
    const shown = placeOn(await ask({ action: 'open' }));
    expect(shown).toBe(WINTER);
    // In another tab they say that it has no room for them, and a place is found in the next.
    await ask({ action: 'reply', reply: 'waitlist', place: shown });
    await table.referrals.change(id, NOW, (referral) =>
      callFromWaitingList(referral, { offer: 1, cohortId: SPRING }, NOW),
    );
    const refused = await accept(shown);
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('The place is in another group than when you opened this page'),
    ]);
    expect((await read()).stage).toBe('offer');
    for (let i = 0; i < 2; i++) expect((await accept(placeOn(refused))).status).toBe(303);
    expect(await read()).toMatchObject({ stage: 'programme', programme: { cohortId: SPRING } });
    expect((await accept(shown)).status).toBe(409);
  });
});

describe('the first session that somebody accepts for', () => {
  it('is proposed on the programme’s next day that is no bank holiday', async () => {
    const proposed = async (now: string, programmeId?: string) => {
      const { html } = await (await atOffer(now, programmeId)).open();
      return ['day', 'month', 'year']
        .map((part) => html.querySelector(`[name="firstSessionDate-${part}"]`)?.getAttribute('value'))
        .join(' ');
    };
    expect(await proposed('2026-11-23T09:00:00.000Z')).toBe('1 12 2026');
    // On Mondays, and 28 December 2026 is Boxing Day's.
    expect(await proposed('2026-12-22T09:00:00.000Z', 'example-exercise')).toBe('4 1 2027');
  });

  it('comes with as many sessions of assessment as the directory says', async () => {
    const { accept, read } = await atOffer('2026-12-01T09:00:00.000Z', 'example-exercise');
    expect((await accept('7', '12', '2026')).status).toBe(303);
    expect((await read()).programme).not.toHaveProperty('assessments');
    const exercise = findProgramme('example-exercise') as Programme;
    const programme = { ...exercise, sessions: { ...exercise.sessions, assessments: 0 } };
    await storeEntry(TABLE, undefined, { programme, at: NOW, how: 'edited', changes: [] });
    await freshen(later(NOW, { days: 30 }));
    const other = await atOffer('2026-12-01T09:00:00.000Z', 'example-exercise');
    expect((await other.accept('7', '12', '2026')).status).toBe(303);
    expect((await other.read()).programme).toMatchObject({ assessments: 0 });
  });

  it('is on a bank holiday only where they say that it is all the same', async () => {
    const { accept, read } = await atOffer('2026-12-01T09:00:00.000Z');
    const asked = await accept('25', '12', '2026');
    expect(asked.status).toBe(422);
    expect(asked.text).toContain('That day is a bank holiday: tick the box to hold it all the same');
    expect((await read()).stage).toBe('offer');
    const tick = asked.html.querySelector('input[name="anyDay"]');
    expect(tick?.getAttribute('value')).toBe('yes');
    expect(asked.html.querySelector('[name="firstSessionDate-day"]')?.getAttribute('value')).toBe('25');
    expect((await accept('25', '12', '2026', { anyDay: 'yes' })).status).toBe(303);
    const accepted = await read();
    expect(accepted.stage === 'programme' && accepted.programme.firstSessionAt).toBe(
      '2026-12-25T16:00:00.000Z',
    );
  });

  it('is later today, and not earlier', async () => {
    const { accept, read } = await atOffer('2026-12-01T16:00:00.000Z');
    for (const firstSessionTime of ['07:00', '16:00']) {
      const asked = await accept('1', '12', '2026', { firstSessionTime });
      expect([asked.status, asked.text]).toEqual([
        422,
        expect.stringContaining('That time is over: enter a later one, or another day'),
      ]);
      expect(asked.html.querySelector('[name="firstSessionTime"]')?.getAttribute('value')).toBe(
        firstSessionTime,
      );
    }
    expect((await accept('30', '11', '2026')).text).toContain('must be today or later');
    expect((await accept('1', '12', '2026', { firstSessionTime: '16:30' })).status).toBe(303);
    const accepted = await read();
    expect(accepted.stage === 'programme' && accepted.programme.firstSessionAt).toBe(
      '2026-12-01T16:30:00.000Z',
    );
  });

  it('is not asked about where it is on any other day', async () => {
    const { open, accept } = await atOffer('2026-12-01T09:00:00.000Z');
    expect((await open()).html.querySelector('input[name="anyDay"]')).toBeNull();
    expect((await accept('24', '12', '2026')).status).toBe(303);
  });
});
