/** What a provider has before them: their open offers, and whom they accepted. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { openOffer } from '../../workflows/change.ts';
import type { Offer, Referral } from '../../workflows/referral.ts';
import { acceptedBy, OFFERS } from './indexes.ts';
import { referrals } from './record.ts';
import { documents } from './table.ts';

/** More are not read at once: DynamoDB gives so many items in one request. */
export const MOST_OFFERS = 100;

export type OpenOffer = { referral: Referral; offer: Offer };

/** The open offers of these programmes, the longest asked first, at most a hundred. `more` says that there are more. */
export async function openOffersOf(
  table: string,
  programmeIds: readonly string[],
): Promise<{ offers: OpenOffer[]; more: boolean }> {
  const { found, more } = await oldestIn(table, programmeIds);
  // The index may lag behind: what the referrals themselves say counts.
  const offers = found.flatMap((referral) => {
    const offer = openOffer(referral);
    return offer?.askedAt !== undefined && programmeIds.includes(offer.programmeId)
      ? [{ referral, offer }]
      : [];
  });
  return { offers, more };
}

/** Whom the provider of these programmes accepted and who takes part, the longest first, at most a hundred. `more` says that there are more. */
export async function participantsIn(
  table: string,
  programmeIds: readonly string[],
): Promise<{ people: Extract<Referral, { stage: 'programme' }>[]; more: boolean }> {
  const { found, more } = await oldestIn(table, programmeIds.map(acceptedBy));
  const people = found.flatMap((referral) =>
    referral.stage === 'programme' && programmeIds.includes(referral.programme.programmeId) ? [referral] : [],
  );
  return { people, more };
}

/** One request for each part of the index, and one for everything that is found. */
async function oldestIn(
  table: string,
  parts: readonly string[],
): Promise<{ found: Referral[]; more: boolean }> {
  const read = await Promise.all(parts.map((part) => oldestOf(table, part)));
  const keys = read.flatMap((each) => each.keys).sort();
  // What follows the time is the referral's id.
  const ids = keys.slice(0, MOST_OFFERS).map((key) => key.slice(key.lastIndexOf('#') + 1));
  return {
    found: ids.length === 0 ? [] : await referrals(table).readSeveral(ids),
    more: keys.length > MOST_OFFERS || read.some((each) => each.more),
  };
}

async function oldestOf(TableName: string, part: string): Promise<{ keys: string[]; more: boolean }> {
  const { Items = [], LastEvaluatedKey } = await documents().send(
    new QueryCommand({
      TableName,
      IndexName: OFFERS.index,
      KeyConditionExpression: '#programme = :programme',
      ExpressionAttributeNames: { '#programme': OFFERS.programme },
      ExpressionAttributeValues: { ':programme': part },
      Limit: MOST_OFFERS,
    }),
  );
  return { keys: Items.map((item) => String(item[OFFERS.key])), more: LastEvaluatedKey !== undefined };
}
