/** Who may sign in on a laptop, and on the emulator: one example for each role. Nobody real. */
import type { Role } from '../functions/shared/roles.ts';

export interface ExamplePerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

const PEOPLE: readonly { id: string; name: string; role: Role; teams: 'none' | 'first' | 'all' }[] = [
  { id: 'amina', name: 'Amina Rahman', role: 'link-worker', teams: 'first' },
  { id: 'tom', name: 'Tom Ellis', role: 'coordinator', teams: 'all' },
  { id: 'priya', name: 'Priya Nair', role: 'provider-staff', teams: 'none' },
  { id: 'alex', name: 'Alex Morgan', role: 'auditor', teams: 'none' },
];

/** The examples, in those of a pool's groups that fit their roles: the link worker in the first team, the coordinator in all. */
export function examplePeople(groups: readonly string[]): ExamplePerson[] {
  const teams = groups.filter((group) => group.startsWith('team:'));
  const of = { none: [], first: teams.slice(0, 1), all: teams };
  return PEOPLE.map(({ id, name, role, teams }) => ({
    id,
    name,
    email: `${id}@example.org`,
    groups: [...groups.filter((group) => group === role), ...of[teams]],
  }));
}
