/** Contacts with a person: who calls sees first what to mind, records each attempt, keeps notes, and learns when it is time for a letter. */
import { lift } from '../../workflows/addresses.ts';
import { isRefusal } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { settleConcern, toSeeTo } from '../../workflows/concerns.ts';
import { nextContact, recordContact } from '../../workflows/contacts.ts';
import { CORRECTABLE, correctAddress } from '../../workflows/corrections.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { isReferrersInbox } from '../../workflows/inbox.ts';
import type { Referral, TeamMember } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { openUndelivered, settleUndelivered } from '../../workflows/undelivered.ts';
import { addressIdOf, changeAddress } from '../shared/addresses.ts';
import { type Case, forOwnCase, isOfTheirTeam, notRecorded, workOnCase } from '../shared/case-access.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { newestFeedback } from '../shared/feedback.ts';
import { Message, note } from '../shared/log.ts';
import { keepNote, mintNoteKey, noteKeyIn, noteKeyOf, pageOfNotes } from '../shared/notes.ts';
import { referrals } from '../shared/record.ts';
import { siteFor, workspace } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { contactsPage, type Done } from './pages/views.ts';
import { NOT_REMINDED, readAttempt, readReached, readText } from './reading.ts';

const roles = ['link-worker', 'coordinator'] as const;

export const handler = workspace({
  'GET /referrals/{reference}/contacts': {
    roles,
    answer: forOwnCase((visit, found) => show(visit, found, { done: doneIn(visit) })),
  },
  'POST /referrals/{reference}/contacts': {
    roles,
    answer: forOwnCase((visit, found) => {
      switch (visit.fields.action) {
        case 'note':
          return saveNote(visit, found);
        case 'settle':
          return settle(visit, found);
        case 'reach':
          return reach(visit, found);
        case 'stay':
          return show(visit, found, somethingIn(visit.fields) ? { left: 'all' } : {});
        default:
          return saveContact(visit, found);
      }
    }),
  },
});

/** What the page says besides what there is. */
type Saying = {
  done?: Done | undefined;
  /** What was entered and is not saved: beside something that has just been, or all of it. */
  left?: 'other' | 'all';
  errors?: FieldErrors;
  /** Somebody else was faster, or this came late: sent again, it is something new. */
  late?: boolean;
};

/** Costs the same number of requests however much there is: the referral, its newest notes, what the person said, the entry in the audit. */
async function show(visit: Visit, found: Case, saying: Saying = {}): Promise<PageResult> {
  await audit(visit, found, 'contacts');
  const { referral, who } = found;
  const { now, query } = visit;
  const { done, left, errors = {}, late = false } = saying;
  const fields = withPlaces(visit.fields, referral);
  const before = isSent(visit) ? undefined : noteKeyIn(query.before);
  // What was not saved is sent again under its own key, unless that has been used up.
  const sameKey = late || done ? undefined : noteKeyOf(fields.key, now);
  const { TABLE_NAME } = environment('workspace');
  const [notes, feedback] = await Promise.all([
    pageOfNotes(TABLE_NAME, referral.id, before),
    newestFeedback(TABLE_NAME, referral.id),
  ]);
  return contactsPage({
    ...siteFor(who),
    referral,
    now,
    ...notes,
    feedback,
    newest: before === undefined,
    number: nextContact(referral),
    key: sameKey ?? mintNoteKey(now),
    ...{ done, left },
    form: { values: isSent(visit) ? fields : { when: 'now' }, errors },
  });
}

/** Only forms have fields. */
function isSent({ fields }: Visit): boolean {
  return Object.keys(fields).length > 0;
}

const PARTS_OF_DATE = ['day', 'month', 'year'] as const;
const dateFields = (name: string) => PARTS_OF_DATE.map((part) => `${name}-${part}`);

/** What each button saves, besides when a contact was. */
const ENTERED = {
  settle: ['settled'],
  reach: ['newEmail', 'sendAgain', 'reached'],
  contact: [
    ...['channel', 'outcome', 'contactTime', 'contactNote'],
    ...dateFields('contactDate'),
    ...dateFields('nextDate'),
  ],
  note: ['note'],
} as const;

/** Whether something was entered that a button saves. */
function somethingIn(fields: Fields): boolean {
  return Object.values(ENTERED)
    .flat()
    .some((name) => clean(fields[name]) !== '');
}

/** What a form sent without what one of its buttons has saved. */
function without(fields: Fields, part: keyof typeof ENTERED): Fields {
  const saved: readonly string[] = ENTERED[part];
  const left = Object.fromEntries(Object.entries(fields).filter(([name]) => !saved.includes(name)));
  return part === 'contact' ? { ...left, when: 'now' } : left;
}

