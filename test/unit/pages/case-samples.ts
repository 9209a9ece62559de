/** What happened with a referral, and its page of contacts and notes, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type ContactsView, contactsPage } from '../../../functions/link-worker-contacts/pages/views.ts';
import { NOT_REMINDED } from '../../../functions/link-worker-contacts/reading.ts';
import type { Happened } from '../../../functions/link-worker-review/pages/timeline.ts';
import type { Looks } from '../../../functions/shared/looks.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { raiseByColleague, raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import type { Recipient } from '../../../workflows/outbox-entry.ts';
import type { Contact, Referral } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { noteToTell, noteUndelivered } from '../../../workflows/undelivered.ts';
import { inReview, stored } from '../workflows/builders.ts';

const by = { id: 'amina', name: 'Amina Rahman' };
const tom = { id: 'tom', name: 'Tom Wells' };

const called: Contact = {
  number: 1,
  at: '2026-11-16T15:10:00.000Z',
  channel: 'phone',
  outcome: 'no-answer',
  next: '2026-11-19',
  by,
};
const texted: Contact = { number: 2, at: '2026-11-19T09:05:00.000Z', channel: 'text', outcome: 'sent', by };
const calledAgain: Contact = {
  number: 3,
  at: '2026-11-24T09:30:00.000Z',
  channel: 'phone',
  outcome: 'left-message',
  by: tom,
};
const tried = [called, texted, calledAgain];

/** Who looked, put together by day. */
export function sampleLooks(mark = ''): Looks[] {
  return [
    {
      ...{ at: '2026-11-24T09:58:00.000Z', count: 3, name: `Amina Rahman${mark}`, roles: ['link-worker'] },
      ...{ pages: ['overview', 'plan'], forAReason: false },
    },
    {
      ...{ at: '2026-11-23T16:00:00.000Z', count: 1, name: 'Sam Lee', roles: ['link-worker', 'coordinator'] },
      ...{ pages: ['overview'], forAReason: true },
    },
    {
      ...{ at: '2026-11-23T12:00:00.000Z', count: 1, name: 'Alex Morgan', roles: ['auditor'] },
      ...{ pages: ['overview'], forAReason: true },
    },
    ...(
      [
        ['2026-11-20T16:40:00.000Z', 2, 'provider', ['contact-details', 'offer']],
        ['2026-11-18T08:30:00.000Z', 1, 'person', ['own-page']],
        // Before it was kept what was looked at.
        ['2026-11-17T11:00:00.000Z', 1, 'link-worker', []],
        ['2026-11-17T10:00:00.000Z', 1, 'referrer', ['question']],
        ['2026-11-17T09:00:00.000Z', 1, 'gp-practice', ['letter']],
      ] as const
    ).map(([at, count, reader, pages]) => ({ at, count, reader, pages, forAReason: false })),
  ];
}

function sampleNotes(mark: string) {
  return [
    {
      ...{ key: 'b', at: '2026-11-24T09:31:00.000Z', by: tom, contact: 3 },
      text: `Voicemail in her own voice, so I left only my first name and our number.${mark}`,
    },
    {
      ...{ key: 'a', at: '2026-11-19T09:10:00.000Z', by },
      text: `Texts are read after four. Her sister says the phone is often off on college days.\n\nTry on a Tuesday.${mark}`,
    },
  ];
}

export function sampleHappenings(mark = ''): Happened {
  return {
    contacts: tried,
    signposts: [{ number: 1, at: '2026-11-19T09:00:00.000Z', to: `The library’s reading group${mark}`, by }],
    sent: [
      { at: '2026-11-16T14:20:10.000Z', message: 'acknowledgement-referrer', to: 'referrer' },
      { at: '2026-11-18T12:00:05.000Z', message: 'offer', to: 'provider' },
      { at: '2026-11-20T17:00:05.000Z', message: 'letter-person', to: 'link-worker' },
    ],
    notes: sampleNotes(mark),
    plans: [{ at: '2026-11-20T12:00:00.000Z', by }],
    looks: sampleLooks(mark),
    more: true,
  };
}

type Samples = Record<string, () => APIGatewayProxyStructuredResultV2>;

