/**
 * What came of a programme, counted from a plain reading of every item of the table, to hold a report against. It knows nothing of the code
 * that makes reports: only what a stored referral and a stored set of answers look like.
 */
import { parse } from 'csv-parse/sync';

type StoredOffer = { programmeId: string; result?: string; repliedAt?: string };
type StoredSession = {
  number: number;
  startsAt: string;
  status: string;
  attendance?: string;
  recordedAt?: string;
  inReport?: string;
};
type StoredProgramme = {
  programmeId: string;
  cohortId: string;
  sessions: StoredSession[];
};

/** An item of the table, as far as it is looked at: a referral, a set of answers, or the places of a programme. */
export type Item = {
  pk?: unknown;
  sk?: unknown;
  stage?: string;
  ending?: { kind: string; decidedAt: string };
  offers?: StoredOffer[];
  programme?: StoredProgramme;
  earlierProgrammes?: StoredProgramme[];
  history?: { at: string; event: string }[];
  at?: string;
  point?: string;
  takenOn?: string;
  sets?: { instrument: string; answers: Record<string, number> }[];
  places?: unknown[];
  waiting?: unknown[];
};

/** Counts by table, row and column of the report's file. */
export type Counts = Map<string, number>;

const at = (table: string, row: string, column: string) => [table, row, column].join(' | ');

/** Of how many people each count of attendance is, which no report says. */
const BEHIND = 'Attendance, people behind it';

const ATTENDANCE: Record<string, string> = {
  '5': 'Attended on time',
  '6': 'Arrived late, but was seen',
  '7': 'Arrived late, could not be seen',
  '2': 'Cancelled by the person, or for them',
  '3': 'Did not attend and gave no notice',
  '4': 'Cancelled by the provider',
};

/** The free measures: each question, where its bands end, and whether more is better. */
const WELLBEING: [id: string, name: string, ends: number[], moreIsBetter: boolean][] = [
  ['satisfied', 'Life satisfaction', [4, 6, 8, 10], true],
  ['worthwhile', 'Worthwhile', [4, 6, 8, 10], true],
  ['happy', 'Happiness', [4, 6, 8, 10], true],
  ['anxious', 'Anxiety', [1, 3, 5, 10], false],
];
const LONELINESS: typeof WELLBEING = [
  ['companionship', 'Lacks companionship', [1, 2, 3], false],
  ['left-out', 'Left out', [1, 2, 3], false],
  ['isolated', 'Isolated', [1, 2, 3], false],
];
const LONELY: typeof WELLBEING = [['lonely', 'Lonely', [1, 2, 3, 4, 5], false]];

