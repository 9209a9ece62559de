/**
 * The table in memory, in this process: what `DynamoDBDocumentClient.send` answers, for the commands and expressions that functions/ use. Whatever
 * else is asked of it is refused loudly. Expressions are read by dynalite's own parsers; memory-table.test.ts holds every answer against dynalite's.
 */
import { createRequire } from 'node:module';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  CASELOAD,
  INDEXED_ATTRIBUTES,
  OFFERS,
  OUTBOX,
  SEARCHED,
  STANDING,
  WORKLIST,
} from '../../../functions/shared/indexes.ts';

/** A stored item: plain values, as the document client gives them. */
export type Item = Record<string, unknown>;
type Input = Record<string, unknown>;
type Path = string[];
/** What the parser makes of a literal: its type and, since we parse without values, its number among the names of values. */
type Literal = Record<string, string>;
type Node = { type: string; name?: string; args: (Path | Literal | Node)[] };
type Section = { type: 'set' | 'add' | 'remove' | 'delete'; path: Path; val: Path | Literal | Node };
type Expressions = {
  _condition?: { expression: Node };
  _keyCondition?: { expression: Node };
  _filter?: { expression: Node };
  _updates?: { sections: Section[]; paths: (string | number)[][] };
  _projection?: { paths: (string | number)[][] };
};

const load = createRequire(import.meta.url);
/** Reads the expressions of a request; gives what is wrong with them, if something is. */
const readExpressions: (request: Input & Expressions) => string | undefined =
  load('dynalite/validations').validateExpressions;

type Index = { hash: string; range?: string };
const INDEXES: ReadonlyMap<string, Index> = new Map<string, Index>([
  ['due', { hash: 'dueShard', range: 'dueAt' }],
  [WORKLIST.index, { hash: WORKLIST.team, range: WORKLIST.key }],
  [OFFERS.index, { hash: OFFERS.programme, range: OFFERS.key }],
  [CASELOAD.index, { hash: CASELOAD.of, range: CASELOAD.key }],
  [STANDING.index, { hash: STANDING.at, range: STANDING.since }],
  [OUTBOX.index, { hash: OUTBOX.of, range: OUTBOX.since }],
  ...INDEXED_ATTRIBUTES.map((attribute): [string, Index] => [
    attribute,
    {
      hash: attribute,
      ...(SEARCHED.indexes.some((searched) => searched === attribute) ? { range: SEARCHED.key } : {}),
    },
  ]),
]);
/** An item has each of them as text, or not at all. */
const INDEX_KEYS: ReadonlySet<string> = new Set(
  [...INDEXES.values()].flatMap(({ hash, range }) => (range === undefined ? [hash] : [hash, range])),
);
const MOST_BYTES_OF_PAGE = 1_000_000;

/** What DynamoDB says of a request that it does not take. */
function invalid(message: string): Error {
  return Object.assign(new Error(message), {
    ...{ name: 'ValidationException', $fault: 'client', $metadata: { httpStatusCode: 400 } },
  });
}

/** Thrown for what this table does not know how to do: whoever needs it teaches it. */
export class NotInMemoryError extends Error {
  override name = 'NotInMemoryError';
}

export class MemoryTable {
  readonly name: string;
  /** By partition and sort key, in order of writing; sorted where that is asked for. */
  readonly #partitions = new Map<string, Map<string, Item>>();
  /** The keys of the items of each index, by its name and partition. */
  readonly #indexed = new Map<string, Map<string, Item>>();

  constructor(name: string) {
    this.name = name;
  }

