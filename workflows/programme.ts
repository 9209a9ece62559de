/** The programme of one person: what its cohort's sessions, their registers and their changes mean for them. */
import {
  answerWaiting,
  dueAfter,
  dueAt,
  email,
  happened,
  isRefusal,
  type Outcome,
  revokeAfterEnding,
  revokeLinks,
  settlePlaces,
} from './change.ts';
import { ASSESSMENT_SESSIONS, ordinalOf } from './cohort.ts';
import type { CohortRecord, CohortSession, RegisterEntry } from './cohort-record.ts';
import { hasOpenRisk, openConcern } from './concerns.ts';
import type { Programme } from './directory.ts';
import { askForMeasures } from './measure-times.ts';
import {
  asksForContact,
  attended,
  countedAnew,
  excusedInARow,
  isContactedFor,
  isMissed,
  isShortNotice,
  isStillNeeded,
  isTried,
  missedInARow,
} from './missed.ts';
import { isNewer, isOf, reaches, recordPast } from './past-register.ts';
import { reachedAt } from './person.ts';
import {
  planAhead,
  plannedSession,
  type Schedule,
  toRemindOf,
  waitForSession,
  withOne,
  withPending,
} from './planning.ts';
import type { In, ProgrammeRecord, Referral, Session, WelfareContact } from './referral.ts';
import { afterMissing, EXCUSED_IN_A_ROW } from './reminder-policy.ts';
import { backToReview } from './review.ts';
import { againstDay } from './schedule.ts';
import { changeOf, tellBefore, tellOfNotNeeded, tellPerson } from './tell-person.ts';
import { after, isDue, londonDate, weekdayOf } from './time.ts';
import { noteToTell } from './undelivered.ts';

/**
 * The first session that an acceptance proposes: the programme's next weekday at its time that is no bank holiday, at least two days away so
 * that the person can be told. Date and time are on the clock in London.
 */
export function proposedFirstSession(programme: Programme, now: string): { date: string; time: string } {
  const { weekday, time } = programme.sessions;
  for (let days = 2; ; days++) {
    const date = londonDate(after(now, { days }));
    if (weekdayOf(date) === weekday && againstDay(date) === undefined) return { date, time };
  }
}

/**
 * Whether a session of a cohort is one of somebody's own first ones, in which a facilitator may find that it is not right for them: counted from when
 * they joined, whatever the group held before.
 */
export function isAssessment(
  programme: Pick<ProgrammeRecord, 'joinedAt' | 'assessments'> | undefined,
  { sessions }: Schedule,
  number: number,
): boolean {
  const { joinedAt = '', assessments = ASSESSMENT_SESSIONS } = programme ?? {};
  const own = sessions.filter((session) => session.startsAt > joinedAt || session.number === number);
  return ordinalOf({ sessions: own }, number) <= assessments;
}

/** Every programme in which somebody had a place, in order; those that were not right for them come before the one that they have now. */
export function programmesOf({
  earlierProgrammes = [],
  programme,
}: Pick<Referral, 'earlierProgrammes' | 'programme'>): ProgrammeRecord[] {
  return programme ? [...earlierProgrammes, programme] : earlierProgrammes;
}

/** How many sessions were held, whether the person came or not. */
export function heldSessions(programme: ProgrammeRecord): number {
  return programme.sessions.filter((session) => session.status === 'held').length;
}

/** How many sessions the person attended (on time, or late but seen). */
export function attendedSessions(programme: ProgrammeRecord): number {
  return programme.sessions.filter((session) => attended(session.attendance)).length;
}

/** The welfare contact that waits for its outcome. */
export function openWelfare(programme: ProgrammeRecord): WelfareContact | undefined {
  return programme.welfare.find((contact) => contact.outcome === undefined);
}

/** The number of the next welfare contact: over all of somebody's programmes, since each is decided in a place of its own. */
export function nextWelfareNumber(referral: Pick<Referral, 'earlierProgrammes' | 'programme'>): number {
  const numbers = programmesOf(referral).flatMap(({ welfare }) => welfare.map(({ number }) => number));
  return Math.max(0, ...numbers) + 1;
}

/**
 * The person's referral learns of a session of its cohort: its register, or what a correction changed; that it was cancelled; that it is at
 * another time or place. What it knows already changes nothing, so it can be told as often as it takes.
 */
