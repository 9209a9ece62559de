/** The open offers of a provider. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { openOffer } from '../../workflows/change.ts';
import type { Offer, Referral } from '../../workflows/referral.ts';
import { OFFERS } from './indexes.ts';
import { referrals } from './record.ts';
import { documents } from './table.ts';

/** More are not read at once: DynamoDB gives so many items in one request. */
export const MOST_OFFERS = 100;

export type OpenOffer = { referral: Referral; offer: Offer };

/**
 * The open offers of these programmes, the longest asked first, at most a hundred: one request for each programme, and one for everything that
 * is found. `more` says that there are more.
 */
export async function openOffersOf(
  table: string,
  programmeIds: readonly string[],
): Promise<{ offers: OpenOffer[]; more: boolean }> {
  const found = await Promise.all(programmeIds.map((programmeId) => oldestOf(table, programmeId)));
  const keys = found.flatMap((each) => each.keys).sort();
  // What follows the time is the referral's id.
  const ids = keys.slice(0, MOST_OFFERS).map((key) => key.slice(key.lastIndexOf('#') + 1));
  const read = ids.length === 0 ? [] : await referrals(table).readSeveral(ids);
  return {
    // The index may lag behind: what the referrals themselves say counts.
    offers: read.flatMap((referral) => {
      const offer = openOffer(referral);
      return offer?.askedAt !== undefined && programmeIds.includes(offer.programmeId)
        ? [{ referral, offer }]
        : [];
    }),
    more: keys.length > MOST_OFFERS || found.some((each) => each.more),
  };
}

async function oldestOf(TableName: string, programmeId: string): Promise<{ keys: string[]; more: boolean }> {
  const { Items = [], LastEvaluatedKey } = await documents().send(
    new QueryCommand({
      TableName,
      IndexName: OFFERS.index,
      KeyConditionExpression: '#programme = :programme',
      ExpressionAttributeNames: { '#programme': OFFERS.programme },
      ExpressionAttributeValues: { ':programme': programmeId },
      Limit: MOST_OFFERS,
    }),
  );
  return { keys: Items.map((item) => String(item[OFFERS.key])), more: LastEvaluatedKey !== undefined };
}
