/** Who is referred, by whom and why: what the form takes. The shape follows PRSB's Social Prescribing Standard v1.1 where it names a thing. */
import * as z from 'zod/mini';
import { code, instant, longText, nameText, shortText } from './fields.ts';

export const REFERRER_KINDS = ['self', 'professional', 'family-or-friend', 'charity-worker'] as const;

/**
 * What somebody needs so that we can communicate (DAPB1605 identifies, records, flags and shares them), each with the kind of need
 * by which the standard groups it. `access` is a reasonable adjustment of the place.
 */
export const COMMUNICATION_NEEDS = {
  interpreter: 'professional',
  'sign-language': 'professional',
  'speaks-for-them': 'professional',
  'lip-reading': 'support',
  'more-time': 'support',
  'easy-read': 'format',
  'large-print': 'format',
  braille: 'format',
  audio: 'format',
  'text-relay': 'contact',
  'step-free': 'access',
} as const;
export type CommunicationNeed = keyof typeof COMMUNICATION_NEEDS;
const communicationNeed = z.enum(Object.keys(COMMUNICATION_NEEDS) as [CommunicationNeed]);

export const CONTACT_METHODS = ['phone', 'text', 'email', 'letter'] as const;

/** How somebody is reminded of sessions: by email, by the team in the way that the person prefers, or not at all. */
export const REMINDED = ['email', 'team', 'none'] as const;

/** Who is referred. PRSB: names, date of birth and GP practice are mandatory, the rest is required if known. */
export const personSchema = z.object({
  /** Absent only where the person has one name. */
  firstName: z.optional(nameText),
  familyName: nameText,
  dateOfBirth: z.iso.date(),
  nhsNumber: z.optional(z.string().check(z.regex(/^\d{10}$/))),
  email: z.optional(z.email()),
  phone: z.optional(shortText),
  /** How to reach them safely. What nobody said is not allowed. */
  contact: z.optional(
    z.object({
      preferred: z.optional(z.enum(CONTACT_METHODS)),
      leaveMessage: z.optional(z.boolean()),
      phonePrivate: z.optional(z.boolean()),
      /** Nobody else reads their email. */
      mayEmail: z.optional(z.boolean()),
      note: z.optional(longText),
      /** What they chose; absent where they chose nothing. */
      reminders: z.optional(z.enum(REMINDED)),
    }),
  ),
  postcode: shortText,
  /** House and street, for letters. */
  address: z.optional(longText),
  /** ODS code; a default code where there is none or nobody knows it (checks.ts). */
  gpPracticeCode: shortText,
  gpPracticeName: z.optional(shortText),
  gpPracticeEmail: z.optional(z.email()),
  communication: z.optional(
    z.object({
      needs: z.array(communicationNeed),
      /** The one that they prefer, whether or not there is to be an interpreter. */
      language: z.optional(shortText),
      detail: z.optional(longText),
    }),
  ),
});
export type Person = z.infer<typeof personSchema>;
export type PersonField = keyof Person;
export const PERSON_FIELDS = Object.keys(personSchema.shape) as PersonField[];

/** Who sends the referral. */
export const referrerSchema = z.object({
  kind: z.enum(REFERRER_KINDS),
  name: shortText,
  /** Absent only where a person refers themself and has none. */
  email: z.optional(z.email()),
  phone: z.optional(shortText),
  /** What they do and where: PRSB's role and service. */
  role: z.optional(shortText),
  organisation: z.optional(shortText),
  /** Who the response returns to (PRSB), where it is not the referrer. */
  respondTo: z.optional(z.object({ name: shortText, email: z.email() })),
});
export type Referrer = z.infer<typeof referrerSchema>;

/** Why they are referred. Risks has at least one entry; "no known risks" is an entry (PRSB). */
export const requestSchema = z.object({
  /** The programme that was asked for; absent where the link worker is to advise. */
  programmeId: z.optional(code),
  needs: longText,
  /** In the person's own words (PRSB, About Me). */
  whatMatters: z.optional(longText),
  risks: z.discriminatedUnion('known', [
    z.object({ known: z.literal(false) }),
    z.object({ known: z.literal(true), detail: longText }),
  ]),
  /** They know that they are not, or may not be, eligible for what they ask for, and want a link worker to look all the same. */
  knownNotEligible: z.optional(z.boolean()),
  /** Somebody is in danger now, says the referral. */
  danger: z.optional(z.boolean()),
  /** Consent to share, or why it is absent (PRSB). */
  consent: z.discriminatedUnion('given', [
    z.object({ given: z.literal(true), at: instant }),
    z.object({ given: z.literal(false), reason: z.literal('best-interests'), detail: longText, at: instant }),
  ]),
  /** UK GDPR, recorded apart from consent: the deployer's basis for processing, as it was when the referral came. */
  lawfulBasis: z.optional(z.object({ article6: code, article9: code })),
});
export type Request = z.infer<typeof requestSchema>;
