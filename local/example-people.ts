/** Who may sign in on a laptop, and on the emulator: one example for each role, and a link worker of another team. Nobody real. */
import type { Role } from '../functions/shared/roles.ts';

export interface ExamplePerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

const PEOPLE: readonly {
  id: string;
  name: string;
  role: Role;
  teams: 'none' | 'first' | 'second' | 'all';
}[] = [
  { id: 'amina', name: 'Amina Rahman', role: 'link-worker', teams: 'first' },
  { id: 'sam', name: 'Sam Lee', role: 'link-worker', teams: 'second' },
  { id: 'tom', name: 'Tom Ellis', role: 'coordinator', teams: 'all' },
  { id: 'priya', name: 'Priya Nair', role: 'provider-staff', teams: 'none' },
  { id: 'alex', name: 'Alex Morgan', role: 'auditor', teams: 'none' },
];

/**
 * The examples, in those of a pool's groups that fit their roles: a link worker in the first team, one in the second if there is one, the
 * coordinator in all.
 */
export function examplePeople(groups: readonly string[]): ExamplePerson[] {
  const teams = groups.filter((group) => group.startsWith('team:'));
  const of = { none: [], first: teams.slice(0, 1), second: teams.slice(1, 2), all: teams };
  return PEOPLE.map(({ id, name, role, teams }) => ({
    id,
    name,
    email: `${id}@example.org`,
    groups: [...groups.filter((group) => group === role), ...of[teams]],
  }));
}
