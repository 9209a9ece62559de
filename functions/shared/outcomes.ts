/**
 * What reports for funders are made of: for each programme that a closed referral was offered to one anonymous item, under the programme's own
 * partition and by month, so that a report reads what it counts and nothing else. Its key is a hash of the referral and the programme: written
 * again it is the same item, and whoever has no referral cannot find whose it was.
 */
import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { measurementSchema } from '../../workflows/measures.ts';
import { type Outcome, outcomeSchema, outcomesOf } from '../../workflows/outcome.ts';
import type { Referral } from '../../workflows/referral.ts';
import { newestOfCase } from './case-file.ts';
import { documents } from './table.ts';

/** More are not looked at: nobody is asked so often. */
const MOST_MEASURES = 100;

/** A report reads so many pages of up to 1 MB, some 15,000 referrals, and no more. */
const MOST_PAGES = 10;

/** Writes the outcomes of a referral, if it is closed. What was written with fewer measures is replaced, and never the other way round. */
export async function recordOutcomes(TableName: string, referral: Referral): Promise<void> {
  if (referral.stage !== 'closed' || referral.offers.length === 0) return;
  const { id } = referral;
  const measurements = await newestOfCase(
    TableName,
    { id, kind: 'MEASURES', limit: MOST_MEASURES },
    measurementSchema,
  );
  measurements.sort((a, b) => a.at.localeCompare(b.at));
  const outcomes = outcomesOf(referral, measurements, hashOf);
  await Promise.all(outcomes.map((outcome) => put(TableName, id, outcomeSchema.parse(outcome))));
}

async function put(TableName: string, referralId: string, outcome: Outcome): Promise<void> {
  const { programmeId, month, taken } = outcome;
  try {
    await documents().send(
      new PutCommand({
        TableName,
        Item: {
          pk: `REPORT#${programmeId}`,
          sk: `${month}#${hashOf(`${referralId} ${programmeId}`)}`,
          ...outcome,
        },
        ConditionExpression: 'attribute_not_exists(pk) OR taken <= :taken',
        ExpressionAttributeValues: { ':taken': taken },
      }),
    );
  } catch (error) {
    // Somebody knew of more measures.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/**
 * Moves the record of what came of a referral at a programme to a key that nobody can make from the referral: what it says stays, whose it was is
 * known to nobody. `secret`: random, and forgotten afterwards; with the same one it is done once. `own`: cohorts of which the referral was the only
 * one, whose hashes say whose they are too. Without a secret the record goes altogether: what it says is counted already.
 */
export async function forgetWhose(
  TableName: string,
  { referralId, programmeId, month }: { referralId: string; programmeId: string; month: string },
  secret: string | undefined,
  own: readonly string[],
): Promise<void> {
  const pk = `REPORT#${programmeId}`;
  const Key = { pk, sk: `${month}#${hashOf(`${referralId} ${programmeId}`)}` };
  if (secret !== undefined) {
    const { Item } = await documents().send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    if (!Item) return;
    const outcome = outcomeSchema.parse(Item);
    const theirs = new Set(own.map((cohortId) => hashOf(`${programmeId} ${cohortId}`)));
    const groups = outcome.groups.map((each) =>
      theirs.has(each.group) ? { ...each, group: hashOf(`${secret} ${each.group}`) } : each,
    );
    const sk = `${month}#${hashOf(`${secret} ${programmeId}`)}`;
    await documents().send(new PutCommand({ TableName, Item: { ...outcome, groups, pk, sk } }));
  }
  await documents().send(new DeleteCommand({ TableName, Key }));
}

/** The outcomes of a programme in some months (YYYY-MM, both included); `tooMany` where not all of them were read. */
export async function outcomesIn(
  TableName: string,
  programmeId: string,
  { from, to }: { from: string; to: string },
): Promise<{ outcomes: Outcome[]; tooMany: boolean }> {
  const outcomes: Outcome[] = [];
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { Items = [], LastEvaluatedKey } = await documents().send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        // `$` sorts after the `#` that follows a month.
        ExpressionAttributeValues: { ':pk': `REPORT#${programmeId}`, ':from': from, ':to': `${to}$` },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    outcomes.push(...Items.map((item) => outcomeSchema.parse(item)));
    if (!LastEvaluatedKey) return { outcomes, tooMany: false };
    start = LastEvaluatedKey;
  }
  return { outcomes, tooMany: true };
}

/** Of what nobody can guess: a referral has a random id. */
function hashOf(name: string): string {
  return createHash('sha256').update(`outcome ${name}`).digest('base64url').slice(0, 22);
}
