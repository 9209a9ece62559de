/** What the person does on their own page: correct their details, twice, at once, and until it is too often. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as measuresHandler } from '../../../functions/person-measures/handler.ts';
import { handler } from '../../../functions/person-page/handler.ts';
import { ensureCohort, ownPlan } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { assign } from '../../../workflows/assignment.ts';
import { fieldsOfPerson } from '../../../workflows/form.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import {
  AMINA,
  accepted,
  inReview,
  NOW,
  register,
  stored,
  submitted,
  TOM,
  validFields,
} from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const LATER = later(NOW, { minutes: 1 });
const MINE = { ...validFields, phone: '07700 900982' };

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xa000;

/** A stored referral of somebody with phone and email, and the link of their page. */
async function person(
  referral: Referral = submitted(MINE),
): Promise<{ id: string; token: string; fields: Record<string, string> }> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const { token, hash } = mintToken(id);
  const { person: link, ...others } = referral.links;
  if (!link) throw new Error('no link for the person');
  await table.referrals.create({
    ...referral,
    id,
    version: 0,
    links: { ...others, person: withHash(link, hash, NOW) },
  });
  const fields = Object.fromEntries(
    Object.entries(fieldsOfPerson(referral.person)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  return { id, token, fields };
}

const correct = (token: string, fields: Record<string, string>, now = LATER, sourceIp?: string) =>
  request(handler, {
    route: 'POST /person/{link}',
    path: { link: token },
    fields: { action: 'save-details', ...fields },
    now,
    ...(sourceIp === undefined ? {} : { sourceIp }),
  });

/** The page at an address of this function. */
function get(location: unknown, now = LATER) {
  const { pathname, searchParams } = new URL(String(location), 'http://x');
  const link = /^\/person\/([\w-]{54})$/.exec(pathname)?.[1];
  return request(handler, {
    route: link ? 'GET /person/{link}' : `GET ${pathname}`,
    ...(link ? { path: { link } } : {}),
    query: Object.fromEntries(searchParams),
    now,
  });
}

const mailsOf = ({ outbox }: Referral) =>
  outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : []));

async function read(id: string): Promise<Referral> {
  const referral = await table.referrals.read(id);
  if (!referral) throw new Error('not there');
  return referral;
}

