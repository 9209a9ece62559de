/**
 * Every message that the log may have: its code, its level, and what it means to whoever reads it. docs/runbook.md has the same table, which a
 * test keeps so. Functions carry the codes only (log.ts). What a line says besides: log-fields.ts.
 */
export const CATALOGUE = {
  REFERRAL_CREATED: { level: 'info', meaning: 'A referral came in and was stored.' },
  REFERRAL_CHANGED: { level: 'info', meaning: 'A change of a referral was stored; `stage` is the new one.' },
  CHANGE_REFUSED: {
    level: 'info',
    meaning: 'Somebody was faster, or it was done already; what was recorded is shown.',
  },
  REFERRAL_UNREADABLE: {
    level: 'error',
    meaning:
      'A stored referral does not fit the schema at `where`: it is left out of lists and stands still.',
  },
  LINK_REFUSED: {
    level: 'info',
    meaning: 'A link that is unknown, expired or revoked was opened; `step` is what it was for.',
  },
  CODE_REFUSED: { level: 'info', meaning: 'A one-time code was wrong, too old, or tried too often.' },
  OFFERS_SENT: { level: 'info', meaning: 'A provider was sent their email of the day, or fresh links.' },
  PAGE_FAILED: {
    level: 'error',
    meaning:
      'Somebody saw a page that says sorry. `requestId` is on that page; `route` is what they asked for.',
  },
  API_FAILED: { level: 'error', meaning: 'A request of another system failed by a fault of ours.' },
  API_REFUSED: {
    level: 'info',
    meaning: 'A request of another system was refused by its own fault; `reason` says why.',
  },
  THROTTLE_FAILED: {
    level: 'error',
    meaning: 'Requests of a client could not be counted; the request was let through.',
  },
  WAIT_NOT_MEASURED: {
    level: 'error',
    meaning: 'A wait was not added to those that pages show of a programme.',
  },
  PLACE_FOUND: { level: 'info', meaning: 'A place was found for somebody on a waiting list.' },
  COHORT_CHANGED: { level: 'info', meaning: "A group's register or sessions were changed." },
  ACCESS_REFUSED: {
    level: 'info',
    meaning: 'Somebody signed in asked for what they may not see; `reason` says why.',
  },
  SEARCH_MET_OTHER_TEAMS: { level: 'info', meaning: 'A search by name or number met people of other teams.' },
  SEARCHED_TOO_OFTEN: { level: 'info', meaning: 'Somebody searched so often that they have to wait.' },
  SIGNED_IN: { level: 'info', meaning: 'Somebody signed in.' },
  SIGN_IN_REFUSED: { level: 'info', meaning: 'Somebody could not sign in; `reason` says why.' },
  ISSUER_UNAVAILABLE: {
    level: 'error',
    meaning: 'Whoever says who people are did not answer: nobody can sign in.',
  },
  SIGNED_OUT: { level: 'info', meaning: 'Somebody signed out.' },
  TASK_FAILED: {
    level: 'error',
    meaning:
      'A function that no person waits for failed. It is called again; `error` and `frames` say where.',
  },
  OUTBOX_NOT_INVOKED: {
    level: 'error',
    meaning: 'The outbox could not be woken. The sweep does it within five minutes; a one-time code is lost.',
  },
  OUTBOX_ENTRY_DONE: { level: 'info', meaning: 'An email, an answer or a start that waited was done.' },
  OUTBOX_ENTRY_FAILED: { level: 'error', meaning: 'One of those failed, and is tried again.' },
  EMAIL_NOT_SENT: {
    level: 'info',
    meaning: 'It is known that nothing reaches the address; somebody is told.',
  },
  SENDING_NOT_NOTED: {
    level: 'error',
    meaning: 'That SES takes no email could not be noted, so the coordinator will not be told.',
  },
  EMAIL_EVENT: {
    level: 'info',
    meaning:
      'SES said what became of an email: `reason` is what, `key` which email it was, and `referralId`, `cohort` or `programmeId` what it was about.',
  },
  EMAIL_EVENT_UNKNOWN: { level: 'info', meaning: 'SES said it of a referral that is not there.' },
  SWEEP_DONE: { level: 'info', meaning: 'A sweep came to its end; `left` is what it left to the next one.' },
  SWEEP_ITEM_FAILED: { level: 'error', meaning: 'Something due failed, and is tried again later.' },
  SWEEP_ITEM_PARKED: {
    level: 'error',
    meaning: 'It failed again and again and is tried no more: see `npm run parked`.',
  },
  SWEEP_NOT_LISTED: {
    level: 'error',
    meaning: 'A part of what is due could not be read; the sweep is called again.',
  },
  SECRET_NOT_READ: {
    level: 'error',
    meaning:
      "The service's secret could not be read again; the keys that are there go on, and a new one is not known.",
  },
  DIRECTORY_NOT_READ: {
    level: 'error',
    meaning: 'The directory could not be read; the one built in is used.',
  },
  DIRECTORY_CHANGED: { level: 'info', meaning: 'An entry of the directory was changed.' },
  DIRECTORY_SWEEP_DONE: { level: 'info', meaning: 'The daily look at the directory came to its end.' },
  ERASURE_DONE: { level: 'info', meaning: 'A person was erased; `count` items were taken away.' },
  ERASURE_REFUSED: { level: 'info', meaning: 'A person was not erased; `reason` says why.' },
  ERASURE_NOT_INVOKED: { level: 'error', meaning: 'An erasure could not be begun; the sweep does it.' },
  EPISODE_NOT_RECORDED: {
    level: 'error',
    meaning:
      'What a referral says of the service was not written down; its next step writes it. The referral goes on.',
  },
  REBUILD_DONE: { level: 'info', meaning: 'A slice of the table had its executions made anew.' },
  REBUILD_FAILED: { level: 'error', meaning: 'The execution of one referral could not be made anew.' },
  MEASURED: { level: 'info', meaning: 'A metric (see the table of metrics).' },
} as const satisfies Record<string, { level: 'info' | 'error'; meaning: string }>;

type Catalogue = typeof CATALOGUE;
type CodeAt<L> = { [C in keyof Catalogue]: Catalogue[C]['level'] extends L ? C : never }[keyof Catalogue];
/** Codes of what is as it should be, and of what needs looking at. */
export type InfoCode = CodeAt<'info'>;
export type ErrorCode = CodeAt<'error'>;
