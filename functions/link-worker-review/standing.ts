/** What link workers do with a referral besides deciding its review: take it on or pass it on, tell of a service, take a decision back. */

import { assign } from '../../workflows/assignment.ts';
import { type Outcome, type Refusal, waitsOnList } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import type { Referral, TeamMember } from '../../workflows/referral.ts';
import { addSignpost } from '../../workflows/signposts.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { actedOnAt, undoDecision } from '../../workflows/undo.ts';
import { type Case, isOfTheirTeam, notRecorded, withAnotherTeam } from '../shared/case-access.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { conflictPage } from '../shared/pages/problems.ts';
import { recordedInWords } from '../shared/pages/words.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { linkWorkersAmong, type Member, membersOf } from '../shared/team-members.ts';
import { conflict, type PageResult, type Visit } from '../shared/web.ts';
import { unsentOf } from './preferences.ts';

/** Somebody of the team, as a referral names them. */
export function memberOf({ sub, name }: Pick<SignedIn, 'sub' | 'name'>): TeamMember {
  return { id: sub, name };
}

/** Those whom a coordinator can give a referral to. Others ask for nobody. */
export async function colleagues(visit: Visit, { referral, who }: Case): Promise<Member[]> {
  if (!who.roles.includes('coordinator')) return [];
  const team = referral.team ?? ANY_TEAM;
  return linkWorkersAmong(await membersOf(environment('workspace').TABLE_NAME, team, visit.now));
}

/** What became of something that a button of a page does: the referral as it is now, or the answer where it was not done. */
export type Done = { referral: Referral } | { answer: PageResult };

const HAS_LEFT =
  'Whom you chose is not on the list of the team any more, so nothing was changed: choose somebody else';
const ONLY_COORDINATORS = 'Only coordinators give referrals to others, so nothing was changed';

/** Gives the referral to whom the form names: to oneself, to nobody, and as a coordinator to anybody of the team. Whoever left the team meanwhile gets none. */
export async function assignCase(visit: Visit, found: Case): Promise<Done | { errors: FieldErrors }> {
  const { who } = found;
  const to = visit.fields.to ?? '';
  const named = to === who.sub ? who : (await colleagues(visit, found)).find(({ sub }) => sub === to);
  if (to !== '' && !named) {
    // The same form again, after they left: it was given to them when they had not.
    if (to === found.referral.assignee?.id) return { referral: found.referral };
    return { errors: { to: who.roles.includes('coordinator') ? HAS_LEFT : ONLY_COORDINATORS } };
  }
  const changed = await change(visit, found, (referral) =>
    assign(referral, named && memberOf(named), visit.fields.from || undefined, visit.now, memberOf(who)),
  );
  if (changed.state === 'stored') return changed;
  const { assignee, team } = changed.referral;
  const isTheirs = team === found.referral.team;
  const answer = conflictPage({
    ...siteFor(who),
    reference: changed.referral.reference,
    purpose: 'review',
    unsent: unsentOf(visit.fields),
    ...(isTheirs
      ? { what: assignee ? `${assignee.name} looks after it now` : 'It is nobody’s now', at: assignee?.since }
      : withAnotherTeam(changed.referral)),
  });
  return { answer };
}

/** Records that the person was told about a service; the referral goes on. */
export async function signpost(visit: Visit, found: Case): Promise<Done | { errors: FieldErrors }> {
  const to = clean(visit.fields.signpost);
  if (to === '') return { errors: { signpost: 'Enter the service that you told them about' } };
  if (to.length > LIMITS.text) return { errors: { signpost: `Use ${LIMITS.text} characters or fewer` } };
  const changed = await change(visit, found, (referral) =>
    addSignpost(referral, to, visit.now, memberOf(found.who)),
  );
  return changed.state === 'stored'
    ? changed
    : { answer: lateSignpost(visit, { ...found, referral: changed.referral }) };
}

