/**
 * The referral forms: what their fields are called, which of them each way of referring asks on which page, and how they become
 * what submission.ts checks. Fields are flat text; a submission has parts.
 */
import { clean, GP_PRACTICE, NO_FIXED_ADDRESS, realDate } from './checks.ts';
import type { Programme } from './directory.ts';
import { COMMUNICATION_NEEDS, type CommunicationNeed, type Person } from './request.ts';
import { type Fault, parsePerson, parseSubmission, type Submission } from './submission.ts';

/** The fields of a form, as text. */
export type Fields = Record<string, string | undefined>;

/** Errors by field, each saying what to do. */
export type FieldErrors = Record<string, string>;

/** The ways to refer: step by step for yourself or someone you know, on one page for professionals. */
export const WAYS = ['myself', 'someone-i-know', 'professional'] as const;
export type Way = (typeof WAYS)[number];

/** Where each field goes. A fault at a place is shown at the first field that goes there or inside. */
const PLACES = {
  danger: 'request.danger',
  referrerKind: 'referrer.kind',
  referrerName: 'referrer.name',
  referrerRole: 'referrer.role',
  referrerOrganisation: 'referrer.organisation',
  referrerEmail: 'referrer.email',
  referrerPhone: 'referrer.phone',
  respondTo: 'referrer.respondTo',
  respondToName: 'referrer.respondTo.name',
  respondToEmail: 'referrer.respondTo.email',
  programmeId: 'request.programmeId',
  firstName: 'person.firstName',
  familyName: 'person.familyName',
  oneName: 'person.oneName',
  dateOfBirth: 'person.dateOfBirth',
  postcode: 'person.postcode',
  noFixedAddress: 'person.postcode',
  address: 'person.address',
  gpPractice: 'person.gpPracticeCode',
  gpPracticeCode: 'person.gpPracticeCode',
  gpPracticeName: 'person.gpPracticeName',
  gpPracticeEmail: 'person.gpPracticeEmail',
  nhsNumber: 'person.nhsNumber',
  phone: 'person.phone',
  email: 'person.email',
  contactMayEmail: 'person.contact.mayEmail',
  contactPreferred: 'person.contact.preferred',
  contactLeaveMessage: 'person.contact.leaveMessage',
  contactPhonePrivate: 'person.contact.phonePrivate',
  contactNote: 'person.contact.note',
  communicationNeeds: 'person.communication.needs',
  communicationLanguage: 'person.communication.language',
  communicationDetail: 'person.communication.detail',
  needs: 'request.needs',
  whatMatters: 'request.whatMatters',
  risks: 'request.risks.known',
  risksDetail: 'request.risks.detail',
  consent: 'request.consent.given',
  consentDetail: 'request.consent.detail',
  askLinkWorker: 'request.askLinkWorker',
} as const satisfies Record<string, string>;
export type FieldName = keyof typeof PLACES;

/** One page of a form that is filled in step by step. */
export type Step = { id: StepId; fields: readonly FieldName[] };

const STEP_FIELDS = {
  danger: ['danger'],
  'about-you': ['referrerKind', 'referrerName', 'referrerOrganisation', 'referrerEmail', 'referrerPhone'],
  programme: ['programmeId'],
  name: ['firstName', 'familyName', 'oneName'],
  'date-of-birth': ['dateOfBirth'],
  home: ['postcode', 'noFixedAddress', 'address'],
  'gp-practice': ['gpPractice', 'gpPracticeName', 'gpPracticeCode'],
  'nhs-number': ['nhsNumber'],
  contact: ['phone', 'email', 'contactMayEmail'],
  'safe-contact': ['contactPreferred', 'contactLeaveMessage', 'contactPhonePrivate', 'contactNote'],
  communication: ['communicationNeeds', 'communicationLanguage', 'communicationDetail'],
  needs: ['needs', 'whatMatters'],
  risks: ['risks', 'risksDetail'],
  consent: ['consent', 'consentDetail'],
} as const satisfies Record<string, readonly FieldName[]>;
export type StepId = keyof typeof STEP_FIELDS;

const STEP_ORDER = Object.keys(STEP_FIELDS) as StepId[];

/** The pages of a way that is filled in step by step, in order. */
export function stepsOf(way: Exclude<Way, 'professional'>): readonly Step[] {
  return STEP_ORDER.filter((id) => way !== 'myself' || id !== 'about-you').map((id) => ({
    id,
    fields: STEP_FIELDS[id],
  }));
}

const NAMES = Object.keys(PLACES) as FieldName[];

