/**
 * Outcome measures: the free ones as data, in the exact words of whoever made them, and how answers become scores. A recorded set names its
 * instrument's version. Whoever changes a word adds a version and leaves the old one here, so that what was recorded under it can still be
 * read. Licensed instruments are not in here: the deployer brings their words (infra/config.ts).
 */
import * as z from 'zod/mini';
import { clean } from './checks.ts';
import { LIMITS } from './fields.ts';
import type { FieldErrors, Fields } from './form.ts';
import type { Direction, Instrument, Item } from './instrument.ts';
import { teamMember } from './referral.ts';
import { londonDate, londonInstant } from './time.ts';

const line = z.string().check(z.minLength(1), z.maxLength(300));
const code = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(40));

/** 0 to 10, each by its number. */
const ZERO_TO_TEN = Array.from({ length: 11 }, (_, value) => ({ value, text: String(value) }));

const POSITIVE_BANDS = [
  { from: 0, to: 4, words: 'low' },
  { from: 5, to: 6, words: 'medium' },
  { from: 7, to: 8, words: 'high' },
  { from: 9, to: 10, words: 'very high' },
];
const ANXIETY_BANDS = [
  { from: 0, to: 1, words: 'very low' },
  { from: 2, to: 3, words: 'low' },
  { from: 4, to: 5, words: 'medium' },
  { from: 6, to: 10, words: 'high' },
];

/**
 * The free instruments. ONS4: wording, scale and bands of the Office for National Statistics, which never sums them. UCLA-3 and the direct
 * question: wording and answers of the same office's national indicators of loneliness, in that order.
 */
export const INSTRUMENTS: readonly Instrument[] = [
  {
    id: 'ons4',
    version: '2020-05',
    name: 'ONS4 personal wellbeing',
    citation:
      'Office for National Statistics: personal wellbeing harmonised standard, 19 May 2020, https://analysisfunction.civilservice.gov.uk/policy-store/personal-well-being/',
    licence: 'Open Government Licence v3.0',
    introduction:
      'There are no right or wrong answers. Please give an answer on a scale of 0 to 10, where 0 is “not at all” and 10 is “completely”.',
    answers: ZERO_TO_TEN,
    items: [
      {
        id: 'satisfied',
        text: 'Overall, how satisfied are you with your life nowadays?',
        short: 'Life satisfaction',
        better: 'higher',
        bands: POSITIVE_BANDS,
      },
      {
        id: 'worthwhile',
        text: 'Overall, to what extent do you feel that the things you do in your life are worthwhile?',
        short: 'Worthwhile',
        better: 'higher',
        bands: POSITIVE_BANDS,
      },
      {
        id: 'happy',
        text: 'Overall, how happy did you feel yesterday?',
        short: 'Happiness',
        better: 'higher',
        bands: POSITIVE_BANDS,
      },
      {
        id: 'anxious',
        text: 'Overall, how anxious did you feel yesterday?',
        short: 'Anxiety',
        better: 'lower',
        bands: ANXIETY_BANDS,
      },
    ],
  },
  {
    id: 'ucla3',
    version: '2020-05',
    name: 'UCLA-3 loneliness',
    citation:
      'Hughes, Waite, Hawkley and Cacioppo (2004), Research on Aging 26(6), 655–672; as the loneliness harmonised standard has it, 13 May 2020, https://gss.civilservice.gov.uk/policy-store/loneliness-indicators/',
    licence: 'Free to use with citation; harmonised standard: Open Government Licence v3.0',
    introduction:
      'The next questions are about relationships with others. For each one, please say how often (if at all) you feel that way.',
    answers: [
      { value: 1, text: 'Hardly ever or never' },
      { value: 2, text: 'Some of the time' },
      { value: 3, text: 'Often' },
    ],
    items: [
      {
        id: 'companionship',
        text: 'How often do you feel that you lack companionship?',
        short: 'Lacks companionship',
        better: 'lower',
      },
      { id: 'left-out', text: 'How often do you feel left out?', short: 'Left out', better: 'lower' },
      {
        id: 'isolated',
        text: 'How often do you feel isolated from others?',
        short: 'Isolated',
        better: 'lower',
      },
    ],
    total: { better: 'lower' },
  },
  {
    id: 'lonely',
    version: '2020-05',
    name: 'ONS direct question on loneliness',
    citation:
      'Office for National Statistics: loneliness harmonised standard, 13 May 2020, https://gss.civilservice.gov.uk/policy-store/loneliness-indicators/',
    licence: 'Open Government Licence v3.0',
    answers: [
      { value: 1, text: 'Never' },
      { value: 2, text: 'Hardly ever' },
      { value: 3, text: 'Occasionally' },
      { value: 4, text: 'Some of the time' },
      { value: 5, text: 'Often or always' },
    ],
    items: [{ id: 'lonely', text: 'How often do you feel lonely?', short: 'Lonely', better: 'lower' }],
  },
];

