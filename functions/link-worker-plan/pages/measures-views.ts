/** Measures: what was answered, side by side, and the form that asks. */
import { pointInWords } from '../../../workflows/gp-summary.ts';
import type { Instrument } from '../../../workflows/instrument.ts';
import { type DueMeasures, measuresDue } from '../../../workflows/measure-times.ts';
import {
  type AnswerSet,
  answerInWords,
  changeInWords,
  instrumentOf,
  type Measurement,
  measureField,
  mostOf,
  POINTS,
  score,
  takenAt,
  totalChangeInWords,
} from '../../../workflows/measures.ts';
import { emailOf } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { dateInWords, londonDate } from '../../../workflows/time.ts';
import { flaggedInWords, personInWords } from '../../shared/pages/case.ts';
import { fieldsOf, questionsOf } from '../../shared/pages/measures.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import measures from './measures.njk';

/** More possible answers than this are typed and not chosen. */
const MOST_CHOICES = 7;

export type MeasuresView = Site & {
  referral: Referral;
  now: string;
  /** In order (measures-order.ts). */
  measurements: readonly Measurement[];
  /** Those that can be asked now. */
  instruments: readonly Instrument[];
  /** What the form carries, so that answers are kept once. */
  key: string;
  form?: Form;
  /** Why what was sent was not recorded. */
  late?: string | undefined;
};

/** What was answered before, and the form for more. */
export function measuresPage({
  referral,
  now,
  measurements,
  instruments,
  key,
  form,
  late,
  ...site
}: MeasuresView) {
  const results = resultsInWords(measurements, instruments);
  const due = measuresDue(referral);
  return page(site, {
    title: 'Measures',
    template: measures,
    ...(late ? { statusCode: 409 } : {}),
    context: {
      ...{ reference: referral.reference, key, late, results },
      person: personInWords(referral, now),
      flagged: flaggedInWords({ ...referral, now }),
      due: due && dueInWords(due, referral),
      compared: results.some(({ changes }) => changes.length > 0),
      pointItems: POINTS.map((value) => ({ value, text: pointInWords(value), hint: POINT_HINTS[value] })),
      instruments: instruments.map((instrument) => questionsOf(instrument, MOST_CHOICES, 'Not answered')),
    },
    form: form ?? { values: toBeginWith(measurements, instruments, due, now) },
    fields: ['point', 'takenOn', ...fieldsOf(instruments)],
  });
}

/** What is to be taken now, and by whom. */
function dueInWords({ point, askedAt }: DueMeasures, { person }: Referral) {
  const asked =
    askedAt === undefined
      ? emailOf(person) === undefined
        ? 'We have no email address to ask them by. Please take them with the person.'
        : 'They have not been asked yet.'
      : `The person was asked by email on ${dateInWords(askedAt)}, and has not answered.`;
  return { point: pointInWords(point).toLowerCase(), asked };
}

const POINT_HINTS: Partial<Record<(typeof POINTS)[number], string>> = {
  baseline: 'At your first contact, or when they get a place',
  middle: 'About session 6 of 12',
  end: 'About session 12 of 12',
  'follow-up': 'About three months after the end',
};

/** What is due is what is probably taken; and what an item was about is asked about again. */
function toBeginWith(
  measurements: readonly Measurement[],
  instruments: readonly Instrument[],
  due: DueMeasures | undefined,
  now: string,
) {
  const point = due?.point ?? (measurements.length === 0 ? 'baseline' : undefined);
  const [year = '', month = '', day = ''] = londonDate(now).split('-');
  const values: Record<string, string> = {
    ...(point === undefined ? {} : { point }),
    ...{ 'takenOn-day': String(Number(day)), 'takenOn-month': String(Number(month)), 'takenOn-year': year },
  };
  for (const { sets } of measurements) {
    for (const set of sets) {
      const instrument = instrumentOf(set, instruments);
      for (const [id, words] of Object.entries(set.words ?? {})) {
        if (instrument) values[measureField(instrument, { id }, true)] = words;
      }
    }
  }
  return values;
}

type Taken = { measurement: Measurement; set: AnswerSet };

/** A table for each version of each instrument that was used, in the order of first use; what changed from first to last. */
function resultsInWords(measurements: readonly Measurement[], instruments: readonly Instrument[]) {
  const byVersion = new Map<string, Taken[]>();
  for (const measurement of measurements) {
    for (const set of measurement.sets) {
      const name = `${set.instrument} ${set.version}`;
      byVersion.set(name, [...(byVersion.get(name) ?? []), { measurement, set }]);
    }
  }
  return [...byVersion].map(([name, taken]) => {
    const instrument = taken[0] && instrumentOf(taken[0].set, instruments);
    return instrument ? tableOf(instrument, taken) : tableWithout(name, taken);
  });
}

function tableOf(instrument: Instrument, taken: readonly Taken[]) {
  const scores = taken.map(({ set }) => score(instrument, set));
  const [from, to] = [scores[0], scores.at(-1)];
  const [first] = taken;
  const compared = taken.length > 1;
  const total = instrument.total ? [`Total, of ${mostOf(instrument)}`] : [];
  return {
    name: instrument.name,
    columns: ['When', ...instrument.items.map(({ short }) => short), ...total],
    rows: taken.map(({ measurement }, i) => [
      whenInWords(measurement),
      ...(scores[i]?.items ?? []).map((each) =>
        each.about === undefined ? capitalized(answerInWords(each)) : `${each.about}: ${answerInWords(each)}`,
      ),
      ...(instrument.total ? [String(scores[i]?.total ?? 'Not all answered')] : []),
    ]),
    between: compared ? `since ${dateInWords(first ? takenAt(first.measurement) : '')}` : undefined,
    changes: compared
      ? [
          ...instrument.items.map(({ short }, i) => ({
            short,
            words: changeInWords(from?.items[i], to?.items[i]),
          })),
          { short: 'Total', words: totalChangeInWords(instrument, from?.total, to?.total) },
        ].filter(({ words }) => words !== undefined)
      : [],
  };
}

/** A licensed instrument that the deployer has no longer, or another version of it: that it was taken is all that can be said. */
function tableWithout(name: string, taken: readonly Taken[]) {
  return {
    name: `${name} (no longer in use here)`,
    columns: ['When', 'Answers'],
    rows: taken.map(({ measurement, set }) => [
      whenInWords(measurement),
      `${Object.keys(set.answers).length} recorded`,
    ]),
    between: undefined,
    changes: [],
  };
}

function whenInWords(measurement: Measurement): string {
  const { point, by } = measurement;
  return `${pointInWords(point)}, ${dateInWords(takenAt(measurement))}, by ${by?.name ?? 'themself'}`;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