/** Counts what became of the people offered to a programme whose referral ended in some months (YYYY-MM, both included). */
export function countOf(
  items: readonly Item[],
  { programmeId, from, to }: { programmeId: string; from: string; to: string },
): Counts {
  const counts: Counts = new Map();
  const add = (table: string, row: string, column: string, by = 1) =>
    counts.set(at(table, row, column), (counts.get(at(table, row, column)) ?? 0) + by);
  for (const row of PEOPLE) add('People', row, 'People', 0);
  for (const row of ['Sessions held', 'Sessions cancelled by the provider']) {
    add('Sessions of their groups', row, 'Sessions', 0);
  }
  add('Attendance, by NHS code', 'Sessions of each person, added up', 'Times', 0);
  for (const code of Object.keys(ATTENDANCE)) {
    add('Attendance, by NHS code', `${ATTENDANCE[code]} (${code})`, 'Times', 0);
    add(BEHIND, `${ATTENDANCE[code]} (${code})`, 'People', 0);
  }
  for (const [, name, questions] of MEASURES) {
    for (const [, question] of questions) {
      for (const column of ['Answered both times', 'Better', 'The same', 'Worse'])
        add(name, question, column, 0);
    }
  }

  const sessionsOfGroups = { held: new Set<string>(), cancelled: new Set<string>() };
  for (const referral of items) {
    const { sk, stage, ending } = referral;
    if (sk !== 'REFERRAL' || stage !== 'closed' || !ending) continue;
    const month = monthInLondon(ending.decidedAt);
    const offers = (referral.offers ?? []).filter((offer) => offer.programmeId === programmeId);
    if (month < from || month > to || offers.length === 0) continue;
    const programmes = [
      ...(referral.earlierProgrammes ?? []),
      ...(referral.programme ? [referral.programme] : []),
    ];
    const endedAt = Date.parse(ending.decidedAt);
    const daysAfter = (recordedAt = ending.decidedAt) =>
      (Date.parse(dayInLondon(recordedAt)) - Date.parse(dayInLondon(ending.decidedAt))) / 86_400_000;
    // A session that never took place while they were there is not theirs; and what a register says comes too late after thirty days.
    const taken = programmes
      .filter((programme) => programme.programmeId === programmeId)
      .map(({ sessions: all, ...programme }) => ({
        ...programme,
        sessions: all
          .filter(({ status, startsAt }) => status === 'held' || Date.parse(startsAt) < endedAt)
          .filter(({ recordedAt, inReport }) => inReport !== undefined || daysAfter(recordedAt) <= 30)
          .map(({ inReport, ...session }) => (inReport ? { ...session, attendance: inReport } : session)),
      }));
    const sessions = taken.flatMap((programme) => programme.sessions);
    const came = sessions.some(({ attendance }) => attendance === '5' || attendance === '6');
    for (const row of rowsOf({ ...referral, ending }, offers, taken.length, came, programmeId))
      add('People', row, 'People');
    for (const { attendance } of sessions) {
      if (attendance === undefined) continue;
      add('Attendance, by NHS code', 'Sessions of each person, added up', 'Times');
      add('Attendance, by NHS code', `${ATTENDANCE[attendance]} (${attendance})`, 'Times');
    }
    for (const code of new Set(sessions.flatMap(({ attendance }) => attendance ?? []))) {
      add(BEHIND, `${ATTENDANCE[code]} (${code})`, 'People');
    }
    for (const programme of taken) {
      for (const { number, status } of programme.sessions) {
        if (status === 'held' || status === 'cancelled') {
          sessionsOfGroups[status].add(`${programme.cohortId} ${number}`);
        }
      }
    }
    if (!came) continue;
    const places = (referral.offers ?? []).filter(({ result }) => result === 'accepted');
    const notRight = (referral.history ?? []).filter(({ event }) => event === 'not-right');
    // What was answered within 30 days before a place there or while they had it, and recorded within 30 days after the end; and nothing months later.
    const since = places.map(({ repliedAt = '' }) => Date.parse(repliedAt) - 30 * 86_400_000);
    const until = programmes.map((_, i) => Date.parse(notRight[i]?.at ?? '9999-01-01'));
    const measured = items
      .filter(({ pk, sk }) => pk === referral.pk && String(sk).startsWith('MEASURES#'))
      .map((each) => {
        const then = answeredAt(each);
        // Of the places that they had, the last that had begun; what came before the first goes with it.
        return { ...each, then, place: since.reduce((last, from, i) => (from <= then ? i : last), 0) };
      })
      .filter(({ then, point, ...each }) => {
        const hasTurn = TURNS.includes(point ?? '') || (point === 'in-between' && then <= endedAt);
        const isOfIt = programmes.some(
          (programme, i) =>
            programme.programmeId === programmeId && (since[i] ?? 0) <= then && then <= (until[i] ?? 0),
        );
        return hasTurn && isOfIt && daysAfter(each.at) <= 30;
      })
      .sort((a, b) => a.then - b.then || String(a.at).localeCompare(String(b.at)));
    // One place after the other; in each the start, the middle and the end, whenever they were written down, and after each what was asked until the next.
    const inTurn = places.flatMap((_, place) => {
      const there = measured.filter((each) => each.place === place);
      const turns = there.map(({ point, then }) => {
        const known = TURNS.indexOf(point ?? '');
        if (known >= 0) return known;
        return Math.max(
          -1,
          ...there.filter((each) => each.then <= then).map((each) => TURNS.indexOf(each.point ?? '')),
        );
      });
      return [-1, 0, 1, 2].flatMap((turn) => there.filter((_, i) => turns[i] === turn));
    });
    for (const [instrument, name, questions] of MEASURES) {
      const sets = inTurn.flatMap((each) => (each.sets ?? []).filter((set) => set.instrument === instrument));
      if (sets.length < 2) continue;
      for (const [id, question, ends, moreIsBetter] of questions) {
        const [first, last] = [sets[0]?.answers[id], sets.at(-1)?.answers[id]];
        if (first === undefined || last === undefined) continue;
        const band = (answer: number) => ends.findIndex((end) => answer <= end);
        const moved = band(last) - band(first);
        add(name, question, 'Answered both times');
        add(name, question, moved === 0 ? 'The same' : moved > 0 === moreIsBetter ? 'Better' : 'Worse');
      }
    }
  }
  add('Sessions of their groups', 'Sessions held', 'Sessions', sessionsOfGroups.held.size);
  add(
    'Sessions of their groups',
    'Sessions cancelled by the provider',
    'Sessions',
    sessionsOfGroups.cancelled.size,
  );
  return counts;
}

const TURNS = ['baseline', 'middle', 'end'];

const MEASURES: [instrument: string, table: string, questions: typeof WELLBEING][] = [
  ['ons4', 'ONS4 personal wellbeing: from the first to the last answers', WELLBEING],
  ['ucla3', 'UCLA-3 loneliness: from the first to the last answers', LONELINESS],
  ['lonely', 'ONS direct question on loneliness: from the first to the last answers', LONELY],
];

