/** The tables let a function do what its role says, and no more. */
import { describe, expect, it } from 'vitest';
import { CloudError } from '../../local/errors.ts';
import { cloudOf, lambda, type Resources, relay, sharedCloud, table } from './template.ts';

const TABLE = { 'Fn::GetAtt': ['Table', 'Arn'] };
const keys = (...like: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': like } });

/** The relay with a role that has this policy. */
function relayWith(...Statement: object[]): Resources {
  return {
    ...relay,
    Relay: lambda(
      'relay',
      'const { service, target, body } = JSON.parse(event.body); return call(service, target, body);',
      { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    ),
    Role: { Type: 'AWS::IAM::Role' },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement } },
    },
    Table: table,
  };
}

const allow = (Action: string | string[], Resource: unknown = TABLE, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});

describe('a function with a role', () => {
  const cloud = sharedCloud(
    relayWith(
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], TABLE, keys('DRAFT#*', 'SENDING')),
      allow(['dynamodb:BatchGetItem', 'dynamodb:Query'], TABLE, keys('DRAFT#*')),
      allow('dynamodb:UpdateItem', TABLE, keys('THROTTLE#*')),
      allow('dynamodb:Query', { 'Fn::Join': ['', [TABLE, '/index/due']] }),
      allow('logs:PutLogEvents', '*'),
    ),
  );
  const TableName = 'Small-Table';
  const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });
  const query = (pk: string) => ({
    TableName,
    KeyConditionExpression: 'begins_with(sk, :sk) AND #of = :of',
    ExpressionAttributeNames: { '#of': 'pk' },
    ExpressionAttributeValues: { ':of': { S: pk }, ':sk': { S: 'DRAFT#' } },
  });
  const update = (pk: string) => ({
    ...{ TableName, Key: key(pk), UpdateExpression: 'SET seen = :one' },
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  const batch = (...pks: string[]) => ({ RequestItems: { [TableName]: { Keys: pks.map(key) } } });

  it.each<[operation: string, body: object]>([
    ['PutItem', { TableName, Item: key('DRAFT#1') }],
    ['GetItem', { TableName, Key: key('DRAFT#1') }],
    ['GetItem', { TableName, Key: key('SENDING') }],
    ['BatchGetItem', batch('DRAFT#1', 'DRAFT#2')],
    ['Query', query('DRAFT#1')],
    [
      'Query',
      {
        ...{ TableName, IndexName: 'due', KeyConditionExpression: 'dueShard = :s' },
        ExpressionAttributeValues: { ':s': { S: 'SESSION#1' } },
      },
    ],
    ['UpdateItem', update('THROTTLE#1')],
  ])('may %s %j', async (operation, body) => {
    expect(await cloud().call('DYNAMODB', operation, body)).toMatchObject({ status: 200 });
  });

  it.each<[operation: string, body: object, kind: string]>([
    ['PutItem', { TableName, Item: key('SESSION#1') }, 'SESSION#…'],
    ['PutItem', { TableName, Item: key('SENDINGS') }, 'SENDINGS'],
    ['GetItem', { TableName, Key: key('REFERRAL#1') }, 'REFERRAL#…'],
    ['UpdateItem', update('DRAFT#1'), 'DRAFT#…'],
    ['DeleteItem', { TableName, Key: key('DRAFT#1') }, 'DRAFT#…'],
    ['BatchGetItem', batch('DRAFT#1', 'SESSION#2'), 'DRAFT#…, SESSION#…'],
    ['Query', query('REFERRAL#1'), 'REFERRAL#…'],
    ['Scan', { TableName }, '(none)'],
    ['TransactWriteItems', { TransactItems: [{ Put: { TableName, Item: key('DRAFT#1') } }] }, '(none)'],
  ])('may not %s %j', async (operation, body, kind) => {
    const { status, body: said } = await cloud().call<{ __type: string; Message: string }>(
      'DYNAMODB',
      operation,
      body,
    );
    expect(status).toBe(400);
    expect(said.__type).toMatch(/#AccessDeniedException$/);
    expect(said.Message).toContain(`relay is not authorized to perform: dynamodb:${operation} on`);
    expect(said.Message).toContain(`with the keys ${kind} because`);
    const log = await (await fetch(`${cloud().url}/_cloud/logs.txt`)).text();
    expect(log).toContain(JSON.stringify({ level: 'ERROR', accessDenied: said.Message }));
  });
});

describe('a policy', () => {
  it.each<[why: string, statement: object]>([
    ['a wildcard', allow('dynamodb:GetItem', '*')],
    ['a pattern of another kind', allow('dynamodb:GetItem', TABLE, keys('*#1'))],
    ['Condition', allow('dynamodb:GetItem', TABLE, { StringEquals: { 'aws:SourceVpc': 'a' } })],
    ['Effect', { ...allow('dynamodb:GetItem'), Effect: 'Deny' }],
  ])('that says something else of tables is not taken for less: %s', async (why, statement) => {
    const starting = cloudOf(relayWith(statement));
    await expect(starting).rejects.toThrow(CloudError);
    await expect(starting).rejects.toThrow(why);
  });
});
