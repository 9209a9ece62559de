/**
 * The only module that knows how referrals are kept in DynamoDB. A referral is one item, changed by writes that are conditional on its
 * version; decision, history, outbox and next due time land in the same write.
 */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { isRefusal, type Outcome, openOffer, type Refusal } from '../../workflows/change.ts';
import { nextCheckIn } from '../../workflows/check-in.ts';
import { figuresOf, standingOf } from '../../workflows/figures.ts';
import { migrate } from '../../workflows/migrations.ts';
import { type Referral, referralSchema, SCHEMA_VERSION } from '../../workflows/referral.ts';
import { nextRetention } from '../../workflows/retention.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { caseloadOf, keyAmongOpen } from '../../workflows/worklist.ts';
import type { AuditEntry } from './audit-entry.ts';
import {
  acceptedBy,
  CASELOAD,
  endedIn,
  type IndexedAttribute,
  OF_THE_ITEM,
  OFFERS,
  outboxIndex,
  SEARCHED,
  STANDING,
  WORKLIST,
} from './indexes.ts';
import { Message, warn } from './log.ts';
import { measure } from './metrics.ts';
import { DUE_SHARDS } from './shards.ts';
import { documents, documentsOf } from './table.ts';
import { carryUnknown, restoreUnknown } from './unknown-fields.ts';

/** More open referrals of one person than this are not looked up: who has so many is known. */
export const FEW = 25;

/** DynamoDB gives so many items in one request. */
export const MOST_TOGETHER = 100;

/** How often a change is tried again on the newest version before it gives up: more writers than this at once is a fault. */
const ATTEMPTS = 8;

/** A stored item that is not a referral of this schema: an unknown stage, a missing part, a newer version. */
export class UnreadableReferralError extends Error {
  override name = 'UnreadableReferralError';
  readonly where: string;
  /** @param where the path of the first thing wrong; never its value. */
  constructor(id: string, where: string) {
    super(`referral ${id} cannot be read at ${where}`);
    this.where = where;
  }
}

/** Too many writers at once; nothing was written. */
export class ContendedReferralError extends Error {
  override name = 'ContendedReferralError';
}

/** What became of a change: stored, refused by the rule, or there is no such referral. */
export type Changed =
  | { state: 'stored'; referral: Referral }
  | { state: 'refused'; refusal: Refusal; referral: Referral }
  | { state: 'missing' };

/** Referrals in one table. */
export class Referrals {
  protected readonly client: DynamoDBDocumentClient;
  protected readonly table: string;

  constructor(table: string, client?: DynamoDBClient) {
    this.table = table;
    this.client = client ? documentsOf(client) : documents();
  }

  /** The referral, read consistently; undefined when there is none. Throws UnreadableReferralError. */
  async read(id: string): Promise<Referral | undefined> {
    const { Item } = await this.client.send(
      new GetCommand({ TableName: this.table, Key: keyOf(id), ConsistentRead: true }),
    );
    return Item ? fromItem(id, Item) : undefined;
  }

  /** Records a new referral. When its id is already there, returns what is there: the same form sent twice. */
  async create(referral: Referral): Promise<{ created: boolean; referral: Referral }> {
    try {
      await this.#put(referral, 'attribute_not_exists(pk)', undefined);
      measureChange(undefined, referral);
      return { created: true, referral };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const existing = await this.read(referral.id);
      if (!existing) throw new ContendedReferralError(`referral ${referral.id} is there and is not`);
      return { created: false, referral: existing };
    }
  }

  /**
   * Applies a rule to the newest version and stores what it returns, if nobody was faster; otherwise reads again and asks
   * the rule again, which tells "someone was faster" from "already done by me". `known` spares the first read.
   */
  async change(
    id: string,
    now: string,
    rule: (referral: Referral) => Outcome,
    known?: Referral,
  ): Promise<Changed> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = attempt === 0 && known ? known : await this.read(id);
      if (!before) return { state: 'missing' };
      const outcome = rule(before);
      if (isRefusal(outcome)) return { state: 'refused', refusal: outcome, referral: before };
      if (outcome === before) return { state: 'stored', referral: before };
      const after = { ...outcome, version: before.version + 1, updatedAt: now };
      try {
        await this.#put(after, 'version = :before', { ':before': before.version });
        measureChange(before, after);
        return { state: 'stored', referral: after };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
    throw new ContendedReferralError(`referral ${id} is changed by too many at once`);
  }

  /** The referrals with this reference: one, unless 40 bits met by chance. */
  async byReference(reference: string): Promise<Referral[]> {
    const ids = await this.idsBy('reference', reference);
    const read = await Promise.all(ids.map((id) => this.read(id)));
    return read.filter((referral) => referral !== undefined);
  }

