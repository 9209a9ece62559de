/** What a register says of somebody whose time in the group is over by now: the letters and the report say it from then on. */
import { happened, type Outcome } from './change.ts';
import type { CohortRecord, CohortSession } from './cohort-record.ts';
import { countsInReport } from './measure-times.ts';
import { withOne } from './planning.ts';
import type { Attendance, Ending, ProgrammeRecord, Referral, Session } from './referral.ts';

/**
 * Records what a register says of a session in which somebody took part before they left, their programme was over, or it was found not to be right for
 * them, whether it is the first or a correction. Refused (`not-now`) where the session was of no such time of theirs, and (`already-decided`) where that
 * is known, or something newer.
 */
export function recordPast(
  referral: Referral,
  cohort: Pick<CohortRecord, 'programmeId' | 'cohortId'>,
  session: CohortSession,
  now: string,
): Outcome {
  const { number, startsAt, endsAt, register } = session;
  const entry = register?.entries[referral.id];
  const { programme, earlierProgrammes = [] } = referral;
  const all = programme ? [...earlierProgrammes, programme] : earlierProgrammes;
  const past = all.findLast((each) => isOf(each, cohort) && wasIn(referral, each, session));
  const mine = past?.sessions.find((each) => each.number === number);
  if (!past || !entry || mine?.status === 'cancelled') return { refused: 'not-now' };
  const corrects = mine?.status === 'held';
  if (corrects && (mine.attendance === entry.attendance || isNewer(mine, register))) {
    return { refused: 'already-decided', recorded: `attendance-${mine.attendance}` };
  }
  const { unrecordedAt: _late, remindAt: _over, ...known } = mine ?? {};
  const { attendance } = entry;
  const held = { ...known, ...{ number, startsAt, endsAt, attendance }, status: 'held' as const };
  // What the report says once it is final it goes on saying.
  const inReport =
    'ending' in referral && !countsInReport(now, referral.ending) && reported(mine, referral.ending);
  const recorded = withOne(past, {
    ...{ ...held, recordedAt: now, revision: register?.revision },
    ...(inReport ? { inReport } : {}),
  });
  const changed =
    past === programme
      ? { ...referral, programme: recorded }
      : {
          ...referral,
          earlierProgrammes: earlierProgrammes.map((each) => (each === past ? recorded : each)),
        };
  return happened(
    changed as Referral,
    now,
    'facilitator',
    corrects ? 'register-corrected' : 'register',
    `attendance-${attendance}`,
  );
}

/** Whether a programme of somebody's is in a group. */
export function isOf(
  { programmeId, cohortId }: Pick<CohortRecord, 'programmeId' | 'cohortId'>,
  cohort: Pick<CohortRecord, 'programmeId' | 'cohortId'>,
): boolean {
  return programmeId === cohort.programmeId && cohortId === cohort.cohortId;
}

/** Whether the referral knows a later register of a session than this one. */
export function isNewer(mine: Session | undefined, register: CohortSession['register']): boolean {
  return (mine?.revision ?? -1) > (register?.revision ?? 0);
}

/** Whether a session was in a time of theirs in the group that is over. */
function wasIn(
  referral: Referral,
  record: ProgrammeRecord,
  { number, startsAt }: Pick<CohortSession, 'number' | 'startsAt'>,
): boolean {
  const isNow = record === referral.programme;
  if (isNow && !('ending' in referral)) return false;
  if (record.sessions.some((each) => each.number === number && each.status === 'held')) return true;
  if (startsAt <= (record.joinedAt ?? '')) return false;
  return isNow && 'ending' in referral ? startsAt < referral.ending.decidedAt : reaches(record, startsAt);
}

/** Whether a time that was over when the programme was found not to be right for somebody reaches as far: up to the session whose register found that. */
export function reaches({ sessions }: Pick<ProgrammeRecord, 'sessions'>, startsAt: string): boolean {
  return sessions.some((each) => each.status === 'held' && each.startsAt >= startsAt);
}

/** The sessions of somebody's without those that were to come when it ended, or were cancelled for later: nobody was expected there any more. */
export function untilTheEnd<S extends Pick<Session, 'status' | 'startsAt'>>(
  sessions: readonly S[],
  ending: Pick<Ending, 'decidedAt'> | undefined,
): S[] {
  return sessions.filter(
    ({ status, startsAt }) => status === 'held' || !ending || startsAt < ending.decidedAt,
  );
}

/** The attendance that the report says of a session: what its register said as long as reports of that ending were not final. Undefined where it said nothing. */
export function reported(
  session: Session | undefined,
  ending: Pick<Ending, 'decidedAt'>,
): Attendance | undefined {
  const { attendance, recordedAt, inReport } = session ?? {};
  const isLate = recordedAt !== undefined && !countsInReport(recordedAt, ending);
  return inReport ?? (isLate ? undefined : attendance);
}
