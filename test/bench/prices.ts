/**
 * What AWS charges in London (eu-west-2), in US dollars without VAT and without free tiers: one row for each unit that a life uses.
 *
 * A row is `confirmed` when its source gives the price for London. The live price pages were out of reach when this was written, so
 * the sources are AWS's own page as last stored, or files in public repositories that quote AWS's price list for eu-west-2, each
 * with its publication date. To check a row, look up its `listed` code in
 * https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/<offer>/current/eu-west-2/index.csv
 */

/** What is counted and paid for. */
export type Unit =
  | 'stateTransitions'
  | 'lambdaInvocations'
  | 'lambdaGbSeconds'
  | 'readUnits'
  | 'writeUnits'
  | 'emails'
  | 'apiRequests'
  | 'schedulerInvocations'
  | 'keyMonths'
  | 'metricMonths'
  | 'alarmMetricMonths'
  | 'compositeAlarmMonths'
  | 'dashboardMonths'
  | 'logGigabytes'
  | 'traces';

export interface Price {
  readonly unit: Unit;
  readonly service: string;
  /** What one unit is, in AWS's words. */
  readonly of: string;
  /** So many dollars… */
  readonly usd: number;
  /** …for so many units. */
  readonly per: number;
  /** The offer and the usage type in AWS's price list. */
  readonly listed: string;
  /** When AWS published the list that the source quotes; undefined when the source does not say. */
  readonly published?: string;
  /** When the source was read. */
  readonly seen: string;
  readonly source: string;
  readonly confirmed: boolean;
}

const SEEN = '2026-11-23';
const SEEN_WATCHING = '2026-11-26';
const LAMBDA_AND_API = 'https://github.com/mooncitizen/togen/blob/36c1abbf17c7cd190fb02627aefb401567190523';
const HOSTING_COSTS =
  'https://github.com/ImperialEdutechUK/sadeevtest/blob/3c102d7a31b6dc99fcb0f150e12d53e6c162ef51/docs/hosting-costs.md';
const SHARED_CACHE =
  'https://github.com/jeswr/kernel-of-truth/blob/1c0b8721694236d57f1657567bbe12707e125453/docs/next/design/glm52-shared-cache.md';

