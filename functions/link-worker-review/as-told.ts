/**
 * What a link worker records in the person's place: they leave, cannot come to the next session, or can after all; or the programme has ended at its
 * provider. Done twice it is done once; whoever is slower is told what came between.
 */
import type { Outcome } from '../../workflows/change.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { nextToCome } from '../../workflows/planning.ts';
import type { Referral, Session } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { endAtProvider, excuseAsTold, leaveAsTold } from '../../workflows/team-ends.ts';
import { type Case, isOfTheirTeam, notRecorded } from '../shared/case-access.ts';
import { cohortItemId, readCohort } from '../shared/cohorts.ts';
import { environment } from '../shared/environment.ts';
import { conflictPage } from '../shared/pages/problems.ts';
import { endingWords } from '../shared/pages/words.ts';
import { siteFor } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { unsentOf } from './preferences.ts';
import { change, type Done, memberOf, whatHappened } from './standing.ts';

/** The buttons of these forms. */
const ACTIONS = ['told-leaves', 'ended-at-provider', 'told-cannot-come', 'told-comes'] as const;
type Action = (typeof ACTIONS)[number];

/** Which of these a form asks for; undefined for any other. */
export function readAsTold(action: string | undefined): Action | undefined {
  return ACTIONS.find((known) => known === action);
}

/** The session to which they can come next, where they are in a programme: at the time that their group has for it. */
export async function nextSessionOf(referral: Referral, now: string): Promise<Session | undefined> {
  return nextToCome(referral, now, await groupOf(referral));
}

async function groupOf({ stage, programme }: Referral) {
  if (stage !== 'programme' || !programme) return undefined;
  const { programmeId, cohortId } = programme;
  return readCohort(environment('workspace').TABLE_NAME, cohortItemId(programmeId, cohortId));
}

/** Records it, or says what is missing. */
export async function recordAsTold(
  visit: Visit,
  found: Case,
  action: Action,
): Promise<Done | { errors: FieldErrors }> {
  const missing = tickMissing(visit, action);
  // What has ended meanwhile needs no tick any more.
  if (missing && !isEnded(found.referral)) return { errors: missing };
  const cohort = action.startsWith('told-c') ? await groupOf(found.referral) : undefined;
  const changed = await change(visit, found, (referral) => ruleOf(visit, found, action, referral, cohort));
  const newest = { ...found, referral: changed.referral };
  if (changed.state === 'stored') return changed;
  const isConcerned = changed.refusal.recorded === 'concern-open' && isOfTheirTeam(newest);
  return isConcerned
    ? { errors: { endedAtProvider: SEE_TO_IT } }
    : { answer: tooLate(visit, newest, action) };
}

const SEE_TO_IT =
  'Somebody has to see first to what they said: record that beside the notes, then the programme can end';

/** Both endings cannot be taken back: the letters go out. */
function tickMissing({ fields }: Visit, action: Action): FieldErrors | undefined {
  if (action === 'told-leaves' && fields.leaves !== 'yes') {
    return { leaves: 'Tick the box to confirm that they told you that they leave' };
  }
  return action === 'ended-at-provider' && fields.endedAtProvider !== 'yes'
    ? { endedAtProvider: 'Tick the box to confirm that the provider holds the programme no more' }
    : undefined;
}

function ruleOf(
  { fields, now }: Visit,
  { who }: Case,
  action: Action,
  referral: Referral,
  cohort: Awaited<ReturnType<typeof groupOf>>,
): Outcome {
  const by = memberOf(who);
  const offer = Number(fields.offer);
  switch (action) {
    case 'told-leaves':
      return leaveAsTold(referral, by, now);
    case 'ended-at-provider':
      return endAtProvider(referral, offer, by, now);
    case 'told-cannot-come':
    case 'told-comes': {
      const said = { offer, session: Number(fields.session), startsAt: fields.startsAt };
      return excuseAsTold(referral, said, action === 'told-comes', by, now, cohort);
    }
  }
}

/** They left by themselves, somebody else was faster, the session has begun, or the referral is another team's by now. */
function tooLate(visit: Visit, found: Case, action: Action): PageResult {
  const { referral, who } = found;
  if (!isOfTheirTeam(found)) return notRecorded(visit, found);
  const isOfSession = referral.stage === 'programme' && action.startsWith('told-c');
  return conflictPage({
    ...siteFor(who),
    reference: referral.reference,
    purpose: 'review',
    unsent: unsentOf(visit.fields),
    title: isOfSession ? SESSION_OVER : 'This was not recorded',
    ...(isEnded(referral) ? howItEnded(referral) : isOfSession ? {} : whatHappened(referral)),
  });
}

const SESSION_OVER = 'That session has begun, was moved, or is no longer their next one';

function howItEnded({ ending, history }: Extract<Referral, { ending: object }>) {
  const by = history.find(({ at, name }) => at === ending.decidedAt && name !== undefined)?.name;
  return { what: endingWords[ending.kind], at: ending.decidedAt, by };
}