  /** Other open referrals of the same person, by NHS number or by name, date of birth and postcode; at most a few of each. */
  async samePerson({ id, personKeys }: Referral): Promise<Referral[]> {
    if (!personKeys) return [];
    const { details, nhsNumber } = personKeys;
    const found = await Promise.all([
      this.idsBy('personKey', details),
      ...(nhsNumber === undefined ? [] : [this.idsBy('nhsNumberKey', nhsNumber)]),
    ]);
    const others = [...new Set(found.flat())].filter((other) => other !== id);
    const read = await Promise.all(others.map((other) => this.#readIfItCan(other)));
    return read.filter((referral) => referral !== undefined);
  }

  /**
   * The ids of referrals with a value of an indexed attribute, of one team where it is named, at most a few and one more. The index may lag
   * behind by a moment.
   */
  protected async idsBy(attribute: IndexedAttribute, value: string, team?: string): Promise<string[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: attribute,
        KeyConditionExpression: `#attribute = :value${team === undefined ? '' : ' AND begins_with(#key, :team)'}`,
        ExpressionAttributeNames: {
          '#attribute': attribute,
          ...(team === undefined ? {} : { '#key': SEARCHED.key }),
        },
        ExpressionAttributeValues: {
          ':value': value,
          ...(team === undefined ? {} : { ':team': `${team}#` }),
        },
        ScanIndexForward: false,
        Limit: FEW + 1,
      }),
    );
    return Items.map((item) => idOf(item.pk));
  }

  /** A referral beside the one that is asked for. If it cannot be read, the log says so, and the other is shown all the same. */
  async #readIfItCan(id: string): Promise<Referral | undefined> {
    try {
      return await this.read(id);
    } catch (error) {
      if (!(error instanceof UnreadableReferralError)) throw error;
      warn(Message.referralUnreadable, error, { referralId: id });
      return undefined;
    }
  }

  /** Several referrals in one request, at most a hundred, in the order of their ids; one that cannot be read is left out. Throws as `listOpen`. */
  async readSeveral(ids: readonly string[]): Promise<Referral[]> {
    return (await this.readTogether(ids)).referrals;
  }

  /**
   * Several referrals in one request, in the order of their ids. One that cannot be read is counted and logged: it must not hide the others.
   * Throws ContendedReferralError when DynamoDB does not give all of them.
   */
  protected async readTogether(
    ids: readonly string[],
  ): Promise<{ referrals: Referral[]; unreadable: number }> {
    if (ids.length === 0) return { referrals: [], unreadable: 0 };
    const { Responses, UnprocessedKeys } = await this.client.send(
      new BatchGetCommand({
        RequestItems: { [this.table]: { Keys: ids.map(keyOf), ConsistentRead: true } },
      }),
    );
    if (UnprocessedKeys?.[this.table]) throw new ContendedReferralError('not everything could be read');
    const read = new Map((Responses?.[this.table] ?? []).map((item) => [idOf(item.pk), item]));
    let unreadable = 0;
    const referrals = ids.flatMap((id) => {
      const item = read.get(id);
      try {
        return item ? [fromItem(id, item)] : [];
      } catch (error) {
        warn(Message.referralUnreadable, error, { referralId: id });
        unreadable += 1;
        return [];
      }
    });
    return { referrals, unreadable };
  }

  /**
   * Notes who looked at what of a person's details, and when. The same look twice is one entry. One for a reason is kept a second time, among
   * its like: however many others follow, those are still read in one request.
   */
  async audit(id: string, entry: AuditEntry): Promise<void> {
    const isForAReason = entry.kind === undefined && entry.reason !== undefined;
    for (const kind of isForAReason ? ['AUDIT', 'REASON'] : ['AUDIT']) {
      await this.client.send(
        new PutCommand({
          TableName: this.table,
          Item: { pk: `REFERRAL#${id}`, sk: `${kind}#${entry.at}#${entry.requestId}`, ...entry },
        }),
      );
    }
  }

  async #put(
    referral: Referral,
    ConditionExpression: string,
    values: Record<string, unknown> | undefined,
  ): Promise<void> {
    await this.client.send(
      new PutCommand({
        TableName: this.table,
        Item: toItem(referral),
        ConditionExpression,
        ...(values ? { ExpressionAttributeValues: values } : {}),
      }),
    );
  }
}

export function keyOf(id: string) {
  return { pk: `REFERRAL#${id}`, sk: 'REFERRAL' };
}

export function idOf(pk: unknown): string {
  return String(pk).slice('REFERRAL#'.length);
}

/**
 * The item of a referral, with the attributes of every index that it is in. Exported for the seeding (test/seed/), which writes many at once;
 * everybody else writes through `Referrals`. Throws UnreadableReferralError for what the schema does not allow.
 */
