/** The letters at the end: each reader opens theirs by the link in their email, and each look is in the audit. */

import { READERS, type Reader } from '../../workflows/closing.ts';
import { codeInLetter } from '../../workflows/episode-code.ts';
import { emailOf } from '../../workflows/person.ts';
import { attendedSessions, heldSessions } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { audit, type Opened, openLink, pages, site } from '../shared/web.ts';
import { letterDoorPage, letterPage } from './pages/views.ts';

export const handler = pages({
  'GET /letters/{link}': async (visit) => {
    const opened = await openLink(visit, 'letters');
    const reader = readerOf(opened);
    return reader
      ? letterDoorPage({
          ...site(),
          reference: opened.referral.reference,
          reader,
          toPrint: isToPrint(opened.referral, reader),
        })
      : problemPage('not-found', site());
  },
  'POST /letters/{link}': async (visit) => {
    const opened = await openLink(visit, 'letters');
    const { referral } = opened;
    const reader = readerOf(opened);
    if (!reader || referral.stage !== 'closed') return problemPage('not-found', site());
    await audit(visit, opened, 'letter');
    const { reference, closedAt, createdAt, person, referrer, ending, programme } = referral;
    return letterPage({
      ...site(),
      reference,
      reader,
      toPrint: isToPrint(referral, reader),
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
    });
  },
});

function readerOf({ id }: Opened): Reader | undefined {
  return READERS.find((reader) => id === `letter-${reader}`);
}

/** Without an email address of its reader, the letter goes to the link worker, who prints it and sends it by post. */
function isToPrint({ person }: Referral, reader: Reader): boolean {
  if (reader === 'person') return emailOf(person) === undefined;
  return reader === 'gp' && person.gpPracticeEmail === undefined;
}