/** The fields that are several boxes on a page, and those boxes. */
const IN_BOXES: readonly FieldName[] = ['dateOfBirth', 'communicationNeeds'];
const BOXES = [
  ...['day', 'month', 'year'].map((part) => `dateOfBirth-${part}`),
  ...Object.keys(COMMUNICATION_NEEDS).map(needField),
];

/** Every field that a form may hold, with the three boxes of the date and the boxes to tick. */
export const FORM_FIELDS: readonly string[] = [...NAMES.filter((name) => !IN_BOXES.includes(name)), ...BOXES];

/** Those of them that are about the person. */
export const PERSON_FORM_FIELDS: readonly string[] = [
  ...NAMES.filter((name) => PLACES[name].startsWith('person.') && !IN_BOXES.includes(name)),
  ...BOXES,
];

/** Each need is a box of its own to tick. */
export function needField(need: string): string {
  return `communicationNeeds-${need}`;
}

/** The fields as they are named on pages, in the order of every form. */
export const FIELD_ORDER: readonly FieldName[] = NAMES;

/** Checks a form in which these programmes can be asked for. Returns what it says, or an error for each field that needs changing. */
export function parseForm(
  fields: Fields,
  now: string,
  programmes: readonly Pick<Programme, 'id'>[],
): { submission: Submission; askLinkWorker: boolean } | { errors: FieldErrors } {
  const parsed = parseSubmission(inputOf(fields), now, programmes);
  return 'faults' in parsed ? { errors: errorsOf(parsed.faults, fields) } : parsed;
}

/** Checks the fields about the person alone, as they correct them. */
export function parsePersonForm(fields: Fields, now: string): { person: Person } | { errors: FieldErrors } {
  const parsed = parsePerson(inputOf(fields).person, now);
  return 'faults' in parsed ? { errors: errorsOf(parsed.faults, fields) } : parsed;
}

/** The fields of a form that already says what is recorded of a person. */
export function fieldsOfPerson(person: Person): Fields {
  const [year, month, day] = person.dateOfBirth.split('-').map((part) => String(Number(part)));
  const { contact, communication, postcode, gpPracticeCode } = person;
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'yes' : 'no');
  return {
    firstName: person.firstName,
    familyName: person.familyName,
    oneName: person.firstName === undefined ? 'yes' : undefined,
    'dateOfBirth-day': day,
    'dateOfBirth-month': month,
    'dateOfBirth-year': year,
    nhsNumber: person.nhsNumber,
    ...(postcode === NO_FIXED_ADDRESS ? { noFixedAddress: 'yes' } : { postcode }),
    address: person.address,
    gpPractice: { [GP_PRACTICE.none]: 'none', [GP_PRACTICE.unknown]: 'unknown' }[gpPracticeCode] ?? 'known',
    gpPracticeCode: Object.values<string>(GP_PRACTICE).includes(gpPracticeCode) ? undefined : gpPracticeCode,
    gpPracticeName: person.gpPracticeName,
    gpPracticeEmail: person.gpPracticeEmail,
    phone: person.phone,
    email: person.email,
    contactPreferred: contact?.preferred,
    contactLeaveMessage: yesNo(contact?.leaveMessage),
    contactPhonePrivate: yesNo(contact?.phonePrivate),
    contactMayEmail: yesNo(contact?.mayEmail),
    contactNote: contact?.note,
    ...Object.fromEntries((communication?.needs ?? []).map((need) => [needField(need), 'yes'])),
    communicationLanguage: communication?.language,
    communicationDetail: communication?.detail,
  };
}

/** The first fault of each field, by the field's name. */
export function errorsOf(faults: readonly Fault[], fields: Fields): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of faults) {
    const name = fieldAt(path.filter((part) => typeof part === 'string').join('.'), fields);
    errors[name] ??= message;
  }
  return errors;
}

/** The field that goes to a place, or inside it; of several, the one that somebody filled in. */
function fieldAt(place: string, fields: Fields): FieldName {
  const exact = FIELD_ORDER.filter((name) => PLACES[name] === place);
  const inside = FIELD_ORDER.find((name) => PLACES[name].startsWith(`${place}.`));
  return exact.find((name) => clean(fields[name]) !== '') ?? exact[0] ?? inside ?? 'needs';
}

