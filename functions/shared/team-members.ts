/** Who belongs to a team, as far as they have signed in, and who is away and covered by whom. A few items in a partition for each team. */
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { londonDate } from '../../workflows/time.ts';
import { ROLES } from './roles.ts';
import type { Person } from './session.ts';
import { documents } from './table.ts';

const memberSchema = z.object({
  sub: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  seenAt: z.iso.datetime(),
});

/** Days away, on the calendar in London, both included. */
const awaySchema = z.object({
  sub: z.string(),
  from: z.iso.date(),
  until: z.iso.date(),
  /** Who looks after their referrals meanwhile. */
  cover: z.string(),
});
export type Away = z.infer<typeof awaySchema>;

/** Somebody of a team. `away`: now or later. */
export type Member = z.infer<typeof memberSchema> & { away?: Away };

const MEMBER = 'MEMBER#';
const AWAY = 'AWAY#';

/** Notes that somebody belongs to their teams, so that referrals can be given to them. */
export async function noteMember(table: string, person: Person, now: string): Promise<void> {
  const { sub, name, roles, teams } = person;
  await Promise.all(
    teams.map((team) =>
      documents().send(
        new PutCommand({
          TableName: table,
          Item: { ...keyOf(team, MEMBER + sub), ...memberSchema.parse({ sub, name, roles, seenAt: now }) },
        }),
      ),
    ),
  );
}

/** Notes when somebody of a team is away and who covers for them; the same again changes nothing, another one takes its place. */
export async function noteAway(table: string, team: string, away: Away): Promise<void> {
  await documents().send(
    new PutCommand({
      TableName: table,
      Item: { ...keyOf(team, AWAY + away.sub), ...awaySchema.parse(away) },
    }),
  );
}

/** The members of a team by name, in one request. Absences that are over are left out. */
export async function membersOf(table: string, team: string, now: string): Promise<Member[]> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `TEAM#${team}` },
      ConsistentRead: true,
    }),
  );
  const kind = (prefix: string) => Items.filter(({ sk }) => String(sk).startsWith(prefix));
  const today = londonDate(now);
  const away = kind(AWAY)
    .map((item) => awaySchema.parse(item))
    .filter(({ until }) => until >= today);
  return kind(MEMBER)
    .map((item) => {
      const member = memberSchema.parse(item);
      const absence = away.find(({ sub }) => sub === member.sub);
      return absence ? { ...member, away: absence } : member;
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Those whom somebody covers for at `now`. */
export function coveredBy(sub: string, members: readonly Member[], now: string): Member[] {
  const today = londonDate(now);
  return members.filter(({ away }) => away !== undefined && away.cover === sub && away.from <= today);
}

/** Those whom a referral can be given to. */
export function linkWorkersAmong(members: readonly Member[]): Member[] {
  return members.filter(({ roles }) => roles.includes('link-worker') || roles.includes('coordinator'));
}

function keyOf(team: string, sk: string) {
  return { pk: `TEAM#${team}`, sk };
}
