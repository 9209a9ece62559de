/**
 * What each function may do to the table, one row for each function: to the items of which partitions, and by which indexes. Whoever takes a function
 * over has these keys and no others. IAM compares how partition keys begin (`dynamodb:LeadingKeys`), and sees no sort key: who may put a note beside
 * a referral may also put the referral. Where an index is queried it gives keys, whose items are read under the same limits.
 *
 * The embedded cloud refuses what is not here, as AWS does, and test/bundles compares it with the partitions that each bundle names.
 */
import {
  CASELOAD,
  type IndexedAttribute,
  OFFERS,
  OUTBOX,
  STANDING,
  WORKLIST,
} from '../functions/shared/indexes.ts';
import type { FunctionName } from './functions.ts';
import { DUE_INDEX } from './indexes.ts';

/** How the partition keys of each kind of item begin; `ANY`: of every kind. */
export const PARTITIONS = {
  ADDRESS: 'ADDRESS#*',
  CODE: 'CODE#*',
  COHORT: 'COHORT#*',
  DIRECTORY: 'DIRECTORY',
  DRAFT: 'DRAFT#*',
  EPISODES: 'EPISODES#*',
  ERASURE: 'ERASURE#*',
  PLACES: 'PLACES#*',
  PROVIDER: 'PROVIDER#*',
  REFERRAL: 'REFERRAL#*',
  REPORT: 'REPORT#*',
  SENDING: 'SENDING',
  SESSION: 'SESSION#*',
  SNAPSHOTS: 'SNAPSHOTS#*',
  TEAM: 'TEAM#*',
  THROTTLE: 'THROTTLE#*',
  ANY: '*',
} as const satisfies Record<string, string>;
type Partition = keyof typeof PARTITIONS;

type Action = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';
type Index =
  | IndexedAttribute
  | typeof DUE_INDEX
  | (typeof CASELOAD | typeof OFFERS | typeof OUTBOX | typeof STANDING | typeof WORKLIST)['index'];

/** What a function may do: each action to which partitions of the table itself, and which indexes it may query. */
export type TableAccess = { readonly [action in Action]?: readonly Partition[] } & {
  /** It names no key, and so reaches everything or nothing. */
  readonly Scan?: readonly ['ANY'];
  readonly indexes?: readonly Index[];
};

/** A step of the state machine changes the referral, and counts whom it waits for. */
const step: TableAccess = { GetItem: ['REFERRAL'], PutItem: ['EPISODES', 'REFERRAL'] };

