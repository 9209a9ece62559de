/** A programme as the directory describes it. */
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1), z.maxLength(1000));

/** What people need, in the field's words; a programme says which of them it answers. */
export const NEEDS = [
  'loneliness',
  'mental-health',
  'dementia',
  'physical-health',
  'carer-support',
  'money-and-legal',
  'housing',
  'work-and-learning',
  'domestic-abuse',
  'addiction',
] as const;
export type Need = (typeof NEEDS)[number];

export const TIMES_OF_WEEK = ['weekday-morning', 'weekday-afternoon', 'weekday-evening', 'weekend'] as const;
export type TimeOfWeek = (typeof TIMES_OF_WEEK)[number];

/** Whom a place can take, by the codes of a person's needs (COMMUNICATION_NEEDS in request.ts). */
const accessCode = z.string().check(z.regex(/^[a-z]+(-[a-z]+)*$/), z.maxLength(40));

/** On the clock in London, HH:MM. */
const timeOfDay = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

/** So many places a cohort has at most: a register shows them on one page, and one record holds them. Larger numbers are older than this. */
export const MOST_PLACES = 100;
/** More breaks of a cohort are not planned ahead. */
export const MOST_BREAKS = 20;

/** One run of a group programme. */
export const cohortSchema = z.object({
  id: z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(60)),
  /** Says its weekday too. */
  startsOn: z.iso.date(),
  /** Where it is at another time or place than the programme says. */
  time: z.optional(timeOfDay),
  place: z.optional(text),
  capacity: z.int().check(z.positive(), z.maximum(1000)),
  /** No sessions from one day to another, both included. */
  breaks: z.optional(
    z.array(z.object({ from: z.iso.date(), to: z.iso.date() })).check(z.maxLength(MOST_BREAKS)),
  ),
});
export type Cohort = z.infer<typeof cohortSchema>;

export const KINDS = ['music', 'dementia', 'nature', 'physical-activity', 'arts', 'advice'] as const;

/** Open Referral UK's, in its own words. */
export const STATUSES = ['active', 'temporarily closed', 'inactive', 'defunct'] as const;
export type Status = (typeof STATUSES)[number];

/** The entry's own address is made of it, beside which `new` and `import` are pages. */
export const PROGRAMME_ID = /^(?!(?:new|import)$)[a-z0-9]+(-[a-z0-9]+)*$/;

export const programmeSchema = z.object({
  id: z.string().check(z.regex(PROGRAMME_ID), z.maxLength(60)),
  name: text,
  kind: z.enum(KINDS),
  description: text,
  provider: z.object({
    name: text,
    email: z.email(),
    /** They get one email a day with all that is offered to them, in place of one for each. */
    digest: z.optional(z.boolean()),
  }),
  /** Shows how an entry looks; no real service stands behind it. */
  example: z.boolean(),
  /** Whether it takes referrals now: with a status, only an active one. */
  accepting: z.boolean(),
  /** Absent where `accepting` says it all. */
  status: z.optional(z.enum(STATUSES)),
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
    /** How many of somebody's first ones are to find out whether it is right for them; where it does not say, as many as often are (cohort.ts). */
    assessments: z.optional(z.int().check(z.nonnegative())),
    /** 1 Monday … 7 Sunday. */
    weekday: z.int().check(z.minimum(1), z.maximum(7)),
    time: timeOfDay,
    place: text,
    /** How to get there, and what to bring or expect: for those who come. */
    directions: z.optional(text),
    bring: z.optional(text),
    /** The day of the next first session, where it is known. */
    startsOn: z.optional(z.iso.date()),
  }),
  /** What follows is matched on where the directory knows it, and unknown where it does not. */
  needs: z.optional(z.array(z.enum(NEEDS))),
  access: z.optional(z.array(accessCode)),
  /** In which languages, in English words. English is not taken for granted. */
  languages: z.optional(z.array(text)),
  cost: z.optional(z.object({ free: z.boolean(), detail: z.optional(text) })),
  /** Of the place where it happens. */
  postcode: z.optional(text),
  cohorts: z.optional(z.array(cohortSchema)),
  /** The day when the provider last confirmed the entry, or somebody last saw to it. */
  assuredOn: z.optional(z.iso.date()),
});
export type Programme = z.infer<typeof programmeSchema>;

/**
 * What a programme says of the sessions of one of its cohorts, whose time and place may be its own: the way to another place is not known. Where it has no
 * such cohort, they are as the programme's, but for the `promised` place, where somebody has sessions of their own.
 */
export function sessionsFor(
  { sessions, cohorts = [] }: Pick<Programme, 'sessions' | 'cohorts'>,
  cohortId: string,
  promised?: string,
): Programme['sessions'] {
  const { time = sessions.time, place = promised } = cohorts.find(({ id }) => id === cohortId) ?? {};
  if (place === undefined || place === sessions.place) return { ...sessions, time };
  const { directions: _elsewhere, ...rest } = sessions;
  return { ...rest, time, place };
}

/** The status by Open Referral UK. */
export function statusOf({ status, accepting }: Pick<Programme, 'status' | 'accepting'>): Status {
  return status ?? (accepting ? 'active' : 'temporarily closed');
}

/** Whether a programme is to be found by who refers. What has ended is kept for the referrals that name it. */
export function isOffered(programme: Pick<Programme, 'status' | 'accepting'>): boolean {
  return ['active', 'temporarily closed'].includes(statusOf(programme));
}

/** Whether a programme is found by words of its name or its provider's: by all of them, whatever their capitals and accents. */
export function isFoundBy({ name, provider }: Pick<Programme, 'name' | 'provider'>, query: string): boolean {
  const text = plain(`${name} ${provider.name}`);
  return plain(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
