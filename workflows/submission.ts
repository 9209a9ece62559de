/**
 * What a referral must say when it comes in: one schema for the pages and the API. Mandatory is what PRSB's Social Prescribing
 * Standard v1.1 makes mandatory. Every message says what to do.
 */
import * as z from 'zod/mini';
import { clean, isNhsNumber, postcodeAsWritten } from './checks.ts';
import type { Programme } from './directory.ts';
import { LIMITS } from './fields.ts';
import { emailOf, fullName } from './person.ts';
import { isPhone } from './phone.ts';
import {
  COMMUNICATION_NEEDS,
  CONTACT_METHODS,
  type CommunicationNeed,
  type Person,
  type Referrer,
  type Request,
} from './request.ts';
import { ageOn } from './time.ts';

/** What a valid submission says, as the referral keeps it. */
export type Submission = { person: Person; referrer: Referrer; request: Omit<Request, 'lawfulBasis'> };

/** One thing wrong with a submission: where, and what to do. */
export type Fault = { path: readonly (string | number)[]; message: string };

/** Nobody has lived longer; a date of birth before is a slip of the keyboard. */
const OLDEST_YEARS = 120;

/** A rule across fields is checked even when other fields are wrong, so that everything is said at once. */
const ALWAYS = { when: () => true };

const tooLong = (most: number) => `Use ${most.toLocaleString('en-GB')} characters or fewer`;

/** Text of at most `most` characters (UTF-16 units), cleaned; `missing` says what to do when there is none. */
function text(missing: string, most: number = LIMITS.line) {
  return z
    .string(missing)
    .check(z.overwrite(clean), z.minLength(1, missing), z.maxLength(most, tooLong(most)));
}

const email = (missing: string) =>
  text(missing).check(z.email('Enter an email address in the correct format, like name@example.com'));

const phone = text('Enter a phone number').check(
  z.refine(isPhone, 'Enter a phone number, like 020 7946 0000 or 07700 900982'),
);

const nhsNumber = text('Enter an NHS number').check(
  z.overwrite((value) => value.replace(/[\s\p{Pd}]/gu, '')),
  z.refine(
    isNhsNumber,
    'Enter a valid NHS number, like 943 476 5919, or leave it empty if you do not know it',
  ),
);

const postcode = text('Enter a postcode').check(
  z.overwrite((value) => postcodeAsWritten(value) ?? value),
  z.refine((value) => postcodeAsWritten(value) !== undefined, 'Enter a full UK postcode, like NW1 8AB'),
);

const gpPracticeCode = text('Enter the GP practice’s code, or its name').check(
  z.overwrite((value) => value.toUpperCase()),
  z.regex(/^[A-Z]\d{5}$/, 'Enter a GP practice code of a letter and 5 digits, like F83010'),
);

function dateOfBirth(now: string) {
  return z.iso.date('Enter a day, a month and a year that exist, like 31 3 2007').check(
    z.refine((date) => !(Date.parse(date) > Date.parse(now)), 'Enter a date of birth in the past'),
    z.refine(
      (date) => !(ageOn(date, now) > OLDEST_YEARS),
      'Check the year of the date of birth: it is more than 120 years ago',
    ),
  );
}

const referrer = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('self') }),
    z.strictObject({
      kind: z.literal('professional'),
      name: text('Enter your full name'),
      role: text('Enter your role and service, like “GP” or “ward nurse, paediatrics”'),
      organisation: text('Enter the organisation that you work for'),
      email: email('Enter your email address'),
      phone: z.optional(phone),
      respondTo: z.optional(
        z.strictObject({
          name: text('Enter who should get the outcome'),
          email: email('Enter the email address that should get the outcome'),
        }),
      ),
    }),
    z.strictObject({
      kind: z.literal('family-or-friend'),
      name: text('Enter your full name'),
      email: email('Enter your email address'),
      phone: z.optional(phone),
    }),
    z.strictObject({
      kind: z.literal('charity-worker'),
      name: text('Enter your full name'),
      organisation: text('Enter the organisation that you work for'),
      email: email('Enter your email address'),
      phone: z.optional(phone),
    }),
  ],
  'Select who is making this referral',
);

