/**
 * The letters at the end: each reader opens theirs by the link in their email, and link workers all of them, signed in, also to print those
 * of readers who have no address. Each look is in the audit.
 */

import { isToPrint, mayKnow, READERS, type Reader, readersOf } from '../../workflows/closing.ts';
import { hasOpenRisk, openConcern } from '../../workflows/concerns.ts';
import { codeInLetter } from '../../workflows/episode-code.ts';
import { type DueMeasures, measuresDue } from '../../workflows/measure-times.ts';
import { type Measurement, MOST_SHOWN } from '../../workflows/measures.ts';
import { untilTheEnd } from '../../workflows/past-register.ts';
import { attendedSessions, heldSessions, programmesOf } from '../../workflows/programme.ts';
import type { In, ProgrammeRecord } from '../../workflows/referral.ts';
import { endedAfterMissing } from '../../workflows/welfare.ts';
import { type Case, forOwnCase } from '../shared/case-access.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { readToken } from '../shared/links.ts';
import { instrumentsHere, measurementsOf } from '../shared/measures.ts';
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
  const { TABLE_NAME, LICENSED_MEASURES } = environment('letters');
  const measurements = mayKnow(reader, referral.referrer).measures
    ? await measurementsOf(TABLE_NAME, referral, MOST_SHOWN)
    : [];
  return letterPage({
    ...own,
    ...contentOf(referral, measurements),
    instruments: instrumentsHere(LICENSED_MEASURES),
    until: workingUntil(visit, opened),
    reader,
    toPrint: isToPrint(referral, reader),
  });
}

/** Until when the link in the address works; undefined where there is none. */
function workingUntil({ path }: Visit, { link }: Opened): string | undefined {
  const secret = readToken(path.link)?.hash;
  return link.hashes.find(({ hash }) => hash === secret)?.expiresAt;
}

function contentOf(referral: In<'closed'>, measurements: readonly Measurement[]) {
  const { reference, closedAt, createdAt, person, referrer, ending, programme } = referral;
  return {
    reference,
    date: closedAt,
    createdAt,
    person,
    referrer,
    ending,
    programme: programme && findProgramme(programme.programmeId),
    sessions: programme && { planned: programme.planned, ...cameTo(programme) },
    missed: programme && endedAfterMissing(programme),
    earlier: (referral.earlierProgrammes ?? []).map((earlier) => ({
      programme: nameOf(earlier),
      ...cameTo(earlier),
    })),
    attendance: programmesOf(referral).map((each) => ({
      programme: nameOf(each),
      codes: untilTheEnd(each.sessions, ending).flatMap(({ attendance: code }) => code ?? []),
    })),
    measurements,
    measuresDue: stillDue(referral, measurements),
    risk: riskOf(referral),
    snomed: codeInLetter(referral),
  };
}

function cameTo(programme: ProgrammeRecord) {
  return { held: heldSessions(programme), attended: attendedSessions(programme) };
}

function nameOf({ programmeId }: ProgrammeRecord): string {
  return findProgramme(programmeId)?.name ?? programmeId;
}

/** The questions that would say what came of the programme, while they are not answered. */
function stillDue(referral: In<'closed'>, measurements: readonly Measurement[]): DueMeasures | undefined {
  const due = measuresDue(referral);
  return due?.point === 'end' || !measurements.some(({ point }) => point === 'end') ? due : undefined;
}

/** Whether somebody is to see to a concern, or a risk was named and nobody is. */
function riskOf(referral: In<'closed'>): 'followed-up' | 'named' | undefined {
  if (openConcern(referral)) return 'followed-up';
  return hasOpenRisk(referral) ? 'named' : undefined;
}
