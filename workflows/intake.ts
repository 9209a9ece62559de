/** Intake: what a submission must hold, and the referral that it becomes. */
import * as z from 'zod/mini';
import { addLink, dueAfter, email, happened, startExecution } from './change.ts';
import { postcodeDistrict } from './matching.ts';
import {
  LIMITS,
  type Person,
  REFERRER_KINDS,
  type Referral,
  type Referrer,
  type Request,
  SCHEMA_VERSION,
} from './referral.ts';
import { ageOn } from './time.ts';

/** What a valid form says. */
export type Submission = { person: Person; referrer: Referrer; request: Request };

/** Errors by field, each saying what to do. */
export type FieldErrors = Record<string, string>;

/** The fields of the referral form, as text. */
export type Fields = Record<string, string | undefined>;

const PHONE = /^\+?[\d\s().-]{7,24}$/;
const ODS_CODE = /^[A-Z]\d{5}$/;
const OLDEST = 120;

/**
 * Checks the referral form. Returns the submission, or an error for each field that needs changing.
 * The mandatory fields are those of PRSB's Social Prescribing Standard v1.1.
 */
export function parseSubmission(
  fields: Fields,
  now: string,
): { submission: Submission } | { errors: FieldErrors } {
  const form = new Form(fields);
  const self = fields.referrerKind === 'self';
  const kind = form.choice('referrerKind', REFERRER_KINDS, 'Select who is making this referral');
  const firstName = form.required('firstName', 'Enter a first name', LIMITS.name);
  const familyName = form.required('familyName', 'Enter a family name', LIMITS.name);
  const dateOfBirth = form.dateOfBirth(now);
  const nhsNumber = form.nhsNumber();
  const email = self ? form.email('email', 'Enter your email address') : form.optionalEmail('email');
  const phone = form.phone('phone');
  const postcode = form.postcode();
  const gpPracticeCode = form.gpPracticeCode();
  const gpPracticeEmail = form.optionalEmail('gpPracticeEmail');
  const communicationNeeds = form.optional('communicationNeeds', LIMITS.text);
  const referrerName = self ? `${firstName} ${familyName}` : form.required('referrerName', 'Enter your name');
  const referrerEmail = self ? email : form.email('referrerEmail', 'Enter your email address');
  const referrerPhone = form.phone('referrerPhone');
  const professional = fields.referrerKind === 'professional' || fields.referrerKind === 'charity-worker';
  const organisation = professional
    ? form.required('referrerOrganisation', 'Enter the organisation that you work for')
    : form.optional('referrerOrganisation', LIMITS.line);
  const needs = form.required('needs', 'Enter what would help and why', LIMITS.text);
  const risks = form.risks();
  form.choice('consent', ['yes'], 'Confirm that the person agrees to this referral');
  if (form.hasErrors()) return { errors: form.errors };
  return {
    submission: {
      person: {
        firstName,
        familyName,
        dateOfBirth,
        postcode,
        gpPracticeCode,
        ...present({ nhsNumber, email, phone, gpPracticeEmail, communicationNeeds }),
      },
      referrer: {
        kind: kind as Referrer['kind'],
        name: referrerName,
        email: referrerEmail ?? '',
        ...present({ phone: referrerPhone, organisation }),
      },
      request: { needs, risks, consent: { given: true, at: now } },
    },
  };
}

