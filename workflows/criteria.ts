/** What speaks for a programme and against it besides its own rules: each criterion met, not met or unknown, in plain words. */
import { NO_FIXED_ADDRESS, postcodeDistrict } from './checks.ts';
import { type Need, type Programme, sessionsFor, type TimeOfWeek } from './directory.ts';
import { type Districts, kilometresBetween } from './distance.ts';
import {
  type CriterionName,
  type EligibilityRule,
  MATCHING_LIMITS,
  NEEDS_OF_A_PLACE,
} from './matching-policy.ts';
import type { Joinable, Outlook } from './places.ts';
import type { Offer, Preferences } from './referral.ts';
import type { CommunicationNeed, Person } from './request.ts';
import { dateInWords, londonDate, weekdayOf } from './time.ts';
import type { Wait } from './waits.ts';

export type CriterionResult = 'met' | 'not-met' | 'unknown';
export type Criterion<Name extends CriterionName = CriterionName> = {
  name: Name;
  result: CriterionResult;
  explanation: string;
};

/** What is known besides the person's own details. */
export type Known = {
  preferences?: Preferences | undefined;
  /** What has been offered to them before. */
  offers?: readonly Offer[];
  /** Measured waits by programme. */
  waits?: ReadonlyMap<string, Wait>;
  /** What they would get in each programme that has cohorts. */
  places?: ReadonlyMap<string, Outlook>;
  /** Its cohorts that they could join, which may be at times of their own. */
  groups?: ReadonlyMap<string, readonly Joinable[]>;
  districts?: Districts;
};

type Verdict = readonly [result: CriterionResult, explanation: string];
type Case = { programme: Programme; person: Person; known: Known; now: string };

/** The needs in words that go on from "helps with". */
export const NEED_WORDS: Record<Need, string> = {
  loneliness: 'loneliness and meeting people',
  'mental-health': 'mental health and wellbeing',
  dementia: 'dementia or memory problems',
  'physical-health': 'physical health and being active',
  'carer-support': 'caring for somebody',
  'money-and-legal': 'money, debt, benefits or legal matters',
  housing: 'housing',
  'work-and-learning': 'work, learning or volunteering',
  'domestic-abuse': 'domestic abuse',
  addiction: 'alcohol, drugs or gambling',
};

export const TIME_WORDS: Record<TimeOfWeek, string> = {
  'weekday-morning': 'weekday mornings',
  'weekday-afternoon': 'weekday afternoons',
  'weekday-evening': 'weekday evenings',
  weekend: 'weekends',
};

/** What the place must have or do, in words that go on from "this person needs". */
const ACCESS_WORDS: Record<(typeof NEEDS_OF_A_PLACE)[number], string> = {
  'sign-language': 'British Sign Language',
  'speaks-for-them': 'somebody to come along',
  'lip-reading': 'to lip-read or use a hearing aid',
  'more-time': 'more time',
  'easy-read': 'easy read',
  'large-print': 'large print',
  braille: 'braille',
  audio: 'audio',
  'step-free': 'step-free access',
};

const CRITERIA: Record<Exclude<CriterionName, EligibilityRule>, (of: Case) => Verdict | undefined> = {
  access,
  need,
  language,
  earlier,
  time,
  cost,
  places,
  wait,
  distance,
  entry,
};

/** Every criterion but the programme's own rules. What does not arise is left out. */
export function criteriaOf(programme: Programme, person: Person, known: Known, now: string): Criterion[] {
  const names = Object.keys(CRITERIA) as (keyof typeof CRITERIA)[];
  return names.flatMap((name) => {
    const verdict = CRITERIA[name]({ programme, person, known, now });
    return verdict ? [{ name, result: verdict[0], explanation: verdict[1] }] : [];
  });
}

function need({ programme, known }: Case): Verdict {
  const wanted = known.preferences?.needs ?? [];
  if (wanted.length === 0) return ['unknown', 'Nobody has said yet what they are looking for'];
  if (programme.needs === undefined) return ['unknown', 'The directory does not say what it helps with'];
  const helps = wanted.filter((one) => programme.needs?.includes(one));
  const rest = wanted.filter((one) => !helps.includes(one));
  if (helps.length === 0) return ['not-met', `Not known to help with ${either(rest.map(inNeedWords))}`];
  const but = rest.length > 0 ? `, not with ${either(rest.map(inNeedWords))}` : '';
  return ['met', `Helps with ${both(helps.map(inNeedWords))}${but}`];
}