/** The page again after a button has saved its part, with what else was entered: each sends all of it. Where that is nothing, by GET. */
function goOn(
  visit: Visit,
  found: Case,
  part: keyof typeof ENTERED,
  done: Done,
): PageResult | Promise<PageResult> {
  const fields = without(visit.fields, part);
  return somethingIn(fields)
    ? show({ ...visit, fields }, found, { done, left: 'other' })
    : redirect(`/referrals/${found.referral.reference}/contacts?done=${done}`);
}

/** What was typed about something that is over by now has no field of its own any more: it is part of the note. */
function withPlaces(fields: Fields, referral: Referral): Fields {
  const isSame = (sent: string | undefined, shown: { number: number } | undefined) =>
    shown !== undefined && Number(sent) === shown.number;
  const over = [
    ...(isSame(fields.concern, toSeeTo(referral)) ? [] : ['settled']),
    ...(isSame(fields.undelivered, openUndelivered(referral)[0]) ? [] : ['newEmail', 'reached']),
    ...(isEnded(referral) ? ['contactNote'] : []),
  ].filter((name) => clean(fields[name]) !== '');
  return over.length === 0
    ? fields
    : {
        ...fields,
        ...Object.fromEntries(over.map((name) => [name, ''])),
        note: joined(fields.note, ...over.map((name) => fields[name])),
      };
}

/** Texts below each other. */
function joined(...texts: (string | undefined)[]): string {
  return texts
    .map((text) => clean(text))
    .filter((text) => text !== '')
    .join('\n\n');
}

/** Stores an attempt, and the note about it under the key that the form brought. Each is stored once, however often it is sent. */
async function saveContact(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const { id, createdAt } = found.referral;
  const read = readAttempt(fields, createdAt, now);
  if ('errors' in read) return show(visit, found, { errors: read.errors });
  const { attempt, text } = read;
  const key = noteKeyOf(fields.key, now);
  const number = Number(fields.number);
  if (key === undefined || !Number.isInteger(number) || number < 1) return tooOld(visit, found);
  const { TABLE_NAME } = environment('workspace');
  const by = memberOf(found);
  const changed = await referrals(TABLE_NAME).change(
    id,
    now,
    (referral) => {
      const recorded = recordContact(referral, number, attempt, by, now);
      // What was done is recorded; but whom another team looks after by now is not taken with it.
      const taken = !isRefusal(recorded) && referral.team !== found.referral.team && !referral.assignee;
      return taken ? { ...recorded, assignee: undefined } : recorded;
    },
    found.referral,
  );
  if (changed.state === 'missing') return tooOld(visit, found);
  const newest = { ...found, referral: changed.referral };
  if (changed.state === 'refused') {
    note(Message.changeRefused, {
      referralId: id,
      stage: changed.referral.stage,
      reason: changed.refusal.refused,
    });
    // Without the day it could be recorded.
    const { next: _day, ...without } = attempt;
    if (attempt.next !== undefined && !isRefusal(recordContact(changed.referral, number, without, by, now))) {
      return show(visit, newest, { errors: { nextDate: NOT_REMINDED } });
    }
    return show(visit, newest, { errors: { channel: whyRefused(newest, number) }, late: true });
  }
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  if (text !== '') {
    const kept = await keepNote(TABLE_NAME, id, key, { at: now, by, text, contact: number });
    if (kept === 'other') {
      const left = without(fields, 'contact');
      return noteToo({ ...visit, fields: { ...left, note: joined(left.note, text) } }, newest);
    }
  }
  return goOn(visit, newest, 'contact', 'contact');
}

/** Somebody has seen to a concern, and says what they did: the note is kept first, so that no concern is over without one. */
async function settle(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const { id } = found.referral;
  const read = readText(fields.settled, 'settled', 'Enter what you did about it');
  if ('errors' in read) return show(visit, found, { errors: read.errors });
  const key = noteKeyOf(fields.key, now);
  const number = Number(fields.concern);
  const concern = found.referral.concerns?.find((each) => each.number === number);
  if (key === undefined || !concern) return tooOld(visit, found);
  const by = memberOf(found);
  const elsewhere = concern.settledAt !== undefined && concern.settledBy?.id !== by.id;
  if (elsewhere) return settledBefore(visit, found, concern.settledBy?.name ?? '');
  const { TABLE_NAME } = environment('workspace');
  const kept = await keepNote(TABLE_NAME, id, key, { at: now, by, text: read.text });
  if (kept === 'other') return tooOld(visit, found);
  const changed = await referrals(TABLE_NAME).change(
    id,
    now,
    (referral) => settleConcern(referral, number, by, now),
    found.referral,
  );
  if (changed.state === 'missing') return tooOld(visit, found);
  if (changed.state === 'refused') {
    return settledBefore(
      { ...visit, fields: { ...fields, settled: '' } },
      { ...found, referral: changed.referral },
      changed.refusal.recorded ?? '',
    );
  }
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  return goOn(visit, { ...found, referral: changed.referral }, 'settle', 'settled');
}