describe('a correction', () => {
  it('leads to a page that says so, and that survives a reload and a second click', async () => {
    const { token, fields } = await person();
    const changed = { ...fields, postcode: 'NW5 1TL' };
    const where = `/person/${token}?corrected=yes`;
    const answers = await Promise.all([correct(token, changed), correct(token, changed)]);
    answers.push(await correct(token, changed));
    expect(answers.map(({ statusCode, headers }) => [statusCode, headers?.location])).toEqual(
      Array(3).fill([303, where]),
    );
    for (const { statusCode, body = '' } of [await get(where), await get(where)]) {
      expect([statusCode, parse(body).querySelector('h1')?.text.trim()]).toEqual([
        200,
        'Your details are corrected',
      ]);
      expect(parse(body).querySelector('main a')?.getAttribute('href')).toBe(`/person/${token}`);
      expect(body).not.toMatch(/\bNW5\b/);
    }
  });

  it('of the email address leads to a page without link, name or reference, also when it is clicked twice', async () => {
    const { id, token, fields } = await person();
    const changed = { ...fields, email: 'new@people.example' };
    const answers = await Promise.all([correct(token, changed), correct(token, changed)]);
    answers.push(await correct(token, changed));
    for (const { headers } of answers) expect(headers?.location).toBe('/person/corrected');
    const { statusCode, body = '' } = await get('/person/corrected');
    expect([statusCode, parse(body).querySelector('h1')?.text.trim()]).toEqual([
      200,
      'Your details are corrected',
    ]);
    expect(body).toContain('sent a link to the new one');
    expect(body).not.toContain((await read(id)).reference);
    expect((await get(`/person/${token}`)).statusCode).toBe(410);
  });

  it.each([
    ['taken out', { email: '' }],
    ['no longer to be written to', { contactMayEmail: 'no' }],
  ])(
    'of an email address that is %s promises no mail, and leaves the person their page',
    async (_, change) => {
      const { id, token, fields } = await person();
      const changed = { ...fields, ...change };
      const answers = await Promise.all([correct(token, changed), correct(token, changed)]);
      answers.push(await correct(token, changed));
      const places = new Set(answers.map(({ headers }) => headers?.location));
      expect(places.size).toBe(1);
      const [where] = places;
      expect(where).toMatch(/^\/person\/[\w-]{54}\?corrected=yes$/);
      expect(where).not.toContain(token);
      const { statusCode, body = '' } = await get(where);
      expect(statusCode).toBe(200);
      expect(body).toContain('no email address that we may write to');
      expect(body).not.toContain('sent a link');
      const back = parse(body).querySelector('main a')?.getAttribute('href');
      expect((await get(back, later(NOW, { days: 300 }))).statusCode).toBe(200);
      // Whoever reads the inbox has the link before.
      expect((await get(`/person/${token}`)).statusCode).toBe(410);
      expect(mailsOf(await read(id))).not.toContain('details-corrected → person');
    },
  );

  it('of the email address closes the questions that were sent to the one before, answered or not', async () => {
    for (const answers of [undefined, { 'ons4-satisfied': '1', 'lonely-lonely': '5' }]) {
      const { id, token, fields } = await person(accepted());
      const { token: sent, hash } = mintToken(id);
      await table.referrals.change(id, NOW, (referral) => {
        const link = referral.links['measures-baseline-1'];
        if (!link) throw new Error('no questions');
        return {
          ...referral,
          links: { ...referral.links, 'measures-baseline-1': withHash(link, hash, NOW) },
        };
      });
      const measures = (more: Record<string, string>, now: string) =>
        request(measuresHandler, {
          ...{ route: 'POST /measures/{link}', path: { link: sent }, fields: more, now },
        });
      if (answers) expect((await measures({ action: 'record', ...answers }, NOW)).statusCode).toBe(303);
      expect((await measures({ action: 'open' }, NOW)).statusCode).toBe(200);
      await correct(token, { ...fields, email: 'safe@people.example' });
      for (const more of [{ action: 'open' }, { action: 'record', 'ons4-satisfied': '2' }]) {
        const after = await measures(more, later(LATER, { days: 1 }));
        expect([after.statusCode, after.body?.includes('Life satisfaction')]).toEqual([410, false]);
      }
    }
  });

  it('to the address of the family who referred them leaves the person their page, and sends nothing there', async () => {
    const referrer = { referrerKind: 'family-or-friend', referrerEmail: 'mother@people.example' };
    const { id, token, fields } = await person(submitted({ ...MINE, ...referrer }));
    const changed = { ...fields, email: 'mother@people.example', contactMayEmail: 'yes' };
    const places = [await correct(token, changed), await correct(token, changed)].map(
      ({ headers }) => headers?.location,
    );
    expect(places[0]).toMatch(/^\/person\/[\w-]{54}\?corrected=yes$/);
    expect(places[1]).toBe(places[0]);
    expect((await get(places[0])).body).toContain('no email address that we may write to');
    expect(mailsOf(await read(id))).not.toContain('details-corrected → person');
  });

  it('takes no address of the GP practice, which the page does not ask', async () => {
    const { id, token, fields } = await person();
    await correct(token, { ...fields, postcode: 'NW5 1TL', gpPracticeEmail: 'mother@people.example' });
    expect((await read(id)).person).toMatchObject({ postcode: 'NW5 1TL' });
    expect((await read(id)).person.gpPracticeEmail).toBeUndefined();
  });

  it('that comes late, or says something else, finds the link closed', async () => {
    const { token, fields } = await person();
    const changed = { ...fields, email: 'new@people.example' };
    await correct(token, changed);
    expect((await correct(token, { ...changed, email: 'guess@people.example' })).statusCode).toBe(410);
    expect((await correct(token, changed, later(LATER, { minutes: 10 }))).statusCode).toBe(410);
    const forged = token.slice(0, 40) + (token[40] === 'A' ? 'B' : 'A') + token.slice(41);
    expect((await correct(forged, changed)).statusCode).toBe(404);
  });

  it('is taken ten times an hour, from wherever it comes; slips of the keyboard do not count', async () => {
    const { token, fields } = await person();
    const attempt = (n: number, now = LATER) =>
      correct(token, { ...fields, address: `${n} High Street` }, now, `198.51.100.${n}`);
    const codes = [];
    for (let n = 0; n < 10; n++) {
      expect((await correct(token, { ...fields, postcode: 'NW' })).statusCode).toBe(422);
      codes.push((await attempt(n)).statusCode);
    }
    const refused = await attempt(10);
    expect(codes).toEqual(Array(10).fill(303));
    expect(refused.statusCode).toBe(429);
    const minutes = Math.ceil(Number(refused.headers?.['retry-after']) / 60);
    expect(refused.body).toContain(`Go back in ${minutes} minutes`);
    expect((await attempt(11, later(NOW, { hours: 1 }))).statusCode).toBe(303);
  });

  it('counts among what one client sends', async () => {
    vi.stubEnv('FORMS_PER_TEN_MINUTES', '2');
    const { token, fields } = await person();
    const codes = [];
    for (let n = 0; n < 3; n++) codes.push((await correct(token, fields, LATER, '203.0.113.9')).statusCode);
    vi.stubEnv('FORMS_PER_TEN_MINUTES', '60');
    expect(codes).toEqual([303, 303, 429]);
  });
});