/** When measures are taken: at the start, in the middle, at the end, some months after, and whenever it is of use. */
export const POINTS = ['baseline', 'middle', 'end', 'follow-up', 'in-between'] as const;
export type Point = (typeof POINTS)[number];

/** As many are shown beside each other. */
export const MOST_SHOWN = 20;

const setSchema = z.object({
  instrument: code,
  version: line,
  /** By the id of the item; what was not answered is absent. */
  answers: z.record(z.string(), z.int()),
  /** In the person's own words, what an item is about. */
  words: z.optional(z.record(z.string(), z.string().check(z.maxLength(LIMITS.line)))),
});
export type AnswerSet = z.infer<typeof setSchema>;

/** What was taken at one time, as it is stored. */
export const measurementSchema = z.object({
  /** Minted with the page, so that the same form sent twice is one. */
  key: z.string(),
  at: z.iso.datetime(),
  point: z.enum(POINTS),
  /** The day in London on which they were taken, where the team recorded them later. */
  takenOn: z.optional(z.iso.date()),
  /** Who of the team took them; absent where the person answered by themself, by their link. */
  by: z.optional(teamMember),
  sets: z.array(setSchema).check(z.minLength(1)),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** When somebody gave the answers: on paper perhaps days before they were recorded. */
export function takenAt({ at, takenOn }: Pick<Measurement, 'at' | 'takenOn'>): string {
  return takenOn === undefined || takenOn === londonDate(at) ? at : londonInstant(takenOn, '12:00');
}

/** The field of a form that asks an item; `words`: the one for what it is about. */
export function measureField({ id }: Pick<Instrument, 'id'>, item: Pick<Item, 'id'>, words = false): string {
  return `${id}-${item.id}${words ? '-words' : ''}`;
}

/**
 * What a form says: point and answers. What is left empty was not answered; something must be. Words are kept with an answer only, and so new ones are refused
 * where an instrument has none. `before`: what had been recorded, whose words a form begins with.
 */
export function readMeasures(
  fields: Fields,
  instruments: readonly Instrument[],
  before: readonly Measurement[] = [],
): { point: Point; sets: AnswerSet[] } | { errors: FieldErrors } {
  const errors: FieldErrors = {};
  const point = POINTS.find((known) => known === fields.point);
  if (!point) errors.point = 'Select when they are taken';
  const sets = instruments.flatMap((instrument) => readSet(fields, instrument, before, errors));
  const [first] = instruments;
  if (sets.length === 0 && Object.keys(errors).every((name) => name === 'point') && first?.items[0]) {
    errors[measureField(first, first.items[0])] = 'Enter at least one answer';
  }
  return point && Object.keys(errors).length === 0 ? { point, sets } : { errors };
}

function readSet(
  fields: Fields,
  instrument: Instrument,
  before: readonly Measurement[],
  errors: FieldErrors,
): AnswerSet[] {
  const answers: Record<string, number> = {};
  const words: Record<string, string> = {};
  for (const item of instrument.items) {
    const name = measureField(instrument, item);
    const given = clean(fields[name]);
    const answer = instrument.answers.find(({ value }) => String(value) === given);
    if (answer) answers[item.id] = answer.value;
    else if (given !== '') errors[name] = notAnAnswer(instrument);
    const about = item.ownWords ? clean(fields[measureField(instrument, item, true)]) : '';
    if (about.length > LIMITS.line) {
      errors[measureField(instrument, item, true)] = `Use ${LIMITS.line} characters or fewer`;
    } else if (about !== '') words[item.id] = about;
  }
  const { id, version } = instrument;
  if (Object.keys(answers).length === 0) {
    for (const [item, about] of Object.entries(words)) {
      const isKnown = before.some(({ sets }) =>
        sets.some((set) => set.instrument === id && set.words?.[item] === about),
      );
      if (!isKnown) {
        errors[measureField(instrument, { id: item })] ??=
          'Give an answer here as well, or take the words out';
      }
    }
    return [];
  }
  return [{ instrument: id, version, answers, ...(Object.keys(words).length === 0 ? {} : { words }) }];
}

function notAnAnswer({ answers }: Instrument): string {
  return `Enter a whole number from ${answers[0]?.value} to ${answers.at(-1)?.value}, or leave it empty if it was not answered`;
}

/** The instrument of a set, in the version with which it was taken; undefined when this service has it no more. */
export function instrumentOf(
  { instrument, version }: Pick<AnswerSet, 'instrument' | 'version'>,
  instruments: readonly Instrument[],
): Instrument | undefined {
  return instruments.find((known) => known.id === instrument && known.version === version);
}

/** One item's answer: its value, the answer's words, and its band where the item has bands. */
export type Scored = { item: Item; about?: string; value?: number; text?: string; band?: string };

/** Each item's answer, and the total: only where the instrument has one, and every item was answered. */
export function score(
  instrument: Instrument,
  { answers, words = {} }: AnswerSet,
): {
  items: Scored[];
  total?: number;
} {
  const items = instrument.items.map((item): Scored => {
    const value = answers[item.id];
    const about = words[item.id];
    const text = instrument.answers.find((answer) => answer.value === value)?.text;
    const named = about === undefined ? { item } : { item, about };
    if (value === undefined || text === undefined) return named;
    const band = item.bands?.find(({ from, to }) => value >= from && value <= to)?.words;
    return { ...named, value, text, ...(band === undefined ? {} : { band }) };
  });
  const values = items.flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (!instrument.total || values.length < items.length) return { items };
  return { items, total: values.reduce((sum, value) => sum + value, 0) };
}

/** The highest total that an instrument can have. */
export function mostOf({ items, answers }: Instrument): number {
  return items.length * (answers.at(-1)?.value ?? 0);
}

/** How an answer changed: "Better: from 3 (low) to 6 (medium)". Undefined where either is missing. */
export function changeInWords(from: Scored | undefined, to: Scored | undefined): string | undefined {
  if (from?.value === undefined || to?.value === undefined) return undefined;
  return inWords(to.item.better, [from.value, answerInWords(from)], [to.value, answerInWords(to)]);
}

/** How a total changed: "Better: from 8 to 6". */
export function totalChangeInWords(
  { total }: Instrument,
  from: number | undefined,
  to: number | undefined,
): string | undefined {
  if (!total || from === undefined || to === undefined) return undefined;
  return inWords(total.better, [from, String(from)], [to, String(to)]);
}

function inWords(
  direction: Direction,
  [from, fromWords]: [number, string],
  [to, toWords]: [number, string],
): string {
  if (from === to) return `The same: ${toWords}`;
  return `${capitalized(changeOf(direction, from, to))}: from ${fromWords} to ${toWords}`;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export type Change = 'better' | 'same' | 'worse';

function changeOf(direction: Direction, from: number, to: number): Change {
  if (from === to) return 'same';
  return to > from === (direction === 'higher') ? 'better' : 'worse';
}

/** How an answer changed, by its band where the item has bands. Undefined where either is not a possible answer. */
export function changeByBand(
  instrument: Instrument,
  item: Item,
  from: number,
  to: number,
): Change | undefined {
  const steps = item.bands ?? instrument.answers.map(({ value }) => ({ from: value, to: value }));
  const step = (answer: number) => steps.findIndex((each) => answer >= each.from && answer <= each.to);
  const [first, last] = [step(from), step(to)];
  return first < 0 || last < 0 ? undefined : changeOf(item.better, first, last);
}

/** The first and the last answers to one version of an instrument; `last` is absent where it was taken once. */
export type FirstAndLast = { first: Taken; last?: Taken };
type Taken = { at: string; point: Point; set: AnswerSet };

/** The first and the last of each version of each instrument, in the order of first use. `measurements`: in order (measures-order.ts). */
export function firstAndLast(measurements: readonly Measurement[]): FirstAndLast[] {
  const byVersion = new Map<string, FirstAndLast>();
  for (const measurement of measurements) {
    for (const set of measurement.sets) {
      const name = `${set.instrument} ${set.version}`;
      const before = byVersion.get(name);
      const taken = { at: takenAt(measurement), point: measurement.point, set };
      byVersion.set(name, before ? { ...before, last: taken } : { first: taken });
    }
  }
  return [...byVersion.values()];
}

/** An answer with its band, or that there is none: "3 (low)". */
export function answerInWords({ text, band }: Scored): string {
  if (text === undefined) return 'not answered';
  return band === undefined ? text : `${text} (${band})`;
}
