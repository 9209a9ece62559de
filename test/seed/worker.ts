/** A thread that writes a part of what is seeded. Its environment is that of a function of the service, as which it reads and writes. */
import { parentPort, workerData } from 'node:worker_threads';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { environment } from '../../functions/shared/environment.ts';
import { freshen } from '../../functions/shared/fresh.ts';
import { documents } from '../../functions/shared/table.ts';
import { linkWorkersAmong, membersOf, noteMember } from '../../functions/shared/team-members.ts';
import type { SeedTeam } from './referrals.ts';
import { writeSeeded } from './write.ts';

/** What the thread is to do; every thread of one seeding is told the same but for the range. */
export type Part = {
  from: number;
  /** Not included. */
  to: number;
  seed: number;
  now: string;
  /** The ids of the teams; none for all that there are. */
  teams: readonly string[];
};

/** Link workers that every team is given, besides those who have signed in. */
const INVENTED = ['Amara Bello', 'Carys Pugh', 'Dev Anand', 'Ewan Muir', 'Hana Suzuki', 'Jo Fairley'];

const { from, to, seed, now, teams }: Part = workerData;
const { TABLE_NAME, TEAMS, LAWFUL_BASIS } = environment('intake');
await freshen(now);
const unknown = teams.filter((id) => !TEAMS.some((team) => team.id === id));
if (unknown.length > 0) {
  throw new Error(
    `There is no team ${unknown.join(', ')}; there are ${TEAMS.map(({ id }) => id).join(', ')}`,
  );
}
const ids = teams.length > 0 ? teams : TEAMS.map(({ id }) => id);
const seeding = {
  seed,
  now,
  teams: await Promise.all(ids.map(withMembers)),
  programmes: allProgrammes(),
  lawfulBasis: LAWFUL_BASIS,
};
await writeSeeded(documents(), TABLE_NAME, { from, to }, seeding, (count) => parentPort?.postMessage(count));

async function withMembers(id: string): Promise<SeedTeam> {
  for (const [i, name] of INVENTED.entries()) {
    const person = {
      sub: `seeded-${id}-${i + 1}`,
      name,
      email: '',
      roles: ['link-worker' as const],
      teams: [id],
    };
    await noteMember(TABLE_NAME, person, now);
  }
  const members = linkWorkersAmong(await membersOf(TABLE_NAME, id, now));
  return { id, members: members.map(({ sub, name }) => ({ id: sub, name })) };
}
