/** The state machine that carries a referral through its life: workflows/referral.asl.json with the functions filled in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import { pascalCase, TASK_FUNCTIONS, type TaskFunction } from './functions.ts';
import type { Configuration } from './settings.ts';

const DEFINITION = join(import.meta.dirname, '../workflows/referral.asl.json');

/** The state machine's name, known before it exists. */
function stateMachineName(configuration: Configuration): string {
  return `${configuration.stackName}-referral`;
}

/**
 * The state machine's ARN, made from its name. The outbox needs it, the tasks need the outbox, and the state machine needs the
 * tasks: a reference would close that circle, and CloudFormation would refuse it. See docs/adr/0003.
 */
export function stateMachineArn(scope: IConstruct, configuration: Configuration): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: stateMachineName(configuration),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Lets a function start and stop executions of the state machine and answer the tokens of its tasks. */
export function grantDrive(fn: lambda.Function, configuration: Configuration): void {
  fn.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['states:SendTaskSuccess', 'states:StartExecution'],
      resources: [stateMachineArn(fn, configuration)],
    }),
  );
  grantOnExecutions(fn, configuration, 'states:StopExecution');
}

/** Lets a function see whether executions of the state machine run. */
export function grantLook(fn: lambda.Function, configuration: Configuration): void {
  grantOnExecutions(fn, configuration, 'states:DescribeExecution');
}

function grantOnExecutions(fn: lambda.Function, configuration: Configuration, action: string): void {
  fn.addToRolePolicy(
    new iam.PolicyStatement({
      actions: [action],
      resources: [
        Stack.of(fn).formatArn({
          service: 'states',
          resource: 'execution',
          resourceName: `${stateMachineName(configuration)}:*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    }),
  );
}

export class Workflow extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly configuration: Configuration;
      readonly functions: Readonly<Record<TaskFunction, lambda.IFunction>>;
    },
  ) {
    super(scope, id);
    const { configuration, functions } = props;
    const names = Object.keys(TASK_FUNCTIONS) as TaskFunction[];
    // Unqualified: an execution lives for months, and a version's permission goes with the next deployment.
    const arns = names.map((name) => functions[name].functionArn);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: stateMachineName(configuration),
      // Inline rather than as an asset, so that the template alone says what runs.
      definitionBody: sfn.DefinitionBody.fromString(readFileSync(DEFINITION, 'utf8')),
      definitionSubstitutions: Object.fromEntries(
        names.map((name) => [pascalCase(name), functions[name].functionArn]),
      ),
      logs: {
        destination: new logs.LogGroup(this, 'Log', {
          // Under this prefix AWS keeps one short rule for all logs; elsewhere each needs a line in a document that fills up.
          logGroupName: `/aws/vendedlogs/states/${stateMachineName(configuration)}`,
          retention: configuration.retention.logDays,
          // It names nobody, and under a name that is taken no other stack could be made.
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: sfn.LogLevel.ERROR,
        includeExecutionData: false,
      },
      tracingEnabled: true,
    });
    this.stateMachine.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: arns }),
    );
  }
}
