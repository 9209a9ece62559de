/**
 * Every function: who calls it, what it is given. One folder in functions/ for each row, one role for each row. What each may do to the table is in
 * table-access.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type EnvironmentKind, environments } from '../functions/shared/environment.ts';
import { ConfigurationError } from './config.ts';
import type { Configuration } from './settings.ts';
import type { Storage } from './storage.ts';
import { TABLE_ACCESS } from './table-access.ts';

/** A value for every variable that any kind of function reads: one missing here does not compile. */
type Values = Record<
  { [Kind in EnvironmentKind]: keyof (typeof environments)[Kind]['shape'] }[EnvironmentKind],
  string
>;

/** The functions that others call, in the order in which they are made: each is told the names of those before it. */
const CALLED = { OUTBOX_FUNCTION: 'outbox', PERSONAL_DATA_FUNCTION: 'personal-data' } as const;

/** What the environment says besides what the table and the functions themselves are called. */
type Settings = Omit<Values, 'TABLE_NAME' | keyof typeof CALLED>;

/** One row of the table of functions. */
export interface FunctionPlan {
  /** What it is for, as the console shows it. */
  readonly purpose: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Which of the kinds in functions/shared/environment.ts it reads. */
  readonly environment: EnvironmentKind;
}

const page = {
  memoryMb: 512,
  // Someone is waiting, and the API gives up after 29 seconds anyway.
  timeoutSeconds: 15,
  environment: 'page',
} as const satisfies Omit<FunctionPlan, 'purpose'>;

const task = {
  memoryMb: 256,
  timeoutSeconds: 30,
  environment: 'writer',
} as const satisfies Omit<FunctionPlan, 'purpose'>;

