/** Lists of referrals for those who work with them: what is open of a team, and who has a name or a number. Apart, since few functions read them. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Referral } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { caseloadOf, WAITING_BEFORE } from '../../workflows/worklist.ts';
import { CASELOAD, type SearchedAttribute, WORKLIST } from './indexes.ts';
import { FEW, idOf, keyOf, MOST_TOGETHER, Referrals } from './record.ts';

/**
 * Open referrals of a team, or of one of its link workers or of nobody (`''`); all, or what waits for them, or what has keys of a prefix, and of
 * those what is due by a time.
 */
export type OpenList = {
  team: string;
  memberId?: string;
  waiting?: boolean;
  prefix?: string;
  dueBy?: string;
};

/** The same referrals, and lists of them. */
export class ReferralLists extends Referrals {
  /**
   * A page of the open referrals of a team or of one link worker, most urgent first, in two requests however many there are; `after` is the
   * key of the last one on the page before.
   */
  async listOpen(
    list: OpenList,
    { after, limit }: { after?: string | undefined; limit: number },
  ): Promise<{ referrals: Referral[]; unreadable: number; next: string | undefined }> {
    const { partitionKey, sortKey, value } = partitionOf(list);
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new QueryCommand({
        ...this.#openQuery(list),
        Limit: limit,
        ...(after === undefined
          ? {}
          : {
              ExclusiveStartKey: {
                [partitionKey]: value,
                [sortKey]: after,
                ...keyOf(after.slice(after.lastIndexOf('#') + 1)),
              },
            }),
      }),
    );
    const next = LastEvaluatedKey?.[sortKey];
    return {
      ...(await this.readTogether(Items.map((item) => idOf(item.pk)))),
      next: typeof next === 'string' ? next : undefined,
    };
  }

  /** How many open referrals there are in a list, counted up to `most`. */
  async countOpen(list: OpenList, most: number): Promise<number> {
    const { Count = 0 } = await this.client.send(
      new QueryCommand({ ...this.#openQuery(list), Select: 'COUNT', Limit: most }),
    );
    return Count;
  }

  #openQuery(list: OpenList) {
    const { index, partitionKey, sortKey, value } = partitionOf(list);
    const { range = '', values = {} } = rangeOf(list);
    return {
      TableName: this.table,
      IndexName: index,
      KeyConditionExpression: `#of = :of${range}`,
      ExpressionAttributeNames: { '#of': partitionKey, ...(range === '' ? {} : { '#key': sortKey }) },
      ExpressionAttributeValues: { ':of': value, ...values },
    };
  }

  /**
   * Referrals by the keys of a name or an NHS number, open and closed, the newest first, at most a few of each team: those of some teams, and
   * others. `more` says that there are more of those teams. `formerKeys`: those by which the same was found before.
   */
  async search(
    keys: Partial<Record<SearchedAttribute, string>>,
    teams: readonly string[],
    formerKeys: Partial<Record<SearchedAttribute, string>> = {},
  ): Promise<{ ours: Referral[]; others: Referral[]; more: boolean }> {
    const entries = [keys, formerKeys].flatMap(Object.entries) as [SearchedAttribute, string][];
    const [ofTeams, ofAll] = await Promise.all([
      Promise.all(entries.flatMap(([name, value]) => teams.map((team) => this.idsBy(name, value, team)))),
      Promise.all(entries.map(([name, value]) => this.idsBy(name, value))),
    ]);
    const ids = [...new Set(ofTeams.flatMap((found) => found.slice(0, FEW)))];
    const rest = [...new Set(ofAll.flat())].filter((id) => !ids.includes(id));
    const { referrals: read } = await this.readTogether([...ids, ...rest].slice(0, MOST_TOGETHER));
    const isOurs = ({ team = ANY_TEAM }: Referral) => teams.includes(team);
    return {
      ours: read.filter(isOurs),
      others: read.filter((referral) => !isOurs(referral)),
      more: ofTeams.some((found) => found.length > FEW),
    };
  }
}

/** Which keys are in a list; all where it does not say. */
function rangeOf({ waiting, prefix, dueBy }: OpenList) {
  if (prefix !== undefined && dueBy !== undefined) {
    // After the time comes the id: "#" and what follows it sort before "$".
    return {
      range: ' AND #key BETWEEN :from AND :until',
      values: { ':from': prefix, ':until': `${prefix}${dueBy}$` },
    };
  }
  if (prefix !== undefined)
    return { range: ' AND begins_with(#key, :prefix)', values: { ':prefix': prefix } };
  return waiting ? { range: ' AND #key < :bound', values: { ':bound': WAITING_BEFORE } } : {};
}

function partitionOf({ team, memberId }: OpenList) {
  return memberId === undefined
    ? { index: WORKLIST.index, partitionKey: WORKLIST.team, sortKey: WORKLIST.key, value: team }
    : {
        index: CASELOAD.index,
        partitionKey: CASELOAD.of,
        sortKey: CASELOAD.key,
        value: caseloadOf(team, memberId),
      };
}

let shared: ReferralLists | undefined;

/** The lists of this function's table. */
export function referralLists(table: string): ReferralLists {
  shared ??= new ReferralLists(table);
  return shared;
}
