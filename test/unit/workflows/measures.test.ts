import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instrument, LICENSED_IDS, licensedInstrumentSchema } from '../../../workflows/instrument.ts';
import {
  answerInWords,
  changeInWords,
  firstAndLast,
  INSTRUMENTS,
  instrumentOf,
  type Measurement,
  measureField,
  mostOf,
  type Point,
  readMeasures,
  score,
  totalChangeInWords,
} from '../../../workflows/measures.ts';
import { inOrder } from '../../../workflows/measures-order.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later, londonDate } from '../../../workflows/time.ts';
import { licensedInstrument as licensed, NOW } from './builders.ts';

function instrument(id: string): Instrument {
  const found = INSTRUMENTS.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found;
}
const [ons4, ucla3, lonely] = [instrument('ons4'), instrument('ucla3'), instrument('lonely')];

/** Some answers to an instrument, each item answered or not. */
const answersTo = ({ items, answers }: Instrument) =>
  fc.record(
    Object.fromEntries(items.map(({ id }) => [id, fc.constantFrom(...answers.map(({ value }) => value))])),
    { requiredKeys: [] },
  );
const setOf = ({ id, version }: Instrument, answers: Record<string, number | undefined>) => ({
  instrument: id,
  version,
  answers: answers as Record<string, number>,
});
const read = (fields: Record<string, string>) => readMeasures(fields, INSTRUMENTS);