const PEOPLE = [
  ...['People referred to the programme', 'Accepted by the provider', 'Came to at least one session'],
  ...['Completed the programme', 'Left early', 'By their own decision'],
  ...['Ended by a link worker', 'The programme was not right for them'],
  ...['Came to no session', 'Not accepted', 'Declined by the provider', 'The provider did not reply'],
  'Taken back, or the person left before the reply',
];

/** In which rows somebody is counted. */
function rowsOf(
  { ending, programme }: Item & Required<Pick<Item, 'ending'>>,
  offers: readonly StoredOffer[],
  taken: number,
  came: boolean,
  programmeId: string,
): string[] {
  const referred = 'People referred to the programme';
  if (!offers.some(({ result }) => result === 'accepted')) {
    const result = offers.at(-1)?.result;
    const why =
      result === 'declined'
        ? 'Declined by the provider'
        : result === 'silence'
          ? 'The provider did not reply'
          : 'Taken back, or the person left before the reply';
    return [referred, 'Not accepted', why];
  }
  const accepted = [referred, 'Accepted by the provider'];
  if (!came) return [...accepted, 'Came to no session'];
  const started = [...accepted, 'Came to at least one session'];
  const isLast = programme?.programmeId === programmeId;
  if (isLast && ending.kind === 'completed') return [...started, 'Completed the programme'];
  const left =
    !isLast && taken > 0
      ? 'The programme was not right for them'
      : ending.kind === 'withdrawn'
        ? 'By their own decision'
        : 'Ended by a link worker';
  return [...started, 'Left early', left];
}

/** When something was answered: at noon of the day that the team says, where it is another than that on which they recorded it. */
function answeredAt({ at: recordedAt = '', takenOn }: Item): number {
  if (takenOn === undefined || takenOn === dayInLondon(recordedAt)) return Date.parse(recordedAt);
  const noon = Date.parse(`${takenOn}T12:00:00Z`);
  return noon - (Number(HOUR_IN_LONDON.format(noon)) - 12) * 3_600_000;
}

const HOUR_IN_LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  hourCycle: 'h23',
});

function monthInLondon(instant: string): string {
  return dayInLondon(instant).slice(0, 7);
}

const DAY_IN_LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

function dayInLondon(instant: string): string {
  const parts = DAY_IN_LONDON.formatToParts(new Date(instant));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}`;
}

/**
 * Where a report's file does not say what was counted, in words; empty when it does. A small number may only be said to be small, and
 * one that is not may only be held back where it would give a small one away. */
export function disagreements(file: string, counts: Counts, fewerThan = 5): string[] {
  const rows = parse(file, { bom: true, columns: true }) as Record<
    'table' | 'row' | 'column' | 'value',
    string
  >[];
  const said = new Map(
    rows
      .filter(({ table, row }) => table !== 'About' && row !== 'Note')
      .map(({ table, row, column, value }) => [at(table, row, column), value]),
  );
  const reported = [...counts.keys()].filter((name) => !name.startsWith(BEHIND));
  const missing = reported.filter((name) => !said.has(name)).map((name) => `${name} is missing`);
  const isSmall = (count: number) => count > 0 && count < fewerThan;
  /** Whether something in the same sum is small, or what is said would be about the sessions of a few. */
  const nearSmall = (name: string) => {
    const [table = '', row = ''] = name.split(' | ');
    const isChange = MEASURES.some(([, measure]) => measure === table);
    const sum = isChange ? [table, row, ''].join(' | ') : `${table} | `;
    const started = counts.get(at('People', 'Came to at least one session', 'People')) ?? 0;
    const accepted = counts.get(at('People', 'Accepted by the provider', 'People')) ?? 0;
    const ofFew = /^(Sessions of their groups|Attendance)/.test(table) && accepted > 0 && started < fewerThan;
    // How many came, and how many there were, is not to be told by what they did or said.
    const anySmall = (within: string) =>
      [...counts].some(([other, count]) => other.startsWith(within) && isSmall(count));
    const isHeldBack = (people: string) =>
      anySmall('People |') && !/^\d/.test(said.get(at('People', people, 'People')) ?? '');
    const tells =
      (table === 'Attendance, by NHS code' && isHeldBack('Accepted by the provider')) ||
      (/^Attendance/.test(table) && anySmall(BEHIND)) ||
      (!/^(People|Sessions of)/.test(table) && isHeldBack('Came to at least one session'));
    return ofFew || tells || anySmall(sum);
  };
  const wrong = [...said].flatMap(([name, value]) => {
    const count = counts.get(name);
    if (count === undefined) return [`${name} was not counted`];
    // How often a group met is nobody's secret.
    const small = isSmall(count) && !name.startsWith('Sessions of their groups');
    if (value === 'not shown' && nearSmall(name)) return [];
    if (value === `fewer than ${fewerThan}` && small) return [];
    return !small && value.split(' ')[0] === String(count) ? [] : [`${name} is ${count}, and says ${value}`];
  });
  return [...missing, ...wrong];
}