function access({ programme, person }: Case): Verdict {
  const needs = NEEDS_OF_A_PLACE.filter((one) => person.communication?.needs.includes(one));
  if (needs.length === 0) return ['met', 'No access needs are known'];
  const words = (list: typeof needs) => both(list.map((one) => ACCESS_WORDS[one]));
  if (programme.access === undefined) {
    return ['unknown', `This person needs ${words(needs)}; the directory does not say whether there is`];
  }
  const missing = needs.filter((one) => !programme.access?.includes(one));
  return missing.length === 0
    ? ['met', `There is what this person needs: ${words(needs)}`]
    : ['not-met', `This person needs ${words(missing)}, which the directory does not list`];
}

function language({ programme, person }: Case): Verdict {
  const { needs = [], language } = person.communication ?? {};
  const interpreter: CommunicationNeed = 'interpreter';
  const { languages = [], access = [] } = programme;
  if (!needs.includes(interpreter) && (language === undefined || sameLanguage(language, 'English'))) {
    return languages.length === 0 || languages.some((one) => sameLanguage(one, 'English'))
      ? ['met', 'No interpreter has been asked for']
      : ['unknown', `In ${both(languages)}; whether this person speaks it is not known`];
  }
  const spoken = languages.find((one) => language !== undefined && sameLanguage(one, language));
  if (spoken !== undefined) return ['met', `In ${spoken}, which this person speaks`];
  if (access.includes(interpreter)) return ['met', 'Works with interpreters'];
  if (!needs.includes(interpreter)) {
    return ['unknown', `This person prefers ${language}; no interpreter has been asked for`];
  }
  const wanted = language ?? 'an interpreter';
  return language === undefined || programme.languages === undefined
    ? ['unknown', `This person needs ${wanted}; the directory does not say whether there is`]
    : ['not-met', `In ${both(languages)}; this person needs ${wanted}`];
}

/** Whether one names the other: "Bengali" and "Bengali or Sylheti" do. */
function sameLanguage(one: string, other: string): boolean {
  const words = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [a, b] = [words(one), words(other)];
  return (
    a.length > 0 &&
    b.length > 0 &&
    (a.every((word) => b.includes(word)) || b.every((word) => a.includes(word)))
  );
}

/** An offer that came to nothing is not made again without a thought. */
function earlier({ programme, known }: Case): Verdict | undefined {
  const last = known.offers?.findLast(
    ({ programmeId, result = 'withdrawn' }) => programmeId === programme.id && result !== 'withdrawn',
  );
  if (!last) return undefined;
  const on = `the offer of ${dateInWords(last.offeredAt)}`;
  if (last.result === 'declined') return ['not-met', `Declined ${on}`];
  return last.result === 'silence'
    ? ['not-met', `Did not reply to ${on}`]
    : ['not-met', `Accepted ${on}, and it has been tried`];
}

/** One group at a time that suits is enough. */
function time({ programme, known }: Case): Verdict {
  const groups = known.groups?.get(programme.id) ?? [];
  const all = groups.length === 0 ? [programme.sessions] : groups.map((group) => whenOf(programme, group));
  const inAll = (whens: typeof all) => either([...new Set(whens.map(whenInWords))]);
  const { times = [] } = known.preferences ?? {};
  if (times.length === 0) return ['met', `On ${inAll(all)}; no times are asked for`];
  const suit = all.filter((when) => times.includes(timeOfWeek(when)));
  const others = all.filter((when) => !suit.includes(when));
  if (suit.length === 0) {
    return [
      'not-met',
      `On ${inAll(all)}; this person can come on ${either(times.map((one) => TIME_WORDS[one]))}`,
    ];
  }
  return [
    'met',
    `On ${inAll(suit)}${others.length === 0 ? '' : `; other groups do not suit: ${inAll(others)}`}`,
  ];
}

type When = Pick<Programme['sessions'], 'weekday' | 'time'>;

/** When the sessions of a cohort are: on the day of the week on which it starts. */
function whenOf(programme: Programme, { id, startsOn }: Pick<Joinable, 'id' | 'startsOn'>): When {
  return { weekday: weekdayOf(startsOn), time: sessionsFor(programme, id).time };
}

/** "Thursdays at 18:00". */
function whenInWords({ weekday, time }: When): string {
  return `${WEEKDAYS[weekday - 1]}s at ${time}`;
}

/** A cohort in words, as one of several to choose from: when and where it is, and whether a place is free. */
export function groupInWords(programme: Programme, group: Joinable): string {
  const { place } = sessionsFor(programme, group.id);
  const free =
    group.free === 0
      ? 'No place is free: they wait for one here, or in any group once nobody can join this one'
      : placesFree(group.free);
  return `${whenInWords(whenOf(programme, group))}, ${place}. ${free}.`;
}

