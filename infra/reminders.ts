/**
 * The clock: every five minutes the sweep and the gauges are told what time it is, and once a day the sweep of the directory. A call that fails for
 * good is kept for an operator to see.
 */
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

const SWEEP_EVERY = Duration.minutes(5);

export class Reminders extends Construct {
  /** Calls that failed for good. They say a time and nothing else. */
  readonly deadLetters: sqs.Queue;

  constructor(
    scope: Construct,
    id: string,
    {
      sweep,
      directorySweep,
      gauges,
    }: Readonly<Record<'sweep' | 'directorySweep' | 'gauges', lambda.Function>>,
  ) {
    super(scope, id);
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const called = [sweep, directorySweep, gauges];
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Calls the sweeps',
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: called.map(({ functionArn }) => functionArn),
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
    );
    // Lambda takes the call and answers at once: that the function failed is known to Lambda alone.
    for (const fn of called) {
      fn.configureAsyncInvoke({ onFailure: new Letters(this.deadLetters), retryAttempts: 2 });
    }
    const call = (fn: lambda.IFunction, maxEventAge: Duration) =>
      new targets.LambdaInvoke(fn, {
        // Left to itself the target would also grant every version of the function.
        role: role.withoutPolicyUpdates(),
        // The planned time, not the time of arrival: a late or repeated call sees the same moment.
        input: scheduler.ScheduleTargetInput.fromObject({ now: scheduler.ContextAttribute.scheduledTime }),
        retryAttempts: 3,
        maxEventAge,
        deadLetterQueue: this.deadLetters,
      });
    new scheduler.Schedule(this, 'Sweep', {
      description: 'Calls the reminder sweep with the time it was planned for',
      schedule: scheduler.ScheduleExpression.rate(SWEEP_EVERY),
      timeWindow: scheduler.TimeWindow.off(),
      // Later than this the next sweep, or the one after it, has done the same work.
      target: call(sweep, Duration.minutes(15)),
    });
    new scheduler.Schedule(this, 'Gauges', {
      description: 'Has counted how things stand',
      schedule: scheduler.ScheduleExpression.rate(SWEEP_EVERY),
      // Nothing waits for it.
      timeWindow: scheduler.TimeWindow.flexible(Duration.minutes(1)),
      target: call(gauges, Duration.minutes(15)),
    });
    new scheduler.Schedule(this, 'DirectorySweep', {
      description: 'Has providers asked whether their entries in the directory are still right',
      schedule: scheduler.ScheduleExpression.rate(Duration.days(1)),
      timeWindow: scheduler.TimeWindow.off(),
      target: call(directorySweep, Duration.hours(12)),
    });
  }
}

/** A function's failures go to a queue. CDK's own destination also lets the function ask what the queue is, which it need not know. */
class Letters implements lambda.IDestination {
  readonly #queue: sqs.Queue;

  constructor(queue: sqs.Queue) {
    this.#queue = queue;
  }

  bind(_scope: Construct, fn: lambda.IFunction): lambda.DestinationConfig {
    fn.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.#queue.queueArn] }),
    );
    return { destination: this.#queue.queueArn };
  }
}
