/**
 * The places of programmes in numbers: an item for each beside the directory's entries, so that one query reads them all. It is written after each
 * change of a ledger, to be shown; who gets a place is decided by the ledger.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Places, type PlacesSummary, summaryOf, summarySchema } from '../../../workflows/places.ts';
import { documents } from '../table.ts';
import { directoryItems, PARTITION } from './items.ts';

const PREFIX = 'PLACES#';

/** Keeps the numbers of a ledger, unless newer ones are there. */
export async function storeSummary(table: string, places: Places): Promise<void> {
  const summary = summaryOf(places);
  try {
    await documents().send(
      new PutCommand({
        TableName: table,
        Item: { ...summary, pk: PARTITION, sk: `${PREFIX}${summary.programmeId}` },
        ConditionExpression: 'attribute_not_exists(pk) OR version < :version',
        ExpressionAttributeValues: { ':version': summary.version },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** The numbers of every programme that has a ledger, by its id: one request for some thousand programmes. */
export async function placesOfAll(table: string): Promise<Map<string, PlacesSummary>> {
  const items = await directoryItems(table, PREFIX);
  return new Map(
    items.map((item) => {
      const summary = summarySchema.parse(item);
      return [summary.programmeId, summary];
    }),
  );
}
