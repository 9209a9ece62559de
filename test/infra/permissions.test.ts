/**
 * docs/permissions.md: every action and resource of every role, as the template of production says it. `npx vitest run test/infra/permissions.test.ts
 * -u` writes it anew; the change is there for whoever reviews it.
 */
import { expect, test } from 'vitest';
import { FUNCTION_PLANS, type FunctionName } from '../../infra/functions.ts';
import { ACCEPTED } from './accepted-findings.ts';
import { production, readable, Service, type Statement, target } from './service.ts';

const service = new Service(production);
const development = new Service();

/** Why something is given without saying exactly on what: the beginning of the line, without the account, and the reason. */
const WIDE: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^xray:(PutTraceSegments|PutTelemetryRecords) on \*$/, 'AWS X-Ray has nothing narrower.'],
  [/^xray:(GetSamplingRules|GetSamplingTargets) on \*$/, 'AWS X-Ray has nothing narrower.'],
  [
    /^logs:((Create|Get|Update|Delete|List)LogDeliver(y|ies)|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups) on \*$/,
    'Step Functions sets up its log by these, and CloudWatch Logs has nothing narrower.',
  ],
  [
    /^states:(StopExecution|DescribeExecution) on arn:Partition:states:Region:AccountId:execution:OpenSocialPrescribing-referral:\*$/,
    'Of this state machine only. What an execution is called is not known beforehand.',
  ],
];

interface Row {
  readonly actions: readonly string[];
  readonly on: string;
  readonly when: string;
}
type Named = { readonly name: string; readonly purpose: string; readonly rows: readonly Row[] };

const functions: Named[] = (Object.keys(FUNCTION_PLANS) as FunctionName[]).sort().map((name) => {
  const role = target(service.fn(name)[1].Properties.Role);
  return { name, purpose: FUNCTION_PLANS[name].purpose, rows: rowsOf(role) };
});
const ofFunctions = new Set(
  functions.map(({ name }) => target(service.fn(name as FunctionName)[1].Properties.Role)),
);
const others: Named[] = service
  .all('AWS::IAM::Role')
  .filter(([role]) => !ofFunctions.has(role))
  .map(([role, { Properties }]) => ({
    name: readable({ Ref: role }),
    purpose: String(Properties.Description ?? 'What Step Functions does for an execution'),
    rows: rowsOf(role),
  }));
/** What all functions may do, said once. */
const shared = functions[0]?.rows.filter((row) =>
  functions.every(({ rows }) => rows.some((other) => lineOf(other) === lineOf(row))),
);

test('the document says what every role may do', async () => {
  await expect(document()).toMatchFileSnapshot('../../docs/permissions.md');
});

test('in no action a wildcard, in no resource one without a reason, and no reason without its wildcard', () => {
  const wide = service.all('AWS::IAM::Role').flatMap(([role]) => service.permissions(role).filter(isWide));
  expect(wide.filter((line) => reasonFor(line) === undefined)).toEqual([]);
  expect(WIDE.filter(([pattern]) => !wide.some((line) => pattern.test(line)))).toEqual([]);
});

test('development differs in what the sandbox of SES needs, for the sender only', () => {
  const linesOf = (at: Service) => at.all('AWS::IAM::Role').flatMap(([role]) => at.permissions(role));
  const inProduction = new Set(linesOf(service));
  expect(linesOf(development).filter((line) => !inProduction.has(line))).toEqual([
    'ses:SendRawEmail on arn:Partition:ses:Region:AccountId:identity/*',
  ]);
  const [, { Properties }] = development.fn('outbox');
  const wide = development
    .statements(target(Properties.Role))
    .filter(({ Resource }) => [Resource].flat().some((on) => readable(on).endsWith('identity/*')));
  expect(wide).toEqual([
    expect.objectContaining({
      Action: 'ses:SendRawEmail',
      Condition: { StringEquals: { 'ses:FromAddress': 'referrals@example.org' } },
    }),
  ]);
});