/**
 * Somebody has reached a recipient to whom email does not get through, or has an address that works. The note is kept first, as of a concern;
 * an address that had not worked before is tried again, since somebody says that it does.
 */
async function reach(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const { id } = found.referral;
  const read = readReached(fields);
  if ('errors' in read) return show(visit, found, { errors: read.errors });
  const { text, address, again } = read;
  const key = noteKeyOf(fields.key, now);
  const number = Number(fields.undelivered);
  const entry = found.referral.undelivered?.find((each) => each.number === number);
  const to = CORRECTABLE.find((known) => known === entry?.to);
  if (key === undefined || !entry || (address !== undefined && !to)) return tooOld(visit, found);
  const { person, referrer } = found.referral;
  if (to === 'person' && address && isReferrersInbox({ person: { ...person, email: address }, referrer })) {
    return show(visit, found, {
      errors: {
        newEmail: 'This is the address of whoever referred them. Enter one that only the person reads',
      },
    });
  }
  const by = memberOf(found);
  if (entry.settledAt !== undefined && entry.settledBy?.id !== by.id) {
    return settledBefore(visit, found, entry.settledBy?.name ?? '');
  }
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('workspace');
  if (text !== '') {
    const kept = await keepNote(TABLE_NAME, id, key, { at: now, by, text });
    if (kept === 'other') return tooOld(visit, found);
  }
  if (address !== undefined) {
    await changeAddress(TABLE_NAME, addressIdOf(address), now, (known) =>
      known.dead === undefined ? { refused: 'not-now' } : lift(known, now),
    );
  }
  const changed = await referrals(TABLE_NAME).change(
    id,
    now,
    (referral) => {
      const settled = settleUndelivered(referral, number, by, again, now);
      if (isRefusal(settled) || settled === referral || address === undefined || !to) return settled;
      return correctAddress(referral, { to, address }, by, now);
    },
    found.referral,
  );
  if (changed.state === 'missing') return tooOld(visit, found);
  if (changed.state === 'refused') {
    const newest = { ...found, referral: changed.referral };
    return settledBefore(visit, newest, changed.refusal.recorded ?? '');
  }
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  const done = address === undefined ? 'reached' : 'corrected';
  return goOn(visit, { ...found, referral: changed.referral }, 'reach', done);
}

/** Somebody else was faster. What was typed stays, to be saved as a note (withPlaces). */
function settledBefore(visit: Visit, found: Case, name: string): Promise<PageResult> {
  const errors = {
    note: `${name || 'Somebody'} has recorded before you that they have seen to it. If there is more to say, save it as a note`,
  };
  return show(visit, found, { errors, late: true });
}

async function saveNote(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const read = readText(fields.note, 'note', 'Enter a note');
  if ('errors' in read) return show(visit, found, { errors: read.errors });
  const key = noteKeyOf(fields.key, now);
  if (key === undefined) return tooOld(visit, found);
  const newest = await workOnCase(visit, found);
  if (!isOfTheirTeam(newest)) return notRecorded(visit, newest);
  const { id } = found.referral;
  const saved = { at: now, by: memberOf(found), text: read.text };
  const kept = await keepNote(environment('workspace').TABLE_NAME, id, key, saved);
  return kept === 'other' ? noteToo(visit, found) : goOn(visit, found, 'note', 'note');
}

/** Another note was saved with the same form: what is typed now stays, to be saved as one more. */
function noteToo(visit: Visit, found: Case): Promise<PageResult> {
  const errors = {
    note: 'This form had been sent before, with another note, which is saved. To save this one as well, send it again',
  };
  return show(visit, found, { errors, late: true });
}

/** The form was shown long ago, or is none of ours. */
function tooOld(visit: Visit, found: Case): Promise<PageResult> {
  const field = { note: 'note', settle: 'settled', reach: 'reached' }[visit.fields.action ?? ''] ?? 'channel';
  const errors = {
    [field]: 'This page had been open for too long. Check what you entered, and send it again',
  };
  return show(visit, found, { errors, late: true });
}

/** In words: what stands in the way of an attempt with this number. */
function whyRefused({ referral }: Case, number: number): string {
  const before = referral.contacts?.[number - 1];
  return before
    ? `${before.by.name} has recorded a contact since you opened this page: see the list above. If yours is another one, send it again`
    : 'The referral has moved on: no more contacts can be recorded. You can still add a note';
}

function memberOf({ who }: Case): TeamMember {
  return { id: who.sub, name: who.name.slice(0, LIMITS.line) };
}

function doneIn({ query }: Visit): Done | undefined {
  return (['contact', 'note', 'settled', 'reached', 'corrected'] as const).find(
    (known) => known === query.done,
  );
}
