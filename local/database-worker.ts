/**
 * The thread in which dynalite runs: beside the main one, so that tables and pages do not wait for each other, and so that what
 * dynalite throws (a full disk) ends this thread and not everything without a word.
 *
 * In front of dynalite it refuses what a function's role does not allow, counts capacity and injects faults. Requests are handed on inside the process.
 */
import { EventEmitter } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import dynalite from 'dynalite';
import dynaliteDb from 'dynalite/db/index.js';
import { type Answer, addConsumed, type Capacity, indexWriteUnits, isBilled } from './capacity.ts';
import type { DatabaseCommand, DatabaseDenied, DatabaseReply, DatabaseThrottled } from './database.ts';
import { messageOf } from './errors.ts';
import { readBody } from './http.ts';
import { accessKeyOf, TableGuard } from './table-policy.ts';

const JSON_1_0 = 'application/x-amz-json-1.0';
/** A signature that looks right; dynalite checks no more. */
const SIGNED = {
  'content-type': JSON_1_0,
  'x-amz-date': '20260101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=local',
};

interface DynaliteAnswer {
  readonly status: number;
  readonly body: Answer & { readonly __type?: string };
}

/** What DynamoDB calls it where too much is asked for. */
const THROTTLING = /^(ProvisionedThroughputExceeded|RequestLimitExceeded|Throttling)/;

const path = String(workerData.path);
const guard = new TableGuard(workerData.policies);
const capacity: Capacity = { readUnits: 0, writeUnits: 0 };
let fault: { type: string; times: number; operation?: string | undefined } = { type: '', times: 0 };

await openable();
const database = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
// Its close() works only on a server that listens. Nobody is told this port.
await listening(database);
countIndexWrites();
const front = createServer((request, response) => {
  serve(request, response).catch((error) => response.destroy(error));
});
front.keepAliveTimeout = 60_000;
await listening(front);
parentPort?.on('message', (command: DatabaseCommand) => {
  obey(command).then(
    (result) => reply({ id: command.id, result }),
    (error) => reply({ id: command.id, error: messageOf(error) }),
  );
});
reply({ id: 0, result: { port: (front.address() as AddressInfo).port } });

function reply(message: DatabaseReply | DatabaseThrottled | DatabaseDenied): void {
  parentPort?.postMessage(message);
}

/** Opens and closes the files once: dynalite opens them late and then says no more than that they are closed. */
async function openable(): Promise<void> {
  const { db: files } = dynaliteDb.create({ path });
  try {
    await files.open();
  } catch (error) {
    const cause = (error as Error).cause as (Error & { code?: string }) | undefined;
    const locked = cause?.code === 'LEVEL_LOCKED';
    throw new Error(
      locked
        ? 'it is in use by another start'
        : `its tables cannot be read (${cause?.message ?? messageOf(error)})`,
    );
  }
  await files.close();
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
}

async function obey(command: DatabaseCommand): Promise<unknown> {
  switch (command.do) {
    case 'call': {
      const { status, body } = await ask(SIGNED, command.operation, command.request);
      if (status === 200) return body;
      throw Object.assign(new Error(`${command.operation}: ${JSON.stringify(body)}`));
    }
    case 'fail':
      fault = { type: command.type, times: command.times, operation: command.operation };
      return undefined;
    case 'capacity':
      return capacity;
    case 'close':
      front.close();
      front.closeAllConnections();
      await new Promise<void>((resolve, reject) =>
        database.close((error) => (error ? reject(error) : resolve())),
      );
      return undefined;
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, 16 * 1024 * 1024);
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  const asked = JSON.parse(body.toString() || '{}');
  const id = accessKeyOf(request.headers.authorization);
  const why = guard.refusal(id, operation, asked);
  if (why !== undefined) {
    reply({ denied: { id, why } });
    const __type = 'com.amazon.coral.service#AccessDeniedException';
    return answer(response, { status: 400, body: { __type, Message: why } as DynaliteAnswer['body'] });
  }
  if (fault.times > 0 && (fault.operation ?? operation) === operation) {
    fault.times -= 1;
    if (THROTTLING.test(fault.type)) {
      const [table = ''] = [asked.TableName ?? Object.keys(asked.RequestItems ?? {})].flat();
      reply({ throttled: { table, operation } });
    }
    const status = fault.type === 'InternalServerError' ? 500 : 400;
    const __type = `com.amazonaws.dynamodb.v20120810#${fault.type}`;
    return answer(response, {
      status,
      body: { __type, message: 'Injected fault' } as DynaliteAnswer['body'],
    });
  }
  const wantsCapacity = asked.ReturnConsumedCapacity !== undefined;
  if (isBilled(operation) && !wantsCapacity) asked.ReturnConsumedCapacity = 'TOTAL';
  const answered = await ask(request.headers, operation, asked);
  if (isBilled(operation)) {
    if (answered.status === 200) addConsumed(capacity, operation, asked, answered.body);
    else if (answered.body.__type?.endsWith('#ConditionalCheckFailedException')) {
      // A refused write is billed too, by the size of an item that dynalite does not show: the new one is about as large.
      capacity.writeUnits += dynaliteDb.capacityUnits(asked.Item ?? {}, false, false);
    }
    if (!wantsCapacity) delete answered.body.ConsumedCapacity;
  }
  answer(response, answered);
}

function answer(response: ServerResponse, { status, body }: DynaliteAnswer): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': JSON_1_0,
    'content-length': text.length,
    'x-amz-crc32': crc32(text),
  });
  response.end(text);
}

/** Gives a request to dynalite as if it came over HTTP, without another socket in between. */
function ask(headers: IncomingHttpHeaders, operation: string, asked: unknown): Promise<DynaliteAnswer> {
  return new Promise((resolve) => {
    const request = Object.assign(new EventEmitter(), {
      method: 'POST',
      url: '/',
      headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
    });
    const response = {
      statusCode: 200,
      setHeader() {},
      end(text = '{}') {
        resolve({ status: this.statusCode, body: text.startsWith('{') ? JSON.parse(text) : {} });
      },
    };
    database.emit('request', request, response);
    request.emit('data', Buffer.from(JSON.stringify(asked)));
    request.emit('end');
  });
}

/** dynalite's actions call this function of their module for every write, with the item before and after. */
function countIndexWrites(): void {
  const { updateIndexes } = dynaliteDb;
  dynaliteDb.updateIndexes = (store, table, before, after, done) => {
    capacity.writeUnits += indexWriteUnits(table, before, after);
    updateIndexes(store, table, before, after, done);
  };
}
