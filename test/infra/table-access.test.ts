/** What each function may do to the items of the table, as the template says it. */
import { describe, expect, test } from 'vitest';
import { FUNCTION_PLANS, type FunctionName } from '../../infra/functions.ts';
import { PARTITIONS, TABLE_ACCESS } from '../../infra/table-access.ts';
import { production, readable, Service, target } from './service.ts';

const service = new Service(production);
const names = Object.keys(FUNCTION_PLANS) as FunctionName[];
/** Those whose pages are for people who never sign in: anybody on the internet can call them. */
const PUBLIC = [
  ...(['public-forms', 'more-information', 'provider-offer', 'provider-offers', 'calendar'] as const),
  ...(['person-page', 'person-voice', 'person-measures', 'referrer-status', 'web-assets'] as const),
] satisfies FunctionName[];

/** IAM takes so many characters, white space aside, of all the policies in a role together. */
const MOST_CHARACTERS = 10_240;

function roleOf(name: FunctionName): string {
  return target(service.fn(name)[1].Properties.Role);
}

/** Each action on the table itself, with the keys to which it is held; none where it is held to nothing. */
function reachOf(name: FunctionName): { action: string; keys: string[] }[] {
  return service
    .statements(roleOf(name))
    .filter(({ Resource }) => [Resource].flat().some((on) => readable(on) === 'StorageTable'))
    .flatMap(({ Action, Condition }) => {
      const keys = Condition as Record<string, Record<string, string | string[]>> | undefined;
      const held = [keys?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat();
      return [Action].flat().map((action) => ({ action: action.replace('dynamodb:', ''), keys: held }));
    });
}

/** Who may do one of some things to the items whose keys begin so. */
function whoMay(actions: readonly string[], key: string): FunctionName[] {
  return names.filter((name) =>
    reachOf(name).some(
      ({ action, keys }) => actions.includes(action) && (keys.length === 0 || keys.includes(key)),
    ),
  );
}

test.each(names)('%s reaches of the table itself only the partitions that it is given', (name) => {
  const { indexes: _, ...byAction } = TABLE_ACCESS[name];
  const given = Object.entries(byAction).map(([action, partitions]) => ({
    action,
    keys: partitions[0] === 'ANY' ? [] : partitions.map((partition) => PARTITIONS[partition]).sort(),
  }));
  const byName = (a: { action: string }, b: { action: string }) => a.action.localeCompare(b.action);
  expect(reachOf(name).sort(byName)).toEqual(given.sort(byName));
});

describe('a function that is taken over', () => {
  const WRITING = ['PutItem', 'UpdateItem', 'DeleteItem'];

  test('makes nobody signed in, nor a member of a team, unless it is the sign-in', () => {
    expect(whoMay(['PutItem'], 'SESSION#*')).toEqual(['sign-in']);
    expect(whoMay(['PutItem', 'DeleteItem'], 'TEAM#*').sort()).toEqual(['sign-in', 'team']);
  });

  test('of those for people who never sign in, sees no session, searches for nobody and deletes nothing', () => {
    for (const key of ['SESSION#*', 'TEAM#*', 'ERASURE#*', 'SENDING', 'EPISODES#*', 'SNAPSHOTS#*']) {
      const may = whoMay([...WRITING, 'GetItem', 'BatchGetItem', 'Query', 'Scan'], key);
      expect(PUBLIC.filter((name) => may.includes(name))).toEqual([]);
    }
    const deleting = names.filter((name) => reachOf(name).some(({ action }) => action === 'DeleteItem'));
    expect(deleting.sort()).toEqual(['personal-data', 'sign-in', 'team']);
    const searching = names.filter((name) =>
      service
        .permissions(roleOf(name))
        .some((line) => /index\/(name|familyName|nhsNumber|person)Key$/.test(line)),
    );
    expect(PUBLIC.filter((name) => searching.includes(name))).toEqual([]);
  });

  test('of the forms, reaches the unfinished ones, the referrals whose ids it knows, and counts', () => {
    expect(reachOf('public-forms')).toEqual([
      { action: 'GetItem', keys: ['DRAFT#*', 'REFERRAL#*'] },
      { action: 'PutItem', keys: ['DRAFT#*', 'REFERRAL#*'] },
      { action: 'Query', keys: ['DIRECTORY'] },
      { action: 'UpdateItem', keys: ['THROTTLE#*'] },
    ]);
  });

  test('reads all of the table only if an operator alone may call it', () => {
    expect(whoMay(['Scan'], 'REFERRAL#*')).toEqual(['rebuild-executions']);
    expect(names.filter((name) => reachOf(name).some(({ keys }) => keys.length === 0)).sort()).toEqual([
      'rebuild-executions',
      'reminder-sweep',
    ]);
  });
});

test.each(names)("the policies of %s fit into IAM's limit", (name) => {
  const statements = JSON.stringify(service.statements(roleOf(name)), (_, value) => filledIn(value));
  expect(statements.length).toBeLessThan(MOST_CHARACTERS);
});

/** What AWS fills in, such as an ARN, is about so long. */
function filledIn(value: unknown): unknown {
  const [only] = Object.keys(value ?? {});
  return only === 'Ref' || only === 'Fn::GetAtt' ? 'x'.repeat(120) : value;
}