export function learnOfSession(
  referral: Referral,
  cohort: CohortRecord,
  number: number,
  now: string,
): Outcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session) return { refused: 'not-now' };
  if (!isInIt(referral, cohort, session)) return recordPast(referral, cohort, session, now);
  const learned = learn(withPending(referral), cohort, session, now);
  if (isRefusal(learned) || learned.stage !== 'programme' || allHeld(learned.programme)) return learned;
  // A group goes on and expects them, also while a link worker is asked for a welfare contact.
  const planned = planAhead(learned, cohort, now);
  if (openWelfare(planned.programme)) return planned;
  if (planned.waiting) return waitForSession(planned, now, referral);
  // The reminder is noted on its session: whoever comes to wait for that sets when it is due.
  return planned.due?.step === 'session-reminder' ? dueAfter(planned, now, 'workflow') : planned;
}

/** Whether a session is one of the programme in which they are. What a register says of them from before they joined is of another time in the same group. */
function isInIt(
  referral: Referral,
  cohort: CohortRecord,
  { number, startsAt }: CohortSession,
): referral is In<'programme'> {
  if (referral.stage !== 'programme' || !isOf(referral.programme, cohort)) return false;
  return startsAt > (referral.programme.joinedAt ?? '') || find(referral.programme, number) !== undefined;
}

function learn(
  referral: In<'programme'>,
  cohort: CohortRecord,
  session: CohortSession,
  now: string,
): Outcome {
  const entry = session.register?.entries[referral.id];
  switch (session.status) {
    case 'cancelled':
      return session.notNeeded
        ? learnOfNotNeeded(referral, session, now)
        : learnOfCancelling(referral, session, now);
    case 'planned':
      return learnOfChange(referral, cohort, session, now);
    case 'held':
      return entry ? learnOfRegister(referral, cohort, session, entry, now) : { refused: 'not-now' };
  }
}

function learnOfCancelling(referral: In<'programme'>, session: CohortSession, now: string): Outcome {
  const mine = find(referral.programme, session.number);
  if (mine && mine.status !== 'planned') return { refused: 'already-decided', recorded: mine.status };
  const { number, startsAt, endsAt } = session;
  const cancelled: Session = {
    ...saidOf(mine, startsAt),
    ...{ number, startsAt, endsAt, status: 'cancelled', attendance: '4', recordedAt: now },
  };
  const noted = happened(
    withSession(referral, cancelled),
    now,
    'facilitator',
    'register',
    'cancelled-by-provider',
  );
  const told = isDue(startsAt, now)
    ? tellPerson(noted, 'session-added', changeOf(session), now)
    : tellBefore(noted, 'session-cancelled', session, now);
  const isWaitedFor = mine !== undefined && mine === plannedSession(referral.programme);
  return isWaitedFor ? answerSession(told, 'cancelled', now) : told;
}

/** What the person said beforehand of a session as long as it is at that time, also while it is cancelled. */
function saidOf(mine: Session | undefined, startsAt: string): Pick<Session, 'excusedAt'> {
  const { excusedAt } = mine ?? {};
  return excusedAt === undefined || mine?.startsAt !== startsAt ? {} : { excusedAt };
}

/** The session in whose place it was to be is held after all. */
function learnOfNotNeeded(referral: In<'programme'>, { number }: CohortSession, now: string): Outcome {
  const mine = find(referral.programme, number);
  if (mine?.status !== 'planned') return { refused: 'already-decided' };
  const { programme } = referral;
  const sessions = programme.sessions.filter((each) => each !== mine);
  const without = { ...referral, programme: { ...programme, sessions } };
  return happened(without, now, 'facilitator', 'session-changed', `session-${number}-not-needed`);
}

/** A session that was cancelled is held after all. */
function learnOfRestoring(
  referral: In<'programme'>,
  cohort: Schedule,
  session: CohortSession,
  now: string,
): Outcome {
  const { number, startsAt, endsAt, sequence } = session;
  const said = saidOf(find(referral.programme, number), startsAt);
  const restored: Session = { ...said, number, startsAt, endsAt, status: 'planned', sequence };
  const noted = happened(
    withSession(referral, toRemindOf(referral, restored, now)),
    now,
    'facilitator',
    'session-changed',
    changeOf(session),
  );
  return isDue(startsAt, now)
    ? tellOfNotNeeded(noted, cohort, session, now)
    : tellBefore(noted, 'session-restored', session, now);
}

