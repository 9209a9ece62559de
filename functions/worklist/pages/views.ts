/** The worklist: what waits for a team or for one of it, in the order in which to do it; and what waits for others. */
import { fullName } from '../../../workflows/person.ts';
import type { Person } from '../../../workflows/request.ts';
import { ageOn, dateInWords, inWords } from '../../../workflows/time.ts';
import {
  ELSEWHERE,
  type Elsewhere,
  isOverdue,
  URGENCIES,
  type Urgency,
} from '../../../workflows/worklist.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { type InList, tagOf, taskInWords, type Why, whereToDo } from '../../shared/pages/task.ts';
import { urgencyWords } from '../../shared/pages/urgency.ts';
import worklist from './worklist.njk';

type Team = { id: string; name: string };

export type WorklistItem = Why & {
  /** Among what waits for the team. */
  place: InList | undefined;
  /** Where it is, if it waits for somebody else. */
  where: Elsewhere | undefined;
  /** When something is due next. */
  due: string | undefined;
  /** They wait for a place that there is none of yet. */
  isOnList?: boolean;
  reference: string;
  person: Person;
  createdAt: string;
  assignee: { id: string; name: string } | undefined;
};

export type WorklistView = Site & {
  team: Team;
  /** All that the reader belongs to. */
  teams: readonly Team[];
  /** Whose referrals: everyone, nobody, mine, or somebody's id. */
  whose: string;
  /** The address named somebody who is not of the team: this is everybody's list instead. */
  notFound?: boolean;
  /** The reader shares out the team's referrals. */
  mayShare: boolean;
  whoseLists: {
    mine: number;
    /** How many of those are due by now, or to be tried again today. */
    mineDue: number;
    nobody: number;
    /** Those whom the reader covers for now. */
    covered: readonly { sub: string; name: string }[];
    /** Whose list it is, where it is another link worker's. */
    named: { sub: string; name: string } | undefined;
  };
  /** Only these are shown. */
  urgency: Urgency | undefined;
  where: Elsewhere | undefined;
  counts: Readonly<Record<Urgency, number>>;
  /** How many of them are due by now, or to be tried again today. */
  due: Readonly<Record<Urgency, number>>;
  elsewhere: Readonly<Record<Elsewhere, number>>;
  /** Where counting ended. */
  countedTo: number;
  items: readonly WorklistItem[];
  now: string;
  /** The key of the last one on this page, if there are more. */
  next: string | undefined;
  /** Whether this is the first page. */
  first: boolean;
  /** How many of the page cannot be shown. */
  unreadable?: number;
};

const elsewhereWords: Record<Elsewhere, { filter: string; what: string; due: string | undefined }> = {
  hold: { filter: 'On hold', what: 'On hold', due: 'until' },
  information: { filter: 'Waiting for an answer', what: 'Waits for an answer', due: 'next reminder' },
  offer: { filter: 'Offered', what: 'Offered to a provider', due: 'next reminder' },
  programme: { filter: 'In a programme', what: 'In a programme', due: undefined },
  closing: { filter: 'Being closed', what: 'Is being closed', due: undefined },
};

/** What needs a team, or one of it, now, with the way to the next page. */
export function worklistPage(view: WorklistView) {
  const { team, teams, whose, whoseLists, urgency, where, counts, due, countedTo, items, now, next, first } =
    view;
  const address = (changes: Record<string, string | undefined>) => {
    const values = { team: teams.length > 1 ? team.id : undefined, whose, urgency, where, ...changes };
    const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return given.length === 0 ? '/worklist' : `/worklist?${new URLSearchParams(given)}`;
  };
  const list = (id: string, text: string) => ({
    text,
    href: address({ whose: id, urgency: undefined, where: undefined }),
    current: whose === id,
  });
  const total = (of: Readonly<Record<Urgency, number>>) => URGENCIES.reduce((sum, each) => sum + of[each], 0);
  const capped = (of: Readonly<Record<Urgency, number>>) => URGENCIES.some((each) => of[each] >= countedTo);
  const counted = (count: number, atMost = count >= countedTo) => (atMost ? `${count}+` : String(count));
  const countedDue = (count: number, atMost?: boolean) =>
    count === 0 ? '' : `, ${counted(count, atMost)} due`;
  return page(view, {
    title: titleOf(view),
    template: worklist,
    context: {
      team: team.name,
      teams:
        teams.length > 1
          ? teams.map(({ id, name }) => ({
              name,
              href: address({ team: id, whose: undefined, urgency: undefined, where: undefined }),
              current: id === team.id,
            }))
          : [],
      whose: [
        list('everyone', 'The whole team’s'),
        list('mine', `Mine (${counted(whoseLists.mine)}${countedDue(whoseLists.mineDue)})`),
        list('nobody', `Nobody’s yet (${counted(whoseLists.nobody)})`),
        ...whoseLists.covered.map(({ sub, name }) => list(sub, `${name}’s, whom you cover for`)),
      ],
      filters: [
        {
          text: `All (${counted(total(counts), capped(counts))}${countedDue(total(due), capped(due))})`,
          href: address({ urgency: undefined, where: undefined }),
          current: urgency === undefined && where === undefined,
        },
        ...URGENCIES.map((each) => ({
          text: `${urgencyWords[each].filter} (${counted(counts[each])}${countedDue(due[each])})`,
          href: address({ urgency: each, where: undefined }),
          current: urgency === each,
        })),
      ],
      places: ELSEWHERE.map((each) => ({
        text: `${elsewhereWords[each].filter} (${counted(view.elsewhere[each])})`,
        href: address({ where: each, urgency: undefined }),
        current: where === each,
      })),
      items: items.map((item) => itemInWords(item, now)),
      ...{ unreadable: view.unreadable, notFound: view.notFound },
      empty: where === undefined ? 'Nothing waits here.' : 'There are none.',
      next: next === undefined ? undefined : address({ after: next }),
      start: first ? undefined : address({}),
    },
  });
}

function titleOf({ whose, whoseLists, where }: WorklistView): string {
  if (where !== undefined) return elsewhereWords[where].filter;
  if (whose === 'mine') return 'What needs you now';
  if (whose === 'nobody') return 'What is nobody’s yet';
  return whoseLists.named ? `What needs ${whoseLists.named.name} now` : 'What needs the team now';
}

function itemInWords(item: WorklistItem, now: string) {
  const { reference, person, createdAt, place, where, due, assignee } = item;
  const at = where && elsewhereWords[where];
  const by = place && !place.isTry ? `by ${inWords(place.by)}` : undefined;
  const then = at?.due && due && `${at.due} ${dateInWords(due)}`;
  return {
    reference,
    name: fullName(person),
    age: ageOn(person.dateOfBirth, now),
    href: whereToDo(reference, place),
    what: place ? taskInWords(place, item) : item.isOnList ? 'On a waiting list' : at?.what,
    facts: [by ?? then, `received on ${dateInWords(createdAt)}`, assignee?.name ?? 'nobody’s yet']
      .filter((fact) => fact !== undefined && fact !== '')
      .map((fact, i) => (i === 0 ? capitalised(fact ?? '') : fact))
      .concat(reference)
      .join(' · '),
    overdue: place !== undefined && isOverdue(place, now),
    urgency: place && tagOf(place),
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
