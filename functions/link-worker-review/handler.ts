/** The link worker: reviews a referral, and contacts a person who missed two sessions, by a link from the email; or signed in, from the worklist. */
import { CASE_LINK } from '../../workflows/change.ts';
import { readersOf } from '../../workflows/closing.ts';
import { ageBand } from '../../workflows/matching.ts';
import { emailOf } from '../../workflows/person.ts';
import { decideWelfare } from '../../workflows/programme.ts';
import { DECLINE_REASONS, decideReview } from '../../workflows/review.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { undoable } from '../../workflows/undo.ts';
import { forOwnCase } from '../shared/case-access.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { guarded } from '../shared/session.ts';
import { conflict, decide, type Opened, openLink, pages, redirect, site } from '../shared/web.ts';
import { showCase, showReview, showWelfare } from './cases.ts';
import { readReview, readWelfare } from './decisions.ts';
import {
  caseDoorPage,
  reviewDoorPage,
  reviewRecordedPage,
  type WhatWasDecided,
  welfareDoorPage,
  welfareRecordedPage,
} from './pages/views.ts';
import { savePreferences, savePreferencesByLink } from './preferences.ts';
import { actOnReferral, showReferral } from './signed-in.ts';
import { undo } from './standing.ts';

export const handler = pages({
  ...guarded({
    'GET /referrals/{reference}': { roles: ['link-worker', 'coordinator', 'auditor'], answer: showReferral },
    'POST /referrals/{reference}': {
      roles: ['link-worker', 'coordinator', 'auditor'],
      answer: actOnReferral,
    },
    'POST /referrals/{reference}/preferences': {
      roles: ['link-worker', 'coordinator'],
      answer: forOwnCase(savePreferences),
    },
  }),
  'GET /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    const { referral, link, id } = opened;
    const { reference } = referral;
    if (id === CASE_LINK) return caseDoorPage({ ...site(), reference });
    if (link.recorded) {
      const { at, decision } = link.recorded;
      const letters = readersOf(referral);
      return reviewRecordedPage({
        ...site(),
        ...{ reference, at, decision, letters },
        what: whatWasDecided(opened, at),
        undone: link.undoneAt,
        undo: undoable(referral, visit.now)?.link === id,
      });
    }
    return reviewDoorPage({
      ...site(),
      reference,
      danger: referral.request.danger,
      ageBand: ageBand(referral.person.dateOfBirth, visit.now),
      since: referral.createdAt,
      by: answerBy(referral),
    });
  },
  'POST /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    const readOnly = opened.id === CASE_LINK || opened.link.recorded !== undefined;
    if (visit.fields.action === 'undo') return undo(visit, opened, opened.id, `/review/${visit.path.link}`);
    if (!readOnly && visit.fields.action === 'preferences') return savePreferencesByLink(visit, opened);
    if (opened.id === CASE_LINK || visit.fields.action !== 'decide') {
      return readOnly ? showCase(visit, opened) : showReview(visit, opened);
    }
    const read = await readReview(visit.fields, opened.referral, visit.now);
    if ('errors' in read) {
      const { link, referral } = opened;
      return readOnly
        ? conflict(opened, 'review', { state: 'other', recorded: link.recorded?.decision, referral })
        : showReview(visit, opened, read.errors);
    }
    const { decision } = read;
    const decided = await decide(visit, opened, decision.decision, decision, (referral) =>
      decideReview(referral, opened.id, decision, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/review/${visit.path.link}`)
      : conflict(opened, 'review', decided);
  },
  'GET /welfare/{link}': async (visit) => {
    const { referral, link } = await openLink(visit, 'welfare');
    const { reference, person } = referral;
    if (!link.recorded) return welfareDoorPage({ ...site(), reference, by: answerBy(referral) });
    const reason = isEnded(referral) ? referral.ending.reason : undefined;
    const { at, decision } = link.recorded;
    const reminded = emailOf(person) !== undefined;
    const letters = readersOf(referral);
    return welfareRecordedPage({ ...site(), reference, at, decision, letters, reason, reminded });
  },
  'POST /welfare/{link}': async (visit) => {
    const opened = await openLink(visit, 'welfare');
    const readOnly = opened.link.recorded !== undefined;
    if (visit.fields.action !== 'decide') {
      return readOnly ? showCase(visit, opened) : showWelfare(visit, opened);
    }
    const read = readWelfare(visit.fields);
    if ('errors' in read) return readOnly ? showCase(visit, opened) : showWelfare(visit, opened, read.errors);
    const decided = await decide(visit, opened, read.decision.outcome, read.decision, (referral) =>
      decideWelfare(referral, opened.id, read.decision, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/welfare/${visit.path.link}`)
      : conflict(opened, 'welfare', decided);
  },
});

/** What a review decided, beyond its kind. Decision and offer, or ending, were stored at the same moment. */
function whatWasDecided({ referral }: Opened, at: string): WhatWasDecided {
  const offer = referral.offers.find(({ offeredAt }) => offeredAt === at);
  const question = referral.questions.find(({ askedAt }) => askedAt === undefined || askedAt >= at);
  const ending = isEnded(referral) && referral.ending.decidedAt === at ? referral.ending : undefined;
  return {
    programmeName: findProgramme(offer?.programmeId)?.name ?? offer?.programmeId,
    asked: question?.to,
    declineReason: DECLINE_REASONS.find((known) => known === ending?.reason),
  };
}