describe('the free instruments', () => {
  it('have the wording and the answers that were published', () => {
    expect(ons4.items.map(({ text }) => text)).toEqual([
      'Overall, how satisfied are you with your life nowadays?',
      'Overall, to what extent do you feel that the things you do in your life are worthwhile?',
      'Overall, how happy did you feel yesterday?',
      'Overall, how anxious did you feel yesterday?',
    ]);
    expect(ucla3.items.map(({ text }) => text)).toEqual([
      'How often do you feel that you lack companionship?',
      'How often do you feel left out?',
      'How often do you feel isolated from others?',
    ]);
    expect(ucla3.answers.map(({ value, text }) => `${value} ${text}`)).toEqual([
      '1 Hardly ever or never',
      '2 Some of the time',
      '3 Often',
    ]);
    expect(lonely.items.map(({ text }) => text)).toEqual(['How often do you feel lonely?']);
    expect(lonely.answers.map(({ text }) => text)).toEqual([
      'Never',
      'Hardly ever',
      'Occasionally',
      'Some of the time',
      'Often or always',
    ]);
  });

  it('say where they come from and how they may be used, and hold nothing that is licensed to each user', () => {
    for (const { citation, licence, version } of INSTRUMENTS) {
      expect(citation).toMatch(/\bhttps:\/\//);
      expect(licence).toMatch(/Open Government Licence|Free to use/);
      expect(version).not.toBe('');
    }
    const ids: string[] = INSTRUMENTS.map(({ id }) => id);
    expect(LICENSED_IDS.filter((id) => ids.includes(id))).toEqual([]);
    expect(ids).not.toContain('pam');
  });
});

describe('scores', () => {
  it.each([
    [
      'satisfied',
      ['low', 'low', 'low', 'low', 'low', 'medium', 'medium', 'high', 'high', 'very high', 'very high'],
    ],
    [
      'anxious',
      ['very low', 'very low', 'low', 'low', 'medium', 'medium', 'high', 'high', 'high', 'high', 'high'],
    ],
  ])('of ONS4 are banded at the edges that ONS has: %s', (item, bands) => {
    const banded = bands.map((_, value) => score(ons4, setOf(ons4, { [item]: value })));
    expect(banded.map(({ items }) => items.find((each) => each.item.id === item)?.band)).toEqual(bands);
  });

  it('of ONS4 are never summed, and every answer is in exactly one band', () => {
    fc.assert(
      fc.property(answersTo(ons4), (answers) => {
        const { items, total } = score(ons4, setOf(ons4, answers));
        expect(total).toBeUndefined();
        for (const { item, value, band } of items) {
          const within = item.bands?.filter(
            ({ from, to }) => value !== undefined && value >= from && value <= to,
          );
          expect(within?.length).toBe(value === undefined ? 0 : 1);
          expect(band).toBe(within?.[0]?.words);
        }
      }),
    );
  });

  it('of UCLA-3 are 3 to 9, and only when all three were answered', () => {
    fc.assert(
      fc.property(answersTo(ucla3), (answers) => {
        const { total } = score(ucla3, setOf(ucla3, answers));
        const values = Object.values(answers) as number[];
        if (values.length < 3) {
          expect(total).toBeUndefined();
          return;
        }
        expect(total).toBe(values.reduce((sum, value) => sum + value, 0));
        expect(total).toBeGreaterThanOrEqual(3);
        expect(total).toBeLessThanOrEqual(mostOf(ucla3));
      }),
    );
    expect(mostOf(ucla3)).toBe(9);
  });

  it('say in words what is there and what is not', () => {
    const { items } = score(ons4, setOf(ons4, { satisfied: 3 }));
    expect(items.map(answerInWords)).toEqual(['3 (low)', 'not answered', 'not answered', 'not answered']);
  });
});

describe('change', () => {
  const first = (of: Instrument, answers: Record<string, number>, i = 0) =>
    score(of, setOf(of, answers)).items[i];

  it('is better upwards for wellbeing, downwards for anxiety and loneliness', () => {
    expect(changeInWords(first(ons4, { satisfied: 3 }), first(ons4, { satisfied: 6 }))).toBe(
      'Better: from 3 (low) to 6 (medium)',
    );
    expect(changeInWords(first(ons4, { anxious: 3 }, 3), first(ons4, { anxious: 6 }, 3))).toBe(
      'Worse: from 3 (low) to 6 (high)',
    );
    expect(changeInWords(first(lonely, { lonely: 5 }), first(lonely, { lonely: 3 }))).toBe(
      'Better: from Often or always to Occasionally',
    );
    expect(totalChangeInWords(ucla3, 8, 6)).toBe('Better: from 8 to 6');
    expect(totalChangeInWords(ucla3, 6, 6)).toBe('The same: 6');
  });

  it('is nothing where an answer is missing, or where nothing is summed', () => {
    expect(changeInWords(first(ons4, {}), first(ons4, { satisfied: 6 }))).toBeUndefined();
    expect(changeInWords(undefined, first(ons4, { satisfied: 6 }))).toBeUndefined();
    expect(totalChangeInWords(ucla3, undefined, 6)).toBeUndefined();
    expect(totalChangeInWords(ons4, 3, 6)).toBeUndefined();
  });

  it('there and back is never better both times', () => {
    const value = fc.integer({ min: 0, max: 10 });
    fc.assert(
      fc.property(value, value, fc.nat(3), (a, b, i) => {
        const item = ons4.items[i]?.id ?? '';
        const [from, to] = [first(ons4, { [item]: a }, i), first(ons4, { [item]: b }, i)];
        const words = [changeInWords(from, to), changeInWords(to, from)].map((each) => each?.split(':')[0]);
        expect(words.sort()).toEqual(a === b ? ['The same', 'The same'] : ['Better', 'Worse']);
      }),
    );
  });
});

describe('the order of answers', () => {
  const joined = [{ result: 'accepted', repliedAt: NOW }] as Referral['offers'];
  const taken = (day: number, point: Point, takenOn?: number): Measurement => ({
    key: `${day}`,
    at: later(NOW, { days: day }),
    point,
    ...(takenOn === undefined ? {} : { takenOn: londonDate(later(NOW, { days: takenOn })) }),
    sets: [setOf(ons4, { happy: day })],
  });
  const order = (measurements: Measurement[], offers = joined) =>
    inOrder(measurements, { offers }).map(({ key, point }) => `${key} ${point}`);

  it('is by their occasion, in whatever order they were recorded', () => {
    const start = taken(91, 'baseline');
    const [end, middle, later] = [taken(90, 'end'), taken(45, 'middle'), taken(180, 'follow-up')];
    const expected = ['91 baseline', '45 middle', '90 end', '180 follow-up'];
    expect(order([later, end, start, middle])).toEqual(expected);
    expect(order([start, middle, end, later])).toEqual(expected);
    const [happy] = firstAndLast(inOrder([end, start], { offers: joined }));
    expect([happy?.first.point, happy?.last?.point]).toEqual(['baseline', 'end']);
  });

  it('is by the day of those that have no occasion, and of two for one occasion', () => {
    const between = [taken(-9, 'in-between'), taken(60, 'in-between'), taken(99, 'in-between')];
    const known = [taken(45, 'middle'), taken(90, 'end'), taken(95, 'baseline', 0)];
    expect(order([...known, ...between])).toEqual([
      '-9 in-between',
      '95 baseline',
      '45 middle',
      '60 in-between',
      '90 end',
      '99 in-between',
    ]);
    expect(order([taken(5, 'baseline'), taken(7, 'baseline', 1)])).toEqual(['7 baseline', '5 baseline']);
    expect(firstAndLast([taken(7, 'baseline', 1)])[0]?.first.at).toContain('2026-11-24T12:00');
  });

  it('is of one programme after the other', () => {
    const again = [...joined, { result: 'accepted', repliedAt: later(NOW, { days: 100 }) }] as typeof joined;
    const answers = [taken(1, 'baseline'), taken(40, 'middle'), taken(101, 'baseline')];
    expect(order(answers, again)).toEqual(['1 baseline', '40 middle', '101 baseline']);
  });
});

describe('what a form says', () => {
  it('is kept with instrument and version, and what was left empty is no answer', () => {
    const parsed = read({
      point: 'baseline',
      'ons4-satisfied': ' 0 ',
      'ucla3-left-out': '3',
      'lonely-lonely': '',
    });
    expect(parsed).toEqual({
      point: 'baseline',
      sets: [
        { instrument: 'ons4', version: ons4.version, answers: { satisfied: 0 } },
        { instrument: 'ucla3', version: ucla3.version, answers: { 'left-out': 3 } },
      ],
    });
    if ('errors' in parsed) throw new Error('errors');
    expect(parsed.sets.map((set) => instrumentOf(set, INSTRUMENTS)?.id)).toEqual(['ons4', 'ucla3']);
    expect(instrumentOf({ instrument: 'ons4', version: 'another' }, INSTRUMENTS)).toBeUndefined();
  });

  it('is refused without a point, without any answer, and where an answer is none', () => {
    expect(read({})).toEqual({
      errors: { point: 'Select when they are taken', 'ons4-satisfied': 'Enter at least one answer' },
    });
    for (const wrong of ['11', '-1', '3.5', '١', '1e1', 'ten']) {
      expect(read({ point: 'end', 'ons4-happy': wrong })).toHaveProperty(['errors', 'ons4-happy']);
    }
    expect(read({ point: 'end', 'ucla3-isolated': '4' })).toHaveProperty(['errors', 'ucla3-isolated']);
  });

  it('comes back as it was entered', () => {
    fc.assert(
      fc.property(answersTo(ons4), answersTo(ucla3), (one, two) => {
        const fields: Record<string, string> = { point: 'middle' };
        for (const [of, answers] of [
          [ons4, one],
          [ucla3, two],
        ] as const) {
          for (const [id, value] of Object.entries(answers)) fields[measureField(of, { id })] = String(value);
        }
        const parsed = read(fields);
        const expected = [setOf(ons4, one), setOf(ucla3, two)].filter(
          ({ answers }) => Object.keys(answers).length > 0,
        );
        if (expected.length === 0) expect(parsed).toHaveProperty('errors');
        else expect(parsed).toEqual({ point: 'middle', sets: expected });
      }),
    );
  });
});

describe('a licensed instrument', () => {
  it('is taken when it is whole, and asks what an item is about', () => {
    const parsed = licensedInstrumentSchema.parse(licensed);
    const fields = { point: 'end', 'mycaw-one': '4', 'mycaw-one-words': ' Getting out ' };
    const answered = readMeasures(fields, [...INSTRUMENTS, parsed]);
    if ('errors' in answered) throw new Error('errors');
    expect(answered.sets).toEqual([
      { instrument: 'mycaw', version: '1', answers: { one: 4 }, words: { one: 'Getting out' } },
    ]);
    expect(score(parsed, answered.sets[0] ?? setOf(parsed, {})).items[0]).toMatchObject({
      about: 'Getting out',
      value: 4,
    });
  });

  it('loses no words that nobody gave a number for: what is new is asked about, and what stood there before is no answer', () => {
    const instruments = [...INSTRUMENTS, licensedInstrumentSchema.parse(licensed)];
    const fields = { point: 'end', 'ons4-happy': '3', 'mycaw-one': '', 'mycaw-one-words': 'My knee' };
    const error = { errors: { 'mycaw-one': 'Give an answer here as well, or take the words out' } };
    expect(readMeasures(fields, instruments)).toEqual(error);
    expect(readMeasures({ ...fields, 'ons4-happy': '' }, instruments)).toEqual(error);
    const before = {
      ...{ key: 'k', at: '2026-11-23T09:00:00.000Z', point: 'baseline' as const },
      sets: [{ instrument: 'mycaw', version: '1', answers: { one: 4 }, words: { one: 'My knee' } }],
    };
    expect(readMeasures(fields, instruments, [before])).toEqual({
      point: 'end',
      sets: [{ instrument: 'ons4', version: ons4.version, answers: { happy: 3 } }],
    });
    expect(readMeasures({ ...fields, 'mycaw-one-words': 'My back' }, instruments, [before])).toEqual(error);
  });

  it.each([
    ['of another name', { id: 'pam' }],
    ['in the name of a free one', { id: 'ons4' }],
    ['without a licence', { licence: '' }],
    ['without items', { items: [] }],
    ['with an item twice', { items: [...licensed.items, ...licensed.items] }],
    ['with answers from the highest down', { answers: [...licensed.answers].reverse() }],
  ])('is not taken %s', (_, change) => {
    expect(licensedInstrumentSchema.safeParse({ ...licensed, ...change }).success).toBe(false);
  });
});