/** Whether of several sessions that were changed at once this is not the first for the person: of all of them they are told once. */
function isToldWith(cohort: Schedule, session: CohortSession, joinedAt = ''): boolean {
  const { together, startsAt } = session;
  const others = cohort.sessions.filter((other) => other.together === together && other.status === 'planned');
  return (
    together !== undefined && others.some((other) => other.startsAt > joinedAt && other.startsAt < startsAt)
  );
}

function learnOfChange(
  referral: In<'programme'>,
  cohort: Schedule,
  session: CohortSession,
  now: string,
): Outcome {
  const { number, startsAt, endsAt, sequence } = session;
  const change = changeOf(session);
  // A session of an earlier programme may have had the same number, and have moved as often.
  const since = referral.offers.at(-1)?.repliedAt ?? '';
  const known = referral.history.some(
    ({ at, event, detail }) => at >= since && event === 'session-changed' && detail === change,
  );
  const mine = find(referral.programme, number);
  if (known || sequence <= (mine?.sequence ?? 0)) return { refused: 'already-decided' };
  if (mine?.status === 'cancelled') return learnOfRestoring(referral, cohort, session, now);
  if (mine && mine.status !== 'planned') return { refused: 'already-decided', recorded: mine.status };
  const noted = happened(referral, now, 'facilitator', 'session-changed', change);
  const told = isToldWith(cohort, session, referral.programme.joinedAt)
    ? noted
    : tellBefore(noted, 'session-moved', session, now);
  if (!mine) return told;
  const at = { number, startsAt, endsAt, sequence };
  if (startsAt === mine.startsAt) return withSession(told, { ...mine, ...at });
  // Who could not come then may come now.
  const { excusedAt: _then, ...rest } = mine;
  return withSession(told, toRemindOf(referral, { ...rest, ...at }, now));
}

function learnOfRegister(
  referral: In<'programme'>,
  cohort: CohortRecord,
  session: CohortSession,
  { attendance, notRight }: RegisterEntry,
  now: string,
): Outcome {
  const { number, startsAt, endsAt } = session;
  const mine = find(referral.programme, number);
  const corrects = mine?.status === 'held';
  const returns = notRight === true && isAssessment(referral.programme, cohort, number);
  const isKnown = corrects && mine.attendance === attendance && !returns;
  if (isKnown || isNewer(mine, session.register)) {
    return { refused: 'already-decided', recorded: `attendance-${attendance}` };
  }
  const { unrecordedAt: _late, remindAt: _over, ...known } = mine ?? {};
  // At the end whoever may not be safe and was not there is contacted, whatever the reason.
  const isEnd = heldSessions(referral.programme) + (corrects ? 0 : 1) >= referral.programme.planned;
  const held: Session = {
    ...known,
    ...{ number, startsAt, endsAt, attendance },
    ...(isShortNotice(referral, startsAt) && !isEnd ? { shortNotice: true } : {}),
    status: 'held',
    recordedAt: now,
    revision: session.register?.revision,
  };
  const noted = happened(
    withSession(withoutForeign(referral, cohort, startsAt), held),
    now,
    'facilitator',
    corrects ? 'register-corrected' : 'register',
    `attendance-${attendance}`,
  );
  if (returns) return notRightForThem(noted, now);
  // They may not have heard yet that it was held after all.
  const told = mine?.status === 'cancelled' ? tellOfNotNeeded(noted, cohort, session, now) : noted;
  return askForMeasures(afterSession(told, held, corrects, now), now);
}

