/** The team as its coordinator sees it: what is nobody's yet, who has how much, who is away, who has left. */

import { fullName } from '../../../workflows/person.ts';
import type { Person } from '../../../workflows/request.ts';
import { ageOn, dateInWords, inWords } from '../../../workflows/time.ts';
import { isOverdue } from '../../../workflows/worklist.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { type InList, tagOf, taskInWords, type Why, whereToDo } from '../../shared/pages/task.ts';
import { nameToChoose } from '../../shared/team-members.ts';
import type { Given } from '../giving.ts';
import team from './team.njk';

type Absence = { from: string; until: string; cover: string };
type Member = { sub: string; name: string; absences: readonly Absence[] };

/** In place of somebody: the team, until one of it takes them on. */
export const NOBODY = 'nobody';

/** What became of referrals that were given to somebody of this name, or back to the team. */
export type Result = Given & { to: string | undefined };

export type TeamView = Site & {
  team: { id: string; name: string };
  /** All that the reader belongs to. */
  teams: readonly { id: string; name: string }[];
  /** How much waits for each link worker, and how many open referrals each has. */
  loads: readonly { member: Member; waiting: number; open: number }[];
  /** Those who have left and still look after somebody, and after how many. */
  left: readonly { member: Pick<Member, 'sub' | 'name'>; open: number }[];
  /** What is nobody's yet: the first of them, most urgent first, and how many there are. */
  unassigned: {
    count: number;
    items: readonly (InList &
      Why & {
        id: string;
        reference: string;
        person: Person;
        createdAt: string;
      })[];
  };
  /** Where counting ended. */
  countedTo: number;
  /** How many are given by one click. */
  atOnce: number;
  now: string;
  /** What was just given. */
  result?: Result | undefined;
  form?: Form;
};

export function teamPage(view: TeamView) {
  const { teams, loads, left, unassigned, countedTo, atOnce, now, result, form } = view;
  const counted = (count: number) => (count >= countedTo ? `${count}+` : String(count));
  const address = (id: string) => (teams.length > 1 ? `/team?team=${id}` : '/team');
  const listOf = (sub: string) => `/worklist?${new URLSearchParams({ team: view.team.id, whose: sub })}`;
  const nameOf = (sub: string) => loads.find(({ member }) => member.sub === sub)?.member.name;
  const workers = loads.map(({ member }) => ({ value: member.sub, text: nameToChoose(member, now) }));
  return page(view, {
    title: 'Your team',
    template: team,
    context: {
      team: view.team.name,
      action: address(view.team.id),
      teams:
        teams.length > 1
          ? teams.map(({ id, name }) => ({ name, href: address(id), current: id === view.team.id }))
          : [],
      result: result && resultInWords(result),
      loads: loads.map(({ member, waiting, open }) => ({
        name: member.name,
        href: listOf(member.sub),
        waiting: counted(waiting),
        open: counted(open),
      })),
      absences: loads.flatMap(({ member }) =>
        member.absences.map(({ from, until, cover }) => ({
          ...{ sub: member.sub, name: member.name, from },
          days: from === until ? day(from) : `${day(from)} to ${day(until)}`,
          cover: nameOf(cover),
        })),
      ),
      left: left.map(({ member, open }) => ({
        sub: member.sub,
        name: member.name,
        field: `heir-${member.sub}`,
        href: listOf(member.sub),
        open: counted(open),
        isOne: open === 1,
        button: open > atOnce ? `Give the first ${atOnce}` : open === 1 ? 'Give it' : `Give all ${open}`,
      })),
      workers: [{ value: '', text: 'Choose' }, ...workers],
      heirs: [{ value: '', text: 'Choose' }, { value: NOBODY, text: 'The team: nobody’s yet' }, ...workers],
      total: counted(unassigned.count),
      more: unassigned.count > unassigned.items.length,
      moreHref: listOf(NOBODY),
      unassigned: unassigned.items.map((item) => ({
        field: `give-${item.id}`,
        reference: item.reference,
        href: whereToDo(item.reference, item),
        name: fullName(item.person),
        age: ageOn(item.person.dateOfBirth, now),
        what: taskInWords(item, item),
        urgency: tagOf(item),
        overdue: isOverdue(item, now),
        facts: [
          ...(item.isTry ? [] : [`By ${inWords(item.by)}`]),
          `${item.isTry ? 'Received' : 'received'} on ${dateInWords(item.createdAt)}`,
          item.reference,
        ].join(' · '),
      })),
    },
    form,
    fields: [
      ...left.map(({ member }) => `heir-${member.sub}`),
      ...['give', 'giveTo', 'leaver', 'member', 'awayFrom', 'awayUntil', 'cover'],
    ],
  });
}

/** What was given, and of what was not, why and which. */
function resultInWords({ to, given, taken, gone }: Result): string[] {
  const which = (references: readonly string[]) => `${references.length} (${references.join(', ')})`;
  return [
    to === undefined ? `Given back to the team: ${given}.` : `Given to ${to}: ${given}.`,
    ...(taken.length > 0 ? [`Taken by somebody else meanwhile: ${which(taken)}.`] : []),
    ...(gone.length > 0 ? [`Closed or with another team meanwhile: ${which(gone)}.`] : []),
  ];
}

function day(date: string): string {
  return dateInWords(`${date}T12:00:00Z`);
}
