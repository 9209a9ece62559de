/** Watching over the service: the topic that operators hear by, alarms, and two dashboards. */

import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { alarmTopic } from './encryption.ts';
import { pascalCase } from './functions.ts';
import { type AlarmPlan, alarmsOf, GROUPS, type Group, REFUSED, type Watched } from './monitoring-alarms.ts';
import { serviceDashboard, systemDashboard } from './monitoring-dashboards.ts';
import { whomToPhone } from './on-call.ts';
import type { Configuration } from './settings.ts';

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
    const alarms = alarmsOf(watched).map((plan) => ({ plan, alarm: this.#alarm(configuration, plan) }));
    for (const { plan, alarm } of alarms) if (!plan.group) tell(alarm);
    const compose = (name: Group, suppressor?: cloudwatch.IAlarm) => {
      const parts = alarms.filter(({ plan }) => plan.group === name).map(({ alarm }) => alarm);
      const composite = new cloudwatch.CompositeAlarm(this, pascalCase(name), {
        compositeAlarmName: `${stackName}-${name}`,
        alarmDescription: `${GROUPS[name]} What rings of these says why: ${parts.map(({ node }) => node.id).join(', ')}. See ${RUNBOOK}#${name}${whomToPhone(onCall)}`,
        alarmRule: cloudwatch.AlarmRule.anyOf(
          ...parts.map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
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
    const refused = compose(REFUSED);
    for (const name of Object.keys(GROUPS) as Group[]) if (name !== REFUSED) compose(name, refused);
    serviceDashboard(this, configuration, watched);
    systemDashboard(
      this,
      configuration,
      watched,
      alarms.map(({ alarm }) => alarm),
    );
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
