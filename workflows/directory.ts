/** A programme as the directory describes it. */
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1), z.maxLength(1000));

export const programmeSchema = z.object({
  id: z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(60)),
  name: text,
  kind: z.enum(['music', 'dementia', 'nature', 'physical-activity', 'arts', 'advice']),
  description: text,
  provider: z.object({ name: text, email: z.email() }),
  /** Shows how an entry looks; no real service stands behind it. */
  example: z.boolean(),
  accepting: z.boolean(),
  eligibility: z.object({
    minimumAge: z.optional(z.int()),
    maximumAge: z.optional(z.int()),
    /** A GP practice in the area or an address there; either is enough. */
    area: z.optional(
      z.object({ name: text, postcodeDistricts: z.array(z.string()), gpPracticeCodes: z.array(z.string()) }),
    ),
  }),
  sessions: z.object({
    count: z.int().check(z.positive()),
    minutes: z.int().check(z.positive()),
    /** 1 Monday … 7 Sunday. */
    weekday: z.int().check(z.minimum(1), z.maximum(7)),
    /** On the clock in London, HH:MM. */
    time: z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/)),
    place: text,
    /** The day of the next first session, where it is known. */
    startsOn: z.optional(z.iso.date()),
  }),
});
export type Programme = z.infer<typeof programmeSchema>;
