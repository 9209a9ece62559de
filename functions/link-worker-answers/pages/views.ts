/** What providers asked about their offers, and the form to answer. */
import { namesIn } from '../../../workflows/naming.ts';
import { fullName } from '../../../workflows/person.ts';
import type { Offer, OfferQuestion } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import questions from './questions.njk';

export type QuestionsView = Site & {
  reference: string;
  person: Person;
  offers: readonly Offer[];
  nameOf: (programmeId: string) => string | undefined;
  /** What waits for an answer, of the newest offer, and by when. */
  open?: OfferQuestion | undefined;
  by?: string | undefined;
  /** Whether an answer has just been sent. */
  answered?: boolean;
  form?: Form | undefined;
  /** Why an answer came too late, and what was typed. */
  late?: { why: string; typed: string } | undefined;
};

export function questionsPage({
  reference,
  person,
  offers,
  nameOf,
  open,
  by,
  answered,
  form,
  late,
  ...site
}: QuestionsView) {
  const newest = offers.at(-1);
  return page(site, {
    ...(late ? { statusCode: 409 } : {}),
    title: late ? 'Your answer was not sent' : open ? 'A provider asks a question' : 'What providers asked',
    template: questions,
    context: {
      reference,
      name: fullName(person),
      names: namesIn(form?.values.answer ?? '', person),
      answered: answered && !open,
      late,
      open: open && { ...open, askedAt: dateInWords(open.askedAt), by: by && dateInWords(by) },
      offer: open && newest && offerInWords(newest, nameOf),
      before: offers
        .toReversed()
        .map((offer) => ({
          ...offerInWords(offer, nameOf),
          questions: (offer.questions ?? [])
            .filter((each) => each !== open)
            .toReversed()
            .map(({ text, askedAt, answer, answeredAt, by: name }) => ({
              text,
              askedAt: dateInWords(askedAt),
              answer,
              answered: answeredAt && `${name ?? 'Link worker'}, ${dateInWords(answeredAt)}`,
            })),
        }))
        .filter((offer) => offer.questions.length > 0),
    },
    form,
    fields: ['answer'],
  });
}

function offerInWords({ number, programmeId, summary, riskSummary }: Offer, nameOf: QuestionsView['nameOf']) {
  return { number, name: nameOf(programmeId) ?? programmeId, summary, riskSummary };
}
