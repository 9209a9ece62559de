/** What the account may cost. AWS writes to the operators when it will cost more, which a loop, an attack or a mistake shows first. */
import * as budgets from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { Configuration } from './settings.ts';

/** At which part of the budget somebody is told, in per cent: of what was spent, and of what AWS foresees for the month. */
const TOLD_AT = { ACTUAL: 80, FORECASTED: 100 } as const;

export class Budget extends Construct {
  constructor(scope: Construct, id: string, { stackName, budget, alarmAddress }: Configuration) {
    super(scope, id);
    if (budget.dollarsAMonth === 0) return;
    new budgets.CfnBudget(this, 'Month', {
      budget: {
        budgetName: `${stackName}-month`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        // Of the whole account: costs are known by a tag only once somebody has switched that on in its billing.
        budgetLimit: { amount: budget.dollarsAMonth, unit: 'USD' },
      },
      notificationsWithSubscribers: Object.entries(TOLD_AT).map(([notificationType, threshold]) => ({
        notification: {
          notificationType,
          comparisonOperator: 'GREATER_THAN',
          threshold,
          thresholdType: 'PERCENTAGE',
        },
        subscribers: [{ subscriptionType: 'EMAIL', address: alarmAddress }],
      })),
    });
  }
}
