/** The coordinator's page: several given at once, absences side by side, and whoever has left with what they leave. */
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { beginSession, type Person, whoIsSignedIn } from '../../../functions/shared/session.ts';
import {
  coveredBy,
  leaveOtherTeams,
  membersOf,
  nameToChoose,
  noteMember,
} from '../../../functions/shared/team-members.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { handler } from '../../../functions/team/handler.ts';
import { handler as worklist } from '../../../functions/worklist/handler.ts';
import { assign } from '../../../workflows/assignment.ts';
import { raiseConcern } from '../../../workflows/concerns.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const TOM: Person = { sub: 'tom', name: 'Tom Ellis', email: '', roles: ['coordinator'], teams: ['camden'] };
const AMINA: Person = { ...TOM, sub: 'amina', name: 'Amina Rahman', roles: ['link-worker'] };
const SAM: Person = { ...AMINA, sub: 'sam', name: 'Sam Reid' };
/** More than are read at once. */
const TEAMS = ['all', 'camden', ...Array.from({ length: 150 }, (_, i) => `team-${i}`)];
const idOf = ({ sub: id, name }: Person) => ({ id, name });

let table: TestTable;
let cookies: string[];
let csrf: string;
beforeAll(async () => {
  table = await startEnvironment();
  const nothing = { path: {}, query: {}, fields: {}, client: '', requestId: '', address: '/' };
  const visit: Visit = { ...nothing, now: NOW, cookies: [], secure: false };
  cookies = [(await beginSession(visit, TOM)).split(';')[0] ?? ''];
  csrf = (await whoIsSignedIn({ ...visit, cookies }))?.csrf ?? '';
});
beforeEach(async () => {
  for (const person of [TOM, AMINA, SAM]) await noteMember(TABLE, person, NOW);
});
afterAll(() => table.stop());

let ids = 0xe000;
async function put(change: Partial<Referral> = {}): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const reference = referenceOf(id.split('').reverse().join(''));
  const referral = { ...inReview(), id, reference, version: 0, team: 'camden', ...change } as Referral;
  await table.referrals.create(referral);
  return referral;
}
const assigneeOf = async ({ id }: Referral) => (await table.referrals.read(id))?.assignee?.id;
const ofSam = { assignee: { ...idOf(SAM), since: NOW } };

async function send(action: string, fields: Record<string, string> = {}) {
  const answer = await request(handler, {
    ...{ route: 'POST /team', now: NOW, cookies },
    fields: { ...fields, action, csrf },
  });
  return { ...answer, text: textOf(answer.body) };
}
const textOf = (body = '') => (parse(body).querySelector('main')?.structuredText ?? '').replace(/\s+/g, ' ');
const request_ = (route: string, of: unknown = handler, query = {}) =>
  request(of, { route, query, now: NOW, cookies });
const show = async () => textOf((await request_('GET /team')).body);
const ticked = (...referrals: Referral[]) =>
  Object.fromEntries(referrals.map(({ id }) => [`give-${id}`, 'yes']));

/** They left while a risk was open: closed, and somebody is to see that they are safe. */
function leftAtRisk(change: Partial<Referral> = {}) {
  const ending = { kind: 'withdrawn', decidedAt: NOW } as const;
  const { concerns } = raiseConcern(inReview(), 'left-at-risk', NOW);
  return put({
    stage: 'closed',
    closedAt: NOW,
    due: undefined,
    ending,
    concerns,
    ...change,
  } as Partial<Referral>);
}

