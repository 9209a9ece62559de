/** The person's pages of measures: the questions, that they are answered, and what was answered. */
import type { Instrument } from '../../../workflows/instrument.ts';
import type { Occasion } from '../../../workflows/measure-times.ts';
import type { Measurement } from '../../../workflows/measures.ts';
import { inWords } from '../../../workflows/time.ts';
import { changesInWords, fieldsOf, questionsOf } from '../../shared/pages/measures.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import answered from './answered.njk';
import answers from './answers.njk';
import questions from './questions.njk';

/** On a phone one tap is less than typing a number. */
const MOST_CHOICES = 11;

export type QuestionsView = Site & {
  reference: string;
  point: Occasion;
  instruments: readonly Instrument[];
  form?: Form;
};

const TITLE = 'How things are for you';

/** The questions, word for word. */
export function questionsPage({ reference, point, instruments, form, ...site }: QuestionsView) {
  return page(site, {
    title: TITLE,
    template: questions,
    context: {
      reference,
      point,
      instruments: instruments.map((instrument) =>
        questionsOf(instrument, MOST_CHOICES, 'I would rather not say'),
      ),
    },
    form,
    fields: fieldsOf(instruments),
  });
}

export type AnsweredView = Site & {
  reference: string;
  at: string;
  /** That they would rather not answer. */
  notWanted?: boolean;
};

/** That the questions are answered, and not how. */
export function answeredPage({ reference, at, notWanted = false, ...site }: AnsweredView) {
  return page(site, {
    title: notWanted ? 'You would rather not answer' : 'Thank you for your answers',
    template: answered,
    context: { reference, at: inWords(at), notWanted },
  });
}

export type AnswersView = Site & {
  reference: string;
  recorded: Measurement;
  /** What was just sent was something else, and is not recorded. */
  other: boolean;
  instruments: readonly Instrument[];
};

/** What was answered. */
export function answersPage({ reference, recorded, other, instruments, ...site }: AnswersView) {
  return page(site, {
    title: 'What you answered',
    template: answers,
    ...(other ? { statusCode: 409 } : {}),
    context: { reference, at: inWords(recorded.at), other, tables: changesInWords([recorded], instruments) },
  });
}