  /** Every item, in no particular order. */
  items(): Item[] {
    return [...this.#partitions.values()].flatMap((partition) => [...partition.values()]);
  }

  clear(): void {
    this.#partitions.clear();
    this.#indexed.clear();
  }

  /** Answers a command as DynamoDB does, rejecting with errors of the same names. */
  async send(command: { input: object }): Promise<Record<string, unknown>> {
    const what = command.constructor.name;
    const input = command.input as Input;
    const does = COMMANDS[what];
    if (!does) throw new NotInMemoryError(`${what} is not played`);
    const unknown = Object.keys(input).filter(
      (name) => input[name] !== undefined && !(KNOWN[what] ?? []).includes(name),
    );
    if (unknown.length > 0) throw new NotInMemoryError(`${what} with ${unknown.join(', ')} is not played`);
    if (input.TableName !== undefined && input.TableName !== this.name) {
      throw Object.assign(new Error('Requested resource not found'), { name: 'ResourceNotFoundException' });
    }
    return does(this, input);
  }

  get(key: Item): Item | undefined {
    const { pk, sk } = keyOf(key);
    return this.#partitions.get(pk)?.get(sk);
  }

  write(item: Item): void {
    const { pk, sk } = keyOf(item);
    this.remove(item);
    let partition = this.#partitions.get(pk);
    if (!partition) {
      partition = new Map();
      this.#partitions.set(pk, partition);
    }
    partition.set(sk, item);
    for (const [name, index] of INDEXES) {
      if (!isIn(item, index)) continue;
      const part = `${name}|${item[index.hash]}`;
      let entries = this.#indexed.get(part);
      if (!entries) {
        entries = new Map();
        this.#indexed.set(part, entries);
      }
      entries.set(`${pk}|${sk}`, item);
    }
  }

  remove(key: Item): void {
    const { pk, sk } = keyOf(key);
    const before = this.#partitions.get(pk)?.get(sk);
    if (!before) return;
    this.#partitions.get(pk)?.delete(sk);
    for (const [name, index] of INDEXES) {
      if (isIn(before, index)) this.#indexed.get(`${name}|${before[index.hash]}`)?.delete(`${pk}|${sk}`);
    }
  }

  /** The items of a partition, of the table or of an index, unsorted. */
  partition(index: string | undefined, value: unknown): Item[] {
    const part =
      index === undefined ? this.#partitions.get(String(value)) : this.#indexed.get(`${index}|${value}`);
    return [...(part?.values() ?? [])];
  }

  /** All items in the order of a scan, which is the same each time and otherwise nobody's business. */
  scanned(): Item[] {
    return [...this.#partitions.values()].flatMap((partition) =>
      [...partition.values()].sort((a, b) => compare(String(a.sk), String(b.sk))),
    );
  }
}

const EXPRESSIONS = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];
const LISTING = ['Limit', 'ExclusiveStartKey', 'FilterExpression', 'ProjectionExpression', 'Select'];
/** What each command may say. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  GetCommand: ['TableName', 'Key', 'ConsistentRead'],
  PutCommand: ['TableName', 'Item', 'ConditionExpression', ...EXPRESSIONS],
  UpdateCommand: [
    ...['TableName', 'Key', 'UpdateExpression', 'ConditionExpression', 'ReturnValues'],
    ...EXPRESSIONS,
  ],
  DeleteCommand: ['TableName', 'Key', 'ConditionExpression', ...EXPRESSIONS],
  QueryCommand: [
    ...['TableName', 'IndexName', 'KeyConditionExpression', 'ScanIndexForward', 'ConsistentRead'],
    ...[...LISTING, ...EXPRESSIONS],
  ],
  ScanCommand: ['TableName', 'ConsistentRead', ...LISTING, ...EXPRESSIONS],
  BatchGetCommand: ['RequestItems'],
  BatchWriteCommand: ['RequestItems'],
};

const COMMANDS: Readonly<Record<string, (table: MemoryTable, input: Input) => Record<string, unknown>>> = {
  GetCommand: (table, { Key }) => {
    checkKey(Key as Item);
    const found = table.get(Key as Item);
    return found ? { Item: found } : {};
  },
  PutCommand: (table, input) => {
    const item = copy(input.Item) as Item;
    const { _condition: condition } = expressionsOf(input);
    checkItem(item);
    mustHold(condition, table.get(item), input);
    table.write(item);
    return {};
  },
  DeleteCommand: (table, input) => {
    const { _condition: condition } = expressionsOf(input);
    checkKey(input.Key as Item);
    mustHold(condition, table.get(input.Key as Item), input);
    table.remove(input.Key as Item);
    return {};
  },
  UpdateCommand: update,
  QueryCommand: query,
  ScanCommand: scan,
  BatchGetCommand: (table, { RequestItems }) => {
    const [name, { Keys, ...rest }] = onlyTable(table, RequestItems) as [string, { Keys: Item[] }];
    const unknown = Object.keys(rest).filter((key) => key !== 'ConsistentRead');
    if (unknown.length > 0) throw new NotInMemoryError(`BatchGet with ${unknown.join(', ')} is not played`);
    if (Keys.length > 100) throw invalid('Too many items requested for the BatchGetItem call');
    checkNoDuplicates(Keys);
    const found = Keys.flatMap((key) => table.get(key) ?? []);
    return { Responses: { [name]: found }, UnprocessedKeys: {} };
  },
  BatchWriteCommand: (table, { RequestItems }) => {
    const [, requests] = onlyTable(table, RequestItems) as [
      string,
      { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[],
    ];
    if (requests.length > 25) throw invalid('Too many items requested for the BatchWriteItem call');
    const keys = requests.map(
      ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {},
    );
    checkNoDuplicates(keys);
    for (const { PutRequest } of requests) if (PutRequest) checkItem(copy(PutRequest.Item) as Item);
    for (const { PutRequest, DeleteRequest } of requests) {
      if (PutRequest) table.write(copy(PutRequest.Item) as Item);
      if (DeleteRequest) table.remove(DeleteRequest.Key);
    }
    return { UnprocessedItems: {} };
  },
};

function onlyTable(table: MemoryTable, requests: unknown): [string, unknown] {
  const entries = Object.entries(requests as object);
  const [entry] = entries;
  if (!entry || entries.length !== 1 || entry[0] !== table.name) {
    throw new NotInMemoryError('a batch of another table is not played');
  }
  return entry;
}

function checkNoDuplicates(keys: readonly Item[]): void {
  for (const key of keys) checkKey({ pk: key.pk, sk: key.sk });
  if (new Set(keys.map(({ pk, sk }) => JSON.stringify([pk, sk]))).size < keys.length) {
    throw invalid('Provided list of item keys contains duplicates');
  }
}

function update(table: MemoryTable, input: Input): Record<string, unknown> {
  const { _condition: condition, _updates: change } = expressionsOf(input);
  const key = input.Key as Item;
  checkKey(key);
  for (const [path] of change?.paths ?? []) {
    if (path === 'pk' || path === 'sk')
      throw invalid(`Cannot update attribute ${path}. This attribute is part of the key`);
  }
  const before = table.get(key);
  mustHold(condition, before, input);
  const base: Item = before ?? (copy(key) as Item);
  const item = { ...base };
  for (const { type, path, val } of change?.sections ?? []) {
    const [name] = path;
    if (name === undefined || path.length > 1) throw new NotInMemoryError('nested updates are not played');
    if (type === 'remove') delete item[name];
    else if (type === 'set') {
      const value = operand(val, base, input);
      if (value === undefined) {
        throw invalid('The provided expression refers to an attribute that does not exist in the item');
      }
      item[name] = copy(value);
    } else if (type === 'add') {
      const [more, was] = [operand(val, base, input), item[name] ?? 0];
      if (typeof more !== 'number') throw new NotInMemoryError('ADD is played of numbers');
      if (typeof was !== 'number') {
        throw invalid('An operand in the update expression has an incorrect data type');
      }
      item[name] = was + more;
    } else throw new NotInMemoryError(`${type} is not played`);
  }
  checkItem(item);
  table.write(Object.freeze(item));
  const asked = input.ReturnValues ?? 'NONE';
  if (asked !== 'NONE' && asked !== 'ALL_NEW') throw new NotInMemoryError(`${asked} is not played`);
  return asked === 'ALL_NEW' ? { Attributes: item } : {};
}

function query(table: MemoryTable, input: Input): Record<string, unknown> {
  const { IndexName, ConsistentRead } = input as { IndexName?: string; ConsistentRead?: boolean };
  const index = IndexName === undefined ? { hash: 'pk', range: 'sk' } : INDEXES.get(IndexName);
  const { _keyCondition: condition, _filter: filter, _projection: projection } = expressionsOf(input);
  if (!condition)
    throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified');
  if (!index) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (IndexName !== undefined && ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const parts = anded(condition.expression);
  const isOn = (node: Node, name: string | undefined) =>
    Array.isArray(node.args[0]) && node.args[0][0] === name;
  const hash = parts.find((node) => isOn(node, index.hash) && node.type === '=');
  if (!hash) throw invalid(`Query condition missed key schema element: ${index.hash}`);
  const rest = parts.filter((node) => node !== hash);
  if (rest.length > 1 || rest.some((node) => !isOn(node, index.range))) {
    throw invalid(`Query condition missed key schema element: ${index.range}`);
  }
  const value = operand(hash.args[1] as Literal, {}, input);
  const order = [...new Set([index.range ?? 'pk', 'pk', 'sk'])];
  const found = table
    .partition(IndexName, value)
    .filter((item) => rest.every((node) => holds(node, item, input)))
    .sort((a, b) => inOrder(order, a, b));
  if (input.ScanIndexForward === false) found.reverse();
  return page(found, input, {
    filter,
    projection,
    keys: [...new Set([index.hash, ...order])],
    order,
    keysOnly: IndexName !== undefined,
  });
}

function scan(table: MemoryTable, input: Input): Record<string, unknown> {
  const { _filter: filter, _projection: projection } = expressionsOf(input);
  return page(table.scanned(), input, {
    filter,
    projection,
    keys: ['pk', 'sk'],
    order: ['pk', 'sk'],
    keysOnly: false,
  });
}

type Listing = {
  filter: Expressions['_filter'];
  projection: Expressions['_projection'];
  keys: string[];
  order: string[];
  keysOnly: boolean;
};

/** One page of what was found: as much as is looked at, and of that what passes the filter. */
function page(found: Item[], input: Input, listing: Listing): Record<string, unknown> {
  const { Limit, ExclusiveStartKey, Select } = input as {
    Limit?: number;
    ExclusiveStartKey?: Item;
    Select?: string;
  };
  if (Select !== undefined && Select !== 'COUNT')
    throw new NotInMemoryError(`Select ${Select} is not played`);
  let rest = found;
  if (ExclusiveStartKey) {
    const isAt = (item: Item) => item.pk === ExclusiveStartKey.pk && item.sk === ExclusiveStartKey.sk;
    const at = found.findIndex(isAt);
    const isAfter = (item: Item) =>
      input.ScanIndexForward === false
        ? inOrder(listing.order, item, ExclusiveStartKey) < 0
        : inOrder(listing.order, item, ExclusiveStartKey) > 0;
    rest = at >= 0 ? found.slice(at + 1) : found.filter(isAfter);
  }
  const looked: Item[] = [];
  let bytes = 0;
  for (const item of rest) {
    if (looked.length === (Limit ?? Number.POSITIVE_INFINITY) || bytes > MOST_BYTES_OF_PAGE) break;
    looked.push(item);
    if (!listing.keysOnly) bytes += JSON.stringify(item).length;
  }
  const last = looked.at(-1);
  const more = looked.length === Limit || looked.length < rest.length;
  const passing = looked.filter((item) => !listing.filter || holds(listing.filter.expression, item, input));
  const names = listing.projection?.paths.map(([name]) => String(name));
  const shown = (item: Item) => {
    const visible = listing.keysOnly ? pick(item, listing.keys) : item;
    return names ? pick(visible, names) : visible;
  };
  return {
    ...(Select === 'COUNT' ? {} : { Items: passing.map(shown) }),
    ...{ Count: passing.length, ScannedCount: looked.length },
    ...(last && more ? { LastEvaluatedKey: pick(last, listing.keys) } : {}),
  };
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(
    names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]),
  );
}

