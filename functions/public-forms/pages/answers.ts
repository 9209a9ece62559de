/** What somebody has entered, in words, for checking before it is sent: one line for each question, with the page that asks it. */
import { clean, realDate } from '../../../workflows/checks.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { type Fields, needField, type StepId } from '../../../workflows/form.ts';
import { isReferrersInbox } from '../../../workflows/inbox.ts';
import { COMMUNICATION_NEEDS, type CommunicationNeed } from '../../../workflows/request.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { contactMethodWords, needsInWords } from '../../shared/pages/person.ts';
import { referrerKindWords } from '../../shared/pages/words.ts';

export type AnswerInWords = { key: string; value: string; step: StepId };

/** The answers of a form in the order of its pages. Questions that may stay open and do are left out. */
export function answersInWords(fields: Fields, programmes: readonly Programme[]): AnswerInWords[] {
  const self = fields.referrerKind === 'self';
  const value = (name: string) => clean(fields[name]);
  const rows: [StepId, string, string][] = [
    ['danger', 'Danger now', { yes: 'Yes, somebody is in danger', no: 'No' }[value('danger')] ?? ''],
    ...(self ? [] : aboutTheReferrer(value)),
    [
      'programme',
      'Programme',
      programmes.find(({ id }) => id === fields.programmeId)?.name ?? 'A link worker helps to choose',
    ],
    ['name', 'Name', [value('firstName'), value('familyName')].filter(Boolean).join(' ')],
    ['date-of-birth', 'Date of birth', dateOf(value)],
    ['home', 'Postcode', value('postcode') || (fields.noFixedAddress ? 'No fixed address' : '')],
    ['home', 'House and street', value('address') || 'Not given'],
    ['gp-practice', 'GP practice', gpPracticeOf(value)],
    ['nhs-number', 'NHS number', value('nhsNumber') || 'Not given'],
    ['contact', 'Phone number', value('phone') || 'Not given'],
    ['contact', 'Email address', emailOf(value)],
    ['safe-contact', 'How to make contact', contactOf(value) || 'Nothing said: we leave no message'],
    ['communication', 'Communication', communicationOf(fields, value) || 'Nothing special'],
    ['needs', 'What would help', value('needs')],
    ['needs', self ? 'What matters to you' : 'What matters to them', value('whatMatters') || 'Not said'],
    ['risks', 'Risks', value('risks') === 'known' ? value('risksDetail') : 'No known risks'],
    ['consent', 'Agreement', agreementOf(value, self)],
  ];
  return rows
    .filter(([, , words]) => words !== '')
    .map(([step, key, words]) => ({ step, key, value: words }));
}

type Value = (name: string) => string;

function aboutTheReferrer(value: Value): [StepId, string, string][] {
  const kind = value('referrerKind') as keyof typeof referrerKindWords;
  return [
    ['about-you', 'You are', referrerKindWords[kind] ?? ''],
    ['about-you', 'Your name', value('referrerName')],
    ['about-you', 'Your organisation', kind === 'charity-worker' ? value('referrerOrganisation') : ''],
    ['about-you', 'Your email address', value('referrerEmail')],
    ['about-you', 'Your phone number', value('referrerPhone')],
  ];
}

function dateOf(value: Value): string {
  const [year = '', month = '', day = ''] = ['year', 'month', 'day'].map((part) =>
    value(`dateOfBirth-${part}`),
  );
  const date = realDate(day, month, year);
  return date === undefined ? `${day} ${month} ${year}`.trim() : dateInWords(`${date}T12:00:00Z`);
}

function gpPracticeOf(value: Value): string {
  if (value('gpPractice') === 'none') return 'Not registered';
  return [value('gpPracticeName'), value('gpPracticeCode')].filter(Boolean).join(', ') || 'Not known';
}

function emailOf(value: Value): string {
  if (value('email') === '') return 'Not given';
  const [email, by] = [value('email'), value('referrerEmail')];
  const isYours =
    value('referrerKind') === 'family-or-friend' &&
    isReferrersInbox({ person: { email }, referrer: { kind: 'family-or-friend', email: by } });
  if (isYours) return `${email}\nWe do not write to it: it is yours`;
  return value('contactMayEmail') === 'yes' ? email : `${email}\nWe do not write to it`;
}

function agreementOf(value: Value, self: boolean): string {
  if (value('consent') === 'best-interests') return `In their best interests:\n${value('consentDetail')}`;
  return value('consent') === 'yes' ? (self ? 'You agree' : 'The person agrees') : '';
}

function contactOf(value: Value): string {
  const method = contactMethodWords[value('contactPreferred') as keyof typeof contactMethodWords];
  return [
    method && `${method} first`,
    { yes: 'You may leave a message', no: 'Do not leave a message' }[value('contactLeaveMessage')],
    { yes: 'The phone is private', no: 'Somebody else may answer the phone' }[value('contactPhonePrivate')],
    value('contactNote'),
  ]
    .filter(Boolean)
    .join('\n');
}

function communicationOf(fields: Fields, value: Value): string {
  const needs = (Object.keys(COMMUNICATION_NEEDS) as CommunicationNeed[]).filter(
    (need) => fields[needField(need)] === 'yes',
  );
  const language = value('communicationLanguage');
  return [...needsInWords({ needs, language }), value('communicationDetail')].filter(Boolean).join('\n');
}