export function toItem(referral: Referral): Record<string, unknown> {
  const checked = referralSchema.safeParse(referral);
  if (!checked.success) throw new UnreadableReferralError(referral.id, wrongAt(checked.error));
  const dueAt = nextDue(referral);
  return {
    ...restoreUnknown(referral, checked.data),
    ...keyOf(referral.id),
    ...(dueAt === undefined ? {} : { dueAt, dueShard: String(shardOf(referral.id)) }),
    ...personIndex(referral),
    [SEARCHED.key]: `${referral.team ?? ANY_TEAM}#${referral.createdAt}`,
    ...worklistIndex(referral),
    ...offersIndex(referral),
    ...standingIndex(referral),
    ...outboxIndex('referral', referral.outbox),
  };
}

/** Says in the log what there is to be measured of a write, now that it is done. */
function measureChange(before: Referral | undefined, after: Referral): void {
  for (const figure of figuresOf(before, after)) measure(figure, after.updatedAt);
}

/** The attributes of the index by which open referrals are counted. */
function standingIndex(referral: Referral): Record<string, string> {
  const standing = standingOf(referral);
  return standing ? { [STANDING.at]: standing.at, [STANDING.since]: standing.since } : {};
}

/** The attributes by which a person is searched for, and by which the same person is found while the referral is open. */
function personIndex({ personKeys, stage }: Referral): Partial<Record<IndexedAttribute, string>> {
  if (!personKeys) return {};
  const { details, nhsNumber, name, familyName } = personKeys;
  return {
    ...(stage === 'closed' ? {} : { personKey: details }),
    ...(nhsNumber === undefined ? {} : { nhsNumberKey: nhsNumber }),
    ...(name === undefined ? {} : { nameKey: name }),
    ...(familyName === undefined ? {} : { familyNameKey: familyName }),
  };
}

/** The attributes of the indexes of what a team, and each link worker of it, has before them, while the referral is open. */
function worklistIndex(referral: Referral): Record<string, string> {
  const key = keyAmongOpen(referral);
  if (key === undefined) return {};
  const team = referral.team ?? ANY_TEAM;
  return {
    ...{ [WORKLIST.team]: team, [WORKLIST.key]: key },
    ...{ [CASELOAD.of]: caseloadOf(team, referral.assignee?.id), [CASELOAD.key]: key },
  };
}

/** The attributes of the index of what providers have before them. */
function offersIndex(referral: Referral): Record<string, string> {
  if (referral.stage === 'programme') {
    const { programmeId, joinedAt = referral.createdAt } = referral.programme;
    return { [OFFERS.programme]: acceptedBy(programmeId), [OFFERS.key]: `${joinedAt}#${referral.id}` };
  }
  if ((referral.stage === 'closing' || referral.stage === 'closed') && referral.programme) {
    const { programmeId, cohortId } = referral.programme;
    const at = referral.ending.decidedAt;
    return { [OFFERS.programme]: endedIn(programmeId, cohortId), [OFFERS.key]: `${at}#${referral.id}` };
  }
  const offer = openOffer(referral);
  return offer?.askedAt === undefined
    ? {}
    : { [OFFERS.programme]: offer.programmeId, [OFFERS.key]: `${offer.askedAt}#${referral.id}` };
}

/** The earliest of what is due, the next try of the outbox, and what its retention brings; undefined when there is none of these. */
export function nextDue(referral: Referral): string | undefined {
  const times = referral.outbox.map((entry) => entry.notBefore);
  if (referral.due) times.push(referral.due.at);
  if (referral.stage === 'programme') {
    times.push(...referral.programme.sessions.flatMap(({ remindAt }) => remindAt ?? []));
  }
  const checkIn = nextCheckIn(referral);
  if (checkIn) times.push(checkIn);
  const retention = nextRetention(referral);
  if (retention) times.push(retention.at);
  return times.sort()[0];
}

/** Spreads referrals evenly: ids are hashes. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(-4), 16) % DUE_SHARDS;
}

function fromItem(id: string, item: Record<string, unknown>): Referral {
  const migrated = migrate(item);
  if (migrated.schemaVersion !== SCHEMA_VERSION) throw new UnreadableReferralError(id, 'schemaVersion');
  const stored = Object.fromEntries(Object.entries(migrated).filter(([name]) => !OF_THE_ITEM.has(name)));
  const checked = referralSchema.safeParse(stored);
  if (!checked.success) throw new UnreadableReferralError(id, wrongAt(checked.error));
  return carryUnknown(stored, checked.data);
}

function wrongAt(error: { issues: readonly { path: readonly PropertyKey[] }[] }): string {
  return error.issues[0]?.path.map(String).join('.') || 'stage';
}

let shared: Referrals | undefined;

/** The referrals of this function's table. */
export function referrals(table: string): Referrals {
  shared ??= new Referrals(table);
  return shared;
}
