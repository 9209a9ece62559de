/** What DynamoDB would bill for a request: dynalite's own count, and what it leaves out. */
import type { Index, Item, Table } from 'dynalite/db/index.js';

export interface Capacity {
  readUnits: number;
  writeUnits: number;
}

interface Consumed {
  readonly CapacityUnits?: number;
}
export interface Answer {
  ConsumedCapacity?: Consumed | Consumed[];
}

const READS = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);
const WRITES = new Set(['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem']);

/** Whether a request to this operation is billed by what it reads or writes. */
export function isBilled(operation: string): boolean {
  return READS.has(operation) || WRITES.has(operation);
}

/** Adds what an answer says that it consumed. */
export function addConsumed(
  capacity: Capacity,
  operation: string,
  asked: { ConsistentRead?: boolean },
  answer: Answer,
): void {
  const units = [answer.ConsumedCapacity ?? []]
    .flat()
    .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  // A read that finds nothing is billed as the smallest one; dynalite says that it is free.
  if (READS.has(operation)) capacity.readUnits += Math.max(units, asked.ConsistentRead ? 1 : 0.5);
  else capacity.writeUnits += units;
}

/**
 * What a write costs the table's indexes, which dynalite does not count: one unit for each entry that is put, changed or removed,
 * two when its key changes. Entries here are far below the kilobyte that a unit is good for.
 */
export function indexWriteUnits(table: Table, before: Item | undefined, after: Item | undefined): number {
  const all = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  return all.reduce((sum, index) => sum + unitsOf(table, index, before, after), 0);
}

function unitsOf(table: Table, index: Index, before: Item | undefined, after: Item | undefined): number {
  const old = entryOf(table, index, before);
  const now = entryOf(table, index, after);
  if (!old && !now) return 0;
  if (!old || !now) return 1;
  if (old.key !== now.key) return 2;
  return old.all === now.all ? 0 : 1;
}

/** An item's entry in an index as text, or nothing when a key is missing: that is what makes an index sparse. */
function entryOf(
  table: Table,
  index: Index,
  item: Item | undefined,
): { key: string; all: string } | undefined {
  const keys = index.KeySchema.map(({ AttributeName }) => AttributeName);
  if (!item || keys.some((key) => item[key] === undefined)) return undefined;
  const names =
    index.Projection.ProjectionType === 'ALL'
      ? Object.keys(item).sort()
      : [
          ...table.KeySchema.map(({ AttributeName }) => AttributeName),
          ...(index.Projection.NonKeyAttributes ?? []),
        ];
  return {
    key: JSON.stringify(keys.map((key) => item[key])),
    all: JSON.stringify(names.map((name) => [name, item[name]])),
  };
}