/** The new referral of a submission: recorded, acknowledged, and about to enter the workflow. */
export function newReferral(id: string, submission: Submission, now: string): Referral {
  const referral: Referral = {
    schemaVersion: SCHEMA_VERSION,
    id,
    reference: referenceOf(id),
    version: 0,
    createdAt: now,
    updatedAt: now,
    stage: 'intake',
    ...submission,
    history: [],
    outbox: [],
    links: {},
    execution: { number: 1, name: `${id}-1`, startedAt: now },
    reviews: 0,
    questions: [],
    offers: [],
  };
  const received = addLink(happened(referral, now, 'referrer', 'submitted'), 'person', 'person');
  const started = dueAfter(startExecution(received, now), now, 'workflow');
  const toPerson =
    submission.person.email === undefined
      ? started
      : email(started, now, {
          message: 'acknowledgement-person',
          to: 'person',
          cause: 'submitted',
          link: 'person',
        });
  return submission.referrer.kind === 'self'
    ? toPerson
    : email(toPerson, now, { message: 'acknowledgement-referrer', to: 'referrer', cause: 'submitted' });
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The reference that people quote: "SP-7K4M-2Q9X", 40 bits of the id in Crockford's base 32. */
export function referenceOf(id: string): string {
  let bits = BigInt(`0x${id.slice(0, 10)}`);
  let text = '';
  for (let i = 0; i < 8; i++) {
    text = CROCKFORD[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `SP-${text.slice(0, 4)}-${text.slice(4)}`;
}

/** True for ten digits whose last is the Modulus 11 check digit and that are not all equal (NHS service manual). */
export function isNhsNumber(digits: string): boolean {
  if (!/^\d{10}$/.test(digits) || /^(\d)\1{9}$/.test(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const check = 11 - (sum % 11);
  return check !== 10 && (check === 11 ? 0 : check) === Number(digits[9]);
}

/** Leaves out what was not given. */
function present<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}

/** Reads fields one by one and collects what is wrong with them. */
class Form {
  readonly errors: FieldErrors = {};
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  hasErrors(): boolean {
    return Object.keys(this.errors).length > 0;
  }

  optional(name: string, maximum: number): string | undefined {
    const value = clean(this.#fields[name]);
    if (value === '') return undefined;
    if (value.length <= maximum) return value;
    this.errors[name] = `Use ${maximum} characters or fewer`;
    return undefined;
  }

  required(name: string, message: string, maximum: number = LIMITS.line): string {
    const value = this.optional(name, maximum);
    if (value === undefined) this.errors[name] ??= message;
    return value ?? '';
  }

  choice(name: string, options: readonly string[], message: string): string {
    const value = clean(this.#fields[name]);
    if (!options.includes(value)) this.errors[name] = message;
    return value;
  }

  optionalEmail(name: string): string | undefined {
    const value = this.optional(name, LIMITS.line);
    // The record's own check: what the form takes, the table must take.
    if (value === undefined || z.email().safeParse(value).success) return value;
    this.errors[name] = 'Enter an email address in the correct format, like name@example.com';
    return undefined;
  }

  email(name: string, message: string): string | undefined {
    const value = this.optionalEmail(name);
    if (value === undefined) this.errors[name] ??= message;
    return value;
  }

  phone(name: string): string | undefined {
    const value = this.optional(name, LIMITS.line);
    if (value === undefined || PHONE.test(value)) return value;
    this.errors[name] = 'Enter a phone number, like 020 7946 0000 or 07700 900982';
    return undefined;
  }

  dateOfBirth(now: string): string {
    const [day, month, year] = ['day', 'month', 'year'].map((part) =>
      clean(this.#fields[`dateOfBirth-${part}`]),
    );
    if (!day && !month && !year) {
      this.errors.dateOfBirth = 'Enter a date of birth';
      return '';
    }
    const date = realDate(day ?? '', month ?? '', year ?? '');
    if (date === undefined) {
      this.errors.dateOfBirth = 'Enter a real date of birth, like 31 3 2007';
      return '';
    }
    const age = ageOn(date, now);
    if (Date.parse(date) > Date.parse(now)) this.errors.dateOfBirth = 'Date of birth must be in the past';
    else if (age > OLDEST) this.errors.dateOfBirth = 'Check the year of the date of birth';
    return date;
  }

  nhsNumber(): string | undefined {
    const value = this.optional('nhsNumber', LIMITS.line)?.replace(/[\s-]/g, '');
    if (value === undefined || isNhsNumber(value)) return value;
    this.errors.nhsNumber =
      'Enter a valid NHS number, like 943 476 5919, or leave it empty if you do not know it';
    return undefined;
  }

  postcode(): string {
    const value = this.required('postcode', 'Enter a postcode').toUpperCase().replace(/\s+/g, '');
    if (value === '') return '';
    const spaced = `${value.slice(0, -3)} ${value.slice(-3)}`;
    if (postcodeDistrict(spaced) === undefined)
      this.errors.postcode = 'Enter a full UK postcode, like NW1 8AB';
    return spaced;
  }

  gpPracticeCode(): string {
    const value = this.required('gpPracticeCode', 'Enter the code of the GP practice').toUpperCase();
    if (value !== '' && !ODS_CODE.test(value)) {
      this.errors.gpPracticeCode = 'Enter a GP practice code of a letter and 5 digits, like F83010';
    }
    return value;
  }

  risks(): Request['risks'] {
    const choice = this.choice('risks', ['none-known', 'known'], 'Select whether there are any known risks');
    if (choice !== 'known') return { known: false };
    return { known: true, detail: this.required('risksDetail', 'Enter what the risks are', LIMITS.text) };
  }
}

/** What people paste: line ends of any kind, spaces around, composed letters, and invisible characters (joiners are spelling). */
export function clean(value: string | undefined): string {
  return (value ?? '')
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}]/gu, '')
    .trim();
}

/** An ISO date from what was typed; undefined when there is no such day. */
export function realDate(day: string, month: string, year: string): string | undefined {
  if (!/^\d{1,2}$/.test(day) || !/^\d{1,2}$/.test(month) || !/^\d{4}$/.test(year)) return undefined;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso ? undefined : iso;
}
