/** What functions are told by their environment, which has room for 4 KB: how many teams that leaves room for. */
import type { Team } from '../../functions/shared/environment.ts';
import { BYTES_OF_TOKEN, MOST_BYTES } from '../../infra/functions.ts';
import type { Service } from '../infra/service.ts';

/** The function with the longest settings among those that know of teams, and how many bytes they have without the teams. */
export interface Settings {
  readonly of: string;
  readonly bytes: number;
}

/** A team as most are: three postcode districts, and its mail where all read theirs. */
export const TEAM: Team = {
  id: 'camden-south',
  name: 'Camden South',
  postcodeDistricts: ['NW1', 'NW3', 'NW5'],
};

/** Reads them off the template. What AWS fills in later is taken to be as long as the deployment takes it to be. */
export function settingsOf(service: Service): Settings {
  const all = service.all('AWS::Lambda::Function').flatMap(([, { Properties }]): Settings[] => {
    const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    if (!('TEAMS' in Variables)) return [];
    const bytes = Object.entries(Variables).reduce(
      (sum, [name, value]) => sum + name.length + (name === 'TEAMS' ? 0 : bytesOf(value)),
      0,
    );
    return [{ of: String(Properties.FunctionName).replace(/^[^-]*-/, ''), bytes }];
  });
  const [longest] = all.sort((one, other) => other.bytes - one.bytes);
  if (!longest) throw new Error('no function is told of teams');
  return longest;
}

function bytesOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : BYTES_OF_TOKEN;
}

/** Of the setting with so many teams. */
export function bytesOfTeams(count: number): number {
  return Buffer.byteLength(JSON.stringify(Array.from({ length: count }, () => TEAM)));
}

/** How many there is room for. */
export function teamsThatFit({ bytes }: Settings): number {
  let count = 0;
  while (bytes + bytesOfTeams(count + 1) <= MOST_BYTES) count += 1;
  return count;
}
