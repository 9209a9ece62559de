/**
 * The letters at the end: each reader opens theirs by the link in their email, and link workers all of them, signed in, also to print those
 * of readers who have no address. Each look is in the audit.
 */

import { isToPrint, READERS, type Reader, readersOf } from '../../workflows/closing.ts';
import { codeInLetter } from '../../workflows/episode-code.ts';
import { attendedSessions, heldSessions } from '../../workflows/programme.ts';
import type { In } from '../../workflows/referral.ts';
import { type Case, forOwnCase } from '../shared/case-access.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import type { Site } from '../shared/pages/page.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { guarded, siteFor } from '../shared/session.ts';
import { audit, type Opened, openLink, type PageResult, pages, site, type Visit } from '../shared/web.ts';
import { letterDoorPage, letterPage } from './pages/views.ts';

export const handler = pages({
  ...guarded({
    'GET /referrals/{reference}/letters/{reader}': {
      roles: ['link-worker', 'coordinator'],
      answer: forOwnCase(showToTeam),
    },
  }),
  'GET /letters/{link}': async (visit) => {
    const { referral, id } = await openLink(visit, 'letters');
    const reader = READERS.find((reader) => id === `letter-${reader}`);
    return reader
      ? letterDoorPage({ ...site(), reference: referral.reference, reader })
      : problemPage('not-found', site());
  },
  'POST /letters/{link}': async (visit) => {
    const opened = await openLink(visit, 'letters');
    const reader = READERS.find((reader) => opened.id === `letter-${reader}`);
    return reader ? show(visit, opened, reader, site()) : problemPage('not-found', site());
  },
});

async function showToTeam(visit: Visit, found: Case): Promise<PageResult> {
  const own = siteFor(found.who);
  const reader = readersOf(found.referral).find((reader) => reader === visit.path.reader);
  return reader
    ? show(visit, { ...found, id: `letter-${reader}` }, reader, own)
    : problemPage('not-found', own);
}

/** There is no letter before the end. */
async function show(visit: Visit, opened: Opened, reader: Reader, own: Site): Promise<PageResult> {
  const { referral } = opened;
  if (referral.stage !== 'closed') return problemPage('not-found', own);
  await audit(visit, opened, 'letter');
  return letterPage({ ...own, ...contentOf(referral), reader, toPrint: isToPrint(referral, reader) });
}

function contentOf(referral: In<'closed'>) {
  const { reference, closedAt, createdAt, person, referrer, ending, programme } = referral;
  return {
    reference,
    date: closedAt,
    createdAt,
    person,
    referrer,
    ending,
    programme: programme && findProgramme(programme.programmeId),
    sessions: programme && {
      planned: programme.planned,
      held: heldSessions(programme),
      attended: attendedSessions(programme),
    },
    snomed: codeInLetter(referral),
  };
}