describe('several that are nobody’s', () => {
  it('are given also where somebody left while a risk was open, whom somebody has to see to', async () => {
    const left = await leftAtRisk();
    const other = await put({ request: { ...inReview().request, risks: { known: false } } });
    const before = await show();
    expect(before).toContain('Contact them: they left while a risk was open');
    expect((await send('give', { ...ticked(left, other), giveTo: 'amina' })).text).toContain(
      'Given to Amina Rahman: 2.',
    );
    expect(await Promise.all([left, other].map(assigneeOf))).toEqual(['amina', 'amina']);
  });

  it('say what is to be done for each, as the worklist does: who asks to be contacted has no known risks', async () => {
    const { request } = inReview();
    const asks = await put({
      request: { ...request, risks: { known: false } },
      concerns: [{ number: 1, at: NOW, kind: 'contact' }],
    } as Partial<Referral>);
    const answer = await request_('GET /team');
    const item = parse(answer.body ?? '')
      .querySelectorAll('.osp-worklist__item')
      .find(({ text }) => text.includes(asks.reference));
    const words = item?.structuredText.replace(/\s+/g, ' ') ?? '';
    expect(words).toContain('Concern');
    expect(words).toContain('Contact them: they raised a concern');
    expect(words).not.toContain('Known risks');
    expect(item?.querySelector('a')?.getAttribute('href')).toBe(`/referrals/${asks.reference}/contacts#said`);
  });

  it('are given to one person at once, except what somebody took, what is closed and what is another team’s', async () => {
    const free = [await put(), await put(), await put()];
    const taken = await put();
    await table.referrals.change(taken.id, NOW, (each) => assign(each, idOf(SAM), undefined, NOW, idOf(SAM)));
    const closed = await put({
      ...{ stage: 'closed', closedAt: NOW, due: undefined },
      ending: { kind: 'declined', decidedAt: NOW, reason: 'duplicate' },
    } as Partial<Referral>);
    const elsewhere = await put({ team: 'all' });
    const fields = { ...ticked(...free, taken, closed, elsewhere), giveTo: 'amina' };
    const said = [
      'Given to Amina Rahman: 3.',
      `Taken by somebody else meanwhile: 1 (${taken.reference}).`,
      `Closed or with another team meanwhile: 2 (${closed.reference}, ${elsewhere.reference}).`,
    ].join(' ');
    const first = await send('give', fields);
    expect(first.statusCode).toBe(200);
    expect(first.text).toContain(said);
    const held = await Promise.all([...free, taken, closed, elsewhere].map(assigneeOf));
    expect(held).toEqual(['amina', 'amina', 'amina', 'sam', undefined, undefined]);
    const [{ version, history }] = [(await table.referrals.read(free[0]?.id ?? '')) as Referral];
    expect(history.at(-1)).toMatchObject({ event: 'assigned', name: 'Tom Ellis', whom: 'Amina Rahman' });
    // Sent again it says the same and changes nothing.
    expect((await send('give', fields)).text).toContain(said);
    expect((await table.referrals.read(free[0]?.id ?? ''))?.version).toBe(version);
  });

  it('are each somebody’s once, when two coordinators give them in the same moment', async () => {
    const free = await Promise.all(Array.from({ length: 6 }, () => put()));
    const answers = await Promise.all(
      ['amina', 'sam'].map((giveTo) => send('give', { ...ticked(...free), giveTo })),
    );
    const given = answers.map(({ text }) => Number(/Given to [A-Za-z ]+: (\d+)/.exec(text)?.[1]));
    const held = await Promise.all(free.map(assigneeOf));
    expect(given).toEqual(['amina', 'sam'].map((sub) => held.filter((each) => each === sub).length));
    expect((given[0] ?? 0) + (given[1] ?? 0)).toBe(6);
  });

  it('are not given to nobody, nor are none, and what was ticked stays', async () => {
    const free = await put();
    const missing = await send('give', ticked(free));
    expect([missing.statusCode, missing.text.includes('Select who is to look after them')]).toEqual([
      422,
      true,
    ]);
    expect(
      parse(missing.body ?? '')
        .querySelector(`input[name=give-${free.id}]`)
        ?.hasAttribute('checked'),
    ).toBe(true);
    const none = await send('give', { giveTo: 'amina', 'give-x': 'yes' });
    expect([none.statusCode, none.text.includes('Select at least one referral')]).toEqual([422, true]);
    expect((await send('give', { ...ticked(free), giveTo: 'nobody-of-ours' })).statusCode).toBe(422);
    expect(await assigneeOf(free)).toBeUndefined();
  });
});

function away(from: string, until: string, cover = 'tom') {
  const date = (name: string, value: string) =>
    Object.fromEntries(
      ['year', 'month', 'day'].map((part, i) => [`${name}-${part}`, value.split('-')[i] ?? '']),
    );
  return { member: 'amina', cover, ...date('awayFrom', from), ...date('awayUntil', until) };
}

