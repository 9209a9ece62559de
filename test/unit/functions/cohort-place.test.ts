/** A group that is at another time and place than the others of its programme: whoever has to be there reads its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as calendar } from '../../../functions/calendar/handler.ts';
import { boxesOf, entryIn } from '../../../functions/directory/fields.ts';
import { handler as personPage } from '../../../functions/person-page/handler.ts';
import { handler as offerPage } from '../../../functions/provider-offer/handler.ts';
import { handler as register } from '../../../functions/session-register/handler.ts';
import { calendarToken, mintCohortLink, withCohortLink } from '../../../functions/shared/cohort-secret.ts';
import { changeCohort, cohortItemId, cohortOf } from '../../../functions/shared/cohorts.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { storeEntry } from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { entryOf, readEntry } from '../../../workflows/directory-entry.ts';
import { withHash } from '../../../workflows/links.ts';
import { after as later } from '../../../workflows/time.ts';
import { NOW, offered } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { anOffer, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
  await storeEntry(TABLE, undefined, { programme: programme(), at: NOW, how: 'added', changes: [] });
  // The directory is read anew.
  await freshen(later(NOW, { days: 30 }));
  await freshen(NOW);
});
afterAll(() => table.stop());

const EVENING = {
  id: 'evening',
  startsOn: '2027-01-12',
  time: '18:30',
  place: 'Room 2, Kentish Town Library',
};

/** The programme with a group of its own time and place. */
function programme(): Programme {
  const hive = findProgramme('hive-music') as Programme;
  const sessions = { ...hive.sessions, directions: 'Ring twice' };
  return { ...hive, sessions, postcode: 'NW5 1AA', cohorts: [{ ...EVENING, capacity: 8 }] };
}

describe('a group at another time and place', () => {
  it('is in the boxes of the entry’s form, and is the same when that is saved', () => {
    const entry = entryOf(programme());
    const boxes = boxesOf(entry);
    expect(boxes).toMatchObject({ 'cohort-1-time': '18:30', 'cohort-1-place': EVENING.place });
    const again = entryIn(boxes, entry, '2026-11-23');
    expect([again.entry.cohorts, again.errors]).toEqual([entry.cohorts, {}]);
    expect(readEntry('hive-music', again.entry, '2026-11-23')).toEqual({ programme: programme() });
    const wrong = { ...boxes, 'cohort-1-time': 'half six', 'cohort-1-place': 'Room 2; upstairs' };
    expect(entryIn(wrong, entry, '2026-11-23').errors).toEqual({
      'cohort-1-time': 'Enter a time like 16:00',
      'cohort-1-place': 'Leave out semicolons and square brackets',
    });
  });

  it('is there for the provider who is offered somebody, for its facilitator, and for who comes', async () => {
    const made = offered();
    const { token, hash } = mintToken('f'.repeat(32));
    const offers = made.offers.map((offer) => ({ ...offer, cohortId: EVENING.id }));
    const offer = await anOffer(table, { ...made, offers });
    const open = (fields: Record<string, string>) =>
      readPage(offerPage, { route: 'POST /offer/{link}', path: { link: offer.token }, fields, now: NOW });
    expect((await open({ action: 'open' })).text).toContain(
      'Group 12 sessions of 90 minutes from Tuesday 12 January 2027 at 6:30 pm, weekly, at Room 2, Kentish Town Library',
    );
    expect((await open({ action: 'reply', reply: 'accept' })).status).toBe(303);

    const id = cohortItemId('hive-music', EVENING.id);
    const link = mintCohortLink(id);
    await changeCohort(TABLE, id, NOW, (cohort) => withCohortLink(cohort, link, NOW));
    const path = { link: calendarToken(link) };
    const file = await readPage(calendar, { route: 'GET /register/{link}/calendar.ics', path, now: NOW });
    expect([file.status, file.html.text]).toEqual([
      200,
      expect.stringMatching(/DTSTART[^\r]*20270112T1830[\s\S]*LOCATION:Room 2\\, Kentish Town Library/),
    ]);
    const group = await readPage(register, {
      ...{ route: 'GET /register/{link}/group', path: { link }, now: NOW },
    });
    expect(group.text).toContain('Room 2, Kentish Town Library');

    const accepted = await offer.read();
    const person = accepted.links.person ?? { purpose: 'person' as const, hashes: [] };
    await table.referrals.create({
      ...accepted,
      ...{ id: 'f'.repeat(32), reference: 'SP-FFFF-FFFF', version: 0 },
      links: { ...accepted.links, person: withHash(person, hash, NOW) },
    });
    const page = await readPage(personPage, {
      ...{ route: 'POST /person/{link}', path: { link: token }, fields: { action: 'open' }, now: NOW },
    });
    expect(page.text).toContain('Where Room 2, Kentish Town Library');
    // The way to the programme's place, and its postcode, would lead them astray.
    expect(page.text).not.toMatch(/Ring twice|NW5 1AA/);
  });
});

