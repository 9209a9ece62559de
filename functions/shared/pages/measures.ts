/** Measures on pages: the questions of an instrument, and what changed from the first to the last answers. */
import { pointInWords } from '../../../workflows/gp-summary.ts';
import type { Instrument } from '../../../workflows/instrument.ts';
import {
  answerInWords,
  changeInWords,
  firstAndLast,
  instrumentOf,
  type Measurement,
  measureField,
  mostOf,
  score,
  totalChangeInWords,
} from '../../../workflows/measures.ts';
import { dateInWords } from '../../../workflows/time.ts';

/** An instrument as a form asks it. `mostChoices`: more possible answers than this are typed and not chosen; `none`: what leaves one out. */
export function questionsOf(instrument: Instrument, mostChoices: number, none: string) {
  const { id, name, version, citation, licence, introduction, answers, items } = instrument;
  const choices = [
    ...answers.map(({ value, text }) => ({ value: String(value), text })),
    { value: '', text: none },
  ];
  return {
    ...{ id, name, version, citation, licence, introduction },
    items: items.map((item) => ({
      name: measureField(instrument, item),
      about: item.ownWords ? measureField(instrument, item, true) : undefined,
      text: item.text,
      choices: answers.length <= mostChoices ? choices : undefined,
      /** Numbers, which stand beside each other. */
      inline: answers.every(({ text }) => text.length <= 2),
      hint: `${answers[0]?.text} to ${answers.at(-1)?.text}`,
    })),
  };
}

/** The fields of a form that asks instruments, in its order. */
export function fieldsOf(instruments: readonly Instrument[]): string[] {
  return instruments.flatMap((instrument) =>
    instrument.items.flatMap((item) => [
      measureField(instrument, item, true),
      measureField(instrument, item),
    ]),
  );
}

/**
 * What was answered first and last, side by side, for each instrument that this service has. `measurements`: oldest first; `soFar`: what comes at the end
 * has been asked and is not answered, so that the last answers are not the outcome.
 */
export function changesInWords(
  measurements: readonly Measurement[],
  instruments: readonly Instrument[],
  { soFar = false } = {},
) {
  return firstAndLast(measurements).flatMap(({ first, last }) => {
    const instrument = instrumentOf(first.set, instruments);
    if (!instrument) return [];
    const [from, to] = [score(instrument, first.set), last && score(instrument, last.set)];
    const items = from.items.map((each, i) => ({
      name: each.about ?? each.item.short,
      first: answerInWords(each),
      last: to?.items[i] && answerInWords(to.items[i]),
      change: changeInWords(each, to?.items[i]),
    }));
    const total = {
      name: `Total, of ${mostOf(instrument)}`,
      first: from.total === undefined ? 'not all answered' : String(from.total),
      last: to && (to.total === undefined ? 'not all answered' : String(to.total)),
      change: totalChangeInWords(instrument, from.total, to?.total),
    };
    return [
      {
        name: instrument.name,
        firstWhen: `${pointInWords(first.point)}, ${dateInWords(first.at)}`,
        lastWhen: last && `${soFar ? 'So far: ' : ''}${pointInWords(last.point)}, ${dateInWords(last.at)}`,
        changeName: soFar ? 'Change so far' : 'Change',
        rows: (instrument.total ? [...items, total] : items).map((row) => ({
          ...row,
          change: row.change?.split(':')[0],
        })),
      },
    ];
  });
}