function placesFree(free: number): string {
  return `${free} ${free === 1 ? 'place' : 'places'} free`;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** When sessions are, as people say when they can come. */
export function timeOfWeek({ weekday, time }: When): TimeOfWeek {
  if (weekday > 5) return 'weekend';
  if (time < '12:00') return 'weekday-morning';
  return time < '17:00' ? 'weekday-afternoon' : 'weekday-evening';
}

function cost({ programme: { cost }, known }: Case): Verdict {
  const detail = cost?.detail === undefined ? '' : `: ${cost.detail}`;
  if (cost?.free) return ['met', `Free${detail}`];
  if (!known.preferences?.freeOnly) return ['met', cost ? `Costs something${detail}` : 'It need not be free'];
  return cost
    ? ['not-met', `Costs something${detail}`]
    : ['unknown', 'The directory does not say what it costs'];
}

function places({ programme, known, now }: Case): Verdict {
  if ((programme.cohorts ?? []).length === 0) return ['unknown', 'The directory knows of no coming group'];
  const outlook = known.places?.get(programme.id);
  if (!outlook) return ['unknown', 'How many places are free is not known'];
  return [outlook.next === 'place' ? 'met' : 'not-met', outlookInWords(outlook, now)];
}

/** What somebody would get who is matched now, in words. */
export function outlookInWords(outlook: Outlook, now: string): string {
  if (outlook.next === 'place') {
    const { free, startsOn } = outlook;
    const starts = startsOn > londonDate(now) ? 'starts' : 'started';
    return `${placesFree(free)} in the group that ${starts} on ${day(startsOn)}`;
  }
  const { waiting, open } = outlook;
  const line =
    waiting === 0 ? 'nobody waits yet' : waiting === 1 ? '1 person waits' : `${waiting} people wait`;
  return `${open ? 'Full' : 'No group is planned that could be joined'}: goes on the waiting list, ${line}`;
}

function wait({ programme, known }: Case): Verdict {
  const measured = known.waits?.get(programme.id);
  if (!measured) return ['unknown', 'No wait has been measured yet'];
  const { days, people } = measured;
  const says = `About ${daysInWords(days)}, measured from the last ${people === 1 ? 'person' : `${people} people`}`;
  if (people < MATCHING_LIMITS.measuredPeople) return ['unknown', `${says}, which is too few to tell`];
  return days <= MATCHING_LIMITS.shortWaitDays ? ['met', says] : ['not-met', `${says}: a long wait`];
}

function daysInWords(days: number): string {
  const [count, unit] = days < 14 ? [days, 'day'] : [Math.round(days / 7), 'week'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function distance({ programme, person, known }: Case): Verdict {
  const there = programme.postcode === undefined ? undefined : postcodeDistrict(programme.postcode);
  if (there === undefined) return ['unknown', 'The directory does not say in which postcode it is'];
  const here = person.postcode === NO_FIXED_ADDRESS ? undefined : postcodeDistrict(person.postcode);
  if (here === undefined) return ['unknown', `In ${there}; this person has no fixed address`];
  if (here === there) return ['met', `In ${there}, where this person lives`];
  const kilometres = kilometresBetween(known.districts ?? {}, here, there);
  if (kilometres === undefined) {
    const same = areaOf(here) === areaOf(there) ? ', in the same postcode area' : '';
    return ['unknown', `In ${there}; this person lives in ${here}${same}. The distance is not known`];
  }
  const says = `About ${Math.max(1, Math.round(kilometres))} km from ${here} to ${there}`;
  return kilometres <= MATCHING_LIMITS.nearKilometres ? ['met', says] : ['not-met', says];
}

/** "NW" of "NW1". */
function areaOf(district: string): string {
  return district.replace(/\d.*$/, '');
}

function entry({ programme: { assuredOn }, now }: Case): Verdict {
  if (assuredOn === undefined) return ['unknown', 'Nobody has confirmed this entry of the directory yet'];
  const days = (Date.parse(londonDate(now)) - Date.parse(assuredOn)) / 86_400_000;
  return days <= MATCHING_LIMITS.freshDays
    ? ['met', `The entry was confirmed on ${day(assuredOn)}`]
    : ['unknown', `The entry was last confirmed on ${day(assuredOn)}, more than a year ago`];
}

function inNeedWords(one: Need): string {
  return NEED_WORDS[one];
}

function day(date: string): string {
  return dateInWords(`${date}T12:00:00Z`);
}

function both(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words);
}

function either(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words);
}