/** It was closed, or passed to another team, in the same moment. */
function lateSignpost(visit: Visit, found: Case): PageResult {
  const { referral } = found;
  return isOfTheirTeam(found)
    ? conflict(found, 'review', { state: 'other', recorded: undefined, referral }, unsentOf(visit.fields))
    : notRecorded(visit, found);
}

/** Takes the decision of the review that the form was about back, as long as that is possible. */
export async function undo(visit: Visit, found: Case): Promise<Done> {
  const { who } = found;
  const link = visit.fields.undoes ?? visit.fields.review ?? '';
  const changed = await change(visit, found, (referral) =>
    undoDecision(referral, link, visit.now, memberOf(who)),
  );
  return changed.state === 'stored'
    ? changed
    : { answer: tooLateToUndo(visit, { ...found, referral: changed.referral }) };
}

/** What came between a decision and taking it back. Of another team's referral nothing but who has it. */
export function tooLateToUndo({ fields }: Visit, found: Case): PageResult {
  const { referral, who } = found;
  return conflictPage({
    ...siteFor(who),
    reference: referral.reference,
    purpose: 'review',
    unsent: unsentOf(fields),
    title: 'This can no longer be taken back',
    ...(isOfTheirTeam(found) ? whatHappened(referral) : whoHasIt(found)),
  });
}

/** Whoever passed it on is told who of the other team has taken it, or since when they work on it, until they decide. */
function whoHasIt({ referral, who }: Case): { what: string; at?: string; by?: string | undefined } {
  if (referral.stage !== 'review' || !referral.passedOnBy || !who.teams.includes(referral.passedOnBy)) {
    return withAnotherTeam(referral);
  }
  const { assignee } = referral;
  if (assignee) return { what: `${assignee.name} looks after it now`, at: assignee.since };
  const acted = actedOnAt(referral);
  return acted === undefined
    ? withAnotherTeam(referral)
    : { what: 'Somebody of the other team has begun to work on it', at: acted };
}

/** The same of one's own team's. */
export function whatHappened({ stage, offers, questions, links, reviews }: Referral): {
  what: string;
  at?: string;
} {
  const offer = offers.at(-1);
  const question = questions.at(-1);
  if (stage === 'closing' || stage === 'closed') return { what: 'The letters are on their way' };
  if (stage === 'programme') return { what: 'The provider has accepted', ...at(offer?.repliedAt) };
  if (stage === 'offer' && offer?.calledAt) {
    return { what: 'A place was found, and the provider has been asked', at: offer.calledAt };
  }
  if (stage === 'offer' && waitsOnList(offer)) {
    return { what: 'The person is on the waiting list', at: offer.waitlistedAt };
  }
  if (offer?.result === 'declined') return { what: 'The provider has declined', ...at(offer.repliedAt) };
  if (question?.answeredAt) return { what: 'The question has been answered', at: question.answeredAt };
  const recorded = links[`review-${reviews}`]?.recorded;
  if (recorded) return { what: recordedInWords('review', recorded.decision), at: recorded.at };
  return { what: 'Somebody has gone on with it since this page was opened' };
}

function at(time: string | undefined): { at?: string } {
  return time === undefined ? {} : { at: time };
}

/** Changes it as long as it is the same team's: who was let in as one of that team has nothing to do with it in another. */
export async function change(
  visit: Visit,
  { referral }: Case,
  rule: (referral: Referral) => Outcome,
): Promise<
  { state: 'stored'; referral: Referral } | { state: 'refused'; refusal: Refusal; referral: Referral }
> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('workspace');
  const own = (current: Referral): Outcome =>
    current.team === referral.team ? rule(current) : { refused: 'not-now' };
  const changed = await referrals(TABLE_NAME).change(referral.id, visit.now, own, referral);
  if (changed.state === 'missing') throw new Error('a referral that was just read is not there');
  const { id: referralId, stage } = changed.referral;
  if (changed.state === 'refused') {
    note(Message.changeRefused, { referralId, stage, reason: changed.refusal.refused });
    return changed;
  }
  note(Message.referralChanged, { referralId, stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, visit.now);
  return changed;
}
