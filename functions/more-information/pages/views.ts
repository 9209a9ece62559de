/** The pages of a question: closed, asked, answered. */
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import door from './door.njk';
import question from './question.njk';
import recorded from './recorded.njk';

export type InformationDoorView = Site & { reference: string; by?: string | undefined };

/** Before the question is opened. */
export function informationDoorPage({ reference, by, ...site }: InformationDoorView) {
  return page(site, {
    title: 'A question about a referral',
    template: door,
    context: { reference, by: by && dateInWords(by) },
  });
}

export type InformationView = Site & { reference: string; question: string; form?: Form | undefined };

/** The question and room for its answer. */
export function informationPage({ reference, question: asked, form, ...site }: InformationView) {
  return page(site, {
    title: 'A question about a referral',
    template: question,
    context: { reference, question: asked },
    form,
    fields: ['answer'],
  });
}

export type InformationRecordedView = Site & { reference: string; at: string };

/** The answer arrived. */
export function informationRecordedPage({ reference, at, ...site }: InformationRecordedView) {
  return page(site, {
    title: 'Your answer was sent',
    template: recorded,
    context: { reference, at: inWords(at) },
  });
}