function inOrder(order: readonly string[], a: Item, b: Item): number {
  for (const name of order) {
    const by = compare(String(a[name] ?? ''), String(b[name] ?? ''));
    if (by !== 0) return by;
  }
  return 0;
}

/** By the bytes of UTF-8, as DynamoDB sorts. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return ASCII.test(a) && ASCII.test(b) ? (a < b ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
const ASCII = /^[ -~]*$/;

/** The expressions of requests are few: each is read once, whatever its values. */
const known = new Map<string, Expressions>();

const PARTS = [
  'UpdateExpression',
  'ConditionExpression',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
];

function expressionsOf(input: Input): Expressions {
  const values = Object.entries((input.ExpressionAttributeValues ?? {}) as Item);
  const types = values.map(([name, value]) => [name, typeOf(value)] as const);
  const texts = PARTS.map((part) => input[part]);
  const id = JSON.stringify([texts, input.ExpressionAttributeNames, types]);
  const before = known.get(id);
  if (before) return before;
  const numbered = types.map(([name, type], number) => [name, { [type]: String(number) }]);
  const request: Input & Expressions = {
    ...Object.fromEntries(PARTS.map((part, i) => [part, texts[i]])),
    ExpressionAttributeNames: input.ExpressionAttributeNames,
    ...(types.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(numbered) } : {}),
  };
  const wrong = readExpressions(request);
  if (wrong !== undefined) throw invalid(wrong);
  known.set(id, request);
  return request;
}