/** The person's own details, which they can correct later (corrections.ts). */
export function personInput(now: string) {
  return z
    .strictObject({
      firstName: z.optional(text('Enter a first name', LIMITS.name)),
      familyName: text('Enter a family name', LIMITS.name),
      /** They have one name, which is the family name. */
      oneName: z.optional(z.boolean()),
      dateOfBirth: dateOfBirth(now),
      nhsNumber: z.optional(nhsNumber),
      email: z.optional(email('Enter an email address')),
      phone: z.optional(phone),
      contact: z.optional(
        z.strictObject({
          preferred: z.optional(z.enum(CONTACT_METHODS, 'Select a way to make contact')),
          leaveMessage: z.optional(z.boolean('Select whether we may leave a message')),
          mayEmail: z.optional(z.boolean('Select whether we may write to that address')),
          phonePrivate: z.optional(z.boolean('Select whether somebody else may answer or read it')),
          note: z.optional(text('Enter how to make contact safely', LIMITS.text)),
        }),
      ),
      postcode,
      address: z.optional(text('Enter an address', LIMITS.text)),
      gpPracticeCode,
      gpPracticeName: z.optional(text('Enter the name of the GP practice')),
      gpPracticeEmail: z.optional(email('Enter the email address of the GP practice')),
      communication: z.optional(
        z.strictObject({
          needs: z.array(
            z.enum(Object.keys(COMMUNICATION_NEEDS) as [CommunicationNeed], 'Select from the list'),
          ),
          language: z.optional(text('Enter a language')),
          detail: z.optional(text('Enter how we should communicate', LIMITS.text)),
        }),
      ),
    })
    .check(
      rule((person, fault) => {
        if (person.firstName === undefined && person.oneName !== true) {
          fault('Enter a first name, or say that this person has one name only', 'firstName');
        }
        const { preferred, note, mayEmail } = person.contact ?? {};
        if ([person.phone, person.email, person.address, note].every((way) => way === undefined)) {
          fault(
            'Enter how to make contact: there is no phone number, email address or address',
            'contact',
            'note',
          );
        }
        if (person.email !== undefined && mayEmail === undefined) {
          fault('Select whether we may write to that address', 'contact', 'mayEmail');
        }
        const known = CONTACT_METHODS.find((method) => method === preferred);
        const needed =
          known && ({ phone: 'phone', text: 'phone', email: 'email', letter: 'address' } as const)[known];
        if (needed !== undefined && person[needed] === undefined) {
          const what = { phone: 'a phone number', email: 'an email address', address: 'an address' }[needed];
          fault(`Enter ${what}, or select another way to make contact`, 'contact', 'preferred');
        }
        const { needs = [], language } = person.communication ?? {};
        if (Array.isArray(needs) && needs.includes('interpreter') && language === undefined) {
          fault('Enter the language of the interpreter', 'communication', 'language');
        }
      }),
    );
}

/** What is asked for. A programme is one of the directory's, or none. */
function requestInput(programmes: readonly Pick<Programme, 'id'>[]) {
  return z.strictObject({
    programmeId: z.optional(
      z.enum(
        programmes.map(({ id }) => id),
        'Select a programme from the list',
      ),
    ),
    needs: text('Enter what would help and why', LIMITS.text),
    whatMatters: z.optional(text('Enter what matters', LIMITS.text)),
    risks: z.discriminatedUnion(
      'known',
      [
        z.strictObject({ known: z.literal(false) }),
        z.strictObject({ known: z.literal(true), detail: text('Enter what the risks are', LIMITS.text) }),
      ],
      'Select whether there are any known risks',
    ),
    danger: z.boolean('Select whether somebody is in danger now'),
    consent: z.discriminatedUnion(
      'given',
      [
        z.strictObject({ given: z.literal(true) }),
        z.strictObject({
          given: z.literal(false),
          reason: z.literal('best-interests'),
          detail: text(
            'Enter why this person cannot decide, and why the referral is in their best interests',
            LIMITS.text,
          ),
        }),
      ],
      'Confirm that the person agrees to this referral',
    ),
    /** Not eligible for any programme, or not for the one asked for, and a link worker is to look all the same. */
    askLinkWorker: z.optional(z.boolean()),
  });
}

