/** The clock: every five minutes the sweep is told what time it is. */
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';

export class Reminders extends Construct {
  constructor(scope: Construct, id: string, sweep: lambda.IFunction) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Calls the reminder sweep',
    });
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sweep.functionArn] }),
    );
    new scheduler.Schedule(this, 'Sweep', {
      description: 'Calls the reminder sweep with the time it was planned for',
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
      timeWindow: scheduler.TimeWindow.off(),
      target: new targets.LambdaInvoke(sweep, {
        // Left to itself the target would also grant every version of the function.
        role: role.withoutPolicyUpdates(),
        // The planned time, not the time of arrival: a late or repeated call sees the same moment.
        input: scheduler.ScheduleTargetInput.fromObject({ now: scheduler.ContextAttribute.scheduledTime }),
        retryAttempts: 3,
        // Later than this the next sweep, or the one after it, has done the same work.
        maxEventAge: Duration.minutes(15),
      }),
    });
  }
}