/** What follows a session: the next one, a message, a welfare contact, or the end of the programme. */
function afterSession(referral: In<'programme'>, session: Session, corrects: boolean, now: string): Referral {
  const { programme } = referral;
  const missed = missedInARow(programme);
  const isOne = isMissed(session);
  const then = isOne ? afterMissing(missed) : undefined;
  const open = openWelfare(programme);
  const fewer = corrects && open ? countedAnew(programme, open) : undefined;
  if (open && fewer) return missedFewer(referral, open, fewer, now);
  const isKnown = corrects && isContactedFor(programme, missed);
  if (asksForContact(isOne ? missed : 0) && !isKnown) {
    return open
      ? missedMore(referral, open, missed, now)
      : askForContact(referral, { afterSession: session.number, missed }, now);
  }
  const excused = excusedInARow(programme);
  if (session.attendance === '2' && !open && excused >= EXCUSED_IN_A_ROW) {
    return askForContact(referral, { afterSession: session.number, excused }, now);
  }
  // Who came too late to join in has been there; and there is no next one to welcome them at after the last.
  const isAbsent = session.attendance === '3' && !allHeld(programme);
  const told =
    then === 'message' && isAbsent
      ? tellPerson(referral, 'session-missed', `session-${session.number}-register-${session.revision}`, now)
      : referral;
  // Nothing ends before a link worker has said what came of their contact.
  if (open) return told;
  if (allHeld(programme)) return completeOrAsk(told, now);
  // A register that came before the one that is waited for leaves that one open.
  if (plannedSession(programme)) return told;
  return answerSession(told, attended(session.attendance) ? 'held' : 'missed', now);
}

/** A link worker is to contact the person. The execution's code for that is as old as the one reason that there was at first. */
function askForContact(
  referral: In<'programme'>,
  contact: Pick<WelfareContact, 'afterSession' | 'missed' | 'excused' | 'why'>,
  now: string,
): Referral {
  const { programme } = referral;
  const number = nextWelfareNumber(referral);
  const welfare = [...programme.welfare, { number, openedAt: now, ...contact }];
  return answerSession({ ...referral, programme: { ...programme, welfare } }, 'missed-two-in-a-row', now);
}

/** They missed another one while nobody has contacted them yet. Where that asks for more than before, whoever is to do it hears now. */
function missedMore(
  referral: In<'programme'>,
  open: WelfareContact,
  missed: number,
  now: string,
): In<'programme'> {
  const { programme, due } = referral;
  if (open.why !== undefined || missed <= (open.missed ?? 0)) return referral;
  const welfare = programme.welfare.map((each) => (each === open ? { ...open, missed } : each));
  const noted = { ...referral, programme: { ...programme, welfare } };
  const asksForMore = afterMissing(missed) !== afterMissing(open.missed ?? 0);
  if (due?.step !== 'welfare' || !asksForMore || isDue(due.at, now)) return noted;
  return dueAt(noted, now, 'welfare', due.count);
}

/**
 * A register was corrected, and they missed fewer. Whoever is to contact them reads that; where nobody has tried to yet, and there is no reason any more,
 * nobody needs to.
 */
function missedFewer(
  referral: In<'programme'>,
  open: WelfareContact,
  fewer: WelfareContact,
  now: string,
): Referral {
  const { programme } = referral;
  const withContact = (contact: WelfareContact): In<'programme'> => ({
    ...referral,
    programme: {
      ...programme,
      welfare: programme.welfare.map((each) => (each === open ? contact : each)),
    },
  });
  if (isStillNeeded(open, fewer) || isTried(referral, open)) {
    return withContact({ ...fewer, correctedAt: now });
  }
  const settled = withContact({ ...open, outcome: 'not-needed', decidedAt: now });
  const noted = happened(settled, now, 'facilitator', 'welfare-contact-not-needed');
  const goesOn = answerWaiting(revokeLinks(noted, now, ['welfare']), now, 'continue');
  return allHeld(goesOn.programme) ? completeOrAsk(goesOn, now) : goesOn;
}

/** Answers the step that waits for a session. While a link worker is asked for a welfare contact, that goes on. */
function answerSession(referral: In<'programme'>, code: string, now: string): Referral {
  const inWelfare = referral.waiting?.step === 'welfare' && code !== 'missed-two-in-a-row';
  return inWelfare ? referral : answerWaiting(referral, now, code);
}

/**
 * The programme is not right for the person: the referral returns to the link worker, who matches anew. The person is told at once, so that they do not
 * go there again in vain; where they cannot be written to, the link worker is asked to tell them.
 */