/**
 * The schema of a submission. `now` is the moment against which dates of birth are checked, `programmes` are those that can be asked
 * for.
 */
export function submissionSchema(now: string, programmes: readonly Pick<Programme, 'id'>[]) {
  return z.strictObject({ referrer, person: personInput(now), request: requestInput(programmes) }).check(
    rule(({ referrer: by, request: wanted }, fault) => {
      if (by?.kind === 'self' && wanted?.consent?.given === false) {
        fault('Confirm that you agree', 'request', 'consent', 'given');
      }
    }),
  );
}
export type SubmissionInput = z.infer<ReturnType<typeof submissionSchema>>;

/** Checks a submission. Returns what it says, or everything that is wrong with it. */
export function parseSubmission(
  input: unknown,
  now: string,
  programmes: readonly Pick<Programme, 'id'>[],
): { submission: Submission; askLinkWorker: boolean } | { faults: Fault[] } {
  const parsed = submissionSchema(now, programmes).safeParse(input);
  if (!parsed.success) return { faults: faultsOf(parsed.error) };
  const { referrer: by, person: whom, request: wanted } = parsed.data;
  const { askLinkWorker = false, consent, ...rest } = wanted;
  const { oneName: _oneName, ...person } = whom;
  return {
    submission: {
      person: defined(person),
      referrer: defined(by.kind === 'self' ? themself(person) : by),
      request: defined({ ...rest, consent: { ...consent, at: now } }),
    } as Submission,
    askLinkWorker,
  };
}

/** Checks the person's details alone. The faults' places are those of a whole submission. */
export function parsePerson(input: unknown, now: string): { person: Person } | { faults: Fault[] } {
  const parsed = personInput(now).safeParse(input);
  if (!parsed.success) {
    return {
      faults: faultsOf(parsed.error).map(({ path, message }) => ({ path: ['person', ...path], message })),
    };
  }
  const { oneName: _oneName, ...person } = parsed.data;
  return { person: defined(person) as Person };
}

/** Every fault with its place; a key that nobody knows is one too. */
export function faultsOf(error: z.core.$ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...path, key], message: 'Leave this out: nobody reads it' }))
      : [{ path, message: issue.message }];
  });
}

/** Who refers themself is their own referrer. */
function themself(
  person: Pick<Person, 'firstName' | 'familyName' | 'email' | 'phone' | 'contact'>,
): Referrer {
  return { kind: 'self', name: fullName(person), email: emailOf(person), phone: person.phone } as Referrer;
}

/** Leaves out what was not given, also inside. */
function defined<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, isPlain(value) ? defined(value) : value]),
  ) as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a rule across fields sees: any part may be missing or wrong. */
type Loose<T> = T extends object ? { [K in keyof T]?: Loose<T[K]> } : T;

/** A rule across fields of an object. It runs on whatever there is, and says its faults by path. */
function rule<T>(check: (value: Loose<T>, fault: (message: string, ...path: string[]) => void) => void) {
  return z.check<T>((payload) => {
    if (!isPlain(payload.value)) return;
    check(payload.value as Loose<T>, (message, ...path) =>
      payload.issues.push({ code: 'custom', input: payload.value, path, message }),
    );
  }, ALWAYS);
}
