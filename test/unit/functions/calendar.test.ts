/** Calendar files, read by a parser that nobody here wrote, through changes, cancellations and both clock changes of the year. */

import fc from 'fast-check';
import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CalendarEvent, calendarOf } from '../../../functions/calendar/calendar.ts';
import { handler as calendar } from '../../../functions/calendar/handler.ts';
import { handler as personPage } from '../../../functions/person-page/handler.ts';
import { handler as personVoice } from '../../../functions/person-voice/handler.ts';
import { handler as sessionRegister } from '../../../functions/session-register/handler.ts';
import { calendarToken, mintCohortLink, withCohortLink } from '../../../functions/shared/cohort-secret.ts';
import { changeCohort, cohortItemId, ensureCohort } from '../../../functions/shared/cohorts.ts';
import { mintToken, readToken } from '../../../functions/shared/links.ts';
import { providerIdOf } from '../../../functions/shared/providers.ts';
import { type CohortOutcome, cancelSession, changeSession } from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { londonDate, londonInstant, londonTime } from '../../../workflows/time.ts';
import { accepted, NOW } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const event: CalendarEvent = {
  uid: 'session-1@x',
  sequence: 0,
  stamp: NOW,
  startsAt: '2026-12-01T16:00:00.000Z',
  endsAt: '2026-12-01T17:30:00.000Z',
  title: 'Session (SP-7K4M-2Q9X)',
  cancelled: false,
};

/** The events of a file as the parser reads them. */
function read(text: string) {
  const parsed = new ICAL.Component(ICAL.parse(text));
  return parsed.getAllSubcomponents('vevent').map((component) => {
    const { uid, sequence, summary, location, startDate, endDate } = new ICAL.Event(component);
    return {
      uid,
      sequence,
      summary,
      location,
      startsAt: startDate.toJSDate().toISOString(),
      endsAt: endDate.toJSDate().toISOString(),
      status: component.getFirstPropertyValue('status'),
      stamp: String(component.getFirstPropertyValue('dtstamp')),
    };
  });
}

describe('the writer', () => {
  it('says whatever a place is called, in lines of 75 octets at most, none cut within a character', () => {
    const place = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
      fc.constantFrom('Café; “Łódź”, 2\\3\nUp the stairs', '👩‍👩‍👧‍👦'.repeat(40), 'a,'.repeat(200)),
    );
    fc.assert(
      fc.property(place, (written) => {
        const file = calendarOf('Sessions', [{ ...event, place: written }]);
        for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        expect(Buffer.from(file).toString('utf8')).toBe(file);
        expect(read(file)[0]?.location).toBe(
          written.replaceAll(/\r\n?/g, '\n').replaceAll(/(?!\n)\p{Cc}/gu, ''),
        );
      }),
    );
  });

  it('writes no calendar without events, which would be none', () => {
    expect(() => calendarOf('Sessions', [])).toThrow('without events');
  });
});

let groups = 0;

/** A stored group, and its link. */
async function group(
  firstAt = '2026-12-01T16:00:00.000Z',
  count = 12,
): Promise<{ id: string; link: string; token: string }> {
  groups += 1;
  const plan = { programmeId: 'hive-music', cohortId: `group-${groups}`, firstAt, count, minutes: 90 };
  const { id } = await ensureCohort(TABLE, plan, undefined, NOW);
  const link = mintCohortLink(id);
  await change(id, (cohort) => withCohortLink(cohort, link, NOW));
  return { id, link, token: calendarToken(link) };
}

async function change(id: string, rule: (cohort: CohortRecord) => CohortOutcome, now = NOW): Promise<void> {
  const changed = await changeCohort(TABLE, id, now, rule);
  expect(changed.state).toBe('stored');
}

const get = (of: 'register' | 'person', token: string, now = NOW) =>
  request(calendar, { route: `GET /${of}/{link}/calendar.ics`, path: { link: token }, now });

