import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as closeReferral } from '../../../functions/close-referral/handler.ts';
import { handler as letters } from '../../../functions/letters/handler.ts';
import { handler } from '../../../functions/person-measures/handler.ts';
import { newestOfCase } from '../../../functions/shared/case-file.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { outcomesIn } from '../../../functions/shared/outcomes.ts';
import { close } from '../../../workflows/closing.ts';
import { withHash } from '../../../workflows/links.ts';
import { measuresDue, NOT_WANTED } from '../../../workflows/measure-times.ts';
import { INSTRUMENTS, measureField, measurementSchema } from '../../../workflows/measures.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { accepted, stored as changed, licensedInstrument, NOW, register } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xc000;

/** A referral in the table, and the link to the questions that are due. */
async function asked(referral: Referral): Promise<{ id: string; token: string; link: string }> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const link = measuresDue(referral)?.link ?? '';
  const opened = referral.links[link];
  if (!opened) throw new Error('nothing is asked');
  const { token, hash } = mintToken(id);
  const links = { ...referral.links, [link]: withHash(opened, hash, referral.updatedAt) };
  await table.referrals.create({ ...referral, id, links, version: 0 });
  return { id, token, link };
}

/** All sessions were held, and attended. */
function ended(): Referral {
  return Array.from({ length: 12 }).reduce<Referral>((before) => register(before, '5'), accepted());
}

type Asked = Awaited<ReturnType<typeof asked>>;
const get = ({ token }: Asked, now = NOW) =>
  request(handler, { route: 'GET /measures/{link}', path: { link: token }, now });
const post = ({ token }: Asked, fields: Record<string, string>, now = NOW) =>
  request(handler, { route: 'POST /measures/{link}', path: { link: token }, fields, now });
const taken = ({ id }: Asked) => newestOfCase(TABLE, { id, kind: 'MEASURES', limit: 9 }, measurementSchema);
const audits = ({ id }: Asked) => table.looksAt(id).length;
const stored = async ({ id }: Asked) => (await table.referrals.read(id)) as Referral;
const text = ({ body = '' }: { body?: string | undefined }) =>
  parse(body).querySelector('main')?.structuredText ?? '';

const ANSWERS = { action: 'record', 'ons4-satisfied': '3', 'ucla3-isolated': '2', 'lonely-lonely': '5' };

