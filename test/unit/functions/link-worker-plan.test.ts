import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type HTMLElement, parse } from 'node-html-parser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/link-worker-plan/handler.ts';
import { newestOfCase } from '../../../functions/shared/case-file.ts';
import { beginSession } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { SNOMED } from '../../../workflows/episode-code.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { measurementSchema } from '../../../workflows/measures.ts';
import { planSchema } from '../../../workflows/plan.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { dateInWords, londonDate, after as momentAfter } from '../../../workflows/time.ts';
import { inReview, licensedInstrument, NOW } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let amina: string;
let tom: string;
beforeEach(async () => {
  table = await startEnvironment();
  [amina, tom] = await Promise.all([signedIn('Amina'), signedIn('Tom')]);
});
afterEach(() => table.stop());

async function signedIn(name: string): Promise<string> {
  const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
  const person = {
    sub: name.toLowerCase(),
    name,
    email: '',
    roles: ['link-worker'] as const,
    teams: ['camden'],
  };
  return (await beginSession(visit, { ...person, roles: [...person.roles] })).split(';')[0] ?? '';
}

let ids = 0xa000;
async function put(other: { createdAt?: string } = {}): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const reference = referenceOf(id.split('').reverse().join(''));
  const referral: Referral = {
    ...{ ...inReview(), id, reference, team: 'camden', version: 0 },
    ...other,
  };
  await table.referrals.create(referral);
  return referral;
}

type Fields = Record<string, string>;

/** A part of a referral's pages, in somebody's browser. */
async function open(cookie: string, { reference }: Referral, part: string, query: Fields = {}, now = NOW) {
  const route = `GET /referrals/{reference}/${part}`;
  const answer = await request(handler, { route, path: { reference }, cookies: [cookie], query, now });
  return { ...answer, page: parse(answer.body ?? '') };
}

/** Sends a form as the page holds it, with some fields filled in, by one of its buttons. */
async function send(
  cookie: string,
  { reference }: Referral,
  part: string,
  page: HTMLElement,
  action: string,
  fields: Fields,
  now = NOW,
) {
  const route = `POST /referrals/{reference}/${part}`;
  const held = { ...fieldsIn(page, action), ...fields, action };
  const answer = await request(handler, { route, path: { reference }, cookies: [cookie], fields: held, now });
  return { ...answer, page: parse(answer.body ?? '') };
}

/** What the form with a button would send. */
function fieldsIn(page: HTMLElement, action: string): Fields {
  const form = page
    .querySelectorAll('main form')
    .find((each) => each.querySelector(`button[value="${action}"]`) !== null);
  if (!form) throw new Error(`no form with ${action}`);
  const fields: Fields = {};
  for (const field of form.querySelectorAll('input, textarea, select')) {
    const name = field.getAttribute('name') ?? '';
    const type = field.getAttribute('type');
    if (type === 'radio' && !field.hasAttribute('checked')) continue;
    if (field.tagName === 'TEXTAREA') fields[name] = field.text;
    else if (field.tagName === 'SELECT') {
      fields[name] = field.querySelector('option[selected]')?.getAttribute('value') ?? 'planned';
    } else fields[name] = field.getAttribute('value') ?? '';
  }
  return fields;
}

const plans = ({ id }: Referral) => newestOfCase(TABLE, { id, kind: 'PLAN', limit: 50 }, planSchema);
const measurements = ({ id }: Referral) =>
  newestOfCase(TABLE, { id, kind: 'MEASURES', limit: 50 }, measurementSchema);
const audits = ({ id }: Referral) => table.looksAt(id).length;

