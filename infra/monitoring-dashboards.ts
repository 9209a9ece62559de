/** Two dashboards: what a coordinator would ask, in words; and what an engineer looks at. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS } from '../functions/shared/metric-catalogue.ts';
import { attendanceWords, endingWords, referrerKindWords } from '../functions/shared/pages/words.ts';
import { aws, errors, own, turnedAway, type Watched } from './monitoring-alarms.ts';
import type { Configuration } from './settings.ts';

const DAY = Duration.days(1);
const WEEK = Duration.days(7);
const { MAXIMUM, AVERAGE, SUM } = cloudwatch.Stats;

function graph(
  title: string,
  left: cloudwatch.IMetric[],
  width = 12,
  label?: string,
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title,
    left,
    width,
    height: 6,
    leftYAxis: { min: 0, showUnits: false, ...(label === undefined ? {} : { label }) },
  });
}

function words(markdown: string): cloudwatch.TextWidget {
  return new cloudwatch.TextWidget({ markdown, width: 24, height: 2 });
}

/** The words of a coordinator for codes that no page has. */
const STANDS: Readonly<Record<string, string>> = {
  intake: 'just arrived',
  review: 'with a link worker',
  hold: 'on hold, as agreed',
  information: 'we asked a question',
  offer: 'with a provider',
  programme: 'in a programme',
  closing: 'being closed',
};
const URGENCY: Readonly<Record<string, string>> = {
  danger: 'in danger',
  risk: 'with a known risk',
  none: 'everybody else',
};
const REPLIED: Readonly<Record<string, string>> = {
  accepted: 'yes',
  declined: 'no',
  silence: 'nothing, until the offer ran out',
};

/** Is anyone waiting too long, and how does it end? */
export function serviceDashboard(scope: Construct, { stackName }: Configuration, watched: Watched): void {
  const { stage } = METRICS.OpenReferrals.by;
  const { urgency } = METRICS.Overdue.by;
  const labelled = (metric: cloudwatch.Metric, label: string | undefined) =>
    metric.with({ label: label ?? '' });
  const firsts = [
    [own(watched, 'HoursToFirstContact', {}, 'p50', WEEK), 'a first attempt to reach them'],
    [own(watched, 'HoursToOffer', {}, 'p50', WEEK), 'an offer to a provider'],
    [own(watched, 'HoursToAcceptance', {}, 'p50', WEEK), 'a provider says yes'],
    [own(watched, 'HoursToFirstSession', {}, 'p50', WEEK), 'their first session'],
  ] as const;
  const replies = METRICS.ProviderReplyHours.by.reply.map((reply) =>
    labelled(own(watched, 'ProviderReplyHours', { reply }, 'SampleCount', WEEK), REPLIED[reply]),
  );
  new cloudwatch.Dashboard(scope, 'Service', {
    dashboardName: `${stackName}-service`,
    defaultInterval: Duration.days(28),
    widgets: [
      [
        words(
          '## Is anyone waiting too long?\nCounted every five minutes. No figure here is about one person.',
        ),
      ],
      [
        graph(
          'By how many hours is somebody later than was promised?',
          urgency.map((value) =>
            labelled(own(watched, 'LongestOverdueHours', { urgency: value }), URGENCY[value]),
          ),
        ),
        graph(
          'How many wait for a link worker longer than was promised?',
          urgency.map((value) => labelled(own(watched, 'Overdue', { urgency: value }), URGENCY[value])),
        ),
      ],
      [words('## Where is everybody?')],
      [
        graph(
          'How many referrals are open, and where do they stand?',
          stage.map((value) => labelled(own(watched, 'OpenReferrals', { stage: value }), STANDS[value])),
        ),
        graph(
          'For how many days has the one that is there longest been there?',
          stage.map((value) => labelled(own(watched, 'OldestDays', { stage: value }), STANDS[value])),
        ),
      ],
      [
        words(
          '## How long does it take?\nHalf of all people waited less than this, week by week, from their referral.',
        ),
      ],
      [
        graph(
          'From the referral until … (hours)',
          firsts.map(([metric, label]) => labelled(metric, label)),
        ),
        graph(
          'How long do providers take to say yes or no? (hours, half of them less)',
          (['accepted', 'declined'] as const).map((reply) =>
            labelled(own(watched, 'ProviderReplyHours', { reply }, 'p50', WEEK), REPLIED[reply]),
          ),
        ),
      ],
      [words('## What comes of it?')],
      [
        graph(
          'Who sends referrals? (each day)',
          METRICS.ReferralsReceived.by.from.map((from) =>
            labelled(own(watched, 'ReferralsReceived', { from }, SUM, DAY), referrerKindWords[from]),
          ),
          8,
        ),
        graph('What do providers reply? (each week)', replies, 8),
        graph(
          'Of a hundred offers, how many get a yes?',
          [
            new cloudwatch.MathExpression({
              expression: '100 * FILL(yes, 0) / (FILL(yes, 0) + FILL(no, 0) + FILL(silence, 0))',
              usingMetrics: Object.fromEntries(
                (['yes', 'no', 'silence'] as const).map((name, index) => [
                  name,
                  replies[index] as cloudwatch.IMetric,
                ]),
              ),
              label: 'yes',
              period: WEEK,
            }),
          ],
          8,
        ),
      ],
      [
        graph(
          'Do people come? (each week)',
          METRICS.Attendance.by.attendance.map((attendance) =>
            labelled(own(watched, 'Attendance', { attendance }, SUM, WEEK), attendanceWords[attendance]),
          ),
        ),
        graph(
          'How do referrals end? (each week)',
          METRICS.Endings.by.ending.map((ending) =>
            labelled(own(watched, 'Endings', { ending }, SUM, WEEK), endingWords[ending]),
          ),
        ),
      ],
    ],
  });
}

