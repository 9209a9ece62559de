/** What the API answers. Its description is made of these too (infra/api-schemas.ts), so what it says is what is checked. */
import * as z from 'zod/mini';
import { ENDINGS } from '../../workflows/referral.ts';
import { Service } from '../shared/directory/service.ts';
import { crisisContactSchema } from '../shared/environment.ts';
import { PROBLEMS, type ProblemKind, typeOf } from './problems.ts';

/** References are written so. */
export const REFERENCE = /^SP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

const receipt = {
  reference: z.string().check(z.regex(REFERENCE)),
  receivedAt: z.iso.datetime(),
  links: z.object({ self: z.url() }),
};

const Accepted = z.object({
  ...receipt,
  status: z.literal('received'),
  /** Where the referral says that somebody is in danger now: nobody may read it tonight. */
  danger: z.optional(z.object({ advice: z.string(), contacts: z.array(crisisContactSchema) })),
});
export type Accepted = z.infer<typeof Accepted>;

const Status = z.object({
  ...receipt,
  stage: z.enum(['intake', 'review', 'information', 'offer', 'programme', 'closing', 'closed']),
  /** Where the referral is, as the referrer is told it. */
  status: z.string(),
  /** What happens next. */
  next: z.string(),
  /** By when, where somebody's answer is waited for. */
  by: z.optional(z.iso.datetime()),
  /** How it ended; not why, which says something of the person. */
  ending: z.optional(z.enum(ENDINGS)),
  closedAt: z.optional(z.iso.datetime()),
});
export type Status = z.infer<typeof Status>;

const ServicePage = z.object({
  total_items: z.int(),
  total_pages: z.int(),
  page_number: z.int(),
  /** How many there are on this page. */
  size: z.int(),
  first_page: z.boolean(),
  last_page: z.boolean(),
  empty: z.boolean(),
  contents: z.array(Service),
  // In the words of version 1.
  totalElements: z.int(),
  totalPages: z.int(),
  number: z.int(),
  first: z.boolean(),
  last: z.boolean(),
  content: z.array(Service),
});
export type ServicePage = z.infer<typeof ServicePage>;

const Metadata = z.object({
  /** Of the Human Services Data Specification, in its profile for the UK. */
  version: z.literal('HSDS-UK-3.0'),
  profile: z.url(),
  openapi_url: z.url(),
});
export type Metadata = z.infer<typeof Metadata>;

const problem = {
  title: z.string(),
  status: z.int(),
  /** What happened, and what to do. */
  detail: z.string(),
  /** Of this one answer; whoever runs the service finds it in the log. */
  instance: z.string().check(z.regex(/^urn:uuid:[0-9a-f-]{36}$/)),
};

/** A problem of which there is nothing more to say. */
const ProblemDocument = z.object({
  type: z.enum(
    (Object.keys(PROBLEMS) as ProblemKind[])
      .filter((kind) => kind !== 'invalid' && kind !== 'not-eligible')
      .map(typeOf),
  ),
  ...problem,
});

const Invalid = z.object({
  type: z.literal(typeOf('invalid')),
  ...problem,
  errors: z
    .array(
      z.object({
        /** A JSON pointer (RFC 6901) into what was sent, as the fragment of an address. */
        pointer: z.string().check(z.regex(/^#/)),
        detail: z.string(),
      }),
    )
    .check(z.minLength(1)),
});
export type Invalid = z.infer<typeof Invalid>;

const programme = z.object({ programmeId: z.string(), name: z.string() });

const NotEligible = z.object({
  type: z.literal(typeOf('not-eligible')),
  ...problem,
  /** Which was asked for; absent where no programme at all is open to the person. */
  programme: z.optional(programme),
  criteria: z.optional(
    z.array(
      z.object({
        name: z.enum(['age', 'area', 'accepting']),
        result: z.enum(['met', 'not-met', 'unknown']),
        explanation: z.string(),
      }),
    ),
  ),
  /** What else there is for this person, the best match first. */
  others: z.array(programme),
});
export type NotEligible = z.infer<typeof NotEligible>;

/** By the names that they have in the description. */
export const ANSWERS = {
  Accepted,
  Status,
  Service,
  ServicePage,
  Metadata,
  Problem: ProblemDocument,
  Invalid,
  NotEligible,
} as const;
