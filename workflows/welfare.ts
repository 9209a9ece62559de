/**
 * The contact with a person who missed sessions in a row, or could not come to several, or whose programme would end while they may not be safe: what came of it. Nothing is
 * closed before a link worker has said so.
 */
import { takenBy } from './assignment.ts';
import {
  addLink,
  answerWaiting,
  email,
  happened,
  type Outcome,
  recordOnLink,
  revokeAfterEnding,
  settlePlaces,
} from './change.ts';
import { openConcern } from './concerns.ts';
import { reachOf } from './contacts.ts';
import { missedInARow } from './missed.ts';
import { allHeld, complete, nextWelfareNumber, openWelfare } from './programme.ts';
import type { In, ProgrammeRecord, Referral, TeamMember } from './referral.ts';
import { afterMissing } from './reminder-policy.ts';

/** What came of a welfare contact: go on, or end the programme early. */
export type WelfareDecision =
  | { outcome: 'continue'; note?: string }
  | { outcome: 'close'; reason: 'agreed' | 'could-not-reach'; note?: string };

/** How many sessions they missed in a row, when a contact waits for its outcome because of that. */
export function missedBy(programme: ProgrammeRecord): number | undefined {
  const open = openWelfare(programme);
  if (open === undefined || open.why !== undefined) return undefined;
  return open.missed ?? (open.excused === undefined ? missedInARow(programme) : undefined);
}

/** For how many sessions in a row they had said that they cannot come, when a contact waits for its outcome because of that alone. */
export function excusedBy(programme: ProgrammeRecord): number | undefined {
  const open = openWelfare(programme);
  return open?.missed === undefined ? open?.excused : undefined;
}

/** Whether a register was corrected since a contact was asked for, so that they missed fewer, or could come to more. */
export function isCorrected(programme: ProgrammeRecord): boolean {
  return openWelfare(programme)?.correctedAt !== undefined;
}

/**
 * Whether a programme that ended early after a contact had that because of missed sessions, as far as the registers still say so: not where they had said
 * that they cannot come, or something that they said was open.
 */
export function endedAfterMissing({ welfare, sessions }: ProgrammeRecord): boolean {
  const last = welfare.at(-1);
  if (last?.outcome !== 'close' || last.why !== undefined) return false;
  const isExcused = last.missed === undefined && last.excused !== undefined;
  return !isExcused && sessions.some(({ attendance }) => attendance === '3' || attendance === '7');
}

/** Whether it has come to a decision whether they go on: then a link worker says why they do. */
export function mustSayWhy(programme: ProgrammeRecord): boolean {
  const missed = missedBy(programme);
  return missed !== undefined && afterMissing(missed) === 'decision';
}

/** Whether going on means that the programme is complete, for which nobody may wait to be contacted. */
export function goesOnToTheEnd(programme: ProgrammeRecord): boolean {
  return allHeld(programme) || openWelfare(programme)?.why === 'concern';
}

/**
 * A contact that is asked for under the number of one in an earlier programme, as they once were, has a number of its own: it could be asked for and
 * decided no more. Everything else stays as it is.
 */
export function withOpenLink(referral: Referral): Referral {
  const open = referral.stage === 'programme' ? openWelfare(referral.programme) : undefined;
  const link = open && referral.links[`welfare-${open.number}`];
  if (referral.stage !== 'programme' || !open || (!link?.recorded && !link?.revokedAt)) return referral;
  const { programme } = referral;
  const number = nextWelfareNumber(referral);
  const welfare = programme.welfare.map((each) => (each === open ? { ...each, number } : each));
  return addLink({ ...referral, programme: { ...programme, welfare } }, `welfare-${number}`, 'welfare');
}

/**
 * Records a welfare contact. If every session was already held, going on means completing: refused (`concern-open`) while nobody has seen to a
 * concern of the person. Going on after too many were missed is refused without a note (`note-missing`). Nobody counts as not reached while a risk
 * is open, or before enough was tried since the contact was asked for. Who records it takes the referral, if it is nobody's yet.
 */
export function decideWelfare(
  referral: Referral,
  linkId: string,
  decision: WelfareDecision,
  now: string,
  by?: TeamMember,
): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (referral.stage !== 'programme') return { refused: 'not-now' };
  const open = openWelfare(referral.programme);
  if (!open || linkId !== `welfare-${open.number}`) return { refused: 'not-now' };

  const unreached = decision.outcome === 'close' && decision.reason === 'could-not-reach';
  if (unreached && reachOf(referral, now).state !== 'unreached') return { refused: 'not-now' };

  const { outcome, note } = decision;
  if (outcome === 'continue') {
    if (mustSayWhy(referral.programme) && note === undefined) {
      return { refused: 'not-now', recorded: 'note-missing' };
    }
    if (goesOnToTheEnd(referral.programme) && openConcern(referral)) {
      return { refused: 'not-now', recorded: 'concern-open' };
    }
  }
  const contact = { ...open, outcome, ...(note === undefined ? {} : { note }), decidedAt: now };
  const welfare = [...referral.programme.welfare.slice(0, -1), contact];
  const contacted = happened(
    { ...referral, programme: { ...referral.programme, welfare } },
    now,
    'link-worker',
    'welfare-contact',
    unreached ? 'could-not-reach' : outcome,
    by?.name,
  );
  const decided = takenBy(recordOnLink(contacted, linkId, now, outcome), by, now);
  if (decision.outcome === 'continue') {
    return allHeld(decided.programme)
      ? answerWaiting(complete(decided, now), now, 'continue')
      : answerWaiting(decided, now, 'continue');
  }
  const ended: In<'closing'> = {
    ...decided,
    stage: 'closing',
    ending: {
      kind: 'ended-early',
      decidedAt: now,
      reason: decision.reason === 'agreed' ? 'after-welfare-contact' : 'could-not-reach',
    },
  };
  // The provider must know that the place is free and that nobody comes.
  const told = email(ended, now, { message: 'offer-withdrawn', to: 'provider', cause: linkId });
  return answerWaiting(settlePlaces(revokeAfterEnding(told, now), now), now, 'close');
}