describe('the plan', () => {
  it('is made row by row without saving, then saved, read, and changed into another version', async () => {
    const referral = await put();
    const empty = await open(amina, referral, 'plan');
    const first = await send(amina, referral, 'plan', empty.page, 'add-action-1', {
      strengths: 'Sings',
      'goal-1': 'Sing with others',
      'importance-1': '9',
      'action-1-1': 'Visit the choir',
    });
    expect([first.statusCode, (await plans(referral)).length]).toEqual([200, 0]);
    expect(fieldsIn(first.page, 'save')).toMatchObject({
      'goal-1': 'Sing with others',
      'action-1-1': 'Visit the choir',
      'action-1-2': '',
    });
    const fields = {
      'confidence-1-1': '6',
      'status-1-1': 'under-way',
      'reviewOn-1-1-day': '20',
      'reviewOn-1-1-month': '11',
      'reviewOn-1-1-year': '2026',
    };
    // On that day nobody would be written to.
    const late = await send(amina, referral, 'plan', first.page, 'save', fields);
    expect([late.statusCode, (await plans(referral)).length]).toEqual([422, 0]);
    expect(late.page.querySelector('#reviewOn-1-1-error')?.text).toContain('must be after today');
    const before = '2026-11-19T09:00:00.000Z';
    const saved = await send(amina, referral, 'plan', late.page, 'save', {}, before);
    expect([saved.statusCode, saved.headers?.location]).toEqual([
      303,
      `/referrals/${referral.reference}/plan`,
    ]);
    expect(await plans(referral)).toEqual([
      {
        version: 1,
        at: before,
        by: { id: 'amina', name: 'Amina' },
        strengths: 'Sings',
        goals: [
          {
            goal: 'Sing with others',
            importance: 9,
            actions: [
              { what: 'Visit the choir', confidence: 6, status: 'under-way', reviewOn: '2026-11-20' },
            ],
          },
        ],
      },
    ]);
    const read = (await open(tom, referral, 'plan')).page;
    expect(read.querySelector('main')?.structuredText).toMatch(
      /Importance to them: 9 of 10[\s\S]*Review due/,
    );
    const form = await open(tom, referral, 'plan', { change: 'yes' });
    const changed = await send(tom, referral, 'plan', form.page, 'save', { 'outcome-1': 'Went twice' });
    expect(changed.statusCode).toBe(303);
    // The one before can be read still, and nothing is made up.
    const earlier = await open(tom, referral, 'plan', { version: '1' });
    expect(earlier.page.text).toContain('This is an earlier version');
    expect(earlier.page.text).not.toContain('Went twice');
    for (const version of ['3', '0', 'x', '1e0', '']) {
      expect((await open(tom, referral, 'plan', { version })).statusCode).toBe(404);
    }
  });

  it('has the link workers written to on the day on which an action is to be looked at again, also by who was killed before', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'plan');
    const fields = {
      ...{ 'goal-1': 'Sing', 'action-1-1': 'Visit the choir', 'status-1-1': 'planned' },
      ...{ 'reviewOn-1-1-day': '1', 'reviewOn-1-1-month': '12', 'reviewOn-1-1-year': '2026' },
    };
    const reminders = async () =>
      ((await table.referrals.read(referral.id))?.outbox ?? [])
        .filter((entry) => entry.kind === 'email' && entry.message === 'plan-review')
        .map(({ notBefore }) => notBefore);
    const at = '2026-12-01T08:00:00.000Z';
    expect((await send(amina, referral, 'plan', page, 'save', fields)).statusCode).toBe(303);
    expect(await reminders()).toEqual([at]);
    // Killed between the two writes, they send it again.
    const known = await table.referrals.read(referral.id);
    await table.referrals.change(referral.id, NOW, ({ planVersion: _lost, ...rest }) => ({
      ...(rest as Referral),
      outbox: (known?.outbox ?? []).filter(({ key }) => !key.includes('plan-review')),
    }));
    expect(await reminders()).toEqual([]);
    expect((await send(amina, referral, 'plan', page, 'save', fields)).statusCode).toBe(303);
    expect([await reminders(), (await plans(referral)).length]).toEqual([[at], 1]);
    const form = await open(tom, referral, 'plan', { change: 'yes' });
    await send(tom, referral, 'plan', form.page, 'save', { 'status-1-1': 'done' });
    expect(await reminders()).toEqual([]);
  });

  it('says what is wrong and keeps what was typed', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'plan');
    const wrong = await send(amina, referral, 'plan', page, 'save', {
      'goal-1': 'Sing',
      'importance-1': '11',
    });
    expect([wrong.statusCode, (await plans(referral)).length]).toEqual([422, 0]);
    expect(fieldsIn(wrong.page, 'save')).toMatchObject({ 'goal-1': 'Sing', 'importance-1': '11' });
    expect(wrong.page.querySelector('.nhsuk-error-summary a')?.getAttribute('href')).toBe('#importance-1');
  });

  it('that two save at once is saved by one; the other sees both, and may save on top', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'plan');
    const answers = await Promise.all([
      send(amina, referral, 'plan', page, 'save', { strengths: 'Says Amina' }),
      send(tom, referral, 'plan', (await open(tom, referral, 'plan')).page, 'save', {
        strengths: 'Says Tom',
      }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
    const [saved] = await plans(referral);
    const slower = answers.find(({ statusCode }) => statusCode === 409);
    if (!slower || !saved) throw new Error('nobody was slower');
    const isTom = saved.strengths === 'Says Amina';
    expect(slower.page.text).toContain(`${saved.by.name} has saved the plan since you opened it`);
    expect(slower.page.text).toContain(saved.strengths);
    expect(fieldsIn(slower.page, 'save')).toMatchObject({
      strengths: isTom ? 'Says Tom' : 'Says Amina',
      version: '1',
    });
    const again = await send(isTom ? tom : amina, referral, 'plan', slower.page, 'save', {});
    expect(again.statusCode).toBe(303);
    expect((await plans(referral)).map(({ version, by }) => `${version} ${by.name}`)).toEqual([
      isTom ? '2 Tom' : '2 Amina',
      isTom ? '1 Amina' : '1 Tom',
    ]);
  });

  it('of twenty who save at once is lost to nobody: each is saved or told so', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'plan');
    const sent = Array.from({ length: 20 }, (_, i) =>
      send(amina, referral, 'plan', page, 'save', { strengths: `Says number ${i % 10}` }),
    );
    const statuses = (await Promise.all(sent)).map(({ statusCode }) => statusCode);
    // The same content is sent by two each: both are told that it stands.
    expect(statuses.filter((status) => status === 303)).toHaveLength(2);
    expect(statuses.filter((status) => status === 409)).toHaveLength(18);
    expect(await plans(referral)).toHaveLength(1);
  });

  it('sent twice is one version, and unchanged is none', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'plan');
    for (let i = 0; i < 2; i++) {
      const { statusCode } = await send(amina, referral, 'plan', page, 'save', { strengths: 'Sings' });
      expect(statusCode).toBe(303);
    }
    const form = await open(amina, referral, 'plan', { change: 'yes' });
    expect((await send(amina, referral, 'plan', form.page, 'save', {})).statusCode).toBe(303);
    expect(await plans(referral)).toHaveLength(1);
  });
});