describe('absences', () => {
  it('of one person stand side by side, and each is removed by itself', async () => {
    for (const fields of [
      away('2026-11-20', '2026-11-27'),
      away('2026-12-21', '2027-01-04', 'sam'),
      // Sent twice.
      away('2026-12-21', '2027-01-04', 'sam'),
    ]) {
      expect((await send('away', fields)).headers?.location).toBe('/team');
    }
    const page = await show();
    expect(page).toContain('20 November 2026 to 27 November 2026. Tom Ellis covers.');
    expect(page).toContain('21 December 2026 to 4 January 2027. Sam Reid covers.');
    const clash = await send('away', away('2026-11-20', '2026-11-24'));
    expect([clash.statusCode, clash.text]).toEqual([
      422,
      expect.stringContaining(
        'Amina Rahman is noted as away from 20 November 2026 to 27 November 2026 already',
      ),
    ]);
    const covered = async (sub: string, now: string) =>
      coveredBy(sub, await membersOf(TABLE, 'camden', now), now).map(({ name }) => name);
    expect(await covered('tom', NOW)).toEqual(['Amina Rahman']);
    expect(await covered('sam', NOW)).toEqual([]);
    expect(await covered('sam', '2026-12-24T09:00:00.000Z')).toEqual(['Amina Rahman']);
    // Who is chosen is seen to be away; and nobody covers who is away themselves, or covers for somebody while they are.
    expect(page).toContain('Amina Rahman (away until 27 November 2026)');
    const together = async (member: string, cover: string) =>
      (await send('away', { ...away('2026-11-25', '2026-11-30', cover), member })).text;
    expect(await together('sam', 'amina')).toContain('Amina Rahman is away on some of these days');
    expect(await together('tom', 'sam')).toContain('Tom Ellis covers for Amina Rahman on some of these days');
    for (let i = 0; i < 2; i++) await send('not-away', { sub: 'amina', from: '2026-11-20' });
    expect(await show()).not.toContain('Tom Ellis covers');
    expect(await show()).toContain('Sam Reid covers');
    await send('not-away', { sub: 'amina', from: '2026-12-21' });
    await send('not-away');
    expect(await show()).toContain('Nobody, as far as it is noted here');
  });
});

describe('two absences of one person', () => {
  const days = fc.integer({ min: 1, max: 28 }).map((day) => `2026-12-${String(day).padStart(2, '0')}`);
  const absence = fc.tuple(days, days).map((both) => both.sort() as [string, string]);

  it('never share a day, in whatever order they are noted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(absence, { minLength: 2, maxLength: 4 }), async (all) => {
        const noted: [string, string][] = [];
        for (const [from, until] of all) {
          const { statusCode } = await send('away', away(from, until, 'sam'));
          const isSame = noted.some((each) => each[0] === from && each[1] === until);
          const clashes = !isSame && noted.some((each) => each[0] <= until && each[1] >= from);
          expect([from, until, statusCode]).toEqual([from, until, clashes ? 422 : 303]);
          if (!clashes) noted.push([from, until]);
        }
        for (const [from] of noted) await send('not-away', { sub: 'amina', from });
      }),
      { numRuns: 20 },
    );
  });

  it('that were noted over each other before, or follow one another, are one where somebody is chosen', () => {
    const absences = [
      { from: '2026-11-20', until: '2026-11-30' },
      { from: '2026-11-25', until: '2026-12-04' },
      { from: '2026-12-05', until: '2026-12-09' },
      { from: '2026-12-21', until: '2026-12-23' },
    ];
    const name = 'Amina Rahman';
    expect(nameToChoose({ name, absences }, NOW)).toBe(`${name} (away until 9 December 2026)`);
    expect(nameToChoose({ name, absences }, '2026-12-10T09:00:00.000Z')).toBe(
      `${name} (away from 21 December 2026 to 23 December 2026)`,
    );
  });
});