function notRightForThem(referral: In<'programme'>, now: string): Referral {
  const { programme, ...rest } = referral;
  const welfare = programme.welfare.map((contact) =>
    contact.outcome === undefined ? { ...contact, outcome: 'not-right' as const, decidedAt: now } : contact,
  );
  // What was cancelled for after the session that found this is none of theirs.
  const sessions = programme.sessions.filter(
    ({ status, startsAt }) => status !== 'planned' && reaches(programme, startsAt),
  );
  const earlierProgrammes = [...(referral.earlierProgrammes ?? []), { ...programme, sessions, welfare }];
  const returned = revokeLinks(backToReview({ ...rest, earlierProgrammes } as Referral), now, [
    'offer',
    'welfare',
  ]);
  const cause = `offer-${referral.offers.length}`;
  const mayEmail = reachedAt(referral) !== undefined;
  const person = mayEmail
    ? email(returned, now, { message: 'place-ended', to: 'person', cause, link: 'person' })
    : returned;
  const message = mayEmail ? 'not-right' : 'not-right-by-hand';
  const asked = email(person, now, { message, to: 'link-worker', cause });
  const told = mayEmail ? asked : noteToTell(asked, { message: 'place-ended', id: `${cause}-ended` }, now);
  return answerWaiting(settlePlaces(happened(told, now, 'facilitator', 'not-right'), now), now, 'not-right');
}

/** Whether as many sessions were held as were planned. */
export function allHeld(programme: ProgrammeRecord): boolean {
  return heldSessions(programme) >= programme.planned;
}

/**
 * The programme is over for the person. While a concern of theirs is open nothing closes by itself, nor where somebody at a known risk was not at the last
 * session, whether or not they had said so, and nobody has contacted them since: a link worker contacts them first, and says that it ends.
 */
export function completeOrAsk(referral: In<'programme'>, now: string, reason?: string): Referral {
  const { programme } = referral;
  const last = programme.sessions.at(-1)?.number ?? 0;
  if (openConcern(referral)) return askForContact(referral, { afterSession: last, why: 'concern' }, now);
  const missed = missedInARow(programme);
  const afterSession = programme.sessions.findLast(({ status }) => status === 'held')?.number ?? 0;
  const asked = programme.welfare.findLast(({ outcome }) => outcome !== 'not-needed');
  const isContacted = asked?.afterSession === afterSession;
  if (hasOpenRisk(referral) && !isContacted) {
    if (missed > 0) return askForContact(referral, { afterSession, missed }, now);
    const excused = excusedInARow(programme);
    if (excused > 0) return askForContact(referral, { afterSession, excused }, now);
  }
  return answerWaiting(complete(referral, now, reason), now, 'all-held');
}

/** Every session was held; `reason` where there were fewer than were planned. */
export function complete(referral: In<'programme'>, now: string, reason?: string): In<'closing'> {
  const ended: In<'closing'> = {
    ...referral,
    stage: 'closing',
    ending: { kind: 'completed', decidedAt: now, ...(reason === undefined ? {} : { reason }) },
  };
  const noted = happened(settlePlaces(ended, now), now, 'workflow', 'programme-completed');
  return askForMeasures(revokeAfterEnding(noted, now), now);
}

/** Nobody recorded a session: the programme goes on with the next, and what became of this one is still asked for (cohort.ts). */
export function goOnUnrecorded(referral: In<'programme'>, now: string): Referral {
  const session = plannedSession(referral.programme);
  if (!session) return referral;
  const noted = happened(referral, now, 'sweep', 'session-unrecorded', `session-${session.number}`);
  return answerSession(withSession(noted, { ...session, unrecordedAt: now }), 'held', now);
}

function find(programme: ProgrammeRecord, number: number): Session | undefined {
  return programme.sessions.find((each) => each.number === number);
}

/** Without sessions before a moment that were held without the person, whom the register did not know yet, and without what is not held after all. */
function withoutForeign(referral: In<'programme'>, cohort: Schedule, before: string): In<'programme'> {
  const isForeign = ({ number, status, startsAt }: Session) => {
    const theirs = cohort.sessions.find((each) => each.number === number);
    const isOver = theirs?.status === 'held' && startsAt < before;
    return status === 'planned' && (isOver || theirs?.notNeeded === true);
  };
  const sessions = referral.programme.sessions.filter(
    (session) => !(isForeign(session) && !hasEntry(cohort, session.number, referral.id)),
  );
  return { ...referral, programme: { ...referral.programme, sessions } };
}

function hasEntry({ sessions }: Schedule, number: number, referralId: string): boolean {
  return sessions.find((each) => each.number === number)?.register?.entries[referralId] !== undefined;
}

/** With what became of one session, in the order of time. */
function withSession(referral: In<'programme'>, session: Session): In<'programme'> {
  return { ...referral, programme: withOne(referral.programme, session) };
}
