/** Watching over the service: the topic that operators hear by, alarms, and two dashboards. */

import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Configuration } from './config.ts';
import { alarmTopic } from './encryption.ts';
import { pascalCase } from './functions.ts';
import { type AlarmPlan, alarmsOf, GROUPS, type Group, type Watched } from './monitoring-alarms.ts';
import { serviceDashboard, systemDashboard } from './monitoring-dashboards.ts';
import { whomToPhone } from './on-call.ts';

/** Where an alarm's section is. */
const RUNBOOK = 'docs/runbook.md';

export class Monitoring extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { configuration, watched }: { readonly configuration: Configuration; readonly watched: Watched },
  ) {
    super(scope, id);
    const { stackName, onCall } = configuration;
    const topic = this.#topic(configuration);
    const tell = (alarm: cloudwatch.AlarmBase) => {
      alarm.addAlarmAction(new actions.SnsAction(topic));
      alarm.addOkAction(new actions.SnsAction(topic));
    };
    const groups: Record<Group, cloudwatch.Alarm[]> = {
      'work-stopped': [],
      'pages-failing': [],
      'referral-stopped': [],
      'email-reputation': [],
    };
    for (const plan of alarmsOf(watched)) {
      const alarm = this.#alarm(configuration, plan);
      if (plan.group) groups[plan.group].push(alarm);
      else tell(alarm);
    }
    const compose = (group: Group, suppressor?: cloudwatch.IAlarm) => {
      const composite = new cloudwatch.CompositeAlarm(this, pascalCase(group), {
        compositeAlarmName: `${stackName}-${group}`,
        alarmDescription: `${GROUPS[group]} One of these says why: ${groups[group].map(({ node }) => node.id).join(', ')}. See ${RUNBOOK}#${group}${whomToPhone(onCall)}`,
        alarmRule: cloudwatch.AlarmRule.anyOf(
          ...groups[group].map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
        ),
        ...(suppressor
          ? {
              actionsSuppressor: suppressor,
              actionsSuppressorWaitPeriod: Duration.minutes(2),
              actionsSuppressorExtensionPeriod: Duration.minutes(5),
            }
          : {}),
      });
      tell(composite);
      return composite;
    };
    const failing = compose('pages-failing');
    // A table or functions that turn requests away stop the work as well: that is one cause.
    compose('work-stopped', failing);
    compose('referral-stopped');
    compose('email-reputation');
    serviceDashboard(this, configuration, watched);
    systemDashboard(this, configuration, watched);
  }

  #topic({ stackName, alarmAddress }: Configuration): sns.Topic {
    const topic = alarmTopic(this, 'Alarms', `${stackName} alarms`);
    topic.addSubscription(new subscriptions.EmailSubscription(alarmAddress));
    return topic;
  }

  #alarm({ stackName, onCall }: Configuration, plan: AlarmPlan): cloudwatch.Alarm {
    const { name, impact, first, metric, threshold, below, periods, missing } = plan;
    return new cloudwatch.Alarm(this, name, {
      alarmName: `${stackName}-${name}`,
      alarmDescription: `${impact} ${first} See ${RUNBOOK}#${name}${whomToPhone(onCall)}`,
      metric,
      threshold,
      comparisonOperator: below
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
  }
}