test('every statement allows, and nobody has a managed policy or one inside the role', () => {
  const roles = service.all('AWS::IAM::Role');
  for (const [role, { Properties }] of roles) {
    for (const { Effect } of service.statements(role)) expect(Effect).toBe('Allow');
    expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(Properties).not.toHaveProperty('Policies');
  }
  expect(roles.length).toBeGreaterThan(functions.length);
});

function isWide(line: string): boolean {
  return line.includes('*');
}

function reasonFor(line: string): string | undefined {
  return WIDE.find(([pattern]) => pattern.test(line))?.[1];
}

/** The statements of a role, with those on the same resource under the same condition together. */
function rowsOf(role: string): Row[] {
  const rows = new Map<string, { actions: Set<string>; on: string; when: string }>();
  for (const { Action, Resource, Condition } of service.statements(role)) {
    for (const resource of [Resource].flat()) {
      const [on, when] = [
        readable(resource).replace(/^arn:Partition:|:Region:AccountId/g, ''),
        whenOf(Condition),
      ];
      const key = `${on} ${when}`;
      const row = rows.get(key) ?? { actions: new Set<string>(), on, when };
      for (const action of [Action].flat()) row.actions.add(action);
      rows.set(key, row);
    }
  }
  return [...rows.values()]
    .map(({ actions, on, when }) => ({
      actions: [...actions].sort(),
      on: on.replace(/^Functions\w+Log$/, 'its own log'),
      when,
    }))
    .sort((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1));
}

/** A condition in words: what has to be one of what. */
function whenOf(condition: Statement['Condition']): string {
  return Object.values((condition ?? {}) as Record<string, Record<string, unknown>>)
    .flatMap(Object.entries)
    .map(([key, values]) => `${key.replace(/^.*:/, '')} ${[values].flat().map(readable).join(' or ')}`)
    .map((text) => text.replaceAll('.Region.amazonaws.com', ''))
    .join(' and ');
}

function lineOf({ actions, on, when }: Row): string {
  return `${actions.join(' ')} ${on} ${when}`;
}

function tableOf(rows: readonly Row[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| may | on | only if |',
    '|---|---|---|',
    ...rows.map(
      ({ actions, on, when }) =>
        `| ${actions.map((action) => `\`${action}\``).join(' ')} | \`${cell(on)}\` | ${cell(when)} |`,
    ),
  ].join('\n');
}

function document(): string {
  const own = (rows: readonly Row[]) =>
    rows.filter((row) => !shared?.some((other) => lineOf(other) === lineOf(row)));
  const section = ({ name, purpose, rows }: Named, level = '###') => {
    const left = own(rows);
    return `${level} ${name}\n${purpose}.\n\n${left.length === 0 ? 'Nothing more.' : tableOf(left)}`;
  };
  const reasons = WIDE.map(
    ([pattern, reason]) => `- \`${String(pattern).slice(2, -2).replaceAll('\\', '')}\`: ${reason}`,
  );
  const accepted = ACCEPTED.map(({ finding, reason }) => `| \`${finding}\` | ${reason} |`);
  return `${[
    '# Who may do what',
    'Made by `test/infra/permissions.test.ts` from the template of production, which also keeps it current (`-u` writes it anew). Each function has a role of its own. `StorageKey` encrypts the table and the secret; logs and alarms have another key, which no role uses.',
    '## What every function may do',
    tableOf(shared ?? []),
    '## What each function may do besides',
    ...functions.map((named) => section(named)),
    '## What calls the functions',
    ...others.map((named) => section(named)),
    '## Wildcards, and why',
    reasons.join('\n'),
    'In `development` the outbox may also send by any identity of the account, as the one sender: the sandbox of SES wants it.',
    '## What cdk-nag finds and is left as it is',
    'The rules are those of its pack for AWS solutions, tried on both stacks and both stages by `test/infra/nag.test.ts`.',
    ['| finding | why it stays |', '|---|---|', ...accepted].join('\n'),
  ].join('\n\n')}\n`;
}