export const TABLE_ACCESS: Readonly<Record<FunctionName, TableAccess>> = {
  // It counts what each client sends: functions/shared/throttle.ts.
  'public-forms': {
    GetItem: ['DRAFT', 'REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['DRAFT', 'REFERRAL'],
    UpdateItem: ['THROTTLE'],
  },
  // It looks for other referrals of the same person, finds one by its reference, names their next session, and notes that a session is used.
  'link-worker-review': {
    GetItem: ['COHORT', 'PLACES', 'REFERRAL', 'SESSION'],
    Query: ['DIRECTORY', 'REFERRAL', 'TEAM'],
    PutItem: ['PLACES', 'REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['personKey', 'nhsNumberKey', 'reference'],
  },
  // An address that does not work is right again once it is corrected.
  'link-worker-contacts': {
    GetItem: ['ADDRESS', 'REFERRAL', 'SESSION'],
    Query: ['REFERRAL'],
    PutItem: ['ADDRESS', 'REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['reference'],
  },
  'link-worker-answers': {
    GetItem: ['REFERRAL', 'SESSION'],
    Query: ['DIRECTORY'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['reference'],
  },
  'more-information': { GetItem: ['REFERRAL'], PutItem: ['REFERRAL'] },
  // It sees whether the provider's links were closed, and counts codes that are asked for and tries of them. Who accepts makes the group, and the wait for the programme is kept in the directory.
  'provider-offer': {
    GetItem: ['CODE', 'COHORT', 'DIRECTORY', 'PLACES', 'PROVIDER', 'REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['CODE', 'COHORT', 'DIRECTORY', 'REFERRAL'],
    UpdateItem: ['CODE', 'THROTTLE'],
  },
  // It counts what each client and each address asks for.
  'provider-offers': {
    GetItem: ['COHORT', 'PROVIDER', 'REFERRAL'],
    BatchGetItem: ['COHORT', 'REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['COHORT', 'REFERRAL'],
    UpdateItem: ['THROTTLE'],
    indexes: [OFFERS.index],
  },
  // The names of a whole group are read at once. The team finds a group by its reference, and it is noted that a session is used.
  'session-register': {
    GetItem: ['COHORT', 'PLACES', 'REFERRAL', 'SESSION'],
    BatchGetItem: ['COHORT', 'REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['COHORT', 'REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: [OFFERS.index, 'reference'],
  },
  calendar: { GetItem: ['COHORT', 'REFERRAL'], Query: ['DIRECTORY'] },
  // It counts what each client sends, and how often details are corrected, and says who looked.
  'person-page': {
    GetItem: ['COHORT', 'REFERRAL'],
    Query: ['DIRECTORY', 'REFERRAL'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['THROTTLE'],
  },
  // What they write is an item of its own beside the referral; it counts what each client sends.
  'person-voice': { GetItem: ['REFERRAL'], PutItem: ['REFERRAL'], UpdateItem: ['THROTTLE'] },
  'referrer-status': { GetItem: ['REFERRAL'] },
  // Link workers find them by the reference; that their session is used is noted. Measures are items beside the referral.
  letters: {
    GetItem: ['REFERRAL', 'SESSION'],
    Query: ['DIRECTORY', 'REFERRAL'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['reference'],
  },
  // What the answers say of the outcome is written where the referral has ended.
  'person-measures': { GetItem: ['REFERRAL'], Query: ['REFERRAL'], PutItem: ['REFERRAL', 'REPORT'] },
  report: { GetItem: ['PROVIDER', 'SESSION'], Query: ['DIRECTORY', 'REPORT'], UpdateItem: ['SESSION'] },
  // It notes that a session is used, and changes nothing else.
  insights: {
    GetItem: ['SESSION'],
    Query: ['DIRECTORY', 'EPISODES', 'SNAPSHOTS'],
    UpdateItem: ['SESSION'],
  },
  // It counts what each client sends, and finds referrals by their reference.
  api: {
    GetItem: ['REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['THROTTLE'],
    indexes: ['reference'],
  },
  // Plans and measures are items of their own beside the referral; programmes are named from the directory.
  'link-worker-plan': {
    GetItem: ['REFERRAL', 'SESSION'],
    Query: ['DIRECTORY', 'REFERRAL'],
    PutItem: ['REFERRAL', 'REPORT'],
    UpdateItem: ['SESSION'],
    indexes: ['reference'],
  },
  // It counts how often people are searched for.
  worklist: {
    GetItem: ['SESSION'],
    BatchGetItem: ['REFERRAL'],
    Query: ['TEAM'],
    UpdateItem: ['SESSION', 'THROTTLE'],
    indexes: [CASELOAD.index, 'familyNameKey', 'nameKey', 'nhsNumberKey', WORKLIST.index],
  },
  // Groups and places follow what the directory says. Links to all of a provider's offers are closed on its entry.
  directory: {
    GetItem: ['COHORT', 'DIRECTORY', 'PLACES', 'PROVIDER', 'SESSION'],
    Query: ['DIRECTORY'],
    PutItem: ['COHORT', 'DIRECTORY', 'PLACES', 'PROVIDER'],
    UpdateItem: ['SESSION'],
  },
  team: {
    GetItem: ['REFERRAL', 'SESSION'],
    BatchGetItem: ['REFERRAL'],
    Query: ['TEAM'],
    PutItem: ['REFERRAL', 'TEAM'],
    UpdateItem: ['SESSION', 'TEAM'],
    DeleteItem: ['TEAM'],
    indexes: [CASELOAD.index],
  },
  // What it shows is noted, and so is that a session is used; what is done, another function does.
  'data-rights': {
    GetItem: ['ERASURE', 'REFERRAL', 'SESSION'],
    BatchGetItem: ['REFERRAL'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['familyNameKey', 'nameKey', 'nhsNumberKey', 'reference'],
  },
  // It notes that the audit was read, and that a session is used.
  audit: {
    GetItem: ['ERASURE', 'REFERRAL', 'SESSION'],
    Query: ['REFERRAL'],
    PutItem: ['REFERRAL'],
    UpdateItem: ['SESSION'],
    indexes: ['reference'],
  },
  // It keeps sessions, and who is of which team: functions/shared/session.ts. No other function makes a session.
  'sign-in': {
    GetItem: ['SESSION'],
    BatchGetItem: ['TEAM'],
    PutItem: ['SESSION', 'TEAM'],
    UpdateItem: ['SESSION', 'TEAM'],
    DeleteItem: ['SESSION'],
  },
  'web-assets': {},

  'await-review': step,
  'await-information': step,
  'await-provider': step,
  'await-place': step,
  'await-session': { GetItem: ['COHORT', 'REFERRAL'], PutItem: ['COHORT', 'REFERRAL'] },
  'await-welfare-contact': step,
  // What came of it is written for reports, with the measures beside the referral.
  'close-referral': {
    GetItem: ['REFERRAL'],
    Query: ['REFERRAL'],
    PutItem: ['EPISODES', 'REFERRAL', 'REPORT'],
  },
  'report-failure': { GetItem: ['REFERRAL'], PutItem: ['REFERRAL'] },

  // What became of a programme is noted anew when a register is corrected. It notes when SES holds all email back.
  outbox: {
    GetItem: ['ADDRESS', 'COHORT', 'DIRECTORY', 'PLACES', 'PROVIDER', 'REFERRAL', 'SENDING'],
    BatchGetItem: ['COHORT', 'REFERRAL'],
    Query: ['DIRECTORY', 'REFERRAL'],
    PutItem: ['ADDRESS', 'COHORT', 'DIRECTORY', 'PLACES', 'PROVIDER', 'REFERRAL', 'REPORT', 'SENDING'],
    indexes: [OFFERS.index],
  },
  // Who has left a group since a session began is found in the index of the offers. What fails again and again is put aside, of whichever kind, also of one that this version does not know: functions/reminder-sweep/parking.ts.
  'reminder-sweep': {
    GetItem: ['ANY'],
    PutItem: ['COHORT', 'REFERRAL'],
    UpdateItem: ['ANY'],
    indexes: [DUE_INDEX, OFFERS.index],
  },
  // None of a provider's open offers may lie in silence where nothing reaches them.
  'mail-events': {
    GetItem: ['ADDRESS', 'REFERRAL'],
    BatchGetItem: ['REFERRAL'],
    Query: ['DIRECTORY'],
    PutItem: ['ADDRESS', 'REFERRAL'],
    indexes: [OFFERS.index],
  },
  'directory-sweep': {
    GetItem: ['DIRECTORY', 'PLACES'],
    Query: ['DIRECTORY'],
    PutItem: ['DIRECTORY', 'PLACES'],
  },
  // The only one that deletes referrals. It finds one by its reference, others of the same person by their keys, and all that belongs to them.
  'personal-data': {
    GetItem: ['COHORT', 'DIRECTORY', 'EPISODES', 'ERASURE', 'PLACES', 'REFERRAL', 'REPORT'],
    BatchGetItem: ['REFERRAL'],
    Query: ['REFERRAL'],
    PutItem: ['COHORT', 'DIRECTORY', 'EPISODES', 'ERASURE', 'PLACES', 'REFERRAL', 'REPORT'],
    DeleteItem: ['ADDRESS', 'COHORT', 'EPISODES', 'ERASURE', 'REFERRAL', 'REPORT'],
    indexes: ['familyNameKey', 'nameKey', 'nhsNumberKey', 'personKey', 'reference'],
  },
  // How things stood is kept, one item a day, and nothing else is changed.
  gauges: {
    PutItem: ['SNAPSHOTS'],
    indexes: [DUE_INDEX, OUTBOX.index, STANDING.index, WORKLIST.index],
  },
  'rebuild-executions': { GetItem: ['REFERRAL'], Scan: ['ANY'], PutItem: ['REFERRAL'] },
};