describe('who has left', () => {
  const options = async () =>
    parse((await request(handler, { route: 'GET /team', now: NOW, cookies })).body ?? '')
      .querySelectorAll('#leaver option')
      .map((option) => option.getAttribute('value'));

  /** The coordinator does something when no session goes on that did before. */
  const sendLater = async (action: string, fields: Record<string, string>) => {
    const now = later(NOW, { hours: 14 });
    const tom = await atWork('Tom', { roles: ['coordinator'], teams: ['camden'], now });
    return tom.send(handler, { route: '/team', path: {}, fields: { ...fields, action } });
  };
  const members = async () => (await membersOf(TABLE, 'camden', NOW)).map(({ sub }) => sub);

  it('is off the list, and forgotten once they can take nobody on any more; is back by signing in', async () => {
    const idle: Person = { ...SAM, sub: 'idle', name: 'Ida Long' };
    await noteMember(TABLE, idle, NOW);
    expect(await options()).toContain('idle');
    for (let i = 0; i < 2; i++) await send('left', { leaver: 'idle' });
    expect(await options()).not.toContain('idle');
    expect(await show()).not.toContain('Ida Long');
    expect(await members()).toContain('idle');
    await noteMember(TABLE, idle, NOW);
    expect(await options()).toContain('idle');
    expect((await send('left', { leaver: 'x' })).text).toContain('Select who has left');
    await send('left', { leaver: 'idle' });
    await sendLater('not-away', {});
    expect(await members()).not.toContain('idle');
  });

  it('and takes somebody on before their session ends, is in sight with them', async () => {
    const zoe = await atWork('Zoe', { teams: ['camden'] });
    await noteMember(TABLE, { ...SAM, sub: 'zoe', name: 'Zoe' }, NOW);
    await send('left', { leaver: 'zoe' });
    const taken = await put();
    await zoe.send(review, {
      ...{ route: '/referrals/{reference}', path: { reference: taken.reference } },
      fields: { action: 'assign', to: 'zoe', from: '' },
    });
    expect(await assigneeOf(taken)).toBe('zoe');
    const inSight = async () => [
      (await show()).includes('Zoe has left 1 open referral is still theirs'),
      textOf((await request_('GET /worklist', worklist, { whose: 'zoe' })).body).includes(taken.reference),
    ];
    expect(await inSight()).toEqual([true, true]);
    // Nor are they forgotten before it is given to somebody.
    await sendLater('not-away', {});
    expect(await inSight()).toEqual([true, true]);
    await send('give-all', { sub: 'zoe', 'heir-zoe': 'amina' });
    expect([await assigneeOf(taken), await inSight()]).toEqual(['amina', [false, false]]);
  });

  it.each([
    ['another team', { teams: ['all'] }],
    ['a role without referrals', { roles: ['auditor' as const] }],
  ])(
    'since the issuer gives them %s, leaves what is theirs in sight and is given nothing',
    async (_, then) => {
      const mo: Person = { ...SAM, sub: 'mo', name: 'Mo Hart' };
      await noteMember(TABLE, mo, NOW);
      await leaveOtherTeams(TABLE, mo, TEAMS, NOW);
      const [theirs, free] = await Promise.all([put({ assignee: { ...idOf(mo), since: NOW } }), put()]);
      expect(await options()).toContain('mo');
      for (let i = 0; i < 2; i++) {
        await noteMember(TABLE, { ...mo, ...then }, NOW);
        await leaveOtherTeams(TABLE, { ...mo, ...then }, TEAMS, later(NOW, { days: i }));
      }
      expect(await options()).not.toContain('mo');
      expect(await show()).toContain('Mo Hart has left 1 open referral is still theirs');
      const tom = await atWork('Tom', { roles: ['coordinator'], teams: ['camden'] });
      const fields = { action: 'assign', to: 'mo', from: '' };
      await tom.send(review, {
        ...{ route: '/referrals/{reference}', path: { reference: free.reference }, fields },
      });
      expect([await assigneeOf(free), await assigneeOf(theirs)]).toEqual([undefined, 'mo']);
      // They left when they first signed in as another.
      const left = (await membersOf(TABLE, 'camden', NOW)).find(({ sub }) => sub === 'mo');
      expect(left?.leftAt).toBe(NOW);
      await send('give-all', { sub: 'mo', 'heir-mo': 'amina' });
      await noteMember(TABLE, mo, NOW);
      expect(await options()).toContain('mo');
      await send('left', { leaver: 'mo' });
    },
  );

  it('leaves what is theirs in sight, to be given to others 20 at a time', async () => {
    const free = await put();
    const theirs = await Promise.all(Array.from({ length: 23 }, () => put(ofSam)));
    const before = Number(/Sam Reid (\d+) (\d+)/.exec(await show())?.[2]);
    expect(before).toBeGreaterThanOrEqual(23);
    await send('left', { leaver: 'sam' });
    expect(await show()).toContain(`${before} open referrals are still theirs`);
    // Nothing is given to them any more.
    expect((await send('give', { ...ticked(free), giveTo: 'sam' })).statusCode).toBe(422);
    const missing = await send('give-all', { sub: 'sam' });
    expect([missing.statusCode, missing.text.includes('Select who is to look after Sam Reid’s')]).toEqual([
      422,
      true,
    ]);
    // Two clicks in the same moment give nothing twice, and nothing to anybody else.
    const twice = await Promise.all([1, 2].map(() => send('give-all', { sub: 'sam', 'heir-sam': 'amina' })));
    for (const { text } of twice) expect(text).toMatch(/Given to Amina Rahman: \d+\./);
    const back = await send('give-all', { sub: 'sam', 'heir-sam': 'nobody' });
    expect(back.text).toMatch(/Given back to the team: \d+\./);
    for (let i = 0; i < 3; i++) await send('give-all', { sub: 'sam', 'heir-sam': 'nobody' });
    expect(await show()).not.toContain('Sam Reid has left');
    const held = await Promise.all(theirs.map(assigneeOf));
    expect(held.filter((sub) => sub === 'amina').length).toBeGreaterThan(0);
    expect(held.filter((sub) => sub !== 'amina' && sub !== undefined)).toEqual([]);
    for (let i = 0; i < 2; i++) {
      expect((await sendLater('give-all', { sub: 'sam', 'heir-sam': 'amina' })).statusCode).toBe(303);
      expect(await members()).not.toContain('sam');
    }
  });

  it('leaves whoever left while a risk was open to somebody else, too', async () => {
    const left = await leftAtRisk(ofSam);
    await send('left', { leaver: 'sam' });
    const before = await show();
    expect(before).toMatch(/\d+ open referrals? (is|are) still theirs/);
    const given = await send('give-all', { sub: 'sam', 'heir-sam': 'amina' });
    expect(given.text).not.toContain('Closed or with another team');
    expect(await assigneeOf(left)).toBe('amina');
    expect(await show()).not.toContain('Sam Reid has left');
  });

  it('keeps what is theirs when they sign in again', async () => {
    const theirs = await put(ofSam);
    await send('left', { leaver: 'sam' });
    await noteMember(TABLE, SAM, NOW);
    expect((await send('give-all', { sub: 'sam', 'heir-sam': 'amina' })).headers?.location).toBe('/team');
    expect(await assigneeOf(theirs)).toBe('sam');
  });
});

