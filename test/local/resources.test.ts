import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnCondition, CfnResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { describe, expect, it } from 'vitest';
import { readAssembly } from '../../local/assembly.ts';
import type { Plan } from '../../local/plan.ts';
import { planOf } from '../../local/resources.ts';
import { assemblyOf, lambda as inline, type Resources, temporaryFolder } from './template.ts';

function plan(directory: string): Plan {
  return planOf(readAssembly(directory), { url: 'http://localhost:3000', dataDir: temporaryFolder() });
}

/** What the CDK makes of a stack. */
function synthesize(build: (stack: Stack) => void): string {
  const outdir = temporaryFolder();
  const app = new App({ outdir, analyticsReporting: false });
  build(new Stack(app, 'Small'));
  return app.synth().directory;
}

describe('a plan of what to run', () => {
  it('comes from what the CDK synthesizes', () => {
    const bundle = join(import.meta.dirname, 'bundle');
    const found = plan(
      synthesize((stack) => {
        const table = new dynamodb.Table(stack, 'Table', {
          partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
        });
        const fn = new lambda.Function(stack, 'AwaitReview', {
          runtime: lambda.Runtime.NODEJS_24_X,
          handler: 'index.handler',
          code: lambda.Code.fromAsset(bundle),
          timeout: Duration.seconds(15),
          environment: { TABLE_NAME: table.tableName, AGE: Fn.join('', ['1', '6']) },
        });
        table.grantReadData(fn);
        new sfn.StateMachine(stack, 'Machine', {
          definitionBody: sfn.DefinitionBody.fromString(
            `{"StartAt":"Done","States":{"Done":{"Type":"Succeed","Comment":"\${Fn}"}}}`,
          ),
          definitionSubstitutions: { Fn: fn.functionArn },
        });
        new scheduler.Schedule(stack, 'Sweep', {
          schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
          target: new targets.LambdaInvoke(fn, {
            input: scheduler.ScheduleTargetInput.fromObject({
              now: scheduler.ContextAttribute.scheduledTime,
            }),
          }),
        });
        new ses.EmailIdentity(stack, 'Sender', { identity: ses.Identity.email('a@example.org') });
      }),
    );
    const [fn] = found.functions;
    expect(fn).toMatchObject({ handler: 'index.handler', timeoutMs: 15_000, memoryMb: 128 });
    expect(fn?.id).toBe('await-review');
    expect(fn?.environment).toEqual({ AGE: '16', TABLE_NAME: found.tables[0]?.name });
    expect(existsSync(join(fn?.directory ?? '', 'index.mjs'))).toBe(true);
    expect(found.tables[0]?.request.KeySchema).toEqual([{ AttributeName: 'pk', KeyType: 'HASH' }]);
    expect(found.stateMachines[0]?.definition).toContain(`"Comment":"${fn?.arn}"`);
    expect(found.schedules).toEqual([
      expect.objectContaining({
        everyMs: 300_000,
        flexible: false,
        functionArn: fn?.arn,
        input: '{"now":"<aws.scheduler.scheduled-time>"}',
      }),
    ]);
    expect(found.identities).toEqual(['a@example.org']);
  });

  it('leaves out what a condition rules out', () => {
    const directory = synthesize((stack) => {
      const never = new CfnCondition(stack, 'Never', { expression: Fn.conditionEquals('a', 'b') });
      const set = new CfnResource(stack, 'Set', { type: 'AWS::SES::ConfigurationSet' });
      set.cfnOptions.condition = never;
      new CfnResource(stack, 'Other', { type: 'AWS::SES::ConfigurationSet', properties: { Name: 'other' } });
    });
    expect(plan(directory).configurationSets).toEqual(['other']);
  });

  it('names a function by its folder, with the stack in front or not', () => {
    const named = (FunctionName: string) => inline('x', '', { FunctionName });
    const { functions } = plan(
      assemblyOf({
        A: named('Small-await-review'),
        B: named('outbox'),
        ReportFailureDEADBEEF: inline('', '', { FunctionName: undefined }),
      }),
    );
    expect(functions.map(({ id }) => id)).toEqual(['await-review', 'outbox', 'report-failure']);
  });

  it.each<[string, Resources, string]>([
    [
      'a type that it does not know',
      { Wall: { Type: 'AWS::WAFv2::WebACL' }, Stream: { Type: 'AWS::Kinesis::Stream' } },
      'The embedded cloud cannot run Wall (AWS::WAFv2::WebACL), Stream (AWS::Kinesis::Stream). Teach it in local/resources.ts',
    ],
    [
      'a schedule that it cannot keep',
      {
        Sweep: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: { ScheduleExpression: 'cron(0 9 * * ? *)', Target: { Arn: 'x' } },
        },
      },
      'Sweep has the schedule cron(0 9 * * ? *)',
    ],
    [
      'a route to nothing',
      {
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: { RouteKey: 'GET /', Target: 'integrations/none' },
        },
      },
      'Route (AWS::ApiGatewayV2::Route) has no integration with a function',
    ],
    [
      'two APIs',
      { One: { Type: 'AWS::ApiGatewayV2::Api' }, Two: { Type: 'AWS::ApiGatewayV2::Api' } },
      'The template has 2 HTTP APIs',
    ],
    [
      'code that is not in the assembly',
      { Fn: inline('fn', '', { Code: { S3Key: 'gone.zip' } }) },
      'The code of Fn is not in the cloud assembly',
    ],
    [
      'properties that make no sense',
      { Fn: inline('fn', '', { Timeout: 'long' }) },
      'Fn has properties that the embedded cloud cannot use: Timeout',
    ],
  ])('refuses %s', (_, resources, message) => {
    expect(() => plan(assemblyOf(resources))).toThrow(message);
  });

  it('says when there is no assembly, or not one stack', () => {
    const empty = temporaryFolder();
    expect(() => readAssembly(empty)).toThrow(
      `There is no cloud assembly in ${empty}. Make one first: npm run synth`,
    );
    const two = temporaryFolder();
    const app = new App({ outdir: two, analyticsReporting: false });
    new CfnResource(new Stack(app, 'A'), 'R', { type: 'AWS::CDK::Metadata' });
    new CfnResource(new Stack(app, 'B'), 'R', { type: 'AWS::CDK::Metadata' });
    app.synth();
    expect(() => readAssembly(two)).toThrow('has 2 stacks');
  });
});
