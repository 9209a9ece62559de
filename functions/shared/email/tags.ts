/** What goes with an email besides it, as SES gives it back with whatever becomes of the email: ids and codes, never whose it is. */
import * as z from 'zod/mini';
import { ASSURANCE_MESSAGES } from '../../../workflows/assurance.ts';
import { COHORT_MESSAGES } from '../../../workflows/cohort-record.ts';
import { MESSAGE_KINDS, RECIPIENTS } from '../../../workflows/outbox-entry.ts';
import type { FieldsOf } from '../log-fields.ts';

/** Of what kind of record an email is. `service`: of none. */
const ABOUT = ['referral', 'cohort', 'provider', 'programme', 'service'] as const;

/** Every email: of a referral, of a group, of the directory, of a provider (by why it is sent), and those of no record. */
const MAIL_MESSAGES = [
  ...MESSAGE_KINDS,
  ...COHORT_MESSAGES,
  ...ASSURANCE_MESSAGES,
  ...(['digest', 'links', 'code', 'draft', 'address', 'held'] as const),
] as const;
export type MailMessage = (typeof MAIL_MESSAGES)[number];

/** SES takes letters, digits, hyphens and underscores in a tag, which is what all of these are made of. */
export type MailTags = {
  about: (typeof ABOUT)[number];
  /** Of the record, where there is one. */
  id?: string;
  message: MailMessage;
  to: string;
  /** Which of the referral's links it carries. */
  link?: string;
};

/** The tags of an email of a referral, as they come back: each has one value. */
export const referralTagsSchema = z.object({
  about: z.tuple([z.literal('referral')]),
  id: z.tuple([z.string().check(z.regex(/^[a-f0-9]{32}$/))]),
  message: z.tuple([z.enum(MESSAGE_KINDS)]),
  to: z.tuple([z.enum(RECIPIENTS)]),
  link: z.optional(z.tuple([z.string()])),
});

const one = <S extends z.ZodMiniType>(schema: S) => z.tuple([schema]);
const loggedSchema = z.object({
  about: one(z.enum(ABOUT)),
  id: z.optional(one(z.string())),
  message: one(z.enum(MAIL_MESSAGES)),
});

/** What the log may say of an email by its tags: which it was and what it is about. Nothing where they are not ours. */
export function loggedOf(
  tags: unknown,
): Pick<FieldsOf['EMAIL_EVENT'], 'key' | 'referralId' | 'programmeId' | 'cohort'> {
  const read = loggedSchema.safeParse(tags);
  if (!read.success) return {};
  const [about] = read.data.about;
  const [key] = read.data.message;
  const name = ID_OF[about];
  return { key, ...(name && read.data.id ? { [name]: read.data.id[0] } : {}) };
}

/** What the log calls the id of a record. */
const ID_OF: Partial<Record<MailTags['about'], 'referralId' | 'programmeId' | 'cohort'>> = {
  referral: 'referralId',
  cohort: 'cohort',
  programme: 'programmeId',
};
