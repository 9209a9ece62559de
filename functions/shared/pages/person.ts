/** A person's details in plain words, for whoever may read them. */
import { GP_PRACTICE, NO_FIXED_ADDRESS } from '../../../workflows/checks.ts';
import { isReferrersInbox } from '../../../workflows/inbox.ts';
import type { CommunicationNeed, Person, Referrer } from '../../../workflows/request.ts';

/** What each communication need means, as something that the person needs. */
export const communicationNeedWords: Record<CommunicationNeed, string> = {
  interpreter: 'An interpreter',
  'sign-language': 'A British Sign Language interpreter',
  'speaks-for-them': 'Somebody who comes along and helps to communicate',
  'lip-reading': 'To lip-read, or to use a hearing aid',
  'more-time': 'More time to take things in and to answer',
  'easy-read': 'Easy read',
  'large-print': 'Large print',
  braille: 'Braille',
  audio: 'Audio',
  'text-relay': 'Calls through Relay UK',
  'step-free': 'Step-free access, for example for a wheelchair',
};

/** How to communicate with a person, a line each; undefined when nothing special is known. */
export function communicationInWords(person: Person): string | undefined {
  const lines = [communicationNeedsInWords(person), person.communication?.detail];
  return lines.filter(Boolean).join('\n') || undefined;
}

/** The same without what was written freely, which may say who they are: for whoever may not know that yet. */
export function communicationNeedsInWords({ communication }: Person): string | undefined {
  if (!communication) return undefined;
  return needsInWords(communication).join('\n') || undefined;
}

/** Communication needs, and the language that somebody prefers, a line each. */
export function needsInWords({ needs, language }: Pick<Communication, 'needs' | 'language'>): string[] {
  const lines = needs.map((need) =>
    need === 'interpreter' && language
      ? `${communicationNeedWords.interpreter}: ${language}`
      : communicationNeedWords[need],
  );
  return language && !needs.includes('interpreter') ? [`Preferred language: ${language}`, ...lines] : lines;
}

type Communication = NonNullable<Person['communication']>;

/** How to make contact, as an order of trying. */
export const contactMethodWords = {
  phone: 'Phone call',
  text: 'Text message',
  email: 'Email',
  letter: 'Letter',
} as const;

/** What they chose about being reminded of sessions. */
const remindersInWords = {
  email: 'Wants to be reminded of sessions by email',
  team: 'Wants to be reminded of sessions by you, and not by email',
  none: 'Wants no reminders of sessions',
} as const;

const OTHERS = 'Do not write to the email address: somebody else may read it';
const REFERRERS =
  'The referrer gave their own email address as the person’s, so we do not write to it. Please ask the person for one that only they read.';

/** How to reach a person safely, a line each. What nobody said is not allowed. `referrer`: to the team, which asks for another address than theirs. */
export function contactInWords(person: Person, referrer?: Referrer): string | undefined {
  const { phone, email, contact } = person;
  const lines = [
    ...(contact?.preferred === undefined ? [] : [`${contactMethodWords[contact.preferred]} first`]),
    ...(phone === undefined
      ? []
      : [
          contact?.leaveMessage ? 'You may leave a message' : 'Do not leave a message',
          ...(contact?.phonePrivate ? [] : ['Somebody else may answer the phone or read its messages']),
        ]),
    ...(email !== undefined && contact?.mayEmail === false
      ? [referrer && isReferrersInbox({ person, referrer }) ? REFERRERS : OTHERS]
      : []),
    ...(contact?.reminders === undefined ? [] : [remindersInWords[contact.reminders]]),
    ...(contact?.note === undefined ? [] : [contact.note]),
  ];
  return lines.join('\n') || undefined;
}

/** A GP practice: its name and code, as far as they are known. */
export function gpPracticeInWords({ gpPracticeCode, gpPracticeName }: Person): string {
  if (gpPracticeCode === GP_PRACTICE.none) return 'Not registered with a GP practice';
  if (gpPracticeCode !== GP_PRACTICE.unknown) {
    return gpPracticeName === undefined ? gpPracticeCode : `${gpPracticeName} (${gpPracticeCode})`;
  }
  return gpPracticeName === undefined ? 'Not known' : `${gpPracticeName} (code not known)`;
}

/** A postcode, or that there is none. */
export function postcodeInWords({ postcode }: Person): string {
  return postcode === NO_FIXED_ADDRESS ? 'No fixed address' : postcode;
}