describe('a coordinator who has the page of a referral open', () => {
  const give = async ({ reference }: Referral, to: string, more = {}) => {
    const answer = await request(review, {
      ...{ route: 'POST /referrals/{reference}', path: { reference }, now: NOW, cookies },
      fields: { action: 'assign', to, from: '', csrf, ...more },
    });
    return { ...answer, page: parse(answer.body ?? '') };
  };

  it('gives it to nobody who was taken off the list meanwhile, and is told so; sent twice is given once', async () => {
    await noteMember(TABLE, { ...SAM, sub: 'bea', name: 'Bea' }, NOW);
    const [given, other] = [await put(), await put()];
    expect((await give(given, 'bea')).statusCode).toBe(303);
    await send('left', { leaver: 'bea' });
    const late = await give(other, 'bea', { signpost: 'The drop-in' });
    expect([late.statusCode, textOf(late.body).includes('not on the list of the team any more')]).toEqual([
      ...[422, true],
    ]);
    expect(late.page.querySelector('#signpost')?.text.trim()).toBe('The drop-in');
    expect(late.page.querySelector('.nhsuk-error-summary a')?.getAttribute('href')).toBe('#to');
    expect(await assigneeOf(other)).toBeUndefined();
    expect((await give(other, 'amina')).statusCode).toBe(303);
    // What was done before she left is no fault of whoever clicked twice.
    expect((await give(given, 'bea')).statusCode).toBe(303);
    expect(await Promise.all([given, other].map(assigneeOf))).toEqual(['bea', 'amina']);
  });

  it('is the only one who gives it to others', async () => {
    const referral = await put();
    const sam = await atWork('Sam', { teams: ['camden'] });
    const { statusCode, body } = await sam.send(review, {
      ...{ route: '/referrals/{reference}', path: { reference: referral.reference } },
      fields: { action: 'assign', to: 'amina', from: '' },
    });
    expect([statusCode, textOf(body).includes('Only coordinators give referrals to others')]).toEqual([
      422,
      true,
    ]);
    expect(await assigneeOf(referral)).toBeUndefined();
  });
});