function mustHold(condition: Expressions['_condition'], item: Item | undefined, input: Input): void {
  if (!condition || holds(condition.expression, item ?? {}, input)) return;
  throw new ConditionalCheckFailedException({
    ...{ message: 'The conditional request failed', $metadata: { httpStatusCode: 400 } },
  });
}

function anded(node: Node): Node[] {
  return node.type === 'and' ? node.args.flatMap((arg) => anded(arg as Node)) : [node];
}

function holds(node: Node, item: Item, input: Input): boolean {
  const [first, second, third] = node.args;
  switch (node.type) {
    case 'and':
      return node.args.every((arg) => holds(arg as Node, item, input));
    case 'or':
      return node.args.some((arg) => holds(arg as Node, item, input));
    case 'not':
      return !holds(first as Node, item, input);
    case 'function':
      return holdsFunction(node, item, input);
    case 'between':
      return (
        isOrdered(operand(first, item, input), operand(second, item, input), (by) => by >= 0) &&
        isOrdered(operand(first, item, input), operand(third, item, input), (by) => by <= 0)
      );
    case '=':
      return isSame(operand(first, item, input), operand(second, item, input));
    case '<>':
      return !isSame(operand(first, item, input), operand(second, item, input));
    default: {
      const test = ORDERS[node.type];
      if (!test) throw new NotInMemoryError(`${node.type} is not played`);
      return isOrdered(operand(first, item, input), operand(second, item, input), test);
    }
  }
}