describe('the questions', () => {
  it('are asked in their own words, with every answer one tap away, and opening them changes nothing', async () => {
    const start = await asked(accepted());
    const before = await stored(start);
    for (let i = 0; i < 3; i++) {
      const page = parse((await get(start)).body ?? '');
      expect(page.text).toContain('Overall, how satisfied are you with your life nowadays?');
      expect(page.text).toContain('How often do you feel lonely?');
      // Eleven answers and none.
      expect(page.querySelectorAll('input[name="ons4-happy"]')).toHaveLength(12);
      expect(page.text).not.toContain('Róisín');
    }
    expect(await stored(start)).toEqual(before);
    expect([await taken(start), await audits(start)]).toEqual([[], 0]);
  });

  it('promise a letter with the answers as long as there is one to come', async () => {
    const closed = changed(close(ended(), ended().updatedAt)) as In<'closed'>;
    const followUp = actOnDue({ ...closed, outbox: [] }, closed.due?.at ?? '') as Referral;
    const later = await get(await asked(followUp), followUp.updatedAt);
    expect(text(later)).toContain('We send no letter about them');
    expect(text(later)).not.toContain('our letter to it');
    expect(text(await get(await asked(closed), closed.updatedAt))).toContain('our letter to it at the end');
  });

  it('are answered once, and sent again to the letter lead to the same', async () => {
    const start = await asked(accepted());
    for (let i = 0; i < 2; i++) {
      const answer = await post(start, ANSWERS, momentAfter(NOW, { minutes: i }));
      expect([answer.statusCode, answer.headers?.location]).toEqual([303, `/measures/${start.token}`]);
    }
    const [measurement, ...more] = await taken(start);
    expect(more).toEqual([]);
    expect(measurement).toMatchObject({
      point: 'baseline',
      at: NOW,
      sets: [
        { instrument: 'ons4', answers: { satisfied: 3 } },
        { instrument: 'ucla3', answers: { isolated: 2 } },
        { instrument: 'lonely', answers: { lonely: 5 } },
      ],
    });
    expect(measurement?.by).toBeUndefined();
    const { history, links } = await stored(start);
    expect(history.filter(({ event }) => event === 'measures-taken')).toEqual([
      { at: NOW, by: 'person', event: 'measures-taken', detail: 'baseline' },
    ]);
    expect(links[start.link]?.recorded).toEqual({ at: NOW, decision: 'baseline' });
    expect(text(await get(start))).toContain('Thank you for your answers');
    expect(text(await get(start))).not.toMatch(/\blow\b/);
    expect(await audits(start)).toBe(0);
  });

  it('answered otherwise a second time show what was recorded, and note that it was seen', async () => {
    const start = await asked(accepted());
    await post(start, ANSWERS);
    const other = await post(start, { ...ANSWERS, 'ons4-satisfied': '9' }, momentAfter(NOW, { hours: 1 }));
    expect(other.statusCode).toBe(409);
    expect(text(other)).toMatch(/You had answered before[\s\S]*3 \(low\)/);
    expect(text(other)).not.toContain('very high');
    expect([(await taken(start)).length, await audits(start)]).toEqual([1, 1]);
    expect(text(await post(start, { action: 'open' }))).toContain('3 (low)');
  });

  it('sent at once by two are kept once', async () => {
    const start = await asked(accepted());
    const answers = await Promise.all([
      post(start, ANSWERS),
      post(start, { ...ANSWERS, 'lonely-lonely': '1' }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
    expect(await taken(start)).toHaveLength(1);
  });

  it('may be left out, but not all of them', async () => {
    const start = await asked(accepted());
    const nothing = await post(start, { action: 'record' });
    expect(nothing.statusCode).toBe(422);
    expect(text(nothing)).toContain('Enter at least one answer');
    const none = await post(start, { action: 'record', 'ons4-happy': '12' });
    expect([none.statusCode, (await taken(start)).length]).toEqual([422, 0]);
  });

  it('lose no words that somebody gives no number for', async () => {
    vi.stubEnv('LICENSED_MEASURES', JSON.stringify([licensedInstrument]));
    const referral = await asked(ended());
    const names = [...INSTRUMENTS, licensedInstrument].flatMap((each) =>
      each.items.map((item) => [measureField(each, item), '']),
    );
    const nothing = { ...Object.fromEntries(names), 'mycaw-one-words': '', action: 'record' };
    const answer = await post(referral, { ...nothing, 'mycaw-one-words': 'My knee hurts' });
    expect([answer.statusCode, text(answer).includes('Give an answer here as well')]).toEqual([422, true]);
    expect(answer.body).toContain('My knee hurts');
    expect((await stored(referral)).links[referral.link]?.recorded).toBeUndefined();
    // Nothing at all is still a way to say that they would rather not.
    expect((await post(referral, nothing)).statusCode).toBe(303);
    expect((await stored(referral)).links[referral.link]?.recorded).toMatchObject({ decision: NOT_WANTED });
    vi.stubEnv('LICENSED_MEASURES', '[]');
  });

  it('need not be answered at all: that is noted as asked, is no answer, and can be changed', async () => {
    const each = INSTRUMENTS.flatMap((of) => of.items.map((item) => [measureField(of, item), '']));
    for (const none of [{ action: 'decline' }, { action: 'record', ...Object.fromEntries(each) }]) {
      const start = await asked(accepted());
      for (let i = 0; i < 2; i++) {
        const answer = await post(start, none, momentAfter(NOW, { minutes: i }));
        expect([answer.statusCode, answer.headers?.location]).toEqual([303, `/measures/${start.token}`]);
      }
      const { history } = await stored(start);
      expect(history.filter(({ event }) => event === 'measures-not-wanted')).toHaveLength(1);
      expect([await taken(start), measuresDue(await stored(start))]).toEqual([[], undefined]);
      expect(text(await get(start))).toContain('You would rather not answer');
      expect(text(await post(start, { action: 'open' }))).toContain('how satisfied are you');
      expect((await post(start, ANSWERS)).statusCode).toBe(303);
      expect(await taken(start)).toHaveLength(1);
      // What was answered stands.
      expect((await post(start, none)).statusCode).not.toBe(303);
      expect(text(await get(start))).toContain('Thank you for your answers');
    }
  });

  it('answered after the letters went out are in them, which say until then that they are missing', async () => {
    const referral = ended();
    const now = referral.updatedAt;
    const { programme } = referral;
    const earlierProgrammes = programme && [{ ...programme, sessions: programme.sessions.slice(0, 2) }];
    // Counted for another period than the others here.
    const ending = { kind: 'completed', decidedAt: '2027-06-01T09:00:00.000Z' };
    const closed = { ...changed(close(referral, now)), ending, earlierProgrammes } as Referral;
    const end = await asked(closed);
    const { token, hash } = mintToken(end.id);
    await table.referrals.change(end.id, now, (each) => {
      const letter = each.links['letter-person'];
      return letter
        ? { ...each, links: { ...each.links, 'letter-person': withHash(letter, hash, now) } }
        : each;
    });
    const letter = async () =>
      text(await request(letters, { route: 'POST /letters/{link}', path: { link: token }, now }));
    const before = await letter();
    expect(before).toMatch(/The questions at the end were sent to you on .*; they are not answered yet\./);
    expect(before).toMatch(/appear under this link until \d+ \w+ 2027/);
    expect(before).toContain('Before that, 2 sessions of The Hive and Nordoff and Robbins');
    await post(end, ANSWERS, now);
    const after = await letter();
    expect(after).not.toContain('not answered yet');
    expect(after).toContain('At the end');
  });

  it('answered after the end say what came of it, and only then', async () => {
    const referral = ended();
    const end = await asked(referral);
    const start = { ...ANSWERS, 'ons4-satisfied': '3' };
    const { execution } = referral;
    const now = referral.updatedAt;
    await table.referrals.change(
      end.id,
      now,
      (each) => ({ ...each, stage: 'closed', closedAt: now }) as Referral,
    );
    const period = { from: '2027-01', to: '2027-03' };
    await (closeReferral as unknown as (payload: object) => Promise<object>)({
      ...{ referralId: end.id, now, execution: execution.name },
    });
    const written = await outcomesIn(TABLE, 'hive-music', period);
    expect(written.outcomes).toMatchObject([
      { result: 'completed', came: true, attendance: { '5': 12 }, measures: [], taken: 0 },
    ]);
    expect(JSON.stringify(written)).not.toMatch(/Róisín|O'Brien|SP-|own-/);
    await post(end, start);
    expect((await outcomesIn(TABLE, 'hive-music', period)).outcomes).toMatchObject([{ taken: 1 }]);
  });
});
