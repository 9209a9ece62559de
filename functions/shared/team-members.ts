/** Who belongs to a team, as far as they have signed in, and who is away and covered by whom. A few items in a partition for each team. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { after, dateInWords, londonDate } from '../../workflows/time.ts';
import { ROLES } from './roles.ts';
import type { Person } from './session.ts';
import { documents } from './table.ts';

const memberSchema = z.object({
  sub: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  seenAt: z.iso.datetime(),
  /** When the coordinator took them off the list; gone when they sign in again. */
  leftAt: z.optional(z.iso.datetime()),
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

/** Somebody of a team, or who was and has referrals of it. `absences`: now or later, in their order. */
export type Member = z.infer<typeof memberSchema> & { absences: readonly Away[] };

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

/** Takes somebody off the list of a team until they sign in again. */
export async function noteLeft(table: string, team: string, sub: string, now: string): Promise<void> {
  await unlessElse(
    documents().send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(team, MEMBER + sub),
        UpdateExpression: 'SET leftAt = :now',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':now': now },
      }),
    ),
  );
}

/** Forgets somebody who has left and looks after nothing any more. Nobody who has signed in again. */
export async function forgetMember(table: string, team: string, sub: string): Promise<void> {
  await unlessElse(
    documents().send(
      new DeleteCommand({
        TableName: table,
        Key: keyOf(team, MEMBER + sub),
        ConditionExpression: 'attribute_exists(leftAt)',
      }),
    ),
  );
}

/**
 * Notes when somebody of a team is away and who covers for them. False where another absence begins on the same day: that one stays. The
 * same again changes nothing.
 */
export async function noteAway(table: string, team: string, away: Away): Promise<boolean> {
  return unlessElse(
    documents().send(
      new PutCommand({
        TableName: table,
        Item: { ...keyOfAway(team, away), ...awaySchema.parse(away) },
        ConditionExpression: 'attribute_not_exists(pk) OR (#until = :until AND cover = :cover)',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': away.until, ':cover': away.cover },
      }),
    ),
  );
}

/** Takes an absence back; nothing happens where there is none. */
export async function removeAway(
  table: string,
  team: string,
  away: Pick<Away, 'sub' | 'from'>,
): Promise<void> {
  await documents().send(new DeleteCommand({ TableName: table, Key: keyOfAway(team, away) }));
}

/** The members of a team by name, and those who have left it, in one request. Absences that are over are left out. */
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
    .filter(({ until }) => until >= today)
    .sort((a, b) => a.from.localeCompare(b.from));
  return kind(MEMBER)
    .map((item) => {
      const member = memberSchema.parse(item);
      return { ...member, absences: away.filter(({ sub }) => sub === member.sub) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Those whom somebody covers for at `now`. */
export function coveredBy(sub: string, members: readonly Member[], now: string): Member[] {
  const today = londonDate(now);
  return members.filter(({ absences }) =>
    absences.some(({ cover, from, until }) => cover === sub && from <= today && until >= today),
  );
}

/** Somebody's name where they are chosen, with when they are away: now, or else next. */
export function nameToChoose(
  { name, absences }: { name: string; absences: readonly Pick<Away, 'from' | 'until'>[] },
  now: string,
): string {
  const today = londonDate(now);
  const next = absences.find(({ until }) => until >= today);
  if (!next) return name;
  // What goes on without a day between is one absence to whoever chooses.
  const last = absences.reduce(
    (end, each) => (each.from <= dayAfter(end) && each.until > end ? each.until : end),
    next.until,
  );
  const [from, until] = [next.from, last].map((day) => dateInWords(`${day}T12:00:00Z`));
  return next.from <= today ? `${name} (away until ${until})` : `${name} (away from ${from} to ${until})`;
}

function dayAfter(day: string): string {
  return londonDate(after(`${day}T12:00:00.000Z`, { days: 1 }));
}

/** Those whom a referral can be given to. */
export function linkWorkersAmong(members: readonly Member[]): Member[] {
  return members.filter(
    ({ roles, leftAt }) =>
      leftAt === undefined && (roles.includes('link-worker') || roles.includes('coordinator')),
  );
}

/** Whether a write was made; false where what it depends on is another way. */
async function unlessElse(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function keyOf(team: string, sk: string) {
  return { pk: `TEAM#${team}`, sk };
}

function keyOfAway(team: string, { sub, from }: Pick<Away, 'sub' | 'from'>) {
  return keyOf(team, `${AWAY}${sub}#${from}`);
}
