/** The parts of dynalite that the embedded cloud uses; the package has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}

declare module 'dynalite/db/index.js' {
  type Item = Record<string, Record<string, unknown>>;
  interface Index {
    KeySchema: { AttributeName: string }[];
    Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
  }
  interface Table {
    KeySchema: { AttributeName: string }[];
    GlobalSecondaryIndexes?: Index[];
    LocalSecondaryIndexes?: Index[];
  }
  const db: {
    create(options: { path: string }): { db: { open(): Promise<void>; close(): Promise<void> } };
    capacityUnits(item: Item | undefined, isRead: boolean, isConsistent: boolean): number;
    updateIndexes(
      store: unknown,
      table: Table,
      existing: Item | undefined,
      item: Item | undefined,
      done: (error?: Error) => void,
    ): void;
  };
  export default db;
  export type { Index, Item, Table };
}
