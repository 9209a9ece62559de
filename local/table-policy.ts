/**
 * What the roles of the template let functions do to the tables, decided as IAM does: a request passes where one statement has its action, the table or
 * index, and, where that names partition keys, all those of the request. No other service asks for anybody's leave here.
 */
import * as z from 'zod';
import type { Plan, TablePlan } from './plan.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
/** Of the patterns that IAM knows, the whole of a key and how it begins. */
const keyPatterns = oneOrMore.refine(
  (keys) => keys.every((key) => /^[^*?]+\*?$/.test(key)),
  'a pattern of another kind',
);

export const policyProperties = z.object({
  Roles: z.array(z.string()).default([]),
  PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Action: oneOrMore })) }),
});

/** A statement about tables. Other conditions, and other wildcards, are not known here. */
export const tableStatement = z
  .strictObject({
    Effect: z.literal('Allow'),
    Action: oneOrMore,
    Resource: oneOrMore.refine((resources) => !resources.some((each) => each.includes('*')), 'a wildcard'),
    Condition: z
      .strictObject({ 'ForAllValues:StringLike': z.strictObject({ 'dynamodb:LeadingKeys': keyPatterns }) })
      .optional(),
  })
  .transform(({ Action, Resource, Condition }) => ({
    actions: Action,
    resources: Resource.map(resourceOf),
    keys: Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys'],
  }));
/** `resources`: as `table/Name` or `table/Name/index/due`. `keys`: what partition keys have to be like, where that matters. */
export type TableStatement = z.infer<typeof tableStatement>;

/** What the thread of the tables is told: by a function's id, what its role says; by table or index, which attribute is the partition key. */
export interface TablePolicies {
  readonly statements: Readonly<Record<string, readonly TableStatement[]>>;
  readonly partitionKeys: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, { readonly S?: string } | undefined>>;
/** As much of a request as says what it is about. */
export interface Asked {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Values;
  readonly Item?: Values;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Values;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Values[] }>>;
}

/** An action on a table or an index, and the partition keys that it names. */
interface Part {
  readonly action: string;
  readonly resource: string;
  readonly keys: readonly string[];
}

/** Whether statements about tables and indexes are about this one. */
export function isAboutTables({ Action }: { readonly Action: readonly string[] }): boolean {
  return Action.some((action) => action.startsWith('dynamodb:'));
}

/** What a plan says about its tables. */
export function tablePoliciesOf({ functions, tables }: Plan): TablePolicies {
  const limited = functions.flatMap(({ id, mayToTables }) => (mayToTables ? [[id, mayToTables]] : []));
  return { statements: Object.fromEntries(limited), partitionKeys: partitionKeysOf(tables) };
}

/** Which attribute is the partition key of each table and index. */
function partitionKeysOf(tables: readonly TablePlan[]): Record<string, string> {
  return Object.fromEntries(
    tables.flatMap(({ name, request }) => [
      [`table/${name}`, hashOf(request.KeySchema)],
      ...[...(request.GlobalSecondaryIndexes ?? []), ...(request.LocalSecondaryIndexes ?? [])].map(
        ({ IndexName, KeySchema }) => [`table/${name}/index/${IndexName}`, hashOf(KeySchema)],
      ),
    ]),
  );
}

/** Decides about requests of functions, a few microseconds each. */
export class TableGuard {
  /** By function, action and resource: of each statement the patterns of keys, or none where any will do. */
  readonly #allowed = new Map<string, TableStatement['keys'][]>();
  readonly #functions: ReadonlySet<string>;
  readonly #partitionKeys: TablePolicies['partitionKeys'];

  constructor({ statements, partitionKeys }: TablePolicies) {
    this.#functions = new Set(Object.keys(statements));
    this.#partitionKeys = partitionKeys;
    for (const [id, each] of Object.entries(statements)) {
      for (const { actions, resources, keys } of each) {
        for (const name of actions.flatMap((action) => resources.map((on) => `${id} ${action} ${on}`))) {
          this.#allowed.set(name, [...(this.#allowed.get(name) ?? []), keys]);
        }
      }
    }
  }

  /** Why a function may not do what it asks for, in IAM's words with how the key begins; undefined where it may, or where it is no function that asks. */
  refusal(id: string, operation: string, asked: Asked): string | undefined {
    if (!this.#functions.has(id)) return undefined;
    for (const { action, resource, keys } of this.#partsOf(operation, asked)) {
      const statements = this.#allowed.get(`${id} dynamodb:${action} ${resource}`) ?? [];
      const passes = statements.some(
        (patterns) => !patterns || keys.every((key) => patterns.some((pattern) => isLike(key, pattern))),
      );
      if (passes) continue;
      const kinds = [...new Set(keys.map((key) => key.replace(/#.*/s, '#…')))];
      return `${id} is not authorized to perform: dynamodb:${action} on resource: ${resource} with the keys ${kinds.join(', ') || '(none)'} because no identity-based policy allows it`;
    }
    return undefined;
  }

  #partsOf(operation: string, asked: Asked): Part[] {
    const table = `table/${asked.TableName}`;
    switch (operation) {
      case 'GetItem':
      case 'UpdateItem':
      case 'DeleteItem':
        return [{ action: operation, resource: table, keys: this.#keysIn(table, [asked.Key]) }];
      case 'PutItem':
        return [{ action: operation, resource: table, keys: this.#keysIn(table, [asked.Item]) }];
      case 'BatchGetItem':
        return Object.entries(asked.RequestItems ?? {}).map(([name, { Keys = [] }]) => ({
          ...{ action: operation, resource: `table/${name}` },
          keys: this.#keysIn(`table/${name}`, Keys),
        }));
      case 'Query': {
        const resource = asked.IndexName === undefined ? table : `${table}/index/${asked.IndexName}`;
        return [{ action: operation, resource, keys: this.#keysAsked(resource, asked) }];
      }
      default:
        // A scan names no key. No function asks for anything else; who begins to is refused until it is known here.
        return [{ action: operation, resource: table, keys: [] }];
    }
  }

  #keysIn(resource: string, items: readonly (Values | undefined)[]): string[] {
    const name = this.#partitionKeys[resource] ?? '';
    return items.map((item) => item?.[name]?.S ?? '');
  }

  /** The partition key of a query: what its condition says that the attribute equals. */
  #keysAsked(resource: string, asked: Asked): string[] {
    const { KeyConditionExpression = '', ExpressionAttributeNames: names = {} } = asked;
    for (const [, name = '', value = ''] of KeyConditionExpression.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)) {
      if ((names[name] ?? name) !== this.#partitionKeys[resource]) continue;
      return [asked.ExpressionAttributeValues?.[value]?.S ?? ''];
    }
    return [''];
  }
}

/** The access key that a request is signed with. Each function has its own id for one. */
export function accessKeyOf(authorization: string | undefined): string {
  return /Credential=([^/,\s]+)/.exec(authorization ?? '')?.[1] ?? '';
}

function resourceOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function hashOf(schema: TablePlan['request']['KeySchema']): string {
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

function isLike(key: string, pattern: string): boolean {
  return pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
}
