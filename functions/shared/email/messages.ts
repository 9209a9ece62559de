/** Every email, put together: its subject and its content. The words of those about a referral are in wordings.ts. */
import type { AssuranceMessage } from '../../../workflows/assurance.ts';
import type { MessageKind } from '../../../workflows/outbox-entry.ts';
import type { CrisisContact } from '../environment.ts';
import type { EmailMessage } from './compose.ts';
import {
  FOR_THE_TEAM,
  FOR_THEM_ALONE,
  inDanger,
  type MessageFacts,
  NO_ACCOUNT,
  signsIn,
  wordings,
} from './wordings.ts';

/** The subject and the content of an email. */
export function message(kind: MessageKind, facts: MessageFacts): EmailMessage & { subject: string } {
  const { reference, url, by, serviceName } = facts;
  const wording = wordings[kind](facts);
  return {
    subject: `${wording.subject} (${reference})`,
    heading: wording.subject,
    facts: [
      { label: 'Reference', value: reference },
      ...(by === undefined || wording.by === undefined ? [] : [{ label: wording.by, value: by }]),
    ],
    paragraphs: wording.paragraphs,
    ...(url === undefined || wording.action === undefined ? {} : { action: { label: wording.action, url } }),
    footer: [
      `Sent automatically by ${serviceName}. This email holds no personal details, and a reply to it should not either.`,
      ...(url === undefined ? [] : [signsIn(facts.to) ? FOR_THE_TEAM : FOR_THEM_ALONE]),
    ],
  };
}

/** The email with the link of an unfinished form. */
export function draftMessage(facts: {
  serviceName: string;
  crisisContacts: readonly CrisisContact[];
  url: string;
  until: string;
}): EmailMessage & { subject: string } {
  const subject = 'The form that you saved';
  return {
    subject,
    heading: subject,
    facts: [{ label: 'Please finish it by', value: facts.until }],
    paragraphs: [
      'Somebody, probably you, saved a form with us and asked for this link. After that day it is deleted.',
      'The link works once: whoever stops again saves the form again, and gets a new one.',
      'If it was not you, please ignore this email. We do not keep your address.',
      inDanger(facts),
    ],
    action: { label: 'Go on with the form', url: facts.url },
    footer: [
      `Sent automatically by ${facts.serviceName}. This email holds no personal details, and a reply to it should not either.`,
      'Whoever opens the link first can read what was entered: please do not forward it.',
    ],
  };
}

/** Why a provider gets the link to all of their open offers: it is the hour of the day at which they want it, or they asked. */
export type OffersMessage = 'digest' | 'links';

/** The email with the link to all of a provider's work. */
export function offersMessage(
  why: OffersMessage,
  facts: {
    serviceName: string;
    /** How many offers are open, in words. */
    open: string;
    /** Those that wait for the provider's reply, the longest waiting first, and how many more there are. */
    waiting: readonly { reference: string; by?: string }[];
    /** The references of groups whose register is missing. */
    missing: readonly string[];
    others: number;
    url?: string;
  },
): EmailMessage & { subject: string } {
  const { serviceName, open, waiting, missing, others, url } = facts;
  const subject = why === 'digest' ? 'Referrals that wait for your reply' : 'Your offers and groups';
  const asked = 'Somebody, probably you, asked us for fresh links to your offers.';
  return {
    subject,
    heading: subject,
    facts: [
      { label: 'Open offers', value: open },
      ...waiting.map(({ reference, by }) => ({
        label: by === undefined ? 'Please reply' : `Please reply by ${by}`,
        value: reference,
      })),
      ...missing.map((reference) => ({ label: 'Please record who came', value: reference })),
      ...(others === 0 ? [] : [{ label: 'And others', value: String(others) }]),
    ],
    paragraphs: [
      ...(why === 'links' ? [asked] : []),
      ...(url === undefined
        ? ['None is open at the moment, and no group of yours runs, so there is nothing for you to do.']
        : [
            `The page behind the link has all of your offers and groups, and leads to each of them: accept, put on the waiting list or decline; or record who came. ${NO_ACCOUNT}`,
          ]),
      ...(why === 'digest'
        ? [
            'You get this email once a day, only when something waits for you. If you would rather have one for each offer, please tell us.',
          ]
        : []),
    ],
    ...(url === undefined ? {} : { action: { label: 'See your offers and groups', url } }),
    footer: [
      `Sent automatically by ${serviceName}. This email holds no personal details, and a reply to it should not either.`,
      ...(url === undefined ? [] : [FOR_THEM_ALONE]),
    ],
  };
}

/** The email with a one-time code. No link is in it: whoever reads it has the page open, or has no business there. */
export function codeMessage(facts: {
  serviceName: string;
  reference: string;
  digits: string;
  until: string;
}): EmailMessage & { subject: string } {
  const subject = 'Your code';
  return {
    subject: `${subject} (${facts.reference})`,
    heading: subject,
    facts: [
      { label: 'Code', value: facts.digits },
      { label: 'It works until', value: facts.until },
      { label: 'For reference', value: facts.reference },
    ],
    paragraphs: [
      'Please enter it on the page that you have open. It works once. We never ask for it by phone or by email.',
      'If you did not ask for it, somebody else has a link that we sent you. They see nothing without this code. Please tell the link workers.',
    ],
    footer: [
      `Sent automatically by ${facts.serviceName}. This email holds no personal details, and a reply to it should not either.`,
    ],
  };
}

/** Emails about an entry of the directory: to its provider, who has no account, and to the coordinator, who has. */
const assuranceWordings: Record<AssuranceMessage, { subject: string; paragraphs: string[]; action: string }> =
  {
    confirm: {
      subject: 'Is what we say about you still right?',
      paragraphs: [
        'You run something that people are referred to, and we describe it in our directory. Once a year we ask whether that is still right.',
        'Please look at the page. If all is well it takes one press of a button. If something has changed, tell us there in your own words.',
      ],
      action: 'Look at the entry',
    },
    'confirm-again': {
      subject: 'Please tell us whether what we say about you is still right',
      paragraphs: [
        'We asked a month ago and have not heard from you. People are referred to you by what our directory says, so please look at the page.',
        'If all is well it takes one press of a button. If something has changed, tell us there in your own words.',
      ],
      action: 'Look at the entry',
    },
    silent: {
      subject: 'A provider does not answer about the directory',
      paragraphs: [
        'They were asked twice, a month apart, whether their entry is still right. Please call them, and confirm the entry or say that it has ended.',
        'The directory shows which entries are old. Until then this one is offered as before.',
      ],
      action: 'Open the directory',
    },
    changed: {
      subject: 'A provider says that their entry in the directory is not right any more',
      paragraphs: ['What they wrote stands in the directory, beside the entry. Please put it right there.'],
      action: 'Open the directory',
    },
  };

/** An email about an entry of the directory: not which entry, for what is behind the link says so. */
export function assuranceMessage(
  kind: AssuranceMessage,
  { serviceName, url }: { serviceName: string; url: string },
): EmailMessage & { subject: string } {
  const { subject, paragraphs, action } = assuranceWordings[kind];
  const toProvider = kind === 'confirm' || kind === 'confirm-again';
  return {
    subject,
    heading: subject,
    paragraphs: toProvider ? [...paragraphs, NO_ACCOUNT] : paragraphs,
    action: { label: action, url },
    footer: [
      `Sent automatically by ${serviceName}. This email holds no personal details, and a reply to it should not either.`,
      ...(toProvider ? [FOR_THEM_ALONE] : []),
    ],
  };
}
