/** The team as its coordinator sees it: what is nobody's yet, who has how much, who is away. */
import { fullName } from '../../../workflows/person.ts';
import type { Person } from '../../../workflows/referral.ts';
import { ageOn, dateInWords, inWords, isDue } from '../../../workflows/time.ts';
import type { Urgency } from '../../../workflows/worklist.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { urgencyWords } from '../../shared/pages/urgency.ts';
import team from './team.njk';

type Member = {
  sub: string;
  name: string;
  away?: { from: string; until: string; cover: string };
};

export type TeamView = Site & {
  team: { id: string; name: string };
  /** All that the reader belongs to. */
  teams: readonly { id: string; name: string }[];
  /** How much waits for each link worker, and how many open referrals each has. */
  loads: readonly { member: Member; waiting: number; open: number }[];
  /** What is nobody's yet: the first of them, most urgent first, and how many there are. */
  unassigned: {
    count: number;
    items: readonly { reference: string; person: Person; createdAt: string; urgency: Urgency; by: string }[];
  };
  /** Where counting ended. */
  countedTo: number;
  now: string;
  form?: Form;
};

const FIELDS = ['member', 'awayFrom', 'awayUntil', 'cover'] as const;

export function teamPage(view: TeamView) {
  const { teams, loads, unassigned, countedTo, now, form } = view;
  const counted = (count: number) => (count >= countedTo ? `${count}+` : String(count));
  const address = (id: string) => (teams.length > 1 ? `/team?team=${id}` : '/team');
  const nameOf = (sub: string) => loads.find(({ member }) => member.sub === sub)?.member.name ?? 'somebody';
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
      loads: loads.map(({ member, waiting, open }) => ({
        name: member.name,
        href: `/worklist?${new URLSearchParams({ team: view.team.id, whose: member.sub })}`,
        waiting: counted(waiting),
        open: counted(open),
        away:
          member.away &&
          `${day(member.away.from)} to ${day(member.away.until)}, ${nameOf(member.away.cover)} covers`,
      })),
      workers: [
        { value: '', text: 'Choose' },
        ...loads.map(({ member }) => ({ value: member.sub, text: member.name })),
      ],
      total: counted(unassigned.count),
      more: unassigned.count > unassigned.items.length,
      moreHref: `/worklist?${new URLSearchParams({ team: view.team.id, whose: 'nobody' })}`,
      unassigned: unassigned.items.map(({ reference, person, createdAt, urgency, by }) => ({
        reference,
        href: `/referrals/${reference}`,
        name: fullName(person),
        age: ageOn(person.dateOfBirth, now),
        urgency: urgencyWords[urgency],
        overdue: isDue(by, now),
        facts: `By ${inWords(by)} · received on ${dateInWords(createdAt)} · ${reference}`,
      })),
    },
    form,
    fields: FIELDS,
  });
}

function day(date: string): string {
  return dateInWords(`${date}T12:00:00Z`);
}