async function eventsOf(of: 'register' | 'person', token: string, now = NOW) {
  const { statusCode, headers, body = '' } = await get(of, token, now);
  expect([statusCode, headers?.['content-type']]).toEqual([200, 'text/calendar; charset=utf-8']);
  return read(body);
}

describe('the facilitator’s calendar', () => {
  it('has every session, names nobody and nothing, and is the same when it is fetched again', async () => {
    const { id, token } = await group();
    const [first, second] = [await get('register', token), await get('register', token)];
    expect(first.body).toBe(second.body);
    const events = read(first.body ?? '');
    expect(events).toHaveLength(12);
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(12);
    expect(new Set(events.map(({ summary }) => summary))).toEqual(
      new Set([expect.stringMatching(/^Session \(GR-/)]),
    );
    expect(events[0]).toMatchObject({
      uid: `session-1-${id}@open-social-prescribing`,
      startsAt: '2026-12-01T16:00:00.000Z',
      endsAt: '2026-12-01T17:30:00.000Z',
      location: 'Nordoff and Robbins London Centre',
      status: 'CONFIRMED',
    });
    expect(first.body).not.toMatch(/Hive|music|Camden/i);
    expect(first.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('opens by an address of its own, which opens no register, until two weeks after the last session', async () => {
    const { link, token } = await group();
    const register = (path: string) =>
      request(sessionRegister, { route: 'GET /register/{link}', path: { link: path }, now: NOW });
    expect((await get('register', link)).statusCode).toBe(404);
    expect([(await register(link)).statusCode, (await register(token)).statusCode]).toEqual([200, 404]);
    expect((await get('register', token, '2027-03-01T17:00:00.000Z')).statusCode).toBe(200);
    expect((await get('register', token, '2027-03-20T17:00:00.000Z')).statusCode).toBe(410);
  });

  it('opens no more than the register once the directory has another address', async () => {
    const { id, link, token } = await group();
    await change(id, (cohort) => ({
      ...cohort,
      hashes: cohort.hashes.map((each) => ({ ...each, to: providerIdOf('before@example.org') })),
    }));
    const route = 'GET /register/{link}';
    expect((await request(sessionRegister, { route, path: { link }, now: NOW })).statusCode).toBe(410);
    expect((await get('register', token)).statusCode).toBe(410);
  });

  it('brings a change and a cancellation under the same UIDs, with a higher sequence', async () => {
    const { id, token } = await group();
    const before = await eventsOf('register', token);
    const later = '2026-11-25T09:00:00.000Z';
    await change(
      id,
      (cohort) =>
        changeSession(
          cohort,
          2,
          { startsAt: '2026-12-09T18:00:00.000Z', minutes: 90, place: 'Room 2' },
          later,
        ),
      later,
    );
    await change(id, (cohort) => cancelSession(cohort, 3, later), later);
    const after = await eventsOf('register', token);
    expect(after.slice(0, 12).map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    expect(after).toHaveLength(13);
    expect(after[1]).toMatchObject({
      sequence: 1,
      startsAt: '2026-12-09T18:00:00.000Z',
      location: 'Room 2',
      status: 'CONFIRMED',
    });
    expect(after[2]).toMatchObject({ sequence: 1, status: 'CANCELLED', startsAt: before[2]?.startsAt });
    expect(after.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(12);
    for (const [i, { sequence, stamp }] of after.slice(0, 12).entries()) {
      expect(sequence).toBeGreaterThanOrEqual(before[i]?.sequence ?? 0);
      expect(stamp > (before[i]?.stamp ?? '')).toBe(true);
    }
  });

  it.each([
    ['spring', '2027-03-11', '2027-03-28'],
    ['autumn', '2026-10-08', '2026-10-25'],
  ])('keeps the time on the clock through the change in %s', async (_season, from, change) => {
    const { token } = await group(londonInstant(from, '18:30'), 6);
    const events = await eventsOf('register', token);
    const dates = events.map(({ startsAt }) => londonDate(startsAt));
    expect(dates.some((date) => date < change) && dates.some((date) => date > change)).toBe(true);
    expect(new Set(events.map(({ startsAt }) => startsAt.slice(11, 16)))).toEqual(
      new Set(['17:30', '18:30']),
    );
    // The parser's own reading of the zone, and not ours.
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', timeStyle: 'short' });
    expect(new Set(events.map(({ startsAt }) => clock.format(new Date(startsAt))))).toEqual(
      new Set(['18:30']),
    );
    expect(new Set(events.map(({ endsAt }) => londonTime(endsAt)))).toEqual(new Set(['20:00']));
  });

  it('opens by no other link, and not by an old one', async () => {
    const { id, token } = await group();
    expect((await get('register', mintToken(id).token)).statusCode).toBe(404);
    expect((await get('register', token, '2028-02-01T00:00:00.000Z')).statusCode).toBe(410);
    expect((await get('person', token)).statusCode).toBe(404);
  });
});

let people = 0xca00;

/** Somebody in a group, and the link of their page. */
async function person(
  groupOf: { id: string },
  change: (referral: Referral) => Referral = (referral) => referral,
): Promise<string> {
  people += 1;
  const id = people.toString(16).padStart(32, '0');
  const { token, hash } = mintToken(id);
  const referral = change(accepted());
  const { person: link } = referral.links;
  if (!link) throw new Error('no link for the person');
  const inGroup = (programme: NonNullable<Referral['programme']>) => ({
    ...programme,
    cohortId: `group-${groups}`,
    joinedAt: NOW,
    sessions: [],
  });
  expect(cohortItemId('hive-music', `group-${groups}`)).toBe(groupOf.id);
  await table.referrals.create({
    ...referral,
    id,
    reference: `SP-CCCC-${people.toString(16).toUpperCase()}`,
    ...(referral.programme ? { programme: inGroup(referral.programme) } : {}),
    ...(referral.earlierProgrammes ? { earlierProgrammes: referral.earlierProgrammes.map(inGroup) } : {}),
    links: { ...referral.links, person: withHash(link, hash, NOW) },
    version: 0,
  } as Referral);
  return token;
}

function leaves(referral: Referral): Referral {
  const left = leave(referral, 'person', NOW);
  if ('refused' in left) throw new Error(left.refused);
  return left;
}

describe('the person’s calendar', () => {
  it('has the sessions of their group from when they joined, under UIDs of their own', async () => {
    const { id, token } = await group('2026-11-17T16:00:00.000Z');
    const link = await person({ id });
    const [all, theirs] = [await eventsOf('register', token), await eventsOf('person', link)];
    expect(theirs.map(({ startsAt }) => startsAt)).toEqual(all.slice(1).map(({ startsAt }) => startsAt));
    for (const { uid } of theirs) expect(all.map((each) => each.uid)).not.toContain(uid);
    expect(theirs[0]?.summary).toMatch(/^Session \(SP-CCCC-/);
    expect(new Set(theirs.map(({ uid }) => uid)).size).toBe(theirs.length);
    await change(id, (cohort) => cancelSession(cohort, 2, NOW));
    const after = await eventsOf('person', link);
    expect(after).toHaveLength(12);
    expect(after[0]).toMatchObject({ uid: theirs[0]?.uid, status: 'CANCELLED', sequence: 1 });
    expect((await get('person', link)).body).not.toMatch(/Brien|Hive|music/i);
  });

  it('says of a group that they left that nothing of it is to come', async () => {
    const { id } = await group('2026-11-24T16:00:00.000Z');
    const link = await person({ id }, (referral) => {
      const { programme, ...rest } = referral;
      if (!programme) throw new Error('no programme');
      return { ...rest, stage: 'review', earlierProgrammes: [programme] } as Referral;
    });
    const events = await eventsOf('person', link);
    expect(new Set(events.map(({ status, sequence }) => `${status} ${sequence}`))).toEqual(
      new Set(['CANCELLED 1']),
    );
  });

  it('has each session once for whoever is back in a group that they left, with a sequence above that of leaving', async () => {
    const { id } = await group('2026-11-24T16:00:00.000Z');
    const times = async (earlier: number, runs: boolean) => {
      const link = await person({ id }, (referral) => {
        const { programme, ...rest } = referral;
        if (!programme) throw new Error('no programme');
        const earlierProgrammes = Array.from({ length: earlier }, () => programme);
        const then = runs ? { programme } : { stage: 'review' };
        return { ...rest, ...then, earlierProgrammes } as Referral;
      });
      const events = await eventsOf('person', link);
      expect(events).toHaveLength(12);
      expect(new Set(events.map(({ uid }) => uid)).size).toBe(12);
      const said = new Set(events.map(({ status, sequence }) => `${status} ${sequence}`));
      return [...said].join();
    };
    const inTurn = [times(0, true), times(1, false), times(1, true), times(2, false), times(2, true)];
    expect(await Promise.all(inTurn)).toEqual([
      'CONFIRMED 0',
      'CANCELLED 1',
      'CONFIRMED 2',
      'CANCELLED 3',
      'CONFIRMED 4',
    ]);
  });

  it('has events of its own for each referral, so that leaving by the first cancels none of the next', async () => {
    const { id } = await group('2026-11-24T16:00:00.000Z');
    const [first, next] = [await person({ id }, leaves), await person({ id })];
    const [left, again] = [await eventsOf('person', first), await eventsOf('person', next)];
    expect(new Set(left.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set(['CONFIRMED']));
    expect(again).toHaveLength(left.length);
    expect(new Set([...left, ...again].map(({ uid }) => uid)).size).toBe(24);
    // It stays the same event, whenever the file is made again.
    expect(await eventsOf('person', next)).toEqual(again);
  });

  it('has what a register says after they left under a higher sequence than the leaving', async () => {
    const { id } = await group('2026-11-24T16:00:00.000Z');
    const said = async (held: boolean, runs: boolean) => {
      const link = await person({ id });
      await table.referrals.change(readToken(link)?.referralId ?? '', NOW, (referral) => {
        const session = {
          ...{ number: 1, startsAt: '2026-11-24T16:00:00.000Z', endsAt: '2026-11-24T17:30:00.000Z' },
          ...{ status: 'held' as const, attendance: '5' as const },
        };
        const programme = { ...referral.programme, sessions: held ? [session] : [] };
        const told = { ...referral, programme } as Referral;
        return runs ? told : leaves(told);
      });
      const [one] = await eventsOf('person', link);
      return `${one?.status} ${one?.sequence}`;
    };
    expect([await said(false, true), await said(false, false), await said(true, false)]).toEqual([
      'CONFIRMED 0',
      'CANCELLED 1',
      'CONFIRMED 2',
    ]);
    expect(await said(true, true)).toBe('CONFIRMED 0');
  });

  it('is behind a secret of its own, which opens no page and lasts as long as the link that it was made of', async () => {
    const { id } = await group();
    const link = await person({ id });
    const page = await request(personPage, { route: 'GET /person/{link}', path: { link }, now: NOW });
    const [, own = ''] = /\/person\/([\w-]{54})\/calendar\.ics/.exec(page.body ?? '') ?? [];
    expect(own).not.toBe(link);
    expect(await eventsOf('person', own)).toEqual(await eventsOf('person', link));
    for (const handler of [personPage, personVoice]) {
      const route = handler === personPage ? 'GET /person/{link}' : 'GET /person/{link}/contact';
      expect((await request(handler, { route, path: { link: own }, now: NOW })).statusCode).toBe(404);
    }
    const later = '2027-12-01T00:00:00.000Z';
    expect([
      (await get('person', own, later)).statusCode,
      (await get('person', link, later)).statusCode,
    ]).toEqual([410, 410]);
    expect((await get('person', mintToken(readToken(link)?.referralId ?? '').token)).statusCode).toBe(404);
  });

  it('is none while there is no programme', async () => {
    const { id } = await group();
    const link = await person({ id }, (referral) => {
      const { programme: _none, ...rest } = referral;
      return { ...rest, stage: 'review' } as Referral;
    });
    expect((await get('person', link)).statusCode).toBe(404);
  });
});
