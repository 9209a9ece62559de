/**
 * Who is woken by what. Each alarm says what people feel of it, what to do first, and where docs/runbook.md says the rest; its name is the section's.
 * One cause is told once: most alarms speak through the one of their group.
 */
import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { ErrorCode } from '../functions/shared/log-catalogue.ts';
import type { METRICS, Metric } from '../functions/shared/metric-catalogue.ts';
import type { FunctionName } from './functions.ts';

/** What is watched. */
export interface Watched {
  readonly namespace: string;
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
  readonly table: dynamodb.Table;
  readonly stateMachine: sfn.IStateMachine;
  readonly api: apigateway.HttpApi;
  readonly deadLetters: sqs.IQueue;
}

const SWEEP = Duration.minutes(5);

/** One of the service's own metrics, with a value of each dimension. */
export function own<M extends Metric>(
  { namespace }: Pick<Watched, 'namespace'>,
  metricName: M,
  by: { [D in keyof (typeof METRICS)[M]['by']]: string },
  statistic: string = cloudwatch.Stats.MAXIMUM,
  period = SWEEP,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace,
    metricName,
    statistic,
    period,
    ...(Object.keys(by).length === 0 ? {} : { dimensionsMap: by as Record<string, string> }),
  });
}

/** How often the log has had an error, by its code. */
export function errors(watched: Pick<Watched, 'namespace'>, code: ErrorCode): cloudwatch.Metric {
  return own(watched, 'Errors', { code }, cloudwatch.Stats.SUM);
}

/** One of AWS's own metrics of the whole account in this Region. */
export function aws(namespace: string, metricName: string, statistic: string, period = SWEEP) {
  return new cloudwatch.Metric({ namespace, metricName, statistic, period });
}

/** The sum of several metrics, each 0 where nothing is known of it. */
function sumOf(label: string, metrics: readonly cloudwatch.IMetric[], period = SWEEP) {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new cloudwatch.MathExpression({ expression, usingMetrics, label, period });
}

/** What functions ask of the table; a formula of an alarm can have ten metrics. */
const OPERATIONS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem'];

/**
 * How many requests the table or one of its indexes has turned away. The metrics that count reads and writes have those of indexes under a name for
 * each, and under the table's own name the table alone.
 */
export function turnedAway(table: dynamodb.Table) {
  const each = OPERATIONS.map(
    (Operation) =>
      new cloudwatch.Metric({
        ...{ namespace: 'AWS/DynamoDB', metricName: 'ThrottledRequests' },
        dimensionsMap: { TableName: table.tableName, Operation },
        ...{ statistic: cloudwatch.Stats.SUM, period: SWEEP },
      }),
  );
  return sumOf('turned away', each);
}

/** Alarms of one cause or the other that are told together, and what to think when one rings. */
export const GROUPS = {
  'work-stopped': 'Reminders, emails or answers are late: people wait for what does not come.',
  'pages-failing': 'People who open a page or sign in are told that it does not work.',
  'referral-stopped': 'A referral stands still.',
  'email-reputation': 'SES may soon take no email from us, and then nobody hears anything.',
} as const;
export type Group = keyof typeof GROUPS;

export interface AlarmPlan {
  /** Its name, and that of its section in docs/runbook.md. */
  readonly name: string;
  /** Told with others, or by itself. */
  readonly group?: Group;
  readonly impact: string;
  readonly first: string;
  readonly metric: cloudwatch.IMetric;
  /** It rings at this value and above; below it where `below` is set. */
  readonly threshold: number;
  readonly below?: true;
  /** How many periods in a row. */
  readonly periods: number;
  readonly missing: cloudwatch.TreatMissingData;
}

const { BREACHING, NOT_BREACHING, IGNORE } = cloudwatch.TreatMissingData;