export const PRICES: readonly Price[] = [
  {
    unit: 'stateTransitions',
    service: 'Step Functions, standard',
    of: 'state transition',
    usd: 0.025,
    per: 1_000,
    listed: 'AmazonStates EUW2-StateTransition',
    seen: SEEN,
    source: 'https://aws.amazon.com/step-functions/pricing/',
    confirmed: true,
  },
  {
    unit: 'lambdaInvocations',
    service: 'Lambda, arm64',
    of: 'request',
    usd: 0.2,
    per: 1_000_000,
    listed: 'AWSLambda EUW2-Request-ARM',
    published: '2026-08-31',
    seen: SEEN,
    source: `${LAMBDA_AND_API}/internal/cost/cmd/testdata/AWSLambda-eu-west-2.csv`,
    confirmed: true,
  },
  {
    unit: 'lambdaGbSeconds',
    service: 'Lambda, arm64',
    of: 'GB-second (first 7.5 billion a month)',
    usd: 13.3334,
    per: 1_000_000,
    listed: 'AWSLambda EUW2-Lambda-GB-Second-ARM',
    published: '2026-08-31',
    seen: SEEN,
    source: `${LAMBDA_AND_API}/internal/cost/cmd/testdata/AWSLambda-eu-west-2.csv`,
    confirmed: true,
  },
  {
    unit: 'readUnits',
    service: 'DynamoDB, on demand',
    of: 'read request unit',
    usd: 0.1487,
    per: 1_000_000,
    listed: 'AmazonDynamoDB EUW2-ReadRequestUnits',
    published: '2026-06-08',
    seen: SEEN,
    source: SHARED_CACHE,
    confirmed: true,
  },
  {
    unit: 'writeUnits',
    service: 'DynamoDB, on demand',
    of: 'write request unit',
    usd: 0.7423,
    per: 1_000_000,
    listed: 'AmazonDynamoDB EUW2-WriteRequestUnits',
    published: '2026-06-08',
    seen: SEEN,
    source: SHARED_CACHE,
    confirmed: true,
  },
  {
    unit: 'emails',
    service: 'SES, à la carte',
    of: 'recipient',
    usd: 0.1,
    per: 1_000,
    listed: 'AmazonSES EUW2-Recipients',
    published: '2026-09-11',
    seen: SEEN,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'apiRequests',
    service: 'API Gateway, HTTP API',
    of: 'request (first 300 million a month)',
    usd: 1.16,
    per: 1_000_000,
    listed: 'AmazonApiGateway EUW2-ApiGatewayHttpRequest',
    published: '2026-08-31',
    seen: SEEN,
    source: `${LAMBDA_AND_API}/internal/cost/cmd/testdata/AmazonApiGateway-eu-west-2.csv`,
    confirmed: true,
  },
  {
    unit: 'schedulerInvocations',
    service: 'EventBridge Scheduler',
    of: 'invocation (the first 14 million a month are free)',
    usd: 1.15,
    per: 1_000_000,
    listed: 'AWSEvents EUW2-ScheduledInvocation',
    published: '2026-09-24',
    seen: SEEN,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'keyMonths',
    service: 'KMS, customer-managed key',
    of: 'month, each version of the key',
    usd: 1,
    per: 1,
    listed: 'awskms eu-west-2-KMS-Keys',
    published: '2026-09-11',
    seen: SEEN,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'metricMonths',
    service: 'CloudWatch, custom metrics',
    of: 'month of a metric with one set of dimensions (the first 10,000)',
    usd: 0.3,
    per: 1,
    listed: 'AmazonCloudWatch EUW2-CW:MetricMonitorUsage',
    published: '2026-09-11',
    seen: SEEN_WATCHING,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'alarmMetricMonths',
    service: 'CloudWatch, alarms',
    of: 'month of a metric that an alarm looks at',
    usd: 0.1,
    per: 1,
    listed: 'AmazonCloudWatch EUW2-CW:AlarmMonitorUsage',
    published: '2026-09-11',
    seen: SEEN_WATCHING,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'compositeAlarmMonths',
    service: 'CloudWatch, composite alarms',
    of: 'month',
    usd: 0.5,
    per: 1,
    listed: 'AmazonCloudWatch EUW2-CW:CompositeAlarmMonitorUsage',
    seen: SEEN_WATCHING,
    source: 'https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm',
    confirmed: false,
  },
  {
    unit: 'dashboardMonths',
    service: 'CloudWatch, dashboards',
    of: 'month',
    usd: 3,
    per: 1,
    listed: 'AmazonCloudWatch EUW2-DashboardsUsageHour',
    published: '2026-09-11',
    seen: SEEN_WATCHING,
    source: HOSTING_COSTS,
    confirmed: false,
  },
  {
    unit: 'logGigabytes',
    service: 'CloudWatch Logs, standard',
    of: 'GB taken in',
    usd: 0.5985,
    per: 1,
    listed: 'AmazonCloudWatch EUW2-DataProcessing-Bytes',
    published: '2026-09-11',
    seen: SEEN_WATCHING,
    source: HOSTING_COSTS,
    confirmed: true,
  },
  {
    unit: 'traces',
    service: 'X-Ray',
    of: 'trace recorded',
    usd: 5,
    per: 1_000_000,
    listed: 'AWSXRay EUW2-XRay-TracesStored',
    seen: SEEN_WATCHING,
    // One price, and no Region named.
    source: 'https://aws.amazon.com/xray/pricing/',
    confirmed: false,
  },
];

/**
 * Accounts that first used SES after 20 July 2026 start on its Essentials plan and pay this for an email until they choose to pay
 * for each feature (`PutAccountPricingAttributes`, plan NONE). The source quotes it for N. Virginia.
 */
export const EMAIL_ON_ESSENTIALS: Price = {
  unit: 'emails',
  service: 'SES, Essentials plan',
  of: 'email (first 10 million a month)',
  usd: 0.16,
  per: 1_000,
  listed: 'AmazonSES EUW2-Essentials-Outbound-Email',
  published: '2026-07-22',
  seen: SEEN,
  source:
    'https://github.com/api-evangelist/amazon-ses/blob/0d21edc28a7f74b74aad220cc9795fcf6f4d38f1/plans/amazon-ses-plans-pricing.yml',
  confirmed: false,
};
