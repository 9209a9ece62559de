/** The pages of the directory. */
import { type Assurance, ageOfEntry, openAnswer } from '../../../workflows/assurance.ts';
import { NEED_WORDS, outlookInWords } from '../../../workflows/criteria.ts';
import {
  type Cohort,
  KINDS,
  NEEDS,
  type Programme,
  STATUSES,
  type Status,
  statusOf,
} from '../../../workflows/directory.ts';
import {
  COSTS,
  ENTRY_FIELDS,
  ENTRY_LABELS,
  type EntryChange,
  WEEKDAYS,
} from '../../../workflows/directory-entry.ts';
import { ageRange } from '../../../workflows/matching.ts';
import type { Outlook, PlacesSummary } from '../../../workflows/places.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import type { StoredEntry, ToCheck } from '../../shared/directory/store.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationNeedWords } from '../../shared/pages/person.ts';
import type { Meanwhile } from '../entries.ts';
import { ACCESS, COHORT_BOXES, cohortRows } from '../fields.ts';
import type { GroupMoves } from '../groups.ts';
import assurance from './assurance.njk';
import assured from './assured.njk';
import directory from './directory.njk';
import entry from './entry.njk';
import newTemplate from './new.njk';

const statusWords: Record<Status, { text: string; colour: string; choice: string }> = {
  active: { text: 'Takes referrals', colour: 'green', choice: 'Yes' },
  'temporarily closed': {
    text: 'Closed for now',
    colour: 'yellow',
    choice: 'Not at the moment: it stays in the directory, and says so',
  },
  inactive: {
    text: 'Inactive',
    colour: 'grey',
    choice: 'No, it is not running, and may come back: nobody is shown it',
  },
  defunct: { text: 'Ended', colour: 'grey', choice: 'No, it has ended for good: nobody is shown it' },
};

const kindWords: Record<Programme['kind'], string> = {
  music: 'Music',
  dementia: 'For people living with dementia',
  nature: 'Nature',
  'physical-activity': 'Physical activity',
  arts: 'Arts',
  advice: 'Advice',
};

export type DirectoryItem = {
  programme: Programme;
  age: ReturnType<typeof ageOfEntry>;
  /** The provider says that something has changed, and nobody has seen to it. */
  hasOpenAnswer: boolean;
  /** What somebody would get who is matched now; undefined where it has no cohorts. */
  places?: Outlook | undefined;
};

export type DirectoryView = Site & {
  now: string;
  mayEdit: boolean;
  /** A file has just been brought in. */
  imported: boolean;
  /** Whether this service was deployed with the middles of postcode districts. */
  hasDistances: boolean;
  /** What somebody looks for by name, and how many entries there are in all. */
  find: string;
  all: number;
  items: readonly DirectoryItem[];
  /** Those that are offered no more. */
  ended: readonly DirectoryItem[];
};

/** A directory of no more than these is not searched. */
const FEW = 10;

/** All entries, with how old each is. */
export function directoryPage(view: DirectoryView) {
  const { items, ended, now, mayEdit, imported, hasDistances, find, all, ...site } = view;
  const old = items.filter(({ age, programme }) => age !== 'fresh' && !programme.example).length;
  const answered = items.filter(({ hasOpenAnswer }) => hasOpenAnswer).length;
  const attention = [
    ...(answered === 0
      ? []
      : [`${counted(answered, 'provider says', 'providers say')} that something has changed.`]),
    ...(old === 0 ? [] : [`${counted(old, 'entry has', 'entries have')} not been confirmed within a year.`]),
  ];
  return page(site, {
    title: 'The directory',
    template: directory,
    context: {
      mayEdit,
      imported,
      hasDistances,
      // So few are seen at a glance.
      searched: all > FEW || find !== '',
      found:
        find === ''
          ? undefined
          : `${items.length + ended.length} of ${all} have “${find}” in their name or their provider’s`,
      count: counted(items.length, 'programme', 'programmes'),
      attention: attention.join(' '),
      items: items.map((item) => itemInWords(item, now)),
      ended: ended.map((item) => itemInWords(item, now)),
    },
    form: { values: { find } },
  });
}

function itemInWords({ programme, hasOpenAnswer, places }: DirectoryItem, now: string) {
  const age = ageInWords(programme, now);
  return {
    href: `/directory/${programme.id}`,
    name: programme.name,
    provider: programme.provider.name,
    example: programme.example,
    status: statusWords[statusOf(programme)],
    answered: hasOpenAnswer,
    flagged: hasOpenAnswer || age.flag !== undefined,
    age,
    places: places ? outlookInWords(places, now) : hasNoGroup(programme) ? 'No cohort' : undefined,
  };
}

