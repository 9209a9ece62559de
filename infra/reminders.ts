/** The clock: every five minutes the sweep is told what time it is, and once a day the one of the directory. */
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';

export class Reminders extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      sweep,
      directorySweep,
    }: { readonly sweep: lambda.IFunction; readonly directorySweep: lambda.IFunction },
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
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
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
  }
}
