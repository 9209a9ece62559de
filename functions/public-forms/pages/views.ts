/** The pages for everybody: what this is, the referral form, and that it arrived. */
import { answerWithin } from '../../../workflows/reminder-policy.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { spanInWords } from '../../shared/pages/words.ts';
import home from './home.njk';
import refer from './refer.njk';
import sent from './sent.njk';

/** What social prescribing is, who can refer, and where to turn in danger. */
export function homePage(view: Site) {
  return page(view, { title: 'Find support near you', template: home });
}

export type ReferView = Site & {
  /** Makes the reference: the same key sent twice makes one referral. */
  submissionKey: string;
  form?: Form | undefined;
};

/** In the order of the page. */
const REFER_FIELDS = [
  'referrerKind',
  'referrerName',
  'referrerEmail',
  'referrerPhone',
  'referrerOrganisation',
  'firstName',
  'familyName',
  'dateOfBirth',
  'postcode',
  'email',
  'phone',
  'nhsNumber',
  'gpPracticeCode',
  'gpPracticeEmail',
  'communicationNeeds',
  'needs',
  'risks',
  'risksDetail',
  'consent',
] as const;

/** The referral form. */
export function referPage({ submissionKey, form, ...site }: ReferView) {
  return page(site, {
    title: 'Make a referral',
    template: refer,
    context: { submissionKey },
    form,
    fields: REFER_FIELDS,
  });
}

export type SentView = Site & { reference: string };

/** The referral arrived: its reference, and what happens next. */
export function sentPage({ reference, ...site }: SentView) {
  return page(site, {
    title: 'Referral sent',
    template: sent,
    context: { reference, within: spanInWords(answerWithin('review')) },
  });
}
