/** The provider's pages: what they need to decide, and who the person is once they have accepted. */
import type { Programme } from '../../../workflows/directory.ts';
import { OFFER_DECLINE_REASONS } from '../../../workflows/offer.ts';
import type { Person, Request } from '../../../workflows/referral.ts';
import { answerWithin } from '../../../workflows/reminder-policy.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { offerDeclineReasonWords, recordedInWords, spanInWords } from '../../shared/pages/words.ts';
import contact from './contact.njk';
import offer from './offer.njk';
import recorded from './recorded.njk';

export type OfferView = Site & {
  reference: string;
  programme: Programme;
  ageBand: string;
  /** What the link worker wrote for the provider. */
  summary?: string | undefined;
  accessNeeds?: string | undefined;
  risks: Request['risks'];
  by?: string | undefined;
  /** Since when the person is on this provider's waiting list. */
  waitlistedAt?: string | undefined;
  /** The first session that the form proposes: a date (YYYY-MM-DD) and a time (HH:MM) on the clock in London. */
  firstSession: { date: string; time: string };
  form?: Form | undefined;
};

/** In the order of the page. */
const OFFER_FIELDS = ['reply', 'firstSessionDate', 'firstSessionTime', 'declineReason'] as const;

/** An offer with the reply form. It tells what somebody needs to decide, and not who the person is. */
export function offerPage(view: OfferView) {
  const { reference, programme, ageBand, summary, accessNeeds, risks, by, waitlistedAt, firstSession } = view;
  const [year, month, day] = firstSession.date.split('-').map(Number);
  const proposed = {
    'firstSessionDate-day': String(day),
    'firstSessionDate-month': String(month),
    'firstSessionDate-year': String(year),
    firstSessionTime: firstSession.time,
  };
  return page(view, {
    title: waitlistedAt ? 'Is a place free now?' : 'A referral is offered to you',
    template: offer,
    context: {
      reference,
      programme,
      ageBand,
      summary,
      accessNeeds,
      risks: risks.known ? risks.detail : undefined,
      by: by && dateInWords(by),
      waitlistedAt: waitlistedAt && dateInWords(waitlistedAt),
      askAgain: spanInWords(answerWithin('place')),
      declineItems: OFFER_DECLINE_REASONS.map((value) => ({ value, text: offerDeclineReasonWords[value] })),
    },
    form: { ...view.form, values: { ...proposed, ...view.form?.values } },
    fields: OFFER_FIELDS,
  });
}

export type OfferRecordedView = Site & {
  reference: string;
  programmeName: string;
  /** accept, decline or waitlist. */
  decision: string;
  at: string;
  /** After accepting: when the first session is. */
  firstSessionAt?: string | undefined;
};

/** What the provider replied. After accepting, a button shows whom they accepted. */
export function offerRecordedPage(view: OfferRecordedView) {
  const { reference, programmeName, decision, at, firstSessionAt } = view;
  return page(view, {
    title: recordedInWords('offer', decision),
    template: recorded,
    context: {
      reference,
      programmeName,
      decision,
      at: inWords(at),
      firstSessionAt: firstSessionAt && inWords(firstSessionAt),
      askAgain: spanInWords(answerWithin('place')),
    },
  });
}

export type ContactView = Site & {
  reference: string;
  programmeName: string;
  person: Person;
  risks: Request['risks'];
  firstSessionAt: string;
};

/** Who the person is and how to reach them: for a provider who accepted. */
export function contactPage({
  reference,
  programmeName,
  person,
  risks,
  firstSessionAt,
  ...site
}: ContactView) {
  return page(site, {
    title: 'The person you accepted',
    template: contact,
    context: {
      reference,
      programmeName,
      name: `${person.firstName} ${person.familyName}`,
      email: person.email,
      phone: person.phone,
      accessNeeds: person.communicationNeeds,
      risks: risks.known ? risks.detail : undefined,
      firstSessionAt: inWords(firstSessionAt),
    },
  });
}
