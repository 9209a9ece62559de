/** The indexes of the table, and the order in which new ones come to a table that is there already. */
import {
  CASELOAD,
  INDEXED_ATTRIBUTES,
  OFFERS,
  OUTBOX,
  SEARCHED,
  STANDING,
  WORKLIST,
} from '../functions/shared/indexes.ts';
import { ConfigurationError } from './config.ts';

/** The sparse index of what is due; an item is in it only while something is. */
export const DUE_INDEX = 'due';

interface TableIndex {
  readonly indexName: string;
  readonly partition: string;
  readonly sort?: string;
}

/** Every index: its name, and the attributes that are its keys. */
export const INDEXES: readonly TableIndex[] = [
  { indexName: DUE_INDEX, partition: 'dueShard', sort: 'dueAt' },
  ...INDEXED_ATTRIBUTES.map((attribute) => ({
    indexName: attribute,
    partition: attribute,
    ...(SEARCHED.indexes.some((searched) => searched === attribute) ? { sort: SEARCHED.key } : {}),
  })),
  { indexName: WORKLIST.index, partition: WORKLIST.team, sort: WORKLIST.key },
  { indexName: CASELOAD.index, partition: CASELOAD.of, sort: CASELOAD.key },
  { indexName: OFFERS.index, partition: OFFERS.programme, sort: OFFERS.key },
  { indexName: STANDING.index, partition: STANDING.at, sort: STANDING.since },
  { indexName: OUTBOX.index, partition: OUTBOX.of, sort: OUTBOX.since },
];

/** The context key that leaves indexes out of a deployment: their names with commas between them. */
export const WITHOUT_INDEXES = 'withoutIndexes';

/**
 * DynamoDB makes or takes away one index of a table in each update. So where a deployed table lacks several, each but the last takes a deployment
 * before: gives what each of those leaves out, as the context says it. Throws a ConfigurationError where the table also has one to be taken away.
 */
export function deploymentsBefore(deployed: readonly string[], wanted: readonly string[]): string[] {
  const added = wanted.filter((name) => !deployed.includes(name));
  const removed = deployed.filter((name) => !wanted.includes(name));
  if (removed.length > 1 || (removed.length === 1 && added.length > 0)) {
    throw new ConfigurationError(
      `The table has the indexes ${removed.join(', ')}, which this version has not${added.length > 0 ? `, and lacks ${added.join(', ')}` : ''}. DynamoDB makes or takes away one at a time: deploy the versions in between, one after the other.`,
    );
  }
  return added.slice(1).map((_, index) => added.slice(index + 1).join(','));
}
