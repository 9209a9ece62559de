/**
 * The clock: every five minutes the sweep is told what time it is, and once a day the one of the directory. An alarm goes to an operator when the
 * sweep has put something aside, or does not run.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { Message } from '../functions/shared/log.ts';
import type { Configuration } from './config.ts';
import { alarmTopic } from './encryption.ts';

const SWEEP_EVERY = Duration.minutes(5);

/** So many sweeps may be missing, or say that something is parked, before somebody is told: a retry of the scheduler is no reason. */
const SWEEPS_BEFORE_ALARM = 3;

export class Reminders extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      configuration,
      sweep,
      directorySweep,
    }: {
      readonly configuration: Configuration;
      readonly sweep: lambda.Function;
      readonly directorySweep: lambda.IFunction;
    },
  ) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Calls the sweeps',
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [sweep.functionArn, directorySweep.functionArn],
      }),
    );
    const call = (fn: lambda.IFunction, maxEventAge: Duration) =>
      new targets.LambdaInvoke(fn, {
        // Left to itself the target would also grant every version of the function.
        role: role.withoutPolicyUpdates(),
        // The planned time, not the time of arrival: a late or repeated call sees the same moment.
        input: scheduler.ScheduleTargetInput.fromObject({ now: scheduler.ContextAttribute.scheduledTime }),
        retryAttempts: 3,
        maxEventAge,
      });
    new scheduler.Schedule(this, 'Sweep', {
      description: 'Calls the reminder sweep with the time it was planned for',
      schedule: scheduler.ScheduleExpression.rate(SWEEP_EVERY),
      timeWindow: scheduler.TimeWindow.off(),
      // Later than this the next sweep, or the one after it, has done the same work.
      target: call(sweep, Duration.minutes(15)),
    });
    new scheduler.Schedule(this, 'DirectorySweep', {
      description: 'Has providers asked whether their entries in the directory are still right',
      schedule: scheduler.ScheduleExpression.rate(Duration.days(1)),
      timeWindow: scheduler.TimeWindow.off(),
      target: call(directorySweep, Duration.hours(12)),
    });
    this.#watch(configuration, sweep);
  }

  /** Counts from the sweep's own log what is parked. That it says nothing is as bad as what it could say. */
  #watch({ stackName, alarmAddress }: Configuration, sweep: lambda.Function): void {
    const filter = new logs.MetricFilter(this, 'Parked', {
      logGroup: sweep.logGroup,
      filterPattern: logs.FilterPattern.stringValue('$.message', '=', Message.sweepDone),
      metricNamespace: stackName,
      metricName: 'Parked',
      metricValue: '$.parked',
    });
    const topic = alarmTopic(this, 'Alarms', `${stackName} alarms`);
    topic.addSubscription(new subscriptions.EmailSubscription(alarmAddress));
    const alarm = filter
      .metric({ statistic: cloudwatch.Stats.MAXIMUM, period: SWEEP_EVERY })
      .createAlarm(this, 'NotDone', {
        alarmDescription:
          'Somebody may be waiting for a reminder that does not come. Either something that was due has failed again and again and is parked: npm run parked lists it, and npm run parked -- --retry brings it back once the cause is mended. Or the reminder sweep has not run for a quarter of an hour: see the log of its function. docs/deploy.md says more.',
        threshold: 0,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: SWEEPS_BEFORE_ALARM,
        treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      });
    alarm.addAlarmAction(new actions.SnsAction(topic));
    alarm.addOkAction(new actions.SnsAction(topic));
  }
}