/** The ten of many that have the highest values: more lines than that nobody tells apart. */
function highest(metrics: readonly cloudwatch.Metric[]): cloudwatch.IMetric[] {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return [
    new cloudwatch.MathExpression({ expression: 'SORT(METRICS(), MAX, DESC, 10)', usingMetrics, label: '' }),
  ];
}

/** Is everything done that is to be done, and does it work? @param alarms those that say why, and no groups. */
export function systemDashboard(
  scope: Construct,
  { stackName }: Configuration,
  watched: Watched,
  alarms: cloudwatch.IAlarm[],
): void {
  const { functions, table, stateMachine, api, deadLetters } = watched;
  const all = Object.entries(functions);
  new cloudwatch.Dashboard(scope, 'System', {
    dashboardName: `${stackName}-system`,
    defaultInterval: Duration.hours(12),
    widgets: [
      [new cloudwatch.AlarmStatusWidget({ title: 'What rings', alarms, width: 24, height: 4 })],
      [words('## Is everything done that is to be done?\nWhat to do about it: docs/runbook.md')],
      [
        graph(
          'Outbox: for how long has the oldest waited? (minutes)',
          [own(watched, 'OutboxOldestMinutes', {})],
          8,
        ),
        graph('Sweep: by how much is the oldest late? (minutes)', [own(watched, 'SweepLagMinutes', {})], 8),
        graph(
          'Waiting, parked, dead, failed',
          [
            own(watched, 'OutboxWaiting', {}),
            own(watched, 'Parked', {}),
            deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: MAXIMUM }),
            own(watched, 'OutboxTriesFailed', {}, SUM),
          ],
          8,
        ),
      ],
      [words('## What goes wrong?')],
      [
        graph(
          'Errors in the log, by code',
          METRICS.Errors.by.code.map((code) => errors(watched, code)),
          24,
        ),
      ],
      [
        graph('Pages: requests and errors', [
          api.metricCount({ statistic: SUM }),
          api.metricClientError({ statistic: SUM }),
          api.metricServerError({ statistic: SUM }),
        ]),
        graph('Pages: how long (ms)', [
          api.metricLatency({ statistic: 'p50' }),
          api.metricLatency({ statistic: 'p99' }),
        ]),
      ],
      [
        graph(
          'Functions: errors, the ten that have most',
          highest(all.map(([label, fn]) => fn.metricErrors({ statistic: SUM, label }))),
        ),
        graph(
          'Functions: the ten that take longest (ms)',
          highest(all.map(([label, fn]) => fn.metricDuration({ statistic: MAXIMUM, label }))),
        ),
      ],
      [words('## What carries it')],
      [
        graph(
          'Executions',
          [
            stateMachine.metricStarted({ statistic: SUM }),
            stateMachine.metricSucceeded({ statistic: SUM }),
            stateMachine.metricFailed({ statistic: SUM }),
            stateMachine.metricTimedOut({ statistic: SUM }),
          ],
          8,
        ),
        graph(
          'Table: used and turned away',
          [
            table.metricConsumedReadCapacityUnits({ statistic: SUM }),
            table.metricConsumedWriteCapacityUnits({ statistic: SUM }),
            turnedAway(table),
          ],
          8,
        ),
        graph('Functions turned away, in the account', [aws('AWS/Lambda', 'Throttles', SUM)], 8),
      ],
      [
        graph(
          'Email',
          [
            own(watched, 'EmailsSent', {}, SUM),
            own(watched, 'EmailsNotSent', {}, SUM),
            ...METRICS.EmailEvents.by.event.map((event) => own(watched, 'EmailEvents', { event }, SUM)),
          ],
          12,
        ),
        graph('Email: what share comes back, what share is unwanted', [
          aws('AWS/SES', 'Reputation.BounceRate', AVERAGE, Duration.hours(1)),
          aws('AWS/SES', 'Reputation.ComplaintRate', AVERAGE, Duration.hours(1)),
        ]),
      ],
    ],
  });
}
