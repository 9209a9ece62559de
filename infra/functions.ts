/**
 * Every function: who calls it, what it is given, what it may do. One folder in functions/ for each row, one role for each row.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Configuration, ConfigurationError } from './config.ts';
import type { Storage, TableAction } from './storage.ts';

/** The environment variables that a function can be given, besides those of the logger, which all get. */
export interface FunctionEnvironment {
  TABLE_NAME: string;
  /** The name of the outbox function, for those who ask it to send what they stored. */
  OUTBOX_FUNCTION: string;
  STATE_MACHINE_ARN: string;
  CONFIGURATION_SET: string;
  SENDER: string;
  BASE_URL: string;
  LINK_WORKER_ADDRESS: string;
  COORDINATOR_ADDRESS: string;
  SERVICE_NAME: string;
}
export type EnvironmentName = keyof FunctionEnvironment;

/** One row of the table of functions. */
export interface FunctionPlan {
  /** What it is for, as the console shows it. */
  readonly purpose: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: readonly EnvironmentName[];
  readonly table: readonly TableAction[];
}

const page = {
  memoryMb: 512,
  // Someone is waiting, and the API gives up after 29 seconds anyway.
  timeoutSeconds: 15,
  environment: ['TABLE_NAME', 'OUTBOX_FUNCTION', 'SERVICE_NAME'],
  table: ['GetItem', 'PutItem'],
} as const satisfies Omit<FunctionPlan, 'purpose'>;

const task = {
  memoryMb: 256,
  timeoutSeconds: 30,
  environment: ['TABLE_NAME', 'OUTBOX_FUNCTION'],
  table: ['GetItem', 'PutItem'],
} as const satisfies Omit<FunctionPlan, 'purpose'>;

/** The functions that people reach over HTTP. */
export const PAGE_FUNCTIONS = {
  'public-forms': { ...page, purpose: 'The public referral form' },
  'link-worker-review': { ...page, purpose: 'The link worker reviews a referral or a welfare contact' },
  'more-information': { ...page, purpose: 'The referrer or the person answers a question' },
  'provider-offer': { ...page, purpose: 'The provider answers an offer' },
  'session-register': { ...page, purpose: 'The facilitator records a session' },
  'person-page': { ...page, purpose: 'The person sees where their referral is, or leaves' },
  letters: {
    ...page,
    purpose: 'The letters at the end of a referral',
    environment: ['TABLE_NAME', 'SERVICE_NAME'],
  },
  'web-assets': {
    purpose: 'Stylesheets and images of the pages',
    memoryMb: 256,
    timeoutSeconds: 10,
    environment: [],
    table: [],
  },
} as const satisfies Record<string, FunctionPlan>;

/** The functions that the state machine calls. Their names in PascalCase are the definition's substitutions. */
export const TASK_FUNCTIONS = {
  'await-review': { ...task, purpose: 'Asks a link worker to review' },
  'await-information': { ...task, purpose: 'Asks the referrer or the person for more' },
  'await-provider': { ...task, purpose: 'Puts the referral to the provider' },
  'await-place': { ...task, purpose: "Waits for a place on the provider's list" },
  'await-session': { ...task, purpose: 'Waits for the register of the next session' },
  'await-welfare-contact': { ...task, purpose: 'Asks a link worker to contact the person' },
  'close-referral': { ...task, purpose: 'Records the ending and tells everyone' },
  'report-failure': { ...task, purpose: 'Tells the coordinator that a step failed' },
} as const satisfies Record<string, FunctionPlan>;

/** The functions behind them. */
export const BACKGROUND_FUNCTIONS = {
  // The only one that sends email, answers task tokens and starts or stops executions: docs/adr/0001.
  outbox: {
    purpose: 'Sends the email and answers the tokens that others stored',
    memoryMb: 512,
    timeoutSeconds: 60,
    environment: [
      'TABLE_NAME',
      'STATE_MACHINE_ARN',
      'CONFIGURATION_SET',
      'SENDER',
      'BASE_URL',
      'LINK_WORKER_ADDRESS',
      'COORDINATOR_ADDRESS',
      'SERVICE_NAME',
    ],
    table: ['GetItem', 'PutItem'],
  },
  'reminder-sweep': {
    purpose: 'Does what is due',
    memoryMb: 512,
    // Below the five minutes to the next sweep.
    timeoutSeconds: 240,
    environment: ['TABLE_NAME', 'OUTBOX_FUNCTION'],
    table: ['GetItem', 'PutItem', 'QueryDue'],
  },
  'rebuild-executions': {
    purpose: 'For operators: starts the execution of every open referral anew',
    memoryMb: 512,
    timeoutSeconds: 900,
    environment: ['TABLE_NAME', 'OUTBOX_FUNCTION'],
    table: ['GetItem', 'PutItem', 'Scan'],
  },
} as const satisfies Record<string, FunctionPlan>;