function holdsFunction({ name, args: [first, second] }: Node, item: Item, input: Input): boolean {
  const value = operand(first, item, input);
  switch (name) {
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'begins_with': {
      const start = operand(second, item, input);
      return typeof value === 'string' && typeof start === 'string' && value.startsWith(start);
    }
    default:
      throw new NotInMemoryError(`${name} is not played`);
  }
}

const ORDERS: Readonly<Record<string, (by: number) => boolean>> = {
  '<': (by) => by < 0,
  '<=': (by) => by <= 0,
  '>': (by) => by > 0,
  '>=': (by) => by >= 0,
};

function isOrdered(a: unknown, b: unknown, test: (by: number) => boolean): boolean {
  if (typeof a === 'number' && typeof b === 'number') return test(a - b);
  return typeof a === 'string' && typeof b === 'string' && test(compare(a, b));
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a !== 'object' || a === null) return a === b;
  throw new NotInMemoryError('lists and maps are not compared');
}

function operand(of: Path | Literal | Node | undefined, item: Item, input: Input): unknown {
  if (Array.isArray(of)) {
    if (of.length !== 1) throw new NotInMemoryError('nested paths are not played');
    return item[of[0] ?? ''];
  }
  if (of === undefined || 'args' in of) throw new NotInMemoryError('an expression within one is not played');
  const [number] = Object.values(of);
  return Object.values(input.ExpressionAttributeValues as Item)[Number(number)];
}

function isIn(item: Item, { hash, range }: Index): boolean {
  return item[hash] !== undefined && (range === undefined || item[range] !== undefined);
}

function keyOf({ pk, sk }: Item): { pk: string; sk: string } {
  return { pk: pk as string, sk: sk as string };
}

function checkKey(key: Item): void {
  if (Object.keys(key).length !== 2) throw invalid('The number of conditions on the keys is invalid');
  checkKeys(key);
}

function checkKeys(key: Item): void {
  for (const name of ['pk', 'sk']) {
    if (typeof key[name] !== 'string') throw invalid('The provided key element does not match the schema');
    if (key[name] === '') {
      throw invalid(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value',
      );
    }
  }
}

function checkItem(item: Item): void {
  checkKeys(item);
  for (const name of INDEX_KEYS) {
    if (item[name] !== undefined && (typeof item[name] !== 'string' || item[name] === '')) {
      throw invalid(`One or more parameter values were invalid: Type mismatch for Index Key ${name}`);
    }
  }
}

function typeOf(value: unknown): string {
  if (typeof value === 'string') return 'S';
  if (typeof value === 'number') return 'N';
  if (Array.isArray(value)) return 'L';
  throw new NotInMemoryError(`a ${typeof value} in an expression is not played`);
}

/**
 * A deep copy as it comes out of DynamoDB: what is undefined is left out, and what it cannot hold is refused. It is frozen, so that whoever reads an
 * item may have the one that is kept: copying each time took longer than anything else that is done here.
 */
function copy(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        throw new NotInMemoryError('a number that DynamoDB does not hold');
      }
      return value;
    case 'object':
      break;
    default:
      throw new NotInMemoryError(`a ${typeof value} cannot be stored`);
  }
  if (value === null) return null;
  if (Array.isArray(value)) return Object.freeze(value.filter((each) => each !== undefined).map(copy));
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotInMemoryError('an instance of a class cannot be stored');
  }
  const copied: Item = {};
  for (const name in value as Item) {
    const each = (value as Item)[name];
    if (each !== undefined) copied[name] = copy(each);
  }
  return Object.freeze(copied);
}