/** What a form says, as a submission says it. Nothing is checked here but what only a form can have wrong. */
export function inputOf(fields: Fields): Record<string, unknown> {
  const value = (name: FieldName) => clean(fields[name]) || undefined;
  const ticked = (name: FieldName) => (clean(fields[name]) === 'yes' ? true : undefined);
  const yesNo = (name: FieldName) => ({ yes: true, no: false })[clean(fields[name])];
  return parts({
    'referrer.kind': value('referrerKind'),
    ...(value('referrerKind') === 'self' ? {} : referrerOf(value)),
    'person.firstName': value('firstName'),
    'person.familyName': value('familyName'),
    'person.oneName': ticked('oneName'),
    'person.dateOfBirth': dateOf(fields, 'dateOfBirth'),
    'person.postcode': value('postcode') ?? (ticked('noFixedAddress') && NO_FIXED_ADDRESS),
    'person.address': value('address'),
    'person.gpPracticeCode': gpPracticeCode(value),
    'person.gpPracticeName': value('gpPractice') === 'none' ? undefined : value('gpPracticeName'),
    'person.gpPracticeEmail': asksForPractice(value) ? value('gpPracticeEmail') : undefined,
    'person.nhsNumber': value('nhsNumber'),
    'person.phone': value('phone'),
    'person.email': value('email'),
    'person.contact.preferred': value('contactPreferred'),
    'person.contact.leaveMessage': yesNo('contactLeaveMessage'),
    'person.contact.mayEmail': value('email') === undefined ? undefined : yesNo('contactMayEmail'),
    'person.contact.phonePrivate': yesNo('contactPhonePrivate'),
    'person.contact.note': value('contactNote'),
    ...communicationOf(fields, value),
    'request.programmeId': value('programmeId') === 'advise' ? undefined : value('programmeId'),
    'request.needs': value('needs'),
    'request.whatMatters': value('whatMatters'),
    'request.risks.known': { known: true, 'none-known': false }[value('risks') ?? ''],
    'request.risks.detail': value('risks') === 'known' ? value('risksDetail') : undefined,
    'request.danger': yesNo('danger'),
    'request.consent.given': { yes: true, 'best-interests': false }[value('consent') ?? ''],
    'request.consent.reason': value('consent') === 'best-interests' ? 'best-interests' : undefined,
    'request.consent.detail': value('consent') === 'best-interests' ? value('consentDetail') : undefined,
    'request.askLinkWorker': ticked('askLinkWorker'),
  });
}

type Value = (name: FieldName) => string | undefined;

function referrerOf(value: Value): Record<string, unknown> {
  const professional = value('referrerKind') === 'professional';
  return {
    'referrer.name': value('referrerName'),
    'referrer.role': professional ? value('referrerRole') : undefined,
    'referrer.organisation':
      value('referrerKind') === 'family-or-friend' ? undefined : value('referrerOrganisation'),
    'referrer.email': value('referrerEmail'),
    'referrer.phone': value('referrerPhone'),
    ...(professional && value('respondTo') === 'other'
      ? {
          'referrer.respondTo.name': value('respondToName') ?? '',
          'referrer.respondTo.email': value('respondToEmail') ?? '',
        }
      : {}),
  };
}

/** Whether the form asks for the practice's address: that of professionals does, and the coordinator's, which has no referrer. */
function asksForPractice(value: Value): boolean {
  return value('referrerKind') === undefined || value('referrerKind') === 'professional';
}

/** A code, or one of the codes that say why there is none. Who knows the name only has said which practice it is. */
function gpPracticeCode(value: Value): string | undefined {
  if (value('gpPractice') === 'none') return GP_PRACTICE.none;
  const code = value('gpPracticeCode');
  if (code !== undefined) return code;
  return value('gpPractice') === 'unknown' || value('gpPracticeName') ? GP_PRACTICE.unknown : undefined;
}

function communicationOf(fields: Fields, value: Value): Record<string, unknown> {
  const needs = (Object.keys(COMMUNICATION_NEEDS) as CommunicationNeed[]).filter(
    (need) => fields[needField(need)] === 'yes',
  );
  const [language, detail] = [value('communicationLanguage'), value('communicationDetail')];
  if (needs.length === 0 && language === undefined && detail === undefined) return {};
  return {
    'person.communication.needs': needs,
    'person.communication.language': language,
    'person.communication.detail': detail,
  };
}

/** The ISO date in three boxes; what is no date stays as it is, for the schema to refuse. */
function dateOf(fields: Fields, name: FieldName): string | undefined {
  const [day = '', month = '', year = ''] = ['day', 'month', 'year'].map((part) =>
    clean(fields[`${name}-${part}`]),
  );
  if (!day && !month && !year) return undefined;
  return realDate(day, month, year) ?? `${day}/${month}/${year}`;
}

/** Puts values into the parts that their places name; what is undefined is left out. */
function parts(values: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, Record<string, unknown>> = {
    referrer: {},
    person: {},
    request: { risks: {}, consent: {} },
  };
  for (const [place, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const names = place.split('.');
    const last = names.pop() ?? '';
    let at: Record<string, unknown> = result;
    for (const name of names) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return result;
}