/** The page of contacts and notes, and what the referral's page says of closing it. */
export function contactsSamples(site: Site, person: Person, now: string, mark = ''): Samples {
  const referral: Referral = { ...inReview(), person, reference: 'SP-7K4M-2Q9X' };
  const { request } = referral;
  const risks = { known: true, detail: `Has said that life is too much.${mark}` } as const;
  // Long enough ago for a letter.
  const longAgo = tried.map((contact, i) => ({ ...contact, at: `2026-11-0${2 * i + 2}T10:00:00.000Z` }));
  const dead = { channel: 'phone', outcome: 'not-possible', by } as const;
  const wayClosed = [
    { ...dead, number: 1, at: '2026-11-17T10:00:00.000Z' },
    { ...dead, number: 2, at: '2026-11-19T10:00:00.000Z', next: '2026-11-23' },
    { number: 3, at: '2026-11-23T10:00:00.000Z', channel: 'letter', outcome: 'sent', by },
  ] satisfies Contact[];
  const view: ContactsView = {
    ...site,
    referral,
    now,
    notes: [],
    feedback: [],
    older: undefined,
    newest: true,
    number: 1,
    key: 'key',
    form: { values: { when: 'now' } },
  };
  const withContacts = { ...view, referral: { ...referral, contacts: tried }, notes: sampleNotes(mark) };
  const said = [
    {
      key: 'b',
      at: now,
      about: 'other',
      text: `My neighbour shouts at me at night.${mark}`,
      concern: 'unsafe',
    },
    { key: 'a', at: '2026-11-20T12:00:00.000Z', about: 'session-1', rating: 'good' },
  ] as const;
  const hold = { until: '2027-01-20T08:00:00.000Z', reason: 'person-asked', since: now } as const;
  const onHold = { ...referral, hold } as Referral;
  const unsafe = raiseConcern(referral, 'unsafe', now);
  const noted = (key: string, unsafe: boolean) => raiseByColleague(referral, { key, by, unsafe }, now);
  const unreached = (...recipients: Recipient[]) =>
    recipients.reduce<Referral>((before, to) => {
      const missed = { id: to, message: 'acknowledgement-person', to, link: 'person' } as const;
      return noteUndelivered(before, { to, why: 'bounced', missed }, now);
    }, referral);
  const wrong = { channel: 'letter', outcome: 'left-message', when: 'earlier', contactTime: `4pm${mark}` };
  const errors = {
    outcome: '“I left a message” does not go with what is sent in writing',
    contactDate: 'Enter a real date, like 15 1 2027',
    contactTime: 'Enter a time on the 24-hour clock, like 16:00',
    nextDate: 'The next try must be today or later',
    note: 'Enter a note',
  };
  return {
    contacts: () => contactsPage(view),
    'contacts-on-hold': () => contactsPage({ ...view, referral: onHold }),
    'contacts-not-reminded-errors': () =>
      contactsPage({
        ...view,
        referral: onHold,
        form: {
          values: { when: 'now', 'nextDate-day': '27', 'nextDate-month': '11', 'nextDate-year': '2026' },
          errors: { nextDate: NOT_REMINDED },
        },
      }),
    'contacts-said': () => contactsPage({ ...view, feedback: said.slice(1) }),
    'contacts-concern': () => contactsPage({ ...view, referral: unsafe, feedback: said }),
    'contacts-concern-errors': () =>
      contactsPage({
        ...view,
        referral: unsafe,
        feedback: said,
        form: { values: { when: 'now' }, errors: { settled: 'Enter what you did about it' } },
      }),
    'contacts-concern-settled': () =>
      contactsPage({
        ...view,
        referral: stored(settleConcern(unsafe, 1, by, now)),
        feedback: said,
        done: 'settled',
      }),
    'contacts-unreached-by-email': () => contactsPage({ ...view, referral: unreached('person', 'referrer') }),
    'contacts-unreached-by-email-errors': () =>
      contactsPage({
        ...view,
        referral: unreached('referrer'),
        form: {
          values: { when: 'now', newEmail: `nobody${mark}`, reached: `Phoned them${mark}` },
          errors: { newEmail: 'Enter an email address in the correct format, like name@example.com' },
        },
      }),
    'contacts-unreached-practice': () => contactsPage({ ...view, referral: unreached('gp-practice') }),
    'contacts-unreached-provider': () => contactsPage({ ...view, referral: unreached('provider') }),
    'contacts-unreached-complained': () =>
      contactsPage({
        ...view,
        referral: noteUndelivered(
          referral,
          { to: 'person', why: 'complained', missed: { id: 'a', message: 'letter-person', to: 'person' } },
          now,
        ),
        done: 'corrected',
      }),
    'contacts-to-tell': () =>
      contactsPage({
        ...view,
        referral: (['offer-accepted', 'session-cancelled'] as const).reduce(
          (before, message) => noteToTell(before, { message, id: message }, now),
          referral,
        ),
      }),
    'contacts-colleague': () =>
      contactsPage({
        ...withContacts,
        referral: noted(withContacts.notes[0]?.key ?? '', false),
        feedback: said,
      }),
    'contacts-colleague-unsafe': () => contactsPage({ ...view, referral: noted('on-another-page', true) }),
    'contacts-left-at-risk': () =>
      contactsPage({ ...view, referral: raiseConcern(referral, 'left-at-risk', now) }),
    'contacts-tried': () => contactsPage({ ...withContacts, done: 'contact' }),
    'contacts-way-closed': () =>
      contactsPage({
        ...view,
        referral: { ...referral, createdAt: '2026-11-16T10:00:00.000Z', contacts: wayClosed },
      }),
    'contacts-unreached': () =>
      contactsPage({ ...withContacts, referral: { ...referral, contacts: longAgo }, done: 'note' }),
    'contacts-unreached-later': () =>
      contactsPage({
        ...{ ...withContacts, older: 'a', newest: false },
        referral: { ...referral, stage: 'information', contacts: longAgo } as Referral,
      }),
    'contacts-risk': () =>
      contactsPage({
        ...withContacts,
        referral: { ...referral, request: { ...request, risks }, contacts: longAgo },
      }),
    'contacts-ended': () =>
      contactsPage({
        ...withContacts,
        referral: {
          ...referral,
          contacts: longAgo,
          stage: 'closing',
          ending: { kind: 'declined', decidedAt: now, reason: 'could-not-reach' },
        } as Referral,
      }),
    'contacts-left': () =>
      contactsPage({
        ...{ ...withContacts, done: 'note', left: 'other' },
        form: { values: { ...wrong, channel: 'phone', contactNote: `Rang twice${mark}` } },
      }),
    'contacts-errors': () => contactsPage({ ...withContacts, form: { values: wrong, errors } }),
    'contacts-late-errors': () =>
      contactsPage({
        ...withContacts,
        form: {
          values: { channel: 'phone', outcome: 'no-answer', when: 'now', contactNote: `Rang twice${mark}` },
          errors: { channel: 'Tom Wells has recorded a contact since you opened this page' },
        },
      }),
  };
}
