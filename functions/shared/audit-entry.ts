/** What the audit keeps of each look at a person's details. Entries are never changed; older ones say less. */
import * as z from 'zod/mini';
import { ROLES } from './roles.ts';

/** What can be looked at, as codes that stay. */
export const LOOKED_AT = [
  'overview',
  'contacts',
  'plan',
  'plan-version',
  'measures',
  'summary',
  'letter',
  'question',
  'offer',
  'offer-questions',
  'contact-details',
  'register',
  'group',
  'own-page',
  'own-details',
  'duplicate',
  'data-rights',
  'export',
] as const;
export type LookedAt = (typeof LOOKED_AT)[number];

/** What is done to a person's data, seeing nothing of it. `reason` says why a hold was placed, or why nothing was erased, as a code. */
export const RIGHTS_DONE = [
  'corrected',
  'hold-placed',
  'hold-released',
  'erasure-refused',
  'erased',
] as const;
export type RightsDone = (typeof RIGHTS_DONE)[number];

export const auditEntrySchema = z.object({
  at: z.iso.datetime(),
  requestId: z.string(),
  /** Absent for a look. What else was done saw nothing of the person: somebody read the audit itself, or did something to their data as a whole. */
  kind: z.optional(z.enum(['audit-read', ...RIGHTS_DONE])),
  page: z.optional(z.enum(LOOKED_AT)),
  /** By which link; where somebody is signed in, beside which one of the referral. */
  link: z.optional(z.string()),
  /** The issuer's name for the account of whoever is signed in, with what they were called and what they were at that moment. */
  by: z.optional(z.string()),
  name: z.optional(z.string()),
  roles: z.optional(z.array(z.enum(ROLES))),
  teams: z.optional(z.array(z.string())),
  /** Why, where it was another team's, or where data was to be kept. */
  reason: z.optional(z.string()),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