/** How long ago an entry was confirmed, and a flag where that is too long. An example is nobody's to confirm. */
function ageInWords(programme: Programme, now: string): { words: string; flag?: string } {
  const { assuredOn, example } = programme;
  if (assuredOn === undefined) {
    const words = 'Its provider has never confirmed this entry';
    return example ? { words } : { words, flag: 'Never confirmed' };
  }
  const days = Math.floor((Date.parse(now) - Date.parse(`${assuredOn}T00:00:00.000Z`)) / 86_400_000);
  const months = Math.floor(days / 30.4);
  const ago =
    days < 1
      ? 'today'
      : days < 31
        ? `${counted(days, 'day', 'days')} ago`
        : months < 24
          ? `${counted(months, 'month', 'months')} ago`
          : `${Math.floor(days / 365)} years ago`;
  const words = `Confirmed ${ago}, on ${dateInWords(`${assuredOn}T12:00:00.000Z`)}`;
  return ageOfEntry(programme, now) === 'old' && !example ? { words, flag: 'Over a year old' } : { words };
}

export const ITEMS = {
  kinds: KINDS.map((value) => ({ value, text: kindWords[value] })),
  statuses: STATUSES.map((value) => ({ value, text: statusWords[value].choice })),
  needs: NEEDS.map((need) => ({ name: `needs-${need}`, text: sentence(NEED_WORDS[need]) })),
  access: ACCESS.map((need) => ({ name: `access-${need}`, text: communicationNeedWords[need] })),
  costs: [
    ...COSTS.map((value) => ({ value, text: value === 'free' ? 'Nothing, it is free' : 'It is not free' })),
    { value: '', text: 'Not known' },
  ],
  weekdays: WEEKDAYS.map((value) => ({ value, text: value })),
};

/** The boxes in the order of the page. */
function boxNames(rows: readonly string[]): string[] {
  const names = ENTRY_FIELDS.filter((field) => field !== 'cohorts' && field !== 'assuredOn') as string[];
  return [
    ...names,
    ...rows.flatMap((row) => ['startsOn', ...COHORT_BOXES].map((box) => `${row}-${box}`)),
    'anyDay',
  ];
}

/** A new entry. */
export function formPage({ form, ...site }: Site & { form: Form }) {
  const rows = cohortRows({ ...form.values });
  return page(site, {
    title: 'Add a programme',
    template: newTemplate,
    context: { items: ITEMS, rows },
    form,
    fields: boxNames(rows),
  });
}

export type EntryView = Site & {
  now: string;
  programme: Programme;
  /** That the form was made for. */
  version: number;
  /** The newest first. */
  versions: readonly StoredEntry[];
  assurance: Assurance | undefined;
  /** What is promised of its places. */
  places: PlacesSummary;
  mayEdit: boolean;
  saved: boolean;
  /** All places of a group have just been offered again. */
  again?: boolean;
  /** What people who have begun keep has just been changed. */
  kept?: boolean;
  /** The links to all of the provider's offers have just been closed. */
  linksClosed?: boolean;
  /** What saving would move in groups that run. */
  moves?: { groups: readonly GroupMoves[]; digest: string };
  form: Form;
  meanwhile?: Meanwhile | undefined;
};

/** An entry: to edit for who may, to read for who may not, with its history. */
export function entryPage(view: EntryView) {
  const {
    now,
    programme,
    version,
    versions,
    mayEdit,
    saved,
    again = false,
    kept = false,
    linksClosed = false,
    moves,
    form,
    meanwhile,
    ...site
  } = view;
  const rows = cohortRows({ ...form.values });
  const answer = openAnswer(programme, view.assurance);
  const asked = view.assurance?.askedAt.at(-1);
  const waits = asked !== undefined && view.assurance?.answer === undefined;
  return page(site, {
    title: programme.name,
    template: entry,
    context: {
      mayEdit,
      saved,
      again,
      kept,
      linksClosed,
      moves: moves && movesInWords(moves.groups, programme),
      movesDigest: moves?.digest,
      version,
      rows,
      items: ITEMS,
      provider: programme.provider.name,
      status: statusWords[statusOf(programme)],
      age: ageInWords(programme, now),
      asked:
        waits && ageOfEntry(programme, now) !== 'fresh'
          ? `The provider was last asked on ${dateInWords(asked)} and has not answered yet`
          : undefined,
      answer: answer && { text: answer.text, when: inWords(answer.at) },
      rowsToRead: rowsOf(programme, true),
      places: groupsInWords(view.places),
      closed: view.places.cohorts
        .filter(({ said, capacity }) => capacity < said)
        .map(({ id, startsOn, said }) => ({
          action: `offer-again ${id}`,
          text: `Offer all ${said} places of the group of ${dayInWords(startsOn)} again`,
        })),
      undirected: undirectedInWords(programme),
      ungrouped: hasNoGroup(programme)
        ? 'The entry has no cohort: each person who is accepted has dates and a register of their own, also where they all come together, and no places are counted. If it is a group, add its cohort below.'
        : undefined,
      toCheck: (versions[0]?.toCheck ?? []).map(toCheckInWords),
      versions: versions.map(versionInWords),
      meanwhile: meanwhile && {
        versions: meanwhile.versions.map(versionInWords),
        both: meanwhile.both.map((field) => ENTRY_LABELS[field]).join(', '),
      },
    },
    form,
    fields: boxNames(rows),
    ...(meanwhile || moves ? { statusCode: 409 } : {}),
  });
}

