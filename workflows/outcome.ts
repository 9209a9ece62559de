/**
 * What came of a referral at each programme that it was offered to, in codes and numbers: no name, no reference, no words. One record for each
 * of them is written when the referral is closed, and reports are made of these alone (report.ts).
 */
import * as z from 'zod/mini';
import { countsInReport, RECENT_DAYS } from './measure-times.ts';
import { firstAndLast, type Measurement, takenAt } from './measures.ts';
import { inOrder } from './measures-order.ts';
import { reported, untilTheEnd } from './past-register.ts';
import { programmesOf } from './programme.ts';
import { ATTENDANCE, type Attendance, type In, type ProgrammeRecord, type Session } from './referral.ts';
import { after, londonDate } from './time.ts';

const count = z.int().check(z.nonnegative());
const answers = z.record(z.string(), z.int());

/** What the programme's provider said to the referral. */
export const REPLIES = ['accepted', 'declined', 'silence', 'withdrawn'] as const;
/** How it ended for somebody who had a place. */
export const RESULTS = ['completed', 'left', 'ended-early', 'not-right'] as const;

export const outcomeSchema = z.object({
  programmeId: z.string(),
  /** The month in which the referral ended, in London: YYYY-MM. */
  month: z.string().check(z.regex(/^\d{4}-\d\d$/)),
  reply: z.enum(REPLIES),
  /** Absent where there was no place. */
  result: z.optional(z.enum(RESULTS)),
  /** Whether they came to a session at all. */
  came: z.boolean(),
  /** The numbers of the sessions of each group in which they took part. The group is said by a hash. */
  groups: z.array(z.object({ group: z.string(), held: z.array(z.int()), cancelled: z.array(z.int()) })),
  /** How many sessions, by NHS attendance code. */
  attendance: z.partialRecord(z.enum(ATTENDANCE), count),
  /** The first and the last answers to what was taken more than once from their start to their end in it. */
  measures: z.array(z.object({ instrument: z.string(), version: z.string(), first: answers, last: answers })),
  /** How many times measures were taken: what was written with fewer is out of date. */
  taken: count,
  /** Of the referral: what was written from an older one is out of date. Absent in what was written before that was noted. */
  version: z.optional(count),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** The records of a closed referral. `hash`: of a group's name. */
export function outcomesOf(
  referral: In<'closed'>,
  measurements: readonly Measurement[],
  hash: (group: string) => string,
): Outcome[] {
  const programmes = [...new Set(referral.offers.map(({ programmeId }) => programmeId))];
  return programmes.map((programmeId) => {
    const records = programmesOf(referral).filter((record) => record.programmeId === programmeId);
    const sessionsOf = (record: ProgrammeRecord) => inReport(record, referral);
    const sessions = records.flatMap(sessionsOf);
    const result = resultOf(referral, programmeId, records);
    const attendance: Partial<Record<Attendance, number>> = {};
    for (const { attendance: code } of sessions) {
      if (code !== undefined) attendance[code] = (attendance[code] ?? 0) + 1;
    }
    const came = sessions.some(({ attendance: code }) => code === '5' || code === '6');
    return {
      programmeId,
      month: londonDate(referral.ending.decidedAt).slice(0, 7),
      reply: replyOf(referral, programmeId),
      ...(result === undefined ? {} : { result }),
      came,
      groups: records.map((record) => ({
        group: hash(`${programmeId} ${record.cohortId}`),
        held: numbersOf(sessionsOf(record), 'held'),
        cancelled: numbersOf(sessionsOf(record), 'cancelled'),
      })),
      attendance,
      // What changed for somebody who never came is not this programme's.
      measures: came ? changesOf(inOrder(measuredIn(referral, measurements, programmeId), referral)) : [],
      taken: measurements.length,
      version: referral.version,
    };
  });
}

function replyOf({ offers }: In<'closed'>, id: string): Outcome['reply'] {
  const results = offers.filter(({ programmeId }) => programmeId === id).map(({ result }) => result);
  // An offer that was open when the referral ended came to nothing.
  return results.includes('accepted') ? 'accepted' : (results.at(-1) ?? 'withdrawn');
}

const RESULT_OF_ENDING = {
  completed: 'completed',
  withdrawn: 'left',
  'ended-early': 'ended-early',
  declined: 'ended-early',
  signposted: 'ended-early',
} as const;

function resultOf(
  { programme, ending }: In<'closed'>,
  programmeId: string,
  records: readonly ProgrammeRecord[],
): Outcome['result'] {
  if (programme?.programmeId === programmeId) return RESULT_OF_ENDING[ending.kind];
  return records.length > 0 ? 'not-right' : undefined;
}

/** Somebody's sessions as reports count them: until it ended, and as registers said as long as reports were not final. */
function inReport({ sessions }: ProgrammeRecord, { ending }: In<'closed'>): Session[] {
  return untilTheEnd(sessions, ending).flatMap((session) => {
    const attendance = reported(session, ending);
    if (attendance !== undefined) return [{ ...session, attendance }];
    return session.attendance === undefined ? [session] : [];
  });
}

function numbersOf(sessions: readonly Session[], status: 'held' | 'cancelled'): number[] {
  return sessions.filter((session) => session.status === status).map(({ number }) => number);
}

/**
 * The answers that speak of a programme: from shortly before somebody got their place there, as they are asked at the start (measure-times.ts), until it was
 * found not to be right for them; of the last one, until it ended, and what was asked there is recorded for some days more. What changed in another programme is that one's, and how things
 * are months later would change reports that are out.
 */
function measuredIn(
  referral: In<'closed'>,
  measurements: readonly Measurement[],
  programmeId: string,
): Measurement[] {
  // Each time in a programme began with an acceptance; each but the last was found not to be right.
  const began = referral.offers
    .filter(({ result }) => result === 'accepted')
    .map(({ repliedAt }) => repliedAt);
  const returned = referral.history.filter(({ event }) => event === 'not-right').map(({ at }) => at);
  const spans = programmesOf(referral)
    .map((record, i) => ({
      programmeId: record.programmeId,
      from: after(began[i] ?? record.firstSessionAt, { days: -RECENT_DAYS }),
      until: returned[i],
    }))
    .filter((span) => span.programmeId === programmeId);
  const { decidedAt } = referral.ending;
  return measurements.filter((measurement) => {
    const { at, point } = measurement;
    const taken = takenAt(measurement);
    return (
      // What was answered on paper is recorded late, but not so late that it would change a report.
      countsInReport(at, referral.ending) &&
      point !== 'follow-up' &&
      (taken <= decidedAt || point !== 'in-between') &&
      spans.some(({ from, until }) => taken >= from && (until === undefined || taken <= until))
    );
  });
}

function changesOf(measurements: readonly Measurement[]): Outcome['measures'] {
  return firstAndLast(measurements).flatMap(({ first, last }) =>
    last === undefined
      ? []
      : [
          {
            instrument: first.set.instrument,
            version: first.set.version,
            first: first.set.answers,
            last: last.set.answers,
          },
        ],
  );
}
