/**
 * Who is woken by what. Each alarm says what people feel of it, what to do first, and where docs/runbook.md says the rest; its name is the section's.
 * One cause is told once, and what has another cause is told all the same: docs/adr/0027 says which alarms speak through a group.
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

/** A metric, and 0 where nothing is known of it: of what is missing an alarm takes an older value in place, while it has one. */
function orNone(metric: cloudwatch.Metric) {
  const { period } = metric;
  return new cloudwatch.MathExpression({
    expression: 'FILL(known, 0)',
    usingMetrics: { known: metric },
    period,
  });
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

/** AWS itself turns requests away, whatever they are for. While this rings the other groups are quiet: it is why. */
export const REFUSED = 'requests-refused';

/**
 * Alarms that are told together, since they look at one thing; and what to think when one rings. A group that rings says nothing new when a second
 * of its alarms does. So in none is what can fail for a reason of its own, and nothing that rings until somebody acts.
 */
export const GROUPS = {
  [REFUSED]: 'AWS turns requests away: pages fail, and work is late.',
  'pages-failing': 'People who open a page are told that it does not work.',
  'reminders-late': 'Nobody is reminded, and nothing that failed is tried again.',
  'emails-late': 'Emails or answers are late or lost: people wait for what does not come.',
  'news-lost': 'It is not known that an email came back, or an erasure is late.',
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
  const counted = (period: Duration) => own(watched, 'Parked', {}, cloudwatch.Stats.SAMPLE_COUNT, period);
  const swept = (period: Duration) => own(watched, 'SweepsDone', {}, cloudwatch.Stats.SUM, period);
  const dropped = (name: FunctionName) => functions[name].metric('AsyncEventsDropped', { statistic: 'Sum' });
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
      group: 'emails-late',
      impact:
        'Emails or answers that were to go out a quarter of an hour ago have not: referrals wait in silence.',
      first: 'Read the errors of the outbox.',
      ...{ metric: own(watched, 'OutboxOldestMinutes', {}), threshold: 15, periods: 2, missing: IGNORE },
    },
    {
      name: 'sweep-not-run',
      group: 'reminders-late',
      impact:
        'The reminder sweep has not come to its end for a quarter of an hour: nobody is reminded, nothing is tried again.',
      first: 'See whether the schedule is enabled and read the errors of the sweep.',
      // What only a sweep writes: operators call the same function to see what is parked.
      ...{ metric: orNone(swept(quarter)), threshold: 1, below: true, periods: 1, missing: BREACHING },
    },
    {
      name: 'sweep-behind',
      group: 'reminders-late',
      impact: 'Reminders are twenty minutes late or more.',
      first: 'See whether it catches up; if not, read the errors of the sweep.',
      ...{ metric: own(watched, 'SweepLagMinutes', {}), threshold: 20, periods: 3, missing: IGNORE },
    },
    {
      name: 'not-counted',
      impact: 'Nobody counts who waits and what is late, so the other alarms may be silent.',
      first: 'Read the errors of the gauges.',
      // By what is counted last.
      ...{ metric: orNone(counted(quarter)), threshold: 1, below: true, periods: 1, missing: BREACHING },
    },
    {
      name: 'parked',
      impact: 'Somebody waits for a reminder or an email that will not come until an operator acts.',
      first: 'Run npm run parked.',
      ...{ metric: own(watched, 'Parked', {}), threshold: 1, periods: 1, missing: IGNORE },
    },
    {
      name: 'dead-letters',
      impact:
        'A call of the clock failed for good an hour ago, and though sweeps work nobody has looked at it and emptied the queue.',
      first: 'See which function it was, and empty the queue.',
      // Where the clock's other calls do not work, that is what is told, and nothing is known of this.
      metric: new cloudwatch.MathExpression({
        expression: 'letters * swept * counted',
        usingMetrics: {
          letters: deadLetters.metricApproximateNumberOfMessagesVisible({
            ...{ period: SWEEP, statistic: 'Maximum' },
          }),
          swept: swept(SWEEP),
          counted: counted(SWEEP),
        },
        label: 'letters',
        period: SWEEP,
      }),
      ...{ threshold: 1, periods: 12, missing: IGNORE },
    },
    {
      name: 'outbox-dropped',
      group: 'emails-late',
      impact: 'Lambda gave up on a call of the outbox: an email is late, or a one-time code is lost.',
      first: 'Read the errors of the outbox.',
      ...{ metric: orNone(dropped('outbox')), threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'events-dropped',
      group: 'news-lost',
      impact: 'That an email came back is not known, or what was asked about personal data is not done yet.',
      first: 'Read the errors of mail-events and of personal-data.',
      // Those of the clock lie in the queue.
      metric: sumOf('dropped', [dropped('mail-events'), dropped('personal-data')]),
      ...{ threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'executions-failed',
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
      impact: 'A stored referral cannot be read by this version: nobody sees it in any list.',
      first: 'Find its id and the place in the log, and go back to the version before.',
      ...{ metric: errors(watched, 'REFERRAL_UNREADABLE'), threshold: 1, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'pages-5xx',
      group: 'pages-failing',
      impact: 'People see a page that says sorry.',
      first: 'Read the errors of the pages.',
      // Whoever cannot sign in sees such a page too, and that is told by itself, for as long as it takes. Who signs out meanwhile is taken off as well,
      // though that page works: for each of them it takes one failure more.
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(failed, 0) - FILL(away, 0)',
        usingMetrics: {
          failed: api.metricServerError({ period: SWEEP, statistic: 'Sum' }),
          away: errors(watched, 'ISSUER_UNAVAILABLE'),
        },
        label: 'pages that failed',
        period: SWEEP,
      }),
      ...{ threshold: 3, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'sign-in-unavailable',
      impact: 'Nobody of the team can sign in: the identity provider does not answer.',
      first: 'See whether the provider is up.',
      ...{ metric: errors(watched, 'ISSUER_UNAVAILABLE'), threshold: 3, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'functions-throttled',
      group: 'requests-refused',
      impact: 'AWS turns requests away because too many run at once: pages fail, and work is late.',
      first: 'Find what runs so much; ask for a higher quota.',
      metric: aws('AWS/Lambda', 'Throttles', 'Sum'),
      // As soon as the pages that fail of it, so that this is what is told.
      ...{ threshold: 5, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'table-throttled',
      group: 'requests-refused',
      impact: 'The table turns requests away: pages fail, and work is late.',
      first: 'Find which index or key is asked for so much.',
      // The same.
      ...{ metric: turnedAway(table), threshold: 20, periods: 1, missing: NOT_BREACHING },
    },
    {
      name: 'bounce-rate',
      impact: 'Two in a hundred emails come back. At five AWS asks why, at ten it sends nothing more for us.',
      first: 'Find which addresses come back.',
      metric: aws('AWS/SES', 'Reputation.BounceRate', 'Maximum', Duration.hours(1)),
      ...{ threshold: 0.02, periods: 1, missing: IGNORE },
    },
    {
      name: 'complaint-rate',
      impact:
        'One in two thousand emails is called unwanted. At one in a thousand AWS asks why, at five it sends nothing more for us.',
      first: 'Find which messages are called unwanted.',
      metric: aws('AWS/SES', 'Reputation.ComplaintRate', 'Maximum', Duration.hours(1)),
      ...{ threshold: 0.0005, periods: 1, missing: IGNORE },
    },
  ];
}
