/**
 * What each message of the log says besides its code: codes, numbers and ids. A name, an address or what somebody typed is a string to the compiler, so no field
 * takes just any: codes are named one by one, and whatever else is made of a string has a type of its own, which only a function here makes.
 */
import type { MailEvent } from '../../workflows/addresses.ts';
import type { Refusal } from '../../workflows/change.ts';
import type { CohortOutboxEntry } from '../../workflows/cohort-record.ts';
import type { WhyKept } from '../../workflows/data-rights.ts';
import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import type { LinkPurpose, Stage, Undelivered } from '../../workflows/referral.ts';
import type { ProblemKind } from '../api/problems.ts';
import type { Tried } from '../provider-offer/code.ts';
import type { SignInReason } from '../sign-in/exchange.ts';
import type { MailMessage } from './email/tags.ts';
import type { SignedIn } from './session.ts';

declare const kind: unique symbol;
/** A string that is known to be of a kind. */
type Of<K extends string> = string & { readonly [kind]: K };

/** Which record a line is about. The compiler knows an id from no other string, so the log looks at its form (`fitting`). */
type About = { referralId?: string; programmeId?: string; cohort?: string };
/** Where a request came in. */
type At = { requestId: Of<'request'>; route: Of<'route'> };
/** The issuer's name for the account of somebody who works here: no name, no address. */
type By = { by: Of<'account'> };
type Counts<C extends string> = Record<C, number>;

/** The fields of each message; one that is not here has none. */
export type FieldsOf = {
  REFERRAL_CREATED: Changed;
  REFERRAL_CHANGED: Changed;
  CHANGE_REFUSED: Changed & { reason: Refusal['refused'] };
  REFERRAL_UNREADABLE: About;
  LINK_REFUSED: {
    reason: 'unknown' | 'not-found' | 'expired' | 'offer-expired' | 'revoked';
    step: LinkPurpose | 'offers' | 'register' | 'calendar' | 'assurance';
  };
  CODE_REFUSED: About & { reason: Exclude<Tried, 'right'> };
  OFFERS_SENT: Counts<'count'> & { reason: 'digest' | 'links' };
  PAGE_FAILED: At;
  API_FAILED: At;
  API_REFUSED: At & { reason: ProblemKind };
  WAIT_NOT_MEASURED: About;
  PLACE_FOUND: About;
  COHORT_CHANGED: About;
  ACCESS_REFUSED: Pick<At, 'route'> & { reason: 'role' | 'csrf' };
  /** `others`: of `count`'s kind, in other teams. */
  SEARCH_MET_OTHER_TEAMS: By & Counts<'count' | 'others'>;
  SEARCHED_TOO_OFTEN: By;
  SIGN_IN_REFUSED: { reason: SignInReason };
  OUTBOX_NOT_INVOKED: About;
  OUTBOX_ENTRY_DONE: Entry;
  OUTBOX_ENTRY_FAILED: Entry;
  EMAIL_NOT_SENT: { key: MailMessage; reason: Undelivered['why'] };
  /** `key`: which email it was. */
  EMAIL_EVENT: About & { key?: MailMessage; reason: MailEvent['kind'] };
  EMAIL_EVENT_UNKNOWN: About;
  /** `parked`: how many of what was due are parked; `left`: how many are left for the next run. */
  SWEEP_DONE: Counts<'count' | 'failed' | 'left' | 'parked'>;
  SWEEP_ITEM_FAILED: About;
  SWEEP_ITEM_PARKED: About;
  DIRECTORY_CHANGED: About;
  DIRECTORY_SWEEP_DONE: Counts<'count' | 'failed'>;
  ERASURE_DONE: About & Counts<'count'>;
  ERASURE_REFUSED: About & { reason: WhyKept };
  ERASURE_NOT_INVOKED: About;
  EPISODE_NOT_RECORDED: About;
  REBUILD_DONE: Counts<'count' | 'failed'>;
  REBUILD_FAILED: About;
};
type Changed = About & { stage: Stage };
/** `key`: which entry, or which of those emails that have no entry. */
type Entry = About & { key?: Of<'entry'> | MailMessage };

/** An entry of an outbox, by the key that was made of its cause. */
export function entryKey({ key }: Pick<OutboxEntry | CohortOutboxEntry, 'kind' | 'key'>): Of<'entry'> {
  return key as Of<'entry'>;
}

/** A route as API Gateway names it ("GET /person/{link}"), with nothing of what was asked for in it; "other" for whatever is none. */
export function routeOf(routeKey: string): Of<'route'> {
  return (
    /^[A-Z]+ (?:\/(?:[a-z0-9.-]+|\{[a-z]+\+?\})?)+$/.test(routeKey) ? routeKey : 'other'
  ) as Of<'route'>;
}

/** A request, by the ids that AWS gives it. */
export function requestAt(requestId: string, routeKey: string): At {
  return { requestId: requestId as Of<'request'>, route: routeOf(routeKey) };
}

/** Somebody who is signed in, by their account. */
export function accountOf({ sub }: Pick<SignedIn, 'sub' | 'csrf'>): Of<'account'> {
  return sub as Of<'account'>;
}

/** A code of a standard or a library that another system answered with, such as `access_denied`; "error" for whatever looks like none. */
export function foreignCode(text: string): Of<'foreign-code'> {
  return (/^(?:[a-z_]{1,40}|ERR_[A-Z0-9_]{1,40})$/.test(text) ? text : 'error') as Of<'foreign-code'>;
}
export type ForeignCode = ReturnType<typeof foreignCode>;

const ID = /^[a-f0-9]{32}$/;
const FORMS = {
  referralId: ID,
  cohort: ID,
  programmeId: /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
} as const satisfies Required<Record<keyof About, RegExp>>;

/** The fields without an id that is none. */
export function fitting<F extends object>(fields: F): F {
  const wrong = (name: string, value: unknown) =>
    Object.hasOwn(FORMS, name) && !FORMS[name as keyof About].test(String(value));
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => !wrong(name, value))) as F;
}