describe('measures', () => {
  const answers = { point: 'baseline', 'ons4-satisfied': '3', 'ons4-anxious': '8', 'ucla3-left-out': '2' };

  it('are recorded once however often they are sent, and shown side by side with what changed', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'measures');
    for (let i = 0; i < 2; i++) {
      const { statusCode, headers } = await send(amina, referral, 'measures', page, 'record', answers);
      expect([statusCode, headers?.location]).toEqual([303, `/referrals/${referral.reference}/measures`]);
    }
    expect(await measurements(referral)).toHaveLength(1);
    const later = momentAfter(NOW, { minutes: 20 });
    const again = await open(tom, referral, 'measures', {}, later);
    const middle = { ...answers, point: 'middle', 'ons4-satisfied': '6' };
    expect((await send(tom, referral, 'measures', again.page, 'record', middle, later)).statusCode).toBe(303);
    const text = (await open(tom, referral, 'measures', {}, later)).page.querySelector('main')?.text ?? '';
    expect(text).toContain('Life satisfaction. Better: from 3 (low) to 6 (medium)');
    expect(text).toContain('Anxiety. The same: 8 (high)');
    // Not all of the three were answered, and the four are never summed.
    expect(text).toContain('Not all answered');
    expect(text).not.toMatch(/Total\. /);
  });

  it('are of the day on which they were taken: today, or another since the referral arrived', async () => {
    const dayOf = (days: number) => momentAfter(NOW, { days });
    const referral = await put({ createdAt: dayOf(-10) });
    const boxes = (days: number) => {
      const [year = '', month, day] = londonDate(dayOf(days)).split('-');
      return {
        'takenOn-day': String(Number(day)),
        'takenOn-month': String(Number(month)),
        'takenOn-year': year,
      };
    };
    const { page } = await open(amina, referral, 'measures');
    expect(fieldsIn(page, 'record')).toMatchObject(boxes(0));
    const record = (fields: Fields) =>
      send(amina, referral, 'measures', page, 'record', { ...answers, ...fields });
    for (const [wrong, why] of [
      [boxes(1), 'must be today or earlier'],
      [boxes(-11), 'enter a day since then'],
      [{ ...boxes(0), 'takenOn-day': '32' }, 'Enter a real date'],
    ] as const) {
      const refused = await record(wrong);
      expect([refused.statusCode, refused.page.text.includes(why)], why).toEqual([422, true]);
    }
    expect((await record(boxes(-8))).statusCode).toBe(303);
    expect((await measurements(referral)).map(({ takenOn }) => takenOn)).toEqual([londonDate(dayOf(-8))]);
    const shown = (await open(amina, referral, 'measures')).page.text;
    expect(shown).toContain(`At the start, ${dateInWords(dayOf(-8))}, by`);
  });

  it('that differ from what was sent with the same form are told apart, and kept on the page', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'measures');
    await send(amina, referral, 'measures', page, 'record', answers);
    const other = await send(amina, referral, 'measures', page, 'record', { ...answers, 'ons4-happy': '5' });
    expect([other.statusCode, (await measurements(referral)).length]).toEqual([409, 1]);
    expect(other.page.text).toContain('had been sent before with other answers');
    const kept = fieldsIn(other.page, 'record');
    expect(kept).toMatchObject({ ...answers, 'ons4-happy': '5' });
    expect((await send(amina, referral, 'measures', other.page, 'record', {})).statusCode).toBe(303);
    expect(await measurements(referral)).toHaveLength(2);
  });

  it('are refused with a form that is none of ours or too old, keeping what was entered', async () => {
    const referral = await put();
    const { page } = await open(amina, referral, 'measures');
    for (const key of ['', 'x', `9999-12-31T00:00:00.000Z.${'a'.repeat(12)}`]) {
      const refused = await send(amina, referral, 'measures', page, 'record', { ...answers, key });
      expect(refused.statusCode).toBe(409);
      expect(fieldsIn(refused.page, 'record')).toMatchObject(answers);
    }
    expect(await measurements(referral)).toEqual([]);
    const wrong = await send(amina, referral, 'measures', page, 'record', { 'ons4-happy': '11', point: '' });
    expect(wrong.statusCode).toBe(422);
    expect(fieldsIn(wrong.page, 'record')['ons4-happy']).toBe('11');
  });

  it('are asked with a licensed instrument only where the deployer has one', async () => {
    const referral = await put();
    expect((await open(amina, referral, 'measures')).body).not.toContain('mycaw');
    vi.stubEnv('LICENSED_MEASURES', JSON.stringify([licensedInstrument]));
    const { page } = await open(amina, referral, 'measures');
    await send(amina, referral, 'measures', page, 'record', {
      'mycaw-one': '5',
      'mycaw-one-words': 'Getting out',
    });
    expect((await open(amina, referral, 'measures')).page.text).toContain('Getting out: 5');
    // The form begins with those words. Where it is not asked again they say nothing; others are not lost.
    const again = await open(amina, referral, 'measures');
    const save = (fields: Record<string, string>) =>
      send(amina, referral, 'measures', again.page, 'record', {
        'ons4-happy': '4',
        point: 'middle',
        ...fields,
      });
    const refused = await save({ 'mycaw-one-words': 'Sleeping' });
    expect([refused.statusCode, refused.page.text.includes('Give an answer here as well')]).toEqual([
      422,
      true,
    ]);
    expect(fieldsIn(refused.page, 'record')['mycaw-one-words']).toBe('Sleeping');
    expect((await save({})).statusCode).toBe(303);
    vi.stubEnv('LICENSED_MEASURES', '[]');
    expect((await open(amina, referral, 'measures')).page.text).toContain('mycaw 1 (no longer in use here)');
  });
});

