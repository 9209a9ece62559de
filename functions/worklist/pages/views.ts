/** The worklist: what waits for a team, in the order in which to do it. */
import { fullName } from '../../../workflows/person.ts';
import type { Person } from '../../../workflows/referral.ts';
import { ageOn, dateInWords, inWords, isDue } from '../../../workflows/time.ts';
import { type Place, URGENCIES, type Urgency } from '../../../workflows/worklist.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import worklist from './worklist.njk';

type Team = { id: string; name: string };

export type WorklistItem = Place & {
  reference: string;
  person: Person;
  createdAt: string;
  /** A question about it has been answered. */
  answered: boolean;
};

export type WorklistView = Site & {
  team: Team;
  /** All that the reader belongs to. */
  teams: readonly Team[];
  /** Only these are shown. */
  urgency: Urgency | undefined;
  counts: Readonly<Record<Urgency, number>>;
  /** Where counting ended. */
  countedTo: number;
  items: readonly WorklistItem[];
  now: string;
  /** The key of the last one on this page, if there are more. */
  next: string | undefined;
  /** Whether this is the first page. */
  first: boolean;
};

const urgencyWords: Record<Urgency, { tag: string; filter: string; colour: string }> = {
  danger: { tag: 'Danger', filter: 'In danger', colour: 'red' },
  risk: { tag: 'Known risks', filter: 'Known risks', colour: 'orange' },
  none: { tag: 'No known risks', filter: 'No known risks', colour: 'grey' },
};

/** What needs a team now, with the way to the next page. */
export function worklistPage(view: WorklistView) {
  const { team, teams, urgency, counts, countedTo, items, now, next, first } = view;
  const address = (changes: Record<string, string | undefined>) => {
    const values = { team: teams.length > 1 ? team.id : undefined, urgency, ...changes };
    const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return given.length === 0 ? '/worklist' : `/worklist?${new URLSearchParams(given)}`;
  };
  const total = URGENCIES.reduce((sum, each) => sum + counts[each], 0);
  const capped = URGENCIES.some((each) => counts[each] >= countedTo);
  const counted = (count: number, atMost: boolean) => (atMost ? `${count} or more` : String(count));
  return page(view, {
    title: 'What needs you now',
    template: worklist,
    context: {
      team: team.name,
      teams:
        teams.length > 1
          ? teams.map(({ id, name }) => ({ name, href: address({ team: id }), current: id === team.id }))
          : [],
      filters: [
        {
          text: `All (${counted(total, capped)})`,
          href: address({ urgency: undefined }),
          current: urgency === undefined,
        },
        ...URGENCIES.map((each) => ({
          text: `${urgencyWords[each].filter} (${counted(counts[each], counts[each] >= countedTo)})`,
          href: address({ urgency: each }),
          current: urgency === each,
        })),
      ],
      items: items.map((item) => itemInWords(item, now)),
      next: next === undefined ? undefined : address({ after: next }),
      start: first ? undefined : address({}),
    },
  });
}

function itemInWords(
  { reference, person, createdAt, task, urgency, by, answered }: WorklistItem,
  now: string,
) {
  const overdue = isDue(by, now);
  return {
    reference,
    name: fullName(person),
    age: ageOn(person.dateOfBirth, now),
    href: `/referrals/${reference}`,
    what:
      task === 'welfare'
        ? 'Contact them: two sessions missed'
        : answered
          ? 'Review: your question is answered'
          : 'Review',
    since: dateInWords(createdAt),
    by: inWords(by),
    overdue,
    urgency: urgencyWords[urgency],
  };
}