describe('one person’s own sessions', () => {
  const OWN = 'example-exercise';
  const [BEFORE, SINCE] = ['Example Leisure Centre', 'Another Hall, Islington'];

  /** The directory says another place from now on, on whatever day that is known to this process. */
  async function moveEntry(days: number) {
    const known = findProgramme(OWN) as Programme;
    const programme = { ...known, sessions: { ...known.sessions, place: SINCE } };
    await storeEntry(TABLE, undefined, { programme, at: NOW, how: 'added', changes: [] });
    await freshen(later(NOW, { days }));
    expect(findProgramme(OWN)?.sessions.place).toBe(SINCE);
  }

  it('stay where they were promised when the directory says another place; those of before that was noted are where it says', async () => {
    const accepts = async () => {
      const made = offered();
      const offers = made.offers.map((each) => ({ ...each, programmeId: OWN }));
      const offer = await anOffer(table, { ...made, offers });
      const fields = {
        ...{ action: 'reply', reply: 'accept', firstSessionTime: '16:00' },
        ...{ 'firstSessionDate-day': '8', 'firstSessionDate-month': '12', 'firstSessionDate-year': '2026' },
      };
      const path = { link: offer.token };
      const replied = await readPage(offerPage, { route: 'POST /offer/{link}', path, fields, now: NOW });
      expect(replied.status).toBe(303);
      const referral = await offer.read();
      if (referral.stage !== 'programme') throw new Error('not accepted');
      const cohort = await cohortOf(TABLE, referral, referral.programme, NOW);
      const link = mintCohortLink(cohort.id);
      await changeCohort(TABLE, cohort.id, NOW, (now) => withCohortLink(now, link, NOW));
      const own = mintToken(offer.id);
      const person = referral.links.person ?? { purpose: 'person' as const, hashes: [] };
      await table.referrals.change(offer.id, NOW, (now) => ({
        ...now,
        links: { ...now.links, person: withHash(person, own.hash, NOW) },
      }));
      return { id: offer.id, cohort: cohort.id, link, token: own.token };
    };
    type One = Awaited<ReturnType<typeof accepts>>;
    const places = async ({ link, token }: One, now = '2026-12-07T10:00:00.000Z') => {
      const ask = (handler: unknown, route: string, to: string, more = {}) =>
        readPage(handler, { route, path: { link: to }, now, ...more });
      const pages = await Promise.all([
        ask(personPage, 'POST /person/{link}', token, { fields: { action: 'open' } }),
        ask(register, 'GET /register/{link}/group', link),
        ask(register, 'GET /register/{link}/group', link, { query: { session: '2' } }),
        ask(register, 'POST /register/{link}/list', link, {
          ...{ query: { session: '1' }, fields: { action: 'print' } },
        }),
        ask(calendar, 'GET /person/{link}/calendar.ics', token),
        ask(calendar, 'GET /register/{link}/calendar.ics', calendarToken(link)),
      ]);
      expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      return pages.map(({ html }) => [BEFORE, SINCE].find((place) => says(html.text, place)));
    };
    const says = (text: string, place: string) => text.replaceAll('\\,', ',').includes(place);

    const [one, old] = [await accepts(), await accepts()];
    const all = (place: string) => Array.from({ length: 6 }, () => place);
    expect(await places(one)).toEqual(all(BEFORE));
    // Somebody whose sessions were made before their place was noted.
    await changeCohort(TABLE, old.cohort, NOW, ({ place: _unknown, ...cohort }) => cohort);
    await table.referrals.change(old.id, NOW, (referral) => {
      if (referral.stage !== 'programme') throw new Error('not accepted');
      const { place: _unknown, ...programme } = referral.programme;
      return { ...referral, programme };
    });
    await moveEntry(60);
    expect(await places(one)).toEqual(all(BEFORE));
    expect(await places(old)).toEqual(all(SINCE));
  });
});