/** The functions that people reach over HTTP. */
export const PAGE_FUNCTIONS = {
  'public-forms': {
    ...page,
    purpose: 'The public referral forms',
    environment: 'intake',
  },
  'link-worker-review': {
    ...page,
    purpose: 'The link worker reviews a referral or a welfare contact',
    environment: 'workspace',
  },
  'link-worker-contacts': {
    ...page,
    purpose: 'Link workers record contacts and notes',
    environment: 'workspace',
  },
  'link-worker-answers': {
    ...page,
    purpose: 'Link workers answer what a provider asks about an offer',
    environment: 'workspace',
  },
  'more-information': { ...page, purpose: 'The referrer or the person answers a question' },
  'provider-offer': {
    ...page,
    purpose: 'The provider answers an offer',
    environment: 'provider',
  },
  'provider-offers': {
    ...page,
    purpose: 'Providers see all of their open offers, and ask for fresh links',
    environment: 'provider',
  },
  'session-register': {
    ...page,
    purpose: 'The facilitator keeps the register of a group, and the team sees it',
    environment: 'workspace',
  },
  calendar: {
    ...page,
    purpose: 'Calendar files of sessions, for facilitators and participants',
    environment: 'calendar',
  },
  'person-page': {
    ...page,
    purpose: 'The person sees where their referral is, corrects their details, or leaves',
    environment: 'intake',
  },
  'person-voice': {
    ...page,
    purpose: 'The person says how it is, how they are while they wait, and how to reach them',
    environment: 'intake',
  },
  'referrer-status': {
    ...page,
    purpose: 'The referrer sees where the referral is',
    environment: 'reader',
  },
  letters: {
    ...page,
    purpose: 'The letters at the end of a referral',
    environment: 'letters',
  },
  'person-measures': {
    ...page,
    purpose: 'The person answers how things are for them',
    environment: 'measures',
  },
  report: {
    ...page,
    purpose: 'What came of a programme, in numbers for funders',
    environment: 'report',
  },
  insights: {
    ...page,
    purpose: 'Figures over time for coordinators',
    // It may read sixty megabytes of records.
    memoryMb: 1024,
    environment: 'insights',
  },
  api: {
    ...page,
    purpose: 'The JSON API for other systems',
    environment: 'api',
  },
  'link-worker-plan': {
    ...page,
    purpose: "A person's plan, outcome measures, and the summary for their GP practice",
    environment: 'plan',
  },
  worklist: {
    ...page,
    purpose: 'What needs the link workers now',
    environment: 'workspace',
  },
  directory: {
    ...page,
    purpose: 'The directory of programmes, for the team and for providers',
    environment: 'directory',
  },
  team: {
    ...page,
    purpose: 'The coordinator shares out referrals, and says who is away or has left',
    environment: 'workspace',
  },
  'data-rights': {
    ...page,
    purpose: 'Coordinators copy, put right, hold and erase what is kept of a person',
    environment: 'rights',
  },
  audit: {
    ...page,
    purpose: 'Auditors and coordinators see who looked at a referral',
    environment: 'audit',
  },
  'sign-in': {
    ...page,
    purpose: 'People who work with referrals sign in and out',
    environment: 'signIn',
  },
  'web-assets': {
    purpose: 'Stylesheets and images of the pages',
    memoryMb: 256,
    timeoutSeconds: 10,
    environment: 'assets',
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
  'close-referral': {
    ...task,
    purpose: 'Records the ending and tells everyone',
  },
  'report-failure': { ...task, purpose: 'Tells the coordinator that a step failed' },
} as const satisfies Record<string, FunctionPlan>;

/** The functions behind them. */
const BACKGROUND_FUNCTIONS = {
  // The only one that sends email, answers task tokens and starts or stops executions: docs/adr/0001.
  outbox: {
    purpose: 'Sends the email and answers the tokens that others stored',
    memoryMb: 512,
    timeoutSeconds: 60,
    environment: 'outbox',
  },
  'reminder-sweep': {
    purpose: 'Does what is due',
    memoryMb: 512,
    // Below the five minutes to the next sweep.
    timeoutSeconds: 240,
    environment: 'sweep',
  },
  'mail-events': {
    purpose: 'Learns of email that did not arrive',
    memoryMb: 256,
    timeoutSeconds: 60,
    environment: 'writer',
  },
  'directory-sweep': {
    purpose: 'Sees which providers are to confirm their entries, and that places are as the directory says',
    memoryMb: 256,
    timeoutSeconds: 120,
    environment: 'directorySweep',
  },
  'personal-data': {
    purpose: 'Copies, puts right, holds and erases what is kept of a person',
    memoryMb: 512,
    timeoutSeconds: 120,
    environment: 'personalData',
  },
  gauges: {
    purpose: 'Counts how things stand',
    memoryMb: 256,
    timeoutSeconds: 120,
    environment: 'gauges',
  },
  'rebuild-executions': {
    purpose: 'For operators: starts the execution of every open referral anew',
    memoryMb: 512,
    timeoutSeconds: 900,
    environment: 'rebuild',
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
  readonly settings: Settings;
}

/** Builds every function of the table, with its role and its log. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, lambda.Function>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    requireBundles(props.bundles);
    const names = Object.keys(FUNCTION_PLANS) as FunctionName[];
    const table = { TABLE_NAME: props.storage.table.tableName };
    const built: Partial<Record<FunctionName, lambda.Function>> = {};
    const values: Partial<Values> = { ...props.settings, ...table };
    // First those whose names the others are told.
    const first: readonly FunctionName[] = Object.values(CALLED);
    for (const name of [...first, ...names.filter((each) => !first.includes(each))]) {
      const fn = this.#build(name, props, values);
      built[name] = fn;
      for (const [variable, called] of Object.entries(CALLED)) {
        if (called === name) values[variable as keyof typeof CALLED] = fn.functionName;
        else if (variablesOf(FUNCTION_PLANS[name]).includes(variable)) mayInvoke(fn, built[called]);
      }
    }
    this.byName = built as Record<FunctionName, lambda.Function>;
  }

  #build(
    name: FunctionName,
    { configuration, storage, bundles }: FunctionsProps,
    values: Partial<Values>,
  ): lambda.Function {
    const plan = FUNCTION_PLANS[name];
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
    storage.grant(role, TABLE_ACCESS[name]);
    if (variablesOf(plan).includes('SECRET_ARN')) storage.grantSecret(role);
    return new lambda.Function(scope, 'Function', {
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
      environment: fitting(name, {
        ...given(name, values),
        // The log says which room a line comes from.
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_LOG_LEVEL: 'INFO',
        POWERTOOLS_METRICS_NAMESPACE: configuration.stackName,
      }),
    });
  }
}

function mayInvoke(fn: lambda.Function, called: lambda.Function | undefined): void {
  if (!called) throw new Error('whoever is called is made first');
  fn.addToRolePolicy(
    new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [called.functionArn] }),
  );
}

/** The names of the variables that a function is told. */
function variablesOf(plan: FunctionPlan): string[] {
  return Object.keys(environments[plan.environment].shape);
}

/** The variables of a function, each with its value. */
function given(name: FunctionName, values: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    variablesOf(FUNCTION_PLANS[name]).map((variable) => {
      const value = values[variable];
      if (value === undefined) throw new Error(`no value for ${variable}, which ${name} needs`);
      return [variable, value];
    }),
  );
}

/** So many bytes Lambda takes of the names and values of a function's variables together. */
export const MOST_BYTES = 4096;

/** What AWS fills in, such as an ARN, is about so long. */
export const BYTES_OF_TOKEN = 120;

/** The variables, if they fit. Throws a {@link ConfigurationError} that names the longest ones where they do not: CloudFormation would say so after minutes. */
function fitting(name: FunctionName, variables: Record<string, string>): Record<string, string> {
  const sizes = Object.entries(variables).map(([variable, value]) => ({
    variable,
    bytes: variable.length + (Token.isUnresolved(value) ? BYTES_OF_TOKEN : Buffer.byteLength(value)),
  }));
  const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
  if (sum <= MOST_BYTES) return variables;
  const longest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  throw new ConfigurationError(
    `The settings of ${name} have ${sum} bytes, and Lambda takes ${MOST_BYTES}. The longest are ${longest.map(({ variable, bytes }) => `${variable} (${bytes})`).join(', ')}: make them shorter in cdk.json.`,
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
