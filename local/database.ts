/** The tables: starts dynalite on the data folder in a thread of its own, and talks with it. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Capacity } from './capacity.ts';
import { CloudError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { TablePlan } from './plan.ts';
import type { TableRequest } from './resource-properties.ts';
import type { TablePolicies } from './table-policy.ts';

type Order =
  | { do: 'call'; operation: string; request: unknown }
  | { do: 'fail'; type: string; times: number; operation?: string | undefined }
  | { do: 'capacity' }
  | { do: 'close' };
export type DatabaseCommand = Order & { id: number };
export interface DatabaseReply {
  /** The command's, or 0 for the first message: where the thread listens. */
  id: number;
  result?: unknown;
  error?: string;
}
/** The thread says of its own accord that it turned a request away. */
export interface DatabaseThrottled {
  throttled: { table: string; operation: string };
}

/** So does it of a function that asked for what its role does not allow. */
export interface DatabaseDenied {
  denied: { id: string; why: string };
}

/** Who is told what happens in the tables' thread of its own accord. */
export interface DatabaseListeners {
  readonly metrics: Metrics;
  denied(functionId: string, why: string): void;
  failed(error: CloudError): void;
}

type Values = Record<string, Record<string, unknown>>;

export class Database {
  /** Where functions reach it. */
  url = '';
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  #closing = false;
  #ended: CloudError | undefined;

  private constructor(dataDir: string, policies: TablePolicies, listeners: DatabaseListeners) {
    this.#worker = new Worker(new URL('./database-worker.ts', import.meta.url), {
      workerData: { path: join(dataDir, 'tables'), policies },
      name: 'tables',
      execArgv: [],
    });
    this.#worker.on('message', (message: DatabaseReply | DatabaseThrottled | DatabaseDenied) => {
      if ('throttled' in message) {
        const { table: TableName, operation: Operation } = message.throttled;
        listeners.metrics.add('AWS/DynamoDB', 'ThrottledRequests', { TableName, Operation });
        return;
      }
      if ('denied' in message) {
        listeners.denied(message.denied.id, message.denied.why);
        return;
      }
      const { id, result, error } = message;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new CloudError(error));
    });
    const ended = (why: string) => {
      if (this.#ended) return;
      this.#ended = new CloudError(
        this.url === ''
          ? `The data folder ${dataDir} cannot be used: ${why}. Set DATA_DIR to use another one`
          : `The tables in ${dataDir} cannot be used any more (${why}); what was stored stays there`,
      );
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
      this.#waiting.clear();
      if (this.url !== '' && !this.#closing) listeners.failed(this.#ended);
    };
    this.#worker.on('error', (error) => ended((error as Error).message));
    this.#worker.on('exit', () => ended('their thread ended'));
  }

  /** Opens the tables of a data folder, for functions that may do what the policies say. */
  static async open(
    dataDir: string,
    policies: TablePolicies,
    listeners: DatabaseListeners,
  ): Promise<Database> {
    const database = new Database(dataDir, policies, listeners);
    // The thread's first message answers nothing; it says where it listens.
    const { port } = (await database.#answerTo(0)) as { port: number };
    database.url = `http://127.0.0.1:${port}`;
    return database;
  }

  /** Makes the tables that are missing; refuses tables that have other keys or indexes than the template. */
  async create(tables: readonly TablePlan[], dataDir: string): Promise<void> {
    const { TableNames } = (await this.#call('ListTables', {})) as { TableNames: string[] };
    for (const { name, request } of tables) {
      if (!TableNames.includes(name)) {
        await this.#call('CreateTable', { TableName: name, BillingMode: 'PAY_PER_REQUEST', ...request });
      }
      let table = await this.#describe(name);
      while (table.TableStatus !== 'ACTIVE') table = await this.#describe(name);
      if (shapeOf(table) !== shapeOf(request)) {
        throw new CloudError(
          `The table ${name} in ${dataDir} has other keys or indexes than the template: another version made it. Move the folder away, or set DATA_DIR`,
        );
      }
    }
  }

  /** Every item of a table, as plain values. */
  async items(table: string): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const page = (await this.#call('Scan', {
        TableName: table,
        ConsistentRead: true,
        ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
      })) as { Items: Values[]; LastEvaluatedKey?: unknown };
      items.push(...page.Items.map(plainItem));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  /** Makes the next requests of functions, all or those of one operation, fail with an error of this type. */
  async fail(type: string, times: number, operation?: string): Promise<void> {
    await this.#tell({ do: 'fail', type, times, operation });
  }

  /** What functions' requests consumed since the tables were opened. */
  async capacity(): Promise<Capacity> {
    return (await this.#tell({ do: 'capacity' })) as Capacity;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#tell({ do: 'close' });
    await this.#worker.terminate();
  }

  async #describe(name: string): Promise<TableRequest & { TableStatus: string }> {
    const { Table } = (await this.#call('DescribeTable', { TableName: name })) as {
      Table: TableRequest & { TableStatus: string };
    };
    return Table;
  }

  async #call(operation: string, request: unknown): Promise<unknown> {
    return this.#tell({ do: 'call', operation, request });
  }

  #tell(order: Order): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const answer = this.#answerTo(this.#lastId);
    this.#worker.postMessage({ ...order, id: this.#lastId });
    return answer;
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

function shapeOf({
  KeySchema,
  GlobalSecondaryIndexes = [],
  LocalSecondaryIndexes = [],
}: TableRequest): string {
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes]
    .map(({ IndexName, KeySchema, Projection }) => [IndexName, keysOf(KeySchema), Projection.ProjectionType])
    .sort();
  return JSON.stringify([keysOf(KeySchema), indexes]);
}

function keysOf(schema: TableRequest['KeySchema']): string[] {
  return schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`);
}

function plainItem(item: Values): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

/** `{ S: 'a' }` → `'a'` */
function plain(value: Record<string, unknown>): unknown {
  const [[type, inner] = ['NULL', true]] = Object.entries(value);
  switch (type) {
    case 'N':
      return Number(inner);
    case 'NULL':
      return null;
    case 'NS':
      return (inner as string[]).map(Number);
    case 'L':
      return (inner as Record<string, unknown>[]).map(plain);
    case 'M':
      return plainItem(inner as Values);
    default:
      return inner;
  }
}