describe('the summary', () => {
  it('holds plan and measures, is noted as given once, and then says so in place of the code', async () => {
    const referral = await put();
    const plan = await open(amina, referral, 'plan');
    await send(amina, referral, 'plan', plan.page, 'save', {
      strengths: 'Sings',
      'goal-1': 'Sing with others',
    });
    const measures = await open(amina, referral, 'measures');
    await send(amina, referral, 'measures', measures.page, 'record', {
      point: 'baseline',
      'ons4-happy': '7',
    });
    const { page } = await open(amina, referral, 'summary');
    const text = page.querySelector('#summary')?.text ?? '';
    expect(text).toContain('Goal 1: Sing with others');
    expect(text).toContain('Happiness: 7 (high)');
    expect(text).toContain(`to be recorded once for this episode: ${SNOMED.referral.code}`);
    const later = momentAfter(NOW, { minutes: 10 });
    const sent = [amina, tom].map(async (who) =>
      send(who, referral, 'summary', (await open(who, referral, 'summary')).page, 'given', {}, later),
    );
    expect((await Promise.all(sent)).map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    const stored = await table.referrals.read(referral.id);
    expect(stored?.summaryGivenAt).toBe(later);
    expect(stored?.history.filter(({ event }) => event === 'summary-given')).toHaveLength(1);
    const given = await open(tom, referral, 'summary', {}, later);
    expect(given.page.querySelector('.nhsuk-inset-text')?.text).toMatch(/noted by (Amina|Tom)/);
    expect(given.page.querySelector('#summary')?.text).toContain('Please do not record it again.');
    expect(given.page.querySelector('button[value=given]')).toBeNull();
  });
});

describe('every page', () => {
  it('leaves one entry in the audit each time that it is shown, and none where it leads on', async () => {
    const referral = await put();
    const pages = [];
    for (const part of ['plan', 'measures', 'summary']) pages.push(await open(amina, referral, part));
    expect(await audits(referral)).toBe(3);
    const [plan, measures, summary] = pages.map(({ page }) => page);
    if (!plan || !measures || !summary) throw new Error('pages are missing');
    await send(amina, referral, 'plan', plan, 'add-goal', {});
    await send(amina, referral, 'plan', plan, 'save', {});
    await send(amina, referral, 'measures', measures, 'record', {});
    expect(await audits(referral)).toBe(6);
    await send(amina, referral, 'plan', plan, 'save', { strengths: 'Sings' });
    await send(amina, referral, 'summary', summary, 'given', {});
    expect(await audits(referral)).toBe(6);
    await open(amina, referral, 'plan');
    await open(amina, referral, 'plan', { version: '1' });
    await open(amina, referral, 'plan', { version: '9' });
    expect(await audits(referral)).toBe(8);
  });

  it('costs the same number of requests however much was recorded', async () => {
    const referral = await put();
    const spy = vi.spyOn(DynamoDBDocumentClient.prototype, 'send');
    const costs = async () => {
      const each = [];
      for (const [part, query] of [
        ['plan', { change: 'yes' }],
        ['measures', {}],
        ['summary', {}],
      ] as const) {
        spy.mockClear();
        await open(amina, referral, part, query);
        each.push(spy.mock.calls.length);
      }
      return each;
    };
    // Whoever comes first loads what is remembered from then on.
    await open(amina, referral, 'plan');
    const none = await costs();
    for (let i = 0; i < 25; i++) {
      const { page } = await open(amina, referral, 'plan', { change: 'yes' });
      await send(amina, referral, 'plan', page, 'save', { strengths: `Version ${i}` });
      const measures = await open(amina, referral, 'measures');
      await send(amina, referral, 'measures', measures.page, 'record', { point: 'end', 'ons4-happy': '7' });
    }
    expect(await costs()).toEqual(none);
    spy.mockRestore();
    // The oldest are not listed and can be reached all the same.
    const oldest = await open(amina, referral, 'plan', { version: '6' });
    expect(oldest.page.querySelector('main a[href$="version=5"]')?.text).toBe('The version before this one');
    expect((await open(amina, referral, 'plan', { version: '1' })).page.text).toContain('Version 0');
  });
});
