/** Who belongs to a team, as far as they have signed in, and who is away and covered by whom. A few items in a partition for each team. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
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
  /** When the coordinator took them off the list, or the issuer named another team for them; gone when they sign in as one of it again. */
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

/** Notes that somebody who looks after referrals belongs to their teams, so that referrals can be given to them. */
export async function noteMember(table: string, person: Person, now: string): Promise<void> {
  const { sub, name, roles } = person;
  await Promise.all(
    caredForBy(person).map((team) =>
      documents().send(
        new PutCommand({
          TableName: table,
          Item: { ...keyOf(team, MEMBER + sub), ...memberSchema.parse({ sub, name, roles, seenAt: now }) },
        }),
      ),
    ),
  );
}

/** How many items DynamoDB reads in one request. */
const READ_AT_ONCE = 100;

/**
 * Takes somebody off the lists of the `teams` that they belong to no more, or in which they look after referrals no more: whatever was given to them there,
 * they could not open. One request for each hundred teams, and one for each team that they have left.
 */
export async function leaveOtherTeams(
  table: string,
  person: Person,
  teams: readonly string[],
  now: string,
): Promise<void> {
  const theirs = caredForBy(person);
  const others = teams.filter((team) => !theirs.includes(team));
  const left = await Promise.all(
    Array.from({ length: Math.ceil(others.length / READ_AT_ONCE) }, (_, i) =>
      membershipsIn(table, others.slice(i * READ_AT_ONCE, (i + 1) * READ_AT_ONCE), person.sub),
    ),
  );
  await Promise.all(left.flat().map((team) => noteLeft(table, team, person.sub, now)));
}

/** Of some teams, at most a hundred, those on whose lists somebody stands. What DynamoDB does not give at once is found when they sign in again. */
async function membershipsIn(table: string, teams: readonly string[], sub: string): Promise<string[]> {
  const { Responses = {} } = await documents().send(
    new BatchGetCommand({
      RequestItems: {
        [table]: { Keys: teams.map((team) => keyOf(team, MEMBER + sub)), ConsistentRead: true },
      },
    }),
  );
  const there = (Responses[table] ?? []).filter(({ leftAt }) => leftAt === undefined).map(({ pk }) => pk);
  return teams.filter((team) => there.includes(keyOf(team, '').pk));
}

/** The teams for which somebody looks after referrals. */
function caredForBy({ roles, teams }: Person): readonly string[] {
  return looksAfterReferrals({ roles }) ? teams : [];
}

/** Takes somebody off the list of a team until they sign in again as one of it. Who is off it already stays so since then. */
export async function noteLeft(table: string, team: string, sub: string, now: string): Promise<void> {
  await unlessElse(
    documents().send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(team, MEMBER + sub),
        UpdateExpression: 'SET leftAt = :now',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(leftAt)',
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
  return members.filter((member) => member.leftAt === undefined && looksAfterReferrals(member));
}

function looksAfterReferrals({ roles }: Pick<Person, 'roles'>): boolean {
  return roles.includes('link-worker') || roles.includes('coordinator');
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