export type PageFunction = keyof typeof PAGE_FUNCTIONS;
export type TaskFunction = keyof typeof TASK_FUNCTIONS;
export type FunctionName = PageFunction | TaskFunction | keyof typeof BACKGROUND_FUNCTIONS;

/** The whole table. */
export const FUNCTION_PLANS: Record<FunctionName, FunctionPlan> = {
  ...BACKGROUND_FUNCTIONS,
  ...TASK_FUNCTIONS,
  ...PAGE_FUNCTIONS,
};

/** `await-welfare-contact` → `AwaitWelfareContact`: the construct's id and the state's name. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export interface FunctionsProps {
  readonly configuration: Configuration;
  readonly storage: Storage;
  /** The folder that holds `<name>/index.mjs` for every function. */
  readonly bundles: string;
  /** What the environment says, except what comes from the functions themselves. */
  readonly environment: Omit<FunctionEnvironment, 'TABLE_NAME' | 'OUTBOX_FUNCTION'>;
}

/** Builds every function of the table, with its role and its log. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, lambda.Function>>;
  readonly roles: Readonly<Record<FunctionName, iam.Role>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    requireBundles(props.bundles);
    const names = Object.keys(FUNCTION_PLANS) as FunctionName[];
    const built: Partial<Record<FunctionName, { fn: lambda.Function; role: iam.Role }>> = {};
    const outbox = this.#build('outbox', FUNCTION_PLANS.outbox, props, {
      ...props.environment,
      TABLE_NAME: props.storage.table.tableName,
    });
    built.outbox = outbox;
    const environment: FunctionEnvironment = {
      ...props.environment,
      TABLE_NAME: props.storage.table.tableName,
      OUTBOX_FUNCTION: outbox.fn.functionName,
    };
    for (const name of names) {
      const plan = FUNCTION_PLANS[name];
      const made = built[name] ?? this.#build(name, plan, props, environment);
      built[name] = made;
      if (plan.environment.includes('OUTBOX_FUNCTION')) {
        made.role.addToPolicy(
          new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [outbox.fn.functionArn] }),
        );
      }
    }
    const complete = built as Record<FunctionName, { fn: lambda.Function; role: iam.Role }>;
    const pick = <T>(what: (made: { fn: lambda.Function; role: iam.Role }) => T) =>
      Object.fromEntries(names.map((name) => [name, what(complete[name])])) as Record<FunctionName, T>;
    this.byName = pick(({ fn }) => fn);
    this.roles = pick(({ role }) => role);
  }

  #build(
    name: FunctionName,
    plan: FunctionPlan,
    { configuration, storage, bundles }: FunctionsProps,
    values: Partial<FunctionEnvironment>,
  ): { fn: lambda.Function; role: iam.Role } {
    const scope = new Construct(this, pascalCase(name));
    const log = new logs.LogGroup(scope, 'Log', {
      retention: configuration.retention.logDays,
      removalPolicy: configuration.stage === 'production' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(scope, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `${configuration.stackName} ${name}`,
    });
    // CDK's default is AWS's managed policy, which lets a function write to every log of the account.
    log.grantWrite(role);
    storage.grant(role, plan.table);
    const fn = new lambda.Function(scope, 'Function', {
      // A name that operators can type; see docs/deploy.md.
      functionName: `${configuration.stackName}-${name}`,
      description: plan.purpose,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(join(bundles, name)),
      memorySize: plan.memoryMb,
      timeout: Duration.seconds(plan.timeoutSeconds),
      role,
      logGroup: log,
      tracing: lambda.Tracing.ACTIVE,
      environment: {
        ...given(name, plan, values),
        // The log says which room a line comes from.
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
    });
    return { fn, role };
  }
}

/** The variables that the plan names, each with its value. */
function given(
  name: FunctionName,
  plan: FunctionPlan,
  values: Partial<FunctionEnvironment>,
): Record<string, string> {
  return Object.fromEntries(
    plan.environment.map((variable) => {
      const value = values[variable];
      if (value === undefined) throw new Error(`no value for ${variable}, which ${name} needs`);
      return [variable, value];
    }),
  );
}

function requireBundles(bundles: string): void {
  const missing = Object.keys(FUNCTION_PLANS).filter((name) => !existsSync(join(bundles, name, 'index.mjs')));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `The bundles of ${missing.join(', ')} are missing in ${bundles}. Build them first: npm run build`,
    );
  }
}