describe('the questions about how things are', () => {
  const ask = (token: string, now = LATER) =>
    request(handler, {
      ...{ route: 'POST /person/{link}', path: { link: token }, now },
      fields: { action: 'measures' },
    });
  const buttonOf = async (token: string) =>
    parse((await get(`/person/${token}`)).body ?? '').querySelector('button[value=measures]');

  it('are a button away while they are due, by a link that opens nothing else', async () => {
    const { id, token } = await person(accepted());
    expect(await buttonOf(token)).not.toBeNull();
    expect((await read(id)).links['measures-baseline-1']?.hashes).toEqual([]);
    const places = new Set<unknown>();
    for (let i = 0; i < 3; i++) places.add((await ask(token)).headers?.location);
    expect(places.size).toBe(1);
    const [, measures = ''] = /^\/measures\/([\w-]{54})$/.exec(String([...places][0])) ?? [];
    expect((await read(id)).links['measures-baseline-1']?.hashes).toHaveLength(1);
    const questions = { path: { link: measures }, now: LATER };
    const page = await request(measuresHandler, { ...questions, route: 'GET /measures/{link}' });
    expect([page.statusCode, page.body?.includes('Overall, how satisfied')]).toEqual([200, true]);
    expect((await get(`/person/${measures}`)).statusCode).toBe(404);
    const fields = { action: 'record', 'ons4-satisfied': '3' };
    const sent = await request(measuresHandler, { ...questions, route: 'POST /measures/{link}', fields });
    expect(sent.statusCode).toBe(303);
    expect(await buttonOf(token)).toBeNull();
    expect((await ask(token)).headers?.location).toBe(`/person/${token}`);
  });

  it('are there for whoever was not asked by email, and for nobody before a programme', async () => {
    const missed = register(register(accepted(), '3'), '3');
    const { token } = await person({ ...missed, history: [], links: withoutMeasures(missed) });
    expect((await ask(token, missed.updatedAt)).headers?.location).toMatch(/^\/measures\//);
    expect(await buttonOf((await person(inReview())).token)).toBeNull();
  });
});

function withoutMeasures({ links }: Referral): Referral['links'] {
  return Object.fromEntries(Object.entries(links).filter(([, { purpose }]) => purpose !== 'measures'));
}

describe('“I can’t make this one”', () => {
  it('says of which session it is: next week’s while the register of this one is late', async () => {
    const joined = accepted();
    const { id, token } = await person(joined);
    if (joined.stage !== 'programme') throw new Error('no programme');
    await ensureCohort(TABLE, ownPlan(joined, joined.programme), joined.reference, NOW);
    const next = async (now: string) =>
      parse((await get(`/person/${token}`, now)).body ?? '').querySelector('[aria-labelledby=next]');
    expect((await next(NOW))?.structuredText).toContain('Tuesday 1 December 2026 at 4:00 pm');
    const now = '2026-12-02T09:00:00.000Z';
    const late = await next(now);
    expect(late?.structuredText).toContain('Tuesday 8 December 2026 at 4:00 pm');
    const fields = { action: 'cannot-come', session: '1' };
    const say = (session: string) =>
      request(handler, {
        ...{ route: 'POST /person/{link}', path: { link: token }, now },
        fields: { ...fields, session },
      });
    expect((await say('1')).headers?.location).toBe(`/person/${token}?done=too-late`);
    expect((await say('2')).headers?.location).toBe(`/person/${token}?done=cannot-come`);
    expect((await read(id)).programme?.sessions.map(({ excusedAt }) => excusedAt)).toEqual([undefined, now]);
  });
});

describe('“I can’t make this one”, while a link worker is asked how they are', () => {
  it('is there for the next session of the group, and is recorded', async () => {
    const missed = register(register(accepted(), '3'), '3');
    if (missed.stage !== 'programme') throw new Error('no programme');
    const { id, token } = await person(missed);
    const { programme } = missed;
    const cohort = await ensureCohort(TABLE, ownPlan(missed, programme), missed.reference, NOW);
    const now = missed.updatedAt;
    const page = parse((await get(`/person/${token}`, now)).body ?? '');
    expect(page.querySelector('[name=session]')?.getAttribute('value')).toBe('3');
    const fields = { action: 'cannot-come', session: '3' };
    const say = () => request(handler, { route: 'POST /person/{link}', path: { link: token }, fields, now });
    for (let i = 0; i < 2; i++) {
      expect((await say()).headers?.location).toBe(`/person/${token}?done=cannot-come`);
    }
    const session = (await read(id)).programme?.sessions[2];
    expect(session).toMatchObject({ number: 3, startsAt: cohort.sessions[2]?.startsAt, excusedAt: now });
    const after = parse((await get(`/person/${token}`, now)).body ?? '');
    expect(after.querySelector('button[value=comes]')).not.toBeNull();
    expect(after.querySelectorAll('.osp-sessions__item')).toHaveLength(12);
  });
});

describe('the page of somebody whom a link worker is to contact', () => {
  /** Their page after registers of so many sessions; `known`: at a known risk. */
  async function pageOf(codes: readonly ('2' | '3' | '5')[], known = false) {
    const from = accepted();
    const risks = known ? { known, detail: 'Self-harm' } : { known };
    const at: Referral = { ...from, request: { ...from.request, risks } };
    const asked = codes.reduce(register, at);
    if (asked.stage !== 'programme') throw new Error('no programme');
    const { token } = await person(asked);
    await ensureCohort(TABLE, ownPlan(asked, asked.programme), asked.reference, NOW);
    const { body = '' } = await get(`/person/${token}`, asked.updatedAt);
    return parse(body).querySelector('main')?.structuredText ?? '';
  }

  it('says why: they missed sessions, could not come to several, or there are none left', async () => {
    expect(await pageOf(['3', '3'])).toMatch(/we have missed you/);
    const away = await pageOf(['2', '2', '2']);
    expect(away).toMatch(/contact you to ask how you are and whether the sessions suit you/);
    expect(away).not.toMatch(/missed you/);
    const last = await pageOf([...Array(11).fill('5'), '3'], true);
    expect(last).toMatch(/All of your sessions are over/);
    expect(last).not.toMatch(/welcome at the next one/);
  });
});

describe('the page of somebody whose referral was put on hold and given to somebody', () => {
  it('names nobody who has it and says nothing of why it waits, behind the button neither', async () => {
    const until = later(NOW, { days: 30 });
    const hold = { decision: 'hold', until, reason: 'waits-for-another-service' } as const;
    const held = stored(decideReview(inReview(), 'review-1', hold, NOW, TOM));
    const given = stored(assign(held, AMINA, TOM.id, NOW, TOM));
    expect(given.history.at(-1)?.whom).toBe(AMINA.name);
    const { token } = await person(given);
    const post = { route: 'POST /person/{link}', path: { link: token }, now: LATER };
    for (const { body = '' } of [
      await get(`/person/${token}`),
      await request(handler, { ...post, fields: { action: 'open' } }),
    ]) {
      expect(body).not.toContain(AMINA.name);
      expect(body).not.toMatch(/another service comes first/i);
    }
  });
});
