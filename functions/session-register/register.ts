/** What the register's form says, and the notes that come with it. */
import { createHash } from 'node:crypto';
import { clean } from '../../workflows/checks.ts';
import type { GroupRegister } from '../../workflows/cohort.ts';
import {
  type CohortRecord,
  type CohortSession,
  REGISTER_CODES,
  type RegisterEntry,
} from '../../workflows/cohort-record.ts';
import { tellOfNote } from '../../workflows/facilitator-note.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { namesAmong } from '../../workflows/person.ts';
import { isAssessment } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { dateInWords } from '../../workflows/time.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { keepNote } from '../shared/notes.ts';
import { recordIn } from '../shared/participants.ts';
import { referrals } from '../shared/record.ts';
import type { Typed } from './pages/views.ts';

type Participant = Pick<Referral, 'id' | 'reference' | 'person' | 'programme' | 'earlierProgrammes'>;

/** A note for the link worker about one person. */
type NoteFor = { id: string; text: string };

export type ReadRegister = { register: GroupRegister; notes: readonly NoteFor[] };

/** Reads the form: it was held, unless it says otherwise. Every participant has an answer. */
export function readRegister(
  fields: Fields,
  participants: readonly Participant[],
  cohort: CohortRecord,
  session: CohortSession,
): ReadRegister | { errors: FieldErrors } {
  if (fields.held === 'cancelled') return { register: { held: false }, notes: [] };
  const errors: FieldErrors = {};
  const entries: Record<string, RegisterEntry> = {};
  const notes: NoteFor[] = [];
  const nameOf = namesAmong(participants);
  for (const participant of participants) {
    const { id } = participant;
    const attendance = attendanceIn(fields, id);
    const text = clean(fields[`note-${id}`]);
    if (!attendance) errors[`attendance-${id}`] = `Select whether ${nameOf(participant)} came`;
    else {
      const notRight = notRightIn(fields, participant, cohort, session) ? { notRight: true as const } : {};
      entries[id] = { attendance, ...notRight };
    }
    if (text.length > LIMITS.text) errors[`note-${id}`] = `Use ${LIMITS.text} characters or fewer`;
    else if (text !== '') notes.push({ id, text });
    else if (entries[id]?.notRight) {
      errors[`note-${id}`] = `Say in the note why the programme is not right for ${nameOf(participant)}`;
    }
  }
  if (Object.keys(errors).length > 0) return { errors };
  return { register: { held: true, entries, basedOn: basedOnIn(fields) }, notes };
}

/** What was entered, person by person, to be kept on a page. */
export function typedIn(
  fields: Fields,
  participants: readonly Referral[],
  cohort: CohortRecord,
  session: CohortSession,
): Typed[] {
  if (fields.held === 'cancelled') return [];
  const nameOf = namesAmong(participants);
  return participants.map((participant) => {
    const { id } = participant;
    const attendance = attendanceIn(fields, id);
    const text = clean(fields[`note-${id}`]);
    return {
      name: nameOf(participant),
      notRight: notRightIn(fields, participant, cohort, session),
      ...(attendance === undefined ? {} : { attendance }),
      ...(text === '' ? {} : { note: text }),
    };
  });
}

function attendanceIn(fields: Fields, id: string) {
  return REGISTER_CODES.find((code) => code === fields[`attendance-${id}`]);
}

function notRightIn(
  fields: Fields,
  participant: Participant,
  cohort: CohortRecord,
  { number }: CohortSession,
): boolean {
  const asked = isAssessment(recordIn(participant, cohort), cohort, number);
  return asked && fields[`notRight-${participant.id}`] === 'yes';
}

export function basedOnIn({ basedOn }: Fields): number | 'none' {
  return basedOn !== undefined && /^\d{1,6}$/.test(basedOn) ? Number(basedOn) : 'none';
}

/**
 * Keeps the notes beside the referrals of those whom they are about, and tells their link workers. Each key is made of what the note is about and
 * says: the same form again keeps the same notes.
 */
export async function keepNotes(
  notes: readonly NoteFor[],
  cohort: CohortRecord,
  session: CohortSession,
  now: string,
): Promise<void> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const by = {
    id: 'facilitator',
    name: `The facilitator, on the session of ${dateInWords(session.startsAt)}`,
  };
  await Promise.all(
    notes.map(async ({ id, text }) => {
      const digest = createHash('sha256')
        .update(JSON.stringify([cohort.id, session.number, id, text]))
        .digest();
      const key = `${session.startsAt}.${digest.toString('base64url').slice(0, 12)}`;
      await keepNote(TABLE_NAME, id, key, { at: now, by, text });
      const mark = digest.toString('hex').slice(0, 16);
      const changed = await referrals(TABLE_NAME).change(id, now, (referral) =>
        tellOfNote(referral, mark, now),
      );
      if (changed.state !== 'stored') return;
      note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
      await deliver(OUTBOX_FUNCTION, changed.referral, now);
    }),
  );
}
