/** What goes with an email besides it, as SES gives it back with whatever becomes of the email: ids and codes, never whose it is. */
import * as z from 'zod/mini';
import { MESSAGE_KINDS, RECIPIENTS } from '../../../workflows/referral.ts';

/** Of what kind of record an email is. `service`: of none. */
const ABOUT = ['referral', 'cohort', 'provider', 'programme', 'service'] as const;

/** SES takes letters, digits, hyphens and underscores in a tag, which is what all of these are made of. */
export type MailTags = {
  about: (typeof ABOUT)[number];
  /** Of the record, where there is one. */
  id?: string;
  message: string;
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
