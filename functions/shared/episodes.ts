/**
 * What figures over time are made of (workflows/episode.ts): one item for each referral, by the month in which it came, and one for each day of how
 * things stood. Whoever has no referral cannot find whose an item is.
 */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Episode,
  episodeOf,
  episodeSchema,
  type Snapshot,
  snapshotSchema,
} from '../../workflows/episode.ts';
import type { Referral } from '../../workflows/referral.ts';
import { hashOf, moveRecord, putUnlessOlder, recordsIn } from './nameless.ts';
import { documents } from './table.ts';

/** Of each month so many pages of up to 1 MB are read, some 15,000 referrals, and no more. */
export const MOST_PAGES = 5;

/** Writes what a referral says of the service as it is now. Written from an older version, or again, it changes nothing. */
export async function recordEpisode(TableName: string, referral: Referral): Promise<void> {
  const { month, ...rest } = episodeSchema.parse(episodeOf(referral));
  await putUnlessOlder(TableName, keyOf(month, referral.id), { month, ...rest }, ['version']);
}

/** Moves the record to a key that nobody can make from the referral, as `forgetWhose` does (outcomes.ts). */
export function forgetEpisode(
  TableName: string,
  { referralId, month }: { referralId: string; month: string },
  secret: string | undefined,
): Promise<void> {
  return moveRecord(
    TableName,
    keyOf(month, referralId),
    // How often it was written says nothing of anybody, but could be held against a copy.
    secret === undefined
      ? undefined
      : { sk: hashOf('episode', secret), change: (item) => ({ ...episodeSchema.parse(item), version: 0 }) },
  );
}

/** The records of the referrals of some teams that came in some months (YYYY-MM); `tooMany` where not all of them were read. */
export async function episodesIn(
  TableName: string,
  months: readonly string[],
  teams: readonly string[],
): Promise<{ episodes: Episode[]; tooMany: boolean }> {
  const read = await Promise.all(
    months.map((month) => recordsIn(TableName, { pk: partitionOf(month) }, MOST_PAGES)),
  );
  const episodes = read.flatMap(({ items }) => items.map((item) => episodeSchema.parse(item)));
  return {
    episodes: episodes.filter(({ team }) => teams.includes(team)),
    tooMany: read.some(({ tooMany }) => tooMany),
  };
}

function partitionOf(month: string): string {
  return `EPISODES#${month}`;
}

function keyOf(month: string, referralId: string) {
  return { pk: partitionOf(month), sk: hashOf('episode', referralId) };
}

/** Keeps how things stand; the last one of a day stays. */
export async function keepSnapshot(TableName: string, snapshot: Snapshot): Promise<void> {
  const { date } = snapshot;
  const Item = { pk: `SNAPSHOTS#${date.slice(0, 7)}`, sk: date, ...snapshotSchema.parse(snapshot) };
  await documents().send(new PutCommand({ TableName, Item }));
}

/** The days of some months (YYYY-MM), the first first. */
export async function snapshotsIn(TableName: string, months: readonly string[]): Promise<Snapshot[]> {
  const read = await Promise.all(
    months.map((month) => recordsIn(TableName, { pk: `SNAPSHOTS#${month}` }, 1)),
  );
  return read.flatMap(({ items }) => items.map((item) => snapshotSchema.parse(item)));
}
