/**
 * What a referral says of the service, in codes and numbers: no name, no reference, no words. One record for each referral, written as it goes
 * on, and figures over time (insights.ts) are made of these alone.
 */
import * as z from 'zod/mini';
import { postcodeDistrict } from './checks.ts';
import { attendancesOf, endingOf, firstHoursOf, REPLIES, repliesOf, STANDINGS } from './figures.ts';
import { ageBand } from './matching.ts';
import { ENDINGS, ETHNIC_GROUPS, type Referral } from './referral.ts';
import { REFERRER_KINDS } from './request.ts';
import { ANY_TEAM } from './teams.ts';
import { londonDate } from './time.ts';
import { URGENCIES } from './worklist.ts';

const count = z.int().check(z.nonnegative());
const hours = z.number().check(z.nonnegative());

/** What was not said, or is not recorded yet. */
export const UNKNOWN = 'unknown';

export const episodeSchema = z.object({
  /** The month in which the referral came, in London: YYYY-MM. */
  month: z.string().check(z.regex(/^\d{4}-\d\d$/)),
  team: z.string(),
  from: z.enum(REFERRER_KINDS),
  /** On the day when the referral came. */
  ageBand: z.string(),
  /** The postcode district. */
  area: z.string(),
  ethnicGroup: z.enum([...ETHNIC_GROUPS, UNKNOWN]),
  /** How it ended; absent while it is open. */
  ending: z.optional(z.enum(ENDINGS)),
  /** Somebody of the team has spoken with the person, or had an answer from them. */
  reached: z.boolean(),
  /** From the referral to the first of each; absent where there was none. */
  hours: z.object({
    contact: z.optional(hours),
    offer: z.optional(hours),
    acceptance: z.optional(hours),
    session: z.optional(hours),
  }),
  /** Of the offer that was accepted, or of the last one where none was. Whose it is, the directory says. */
  programmeId: z.optional(z.string()),
  /** What providers said to offers, and how many hours they took. What was taken back is no reply. */
  replies: z.array(z.object({ programmeId: z.string(), reply: z.enum(REPLIES), hours })),
  /** Sessions that took place while they were to be there, and those that they came to. */
  held: count,
  attended: count,
  /** Of the referral that it was made from: what was made from an older one is out of date. */
  version: count,
});
export type Episode = z.infer<typeof episodeSchema>;

/** The record of a referral as it is now. */
export function episodeOf(referral: Referral): Episode {
  const { createdAt, team = ANY_TEAM, referrer, person, offers, version } = referral;
  // What the provider cancelled is nobody's absence.
  const sessions = attendancesOf(referral).filter(({ attendance }) => attendance !== '4');
  const offer = offers.findLast(({ result }) => result === 'accepted') ?? offers.at(-1);
  const ending = endingOf(referral)?.kind;
  return {
    ...{ month: londonDate(createdAt).slice(0, 7), team, from: referrer.kind, version },
    ageBand: ageBand(person.dateOfBirth, createdAt),
    area: postcodeDistrict(person.postcode) ?? UNKNOWN,
    ethnicGroup: referral.ethnicGroup ?? UNKNOWN,
    ...(ending === undefined ? {} : { ending }),
    reached: (referral.contacts ?? []).some(({ outcome }) => outcome === 'reached'),
    hours: firstHoursOf(referral),
    ...(offer ? { programmeId: offer.programmeId } : {}),
    replies: repliesOf(referral),
    held: sessions.length,
    attended: sessions.filter(({ attendance }) => attendance === '5' || attendance === '6').length,
  };
}

/** How things stood on a day, in London: what the gauges counted last. */
export const snapshotSchema = z.object({
  date: z.iso.date(),
  open: z.array(
    z.object({ stage: z.enum(STANDINGS), count: z.int().check(z.nonnegative()), oldestDays: z.number() }),
  ),
  overdue: z.array(z.object({ urgency: z.enum(URGENCIES), count: z.int().check(z.nonnegative()) })),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
