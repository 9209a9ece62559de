/** A note by somebody who covers for another team: they were called, and whoever looks after the person must hear of it. Nothing else is theirs to do. */

import { clean } from '../../workflows/checks.ts';
import { raiseByColleague } from '../../workflows/concerns.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { Case } from '../shared/case-access.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { keepNote, noteKeyOf } from '../shared/notes.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { siteFor } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { showCase } from './cases.ts';
import { memberOf } from './standing.ts';

/** Keeps the note once, however often it is sent, has the team told of it, and shows the referral again, for the same reason. */
export async function noteFromOutside(visit: Visit, found: Case): Promise<PageResult> {
  const { fields, now } = visit;
  const text = clean(fields.coverNote);
  const key = noteKeyOf(fields.key, now);
  const wrong = (coverNote: string) => showCase(visit, found, { errors: { coverNote } });
  if (text === '') return wrong('Enter a note');
  if (text.length > LIMITS.text) return wrong(`Use ${LIMITS.text} characters or fewer`);
  if (key === undefined) return wrong('This page had been open for too long. Send it again');
  const { id } = found.referral;
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const by = memberOf(found.who);
  const kept = await keepNote(TABLE_NAME, id, key, { at: now, by, text });
  if (kept === 'other') {
    return wrong('Another note was saved with this form before. To save this one as well, send it again');
  }
  const left = { key, by, unsafe: fields.coverUnsafe === 'yes' };
  const changed = await referrals(TABLE_NAME).change(
    id,
    now,
    (referral) => raiseByColleague(referral, left, now),
    found.referral,
  );
  if (changed.state === 'missing') return problemPage('not-found', siteFor(found.who));
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  return showCase(visit, { ...found, referral: changed.referral }, { noteSaved: true });
}