/** People are referred to it, and it has no group for them; who is advised comes alone. */
function hasNoGroup({ kind, cohorts = [], ...programme }: Programme): boolean {
  return statusOf(programme) === 'active' && kind !== 'advice' && cohorts.length === 0;
}

/** What people with a place find on their page instead of how to get there; undefined where the entry says how. */
function undirectedInWords({ postcode, provider, sessions }: Programme): string | undefined {
  if (sessions.directions !== undefined) return undefined;
  const lacks = postcode === undefined ? 'how to get there, nor its postcode' : 'how to get there';
  return `The entry does not say ${lacks}. People with a place are told to ask ${provider.name}, or a link worker.`;
}

/** Which sessions of which groups would move, from when to when. */
function movesInWords(groups: readonly GroupMoves[], { cohorts = [] }: Programme) {
  const count = groups.reduce((sum, { moved }) => sum + moved.length, 0);
  const sessions = counted(count, 'session', 'sessions');
  return {
    heading: `Saving changes ${sessions} of ${counted(groups.length, 'group', 'groups')}`,
    groups: groups.map(({ cohort, moved }) => ({
      name: `Group of ${dayInWords(cohorts.find(({ id }) => id === cohort.cohortId)?.startsOn)} (${cohort.reference})`,
      sessions: moved.map(({ before, after, elsewhere }) =>
        [
          before.startsAt === after.startsAt
            ? inWords(before.startsAt)
            : `${inWords(before.startsAt)} moves to ${inWords(after.startsAt)}`,
          ...(before.startsAt === after.startsAt && before.endsAt !== after.endsAt ? ['another length'] : []),
          ...(elsewhere ? ['at the new place'] : []),
        ].join(', '),
      ),
    })),
  };
}

/** How the places of each group are given out, and how many wait: numbers, and nobody's name. */
function groupsInWords({ cohorts, waiting }: PlacesSummary) {
  const groups = [...cohorts]
    .sort((a, b) => a.startsOn.localeCompare(b.startsOn))
    .map(({ startsOn, said, capacity, held, taken }) => ({
      key: `Group of ${dayInWords(startsOn)}`,
      value: [
        `${taken} taken, ${held} held for open offers, ${Math.max(0, capacity - held - taken)} free`,
        ...(said === 0 ? ['No longer in the directory'] : []),
        ...(capacity < said
          ? [
              `The provider had no room for more than ${capacity}. Put the number of places right below, or offer all ${said} again once you know that there is room`,
            ]
          : []),
      ].join('\n'),
    }));
  if (groups.length === 0 && waiting === 0) return [];
  const line = waiting === 0 ? 'Nobody' : counted(waiting, 'person', 'people');
  return [...groups, { key: 'Waiting list', value: line }];
}

const howWords: Record<StoredEntry['how'], string> = {
  added: 'added it',
  edited: 'changed it',
  imported: 'imported it',
  confirmed: 'confirmed it',
};

function versionInWords({ at, name, how, changes }: StoredEntry) {
  return {
    when: inWords(at),
    who: `${name ?? 'The provider'} ${howWords[how]}`,
    changes: changes.map(changeInWords),
  };
}

export function changeInWords({ field, before, after }: EntryChange) {
  return { label: ENTRY_LABELS[field], before, after };
}

/** What is to be checked of an entry that came from somebody else's directory. */
export function toCheckInWords({ field, note }: ToCheck): string {
  return `${ENTRY_LABELS[field]}: ${note}`;
}

