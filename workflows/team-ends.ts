/**
 * What a link worker records in somebody's place: that they leave, or cannot come to their next session, as they were told; or that the programme has
 * ended at its provider. Who has no email address, or only phones, has the same way out as the person's own page gives (leaving.ts, excuse.ts), and
 * nobody waits for ever in a programme that is held no more.
 */
import { takenBy } from './assignment.ts';
import {
  answerWaiting,
  email,
  happened,
  type Outcome,
  type Refusal,
  revokeAfterEnding,
  settlePlaces,
} from './change.ts';
import type { CohortRecord } from './cohort-record.ts';
import { openConcern } from './concerns.ts';
import { excuse } from './excuse.ts';
import { leave } from './leaving.ts';
import { nextToCome } from './planning.ts';
import type { In, Referral, TeamMember } from './referral.ts';
import { isEnded } from './steps.ts';

/** Why a programme ended early, and the event of the history that says so. */
export const ENDED_AT_PROVIDER = 'ended-at-provider';

/** Whether it waits for others or is in a programme, so that the team can record that the person leaves. In a review they decline. */
export function canBeEnded(
  referral: Referral,
): referral is In<'information'> | In<'offer'> | In<'programme'> {
  const { stage } = referral;
  return stage === 'information' || stage === 'offer' || stage === 'programme';
}

/**
 * Records that the person leaves, as they told `by`. The same said again by the same link worker changes nothing; `already-decided` where it has
 * ended in another way or by somebody else, with the kind of that ending; `not-now` where a review is to decide.
 */
export function leaveAsTold(referral: Referral, by: TeamMember, now: string): Outcome {
  if (isEnded(referral)) return endedBefore(referral, 'left-as-told', by);
  if (!canBeEnded(referral)) return { refused: 'not-now' };
  return leave(referral, 'person', now, by);
}

/**
 * Ends a programme that its provider holds no more. `offer`: the number of the offer that led to it, since they may be in another one by now. Refused
 * as `leaveAsTold` is; with `concern-open` while nobody has seen to a concern of the person, as at the end of the last session.
 */
export function endAtProvider(referral: Referral, offer: number, by: TeamMember, now: string): Outcome {
  if (isEnded(referral)) return endedBefore(referral, ENDED_AT_PROVIDER, by);
  if (referral.stage !== 'programme' || referral.offers.length !== offer) return { refused: 'not-now' };
  if (openConcern(referral)) return { refused: 'not-now', recorded: 'concern-open' };
  const ended: In<'closing'> = {
    ...referral,
    stage: 'closing',
    ending: { kind: 'ended-early', decidedAt: now, reason: ENDED_AT_PROVIDER },
  };
  const noted = takenBy(happened(ended, now, 'link-worker', ENDED_AT_PROVIDER, undefined, by.name), by, now);
  // Whoever still keeps a place there, or has the group's page open, learns that nobody comes.
  const told = email(revokeAfterEnding(noted, now), now, {
    message: 'offer-withdrawn',
    to: 'provider',
    cause: `${ENDED_AT_PROVIDER}-${offer}`,
  });
  return answerWaiting(settlePlaces(told, now), now, 'left');
}

/**
 * Records that the person cannot come to a session, or (`comes`) that they can after all, as they told `by`: as `excuse` does. The session is named as the
 * page showed it: by its number, by when it starts, and by the number of the offer that led to its programme. `not-now` where any of them is other by now.
 */
export function excuseAsTold(
  referral: Referral,
  { offer, session, startsAt }: { offer: number; session: number; startsAt: string | undefined },
  comes: boolean,
  by: TeamMember,
  now: string,
  cohort?: Pick<CohortRecord, 'sessions'>,
): Outcome {
  const isSame = nextToCome(referral, now, cohort)?.startsAt === startsAt && referral.offers.length === offer;
  if (!isSame) return { refused: 'not-now' };
  return excuse(referral, session, comes, now, cohort, by);
}

/** It has ended: by what the same link worker says again, or otherwise. */
function endedBefore(
  referral: In<'closing'> | In<'closed'>,
  event: string,
  { name }: TeamMember,
): Referral | Refusal {
  const isSame = referral.history.some(
    (entry) => entry.event === event && entry.at === referral.ending.decidedAt && entry.name === name,
  );
  return isSame ? referral : { refused: 'already-decided', recorded: referral.ending.kind };
}