/** Every alarm. */
export function alarmsOf(watched: Watched): AlarmPlan[] {
  const { functions, table, stateMachine, api, deadLetters } = watched;
  const late = (urgency: string) => own(watched, 'LongestOverdueHours', { urgency });
  const quarter = Duration.minutes(15);
  const ran = (name: FunctionName) =>
    new cloudwatch.MathExpression({
      expression: 'FILL(called, 0) - FILL(failed, 0)',
      usingMetrics: {
        called: functions[name].metricInvocations({ period: quarter }),
        failed: functions[name].metricErrors({ period: quarter }),
      },
      label: `${name} done`,
      period: quarter,
    });
  // Those that are called without anybody waiting for the answer.
  const called: FunctionName[] = [
    ...(['outbox', 'mail-events', 'personal-data'] as const),
    ...(['reminder-sweep', 'directory-sweep', 'gauges'] as const),
  ];
  const dropped = called.map((name) => functions[name].metric('AsyncEventsDropped', { statistic: 'Sum' }));
  return [
    {
      name: 'danger-overdue',
      impact: 'Somebody who may be in danger waits for a link worker longer than was promised.',
      first: 'Phone the coordinator now, whatever the time; then see whether emails go out.',
      ...{ metric: late('danger'), threshold: 1, periods: 2, missing: IGNORE },
    },
    {
      name: 'people-overdue',
      impact: 'Somebody waits for a link worker two days longer than was promised.',
      first: 'See that emails go out; if they do, tell the coordinator in the morning.',
      metric: new cloudwatch.MathExpression({
        expression: 'MAX([risk, none])',
        usingMetrics: { risk: late('risk'), none: late('none') },
        label: 'hours late',
        period: SWEEP,
      }),
      ...{ threshold: 48, periods: 3, missing: IGNORE },
    },
    {
      name: 'outbox-old',
      group: 'work-stopped',
      impact:
        'Emails or answers that were to go out a quarter of an hour ago have not: referrals wait in silence.',
      first: 'Read the errors of the outbox.',
      ...{ metric: own(watched, 'OutboxOldestMinutes', {}), threshold: 15, periods: 2, missing: IGNORE },
    },
    {
      name: 'sweep-not-run',
      group: 'work-stopped',
      impact:
        'The reminder sweep has not come to its end for a quarter of an hour: nobody is reminded, nothing is tried again.',
      first: 'See whether the schedule is enabled and read the errors of the sweep.',
      ...{ metric: ran('reminder-sweep'), threshold: 1, below: true, periods: 1, missing: BREACHING },
    },
    {
      name: 'sweep-behind',
      group: 'work-stopped',
      impact: 'Reminders are twenty minutes late or more.',
      first: 'See whether it catches up; if not, read the errors of the sweep.',
      ...{ metric: own(watched, 'SweepLagMinutes', {}), threshold: 20, periods: 3, missing: IGNORE },
    },
    {
      name: 'not-counted',
      group: 'work-stopped',
      impact: 'Nobody counts who waits and what is late, so the other alarms may be silent.',
      first: 'Read the errors of the gauges.',
      ...{ metric: ran('gauges'), threshold: 1, below: true, periods: 1, missing: BREACHING },
    },
    {
      name: 'parked',
      group: 'work-stopped',
      impact: 'Somebody waits for a reminder or an email that will not come until an operator acts.',
      first: 'Run npm run parked.',
      ...{ metric: own(watched, 'Parked', {}), threshold: 1, periods: 1, missing: IGNORE },
    },
    {
      name: 'dead-letters',
      group: 'work-stopped',
      impact:
        'A call of the clock failed for good: what was due then is done by a later one, if that one works.',
      first: 'See whether later sweeps work.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: SWEEP, statistic: 'Maximum' }),
      ...{ threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'events-dropped',
      group: 'work-stopped',
      impact: 'An email, a one-time code, or the news of one that came back is lost or late.',
      first: 'Read the errors of the outbox and of the mail events.',
      ...{ metric: sumOf('dropped', dropped), threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'executions-failed',
      group: 'referral-stopped',
      impact:
        'The workflow of a referral failed or ran out of time; the coordinator was told, and it is tried again.',
      first: 'Look at the failed execution; npm run rebuild starts it anew.',
      metric: sumOf('failed or timed out', [
        stateMachine.metricFailed({ period: SWEEP, statistic: 'Sum' }),
        stateMachine.metricTimedOut({ period: SWEEP, statistic: 'Sum' }),
      ]),
      ...{ threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'referral-unreadable',
      group: 'referral-stopped',
      impact: 'A stored referral cannot be read by this version: nobody sees it in any list.',
      first: 'Find its id and the place in the log, and go back to the version before.',
      ...{ metric: errors(watched, 'REFERRAL_UNREADABLE'), threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'pages-5xx',
      group: 'pages-failing',
      impact: 'People see a page that says sorry.',
      first: 'Read the errors of the pages.',
      metric: api.metricServerError({ period: SWEEP, statistic: 'Sum' }),
      ...{ threshold: 3, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'sign-in-unavailable',
      group: 'pages-failing',
      impact: 'Nobody of the team can sign in: the identity provider does not answer.',
      first: 'See whether the provider is up.',
      ...{ metric: errors(watched, 'ISSUER_UNAVAILABLE'), threshold: 3, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'functions-throttled',
      group: 'pages-failing',
      impact: 'AWS turns requests away because too many run at once: pages fail, and work is late.',
      first: 'Find what runs so much; ask for a higher quota.',
      metric: aws('AWS/Lambda', 'Throttles', 'Sum'),
      ...{ threshold: 5, periods: 2, missing: NOT_BREACHING },
    },
    {
      name: 'table-throttled',
      group: 'pages-failing',
      impact: 'The table turns requests away: pages fail, and work is late.',
      first: 'Find which index or key is asked for so much.',
      // As soon as the letters of a clock that cannot work any more, so that this is what is told.
      ...{ metric: turnedAway(table), threshold: 20, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'bounce-rate',
      group: 'email-reputation',
      impact: 'Two in a hundred emails come back. At five AWS asks why, at ten it sends nothing more for us.',
      first: 'Find which addresses come back.',
      metric: aws('AWS/SES', 'Reputation.BounceRate', 'Maximum', Duration.hours(1)),
      ...{ threshold: 0.02, periods: 1, missing: IGNORE },
    },
    {
      name: 'complaint-rate',
      group: 'email-reputation',
      impact:
        'One in two thousand emails is called unwanted. At one in a thousand AWS asks why, at five it sends nothing more for us.',
      first: 'Find which messages are called unwanted.',
      metric: aws('AWS/SES', 'Reputation.ComplaintRate', 'Maximum', Duration.hours(1)),
      ...{ threshold: 0.0005, periods: 1, missing: IGNORE },
    },
  ];
}