/** What an entry says, as rows to read. `inside`: also what only the team is shown. */
function rowsOf(programme: Programme, inside: boolean): { key: string; value: string }[] {
  const { eligibility, provider, sessions, needs, access, languages, cost, cohorts } = programme;
  const { area } = eligibility;
  const lines = (...parts: (string | undefined | false)[]) => parts.filter(Boolean).join('\n');
  return [
    ...(inside ? [] : [{ key: 'Name', value: programme.name }]),
    { key: 'Kind', value: kindWords[programme.kind] },
    { key: 'Description', value: programme.description },
    { key: 'Provider', value: provider.name },
    { key: 'Offers go to', value: provider.email },
    { key: 'Referrals', value: statusWords[statusOf(programme)].text },
    { key: 'Ages', value: sentence(ageRange(eligibility) ?? 'any') },
    {
      key: 'Area',
      value: area
        ? lines(
            `${area.name}, by address or GP practice`,
            area.postcodeDistricts.length > 0 && `Postcodes ${area.postcodeDistricts.join(' ')}`,
            area.gpPracticeCodes.length > 0 && `GP practices ${area.gpPracticeCodes.join(' ')}`,
          )
        : 'Anywhere',
    },
    { key: ENTRY_LABELS.needs, value: lines(...(needs ?? []).map((need) => sentence(NEED_WORDS[need]))) },
    {
      key: ENTRY_LABELS.access,
      value: lines(...ACCESS.map((need) => access?.includes(need) && communicationNeedWords[need])),
    },
    { key: ENTRY_LABELS.languages, value: languages?.join(', ') ?? '' },
    { key: ENTRY_LABELS.cost, value: cost ? lines(cost.free ? 'Free' : 'Not free', cost.detail) : '' },
    {
      key: 'Sessions',
      value: `${counted(sessions.count, 'session', 'sessions')} of ${sessions.minutes} minutes, ${WEEKDAYS[sessions.weekday - 1]}s at ${sessions.time}`,
    },
    { key: 'Place', value: lines(sessions.place, programme.postcode) },
    { key: ENTRY_LABELS.directions, value: sessions.directions ?? '' },
    { key: ENTRY_LABELS.bring, value: sessions.bring ?? '' },
    { key: ENTRY_LABELS.startsOn, value: dayInWords(sessions.startsOn) },
    { key: 'Cohorts', value: lines(...(cohorts ?? []).map(cohortToRead)) },
    ...(inside ? [{ key: ENTRY_LABELS.assuredOn, value: dayInWords(programme.assuredOn) }] : []),
  ];
}

function cohortToRead({ startsOn, time, place, capacity, breaks = [] }: Cohort): string {
  const without = breaks.map(({ from, to }) =>
    from === to ? dayInWords(from) : `${dayInWords(from)} to ${dayInWords(to)}`,
  );
  const rest = without.length === 0 ? '' : `; no session ${without.join(', ')}`;
  const own = `${time === undefined ? '' : ` at ${time}`}${place === undefined ? '' : `, ${place}`}`;
  return `From ${dayInWords(startsOn)}${own}: ${counted(capacity, 'place', 'places')}${rest}`;
}

function dayInWords(day: string | undefined): string {
  return day === undefined ? '' : dateInWords(`${day}T12:00:00.000Z`);
}

export type AssuranceView = Site & {
  programme: Programme;
  version: number;
  form?: Form | undefined;
  /** The entry has changed since the page was opened. */
  changed: boolean;
};

/** What the directory says of a programme, for its provider to confirm. */
export function assurancePage({ programme, version, form, changed, ...site }: AssuranceView) {
  return page(site, {
    title: 'Is this still right?',
    template: assurance,
    context: { version, changed, rowsToRead: rowsOf(programme, false) },
    form,
    fields: ['text'],
    ...(changed ? { statusCode: 409 } : {}),
  });
}

export type AssuredView = Site & {
  programme: Programme;
  answer: NonNullable<Assurance['answer']>;
  /** Another answer came later: what it said. */
  late?: boolean;
  typed?: string;
};

/** What the provider said. */
export function assuredPage({ programme, answer, late = false, typed = '', ...site }: AssuredView) {
  return page(site, {
    title: 'Thank you',
    template: assured,
    context: {
      name: programme.name,
      right: answer.result === 'right',
      text: answer.text,
      when: dateInWords(answer.at),
      late,
      typed,
    },
    ...(late ? { statusCode: 409 } : {}),
  });
}

export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
