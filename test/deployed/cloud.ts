/** The deployed stack, as the harness needs it: found by CloudFormation, driven by the same AWS APIs that an operator has. */
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateScan, QueryCommand } from '@aws-sdk/lib-dynamodb';
import PostalMime from 'postal-mime';
import { teamGroup } from '../../functions/shared/roles.ts';
import { type ExamplePerson, examplePeople } from '../../local/example-people.ts';
import { StepError } from './steps.ts';

/** One email as a test reads it. */
export interface Email {
  readonly id: string;
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** One execution as a test reads it. `state` is where it is, or null when it is over. */
export interface Execution {
  readonly name: string;
  readonly status: string;
  readonly state: string | null;
  readonly startedAt: string;
}

/** A system that may call the JSON API, and where it gets its tokens. */
export interface ApiClient {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
  readonly tokenUrl: string;
}

/** Somebody who can sign in, by email and password. */
export type Person = ExamplePerson & { readonly password: string };

/** What a test can ask to go wrong. */
export type Fault =
  | { readonly function: string; readonly crashes: number }
  | { readonly dynamodb: string; readonly times: number };

/** The endpoint cannot do what was asked. */
export class Unsupported extends Error {
  override name = 'Unsupported';
}

interface Schedule {
  readonly name: string;
  readonly state: string;
  readonly expression: string;
  readonly target: string;
  readonly input: string;
  readonly flexible: boolean;
}

/** An email as the emulator recorded it. */
interface SentEmail {
  readonly id: string;
  readonly at: string;
  readonly to: readonly string[];
  readonly raw: string;
}

const HOUR = 3_600_000;
const SETTLE_SECONDS = 120;

/** Region and credentials that the emulator takes for its owner's. */
export const owner = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
} as const;

export class Cloud {
  /** The address of the HTTP API's default stage, without a slash at the end. */
  readonly api: string;
  readonly #endpoint: string;
  readonly #functions: readonly string[];
  readonly #table: string;
  readonly #stateMachine: string;
  readonly #lambda: LambdaClient;
  readonly #states: SFNClient;
  readonly #documents: DynamoDBDocumentClient;
  #mail: Promise<readonly Email[]> = Promise.resolve([]);
  #moving = Promise.resolve();
  #people: Promise<Person[]> | undefined;

  private constructor(endpoint: string, resources: ReadonlyMap<string, readonly string[]>) {
    const only = (type: string) => {
      const [id, ...more] = resources.get(type) ?? [];
      if (id === undefined || more.length > 0) throw new StepError(`The stack should have one ${type}.`);
      return id;
    };
    const client = { endpoint, ...owner };
    this.#endpoint = endpoint;
    this.#lambda = new LambdaClient(client);
    this.#states = new SFNClient(client);
    this.#documents = DynamoDBDocumentClient.from(new DynamoDBClient(client));
    this.#functions = resources.get('AWS::Lambda::Function') ?? [];
    this.#table = only(
      resources.has('AWS::DynamoDB::Table') ? 'AWS::DynamoDB::Table' : 'AWS::DynamoDB::GlobalTable',
    );
    this.#stateMachine = only('AWS::StepFunctions::StateMachine');
    this.api = `${endpoint}/_aws/execute-api/${only('AWS::ApiGatewayV2::Api')}/$default`;
  }

  /** Finds the resources of a stack that has been deployed. */
  static async of(endpoint: string, stackName: string): Promise<Cloud> {
    const client = new CloudFormationClient({ endpoint, ...owner });
    const resources = new Map<string, string[]>();
    for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
      for (const { ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? []) {
        resources.set(ResourceType, [...(resources.get(ResourceType) ?? []), PhysicalResourceId]);
      }
    }
    client.destroy();
    return new Cloud(endpoint, resources);
  }

  /** Every email sent, oldest first. */
  async inbox(): Promise<readonly Email[]> {
    // Journeys look often, and what was read once is not read again.
    const before = this.#mail;
    const after = before.then(async (known) => {
      const sent = await this.#control<SentEmail[]>('mail', { after: known.length });
      return [...known, ...(await Promise.all(sent.map(parse)))];
    });
    this.#mail = after.catch(() => before);
    return after;
  }

  /** The time as the cloud sees it. */
  async now(): Promise<Date> {
    return new Date((await this.#control<{ now: string }>('clock')).now);
  }

  /**
   * Moves the clock forward in hops of an hour. At the end of each the schedules are fired with that moment, and everything that this
   * sets off has ended before the next. Hops at whose end nothing is due are taken as one, up to a day: a sweep that finds nothing
   * due changes nothing, and a programme's three months have two thousand hours. (The embedded cloud takes them one by one.)
   */
  async moveTo(to: Date): Promise<Date> {
    // One at a time: two tests that move the clock would each see half of the other's hops.
    const move = this.#moving.then(() => this.#moveTo(to));
    this.#moving = move.catch(() => {});
    await move;
    return this.now();
  }

  async #moveTo(to: Date): Promise<void> {
    await this.settle();
    const enabled = (await this.#control<Schedule[]>('schedules')).filter(({ state }) => state === 'ENABLED');
    const schedules = enabled.filter(({ flexible }) => !flexible);
    // The directory's is daily. What any other schedule would do between two moments is not known here.
    const longestHours = schedules.every(({ target }) => /-(reminder|directory)-sweep$/.test(target))
      ? 24
      : 1;
    // AWS gives scheduled times in whole seconds; rounding up keeps what is due at `to` due.
    const end = Math.ceil(to.getTime() / 1000) * 1000;
    let now = (await this.now()).getTime();
    while (now < end) {
      const hours = Math.ceil(((await this.#nextDue()) - now) / HOUR);
      now = Math.min(now + Math.min(Math.max(hours, 1), longestHours) * HOUR, end);
      const moment = new Date(now);
      await this.#control('clock', { to: moment.toISOString() });
      for (const schedule of schedules) await this.#fire(schedule, moment);
      await this.settle();
    }
    // What may come late is fired once: nobody looks at what it measures on the way.
    for (const schedule of enabled.filter(({ flexible }) => flexible))
      await this.#fire(schedule, new Date(now));
    await this.settle();
  }

  /** When something is due next: the earliest entry of the table's due index, or the earliest timeout of a waiting task. */
  async #nextDue(): Promise<number> {
    const shards = ['0', '1', '2', '3'].map(async (shard) => {
      const { Items: [first] = [] } = await this.#documents.send(
        new QueryCommand({
          TableName: this.#table,
          IndexName: 'due',
          KeyConditionExpression: 'dueShard = :shard',
          ExpressionAttributeValues: { ':shard': shard },
          Limit: 1,
        }),
      );
      return first ? Date.parse(first.dueAt) : Number.POSITIVE_INFINITY;
    });
    const { nextTimeout } = await this.#control<{ nextTimeout: string | null }>('clock');
    const timeout = nextTimeout === null ? Number.POSITIVE_INFINITY : Date.parse(nextTimeout);
    return Math.min(timeout, ...(await Promise.all(shards)));
  }

  async #fire({ target, input }: Schedule, moment: Date): Promise<void> {
    const at = moment.toISOString().replace(/\.\d{3}Z$/, 'Z');
    await this.#lambda.send(
      new InvokeCommand({
        FunctionName: target,
        InvocationType: 'Event',
        Payload: Buffer.from(input.replaceAll('<aws.scheduler.scheduled-time>', at)),
      }),
    );
  }

  /** Waits until no function runs or is about to, and every execution has ended or waits for a person. */
  async settle(): Promise<void> {
    await this.#control('settle', { seconds: SETTLE_SECONDS });
  }

  /** Every execution, newest first, those that are over too. */
  async executions(): Promise<Execution[]> {
    const found: Promise<Execution>[] = [];
    for await (const page of paginateListExecutions(
      { client: this.#states },
      { stateMachineArn: this.#stateMachine },
    )) {
      for (const { name = '', status = '', startDate, executionArn = '' } of page.executions ?? []) {
        const startedAt = startDate?.toISOString() ?? '';
        const state = status === 'RUNNING' ? this.#stateOf(executionArn) : Promise.resolve(null);
        found.push(state.then((state) => ({ name, status, state, startedAt })));
      }
    }
    return Promise.all(found);
  }

  async #stateOf(executionArn: string): Promise<string | null> {
    const pages = paginateGetExecutionHistory(
      { client: this.#states, pageSize: 20 },
      { executionArn, reverseOrder: true, includeExecutionData: false },
    );
    for await (const { events = [] } of pages) {
      const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
      if (entered) return entered.stateEnteredEventDetails?.name ?? null;
    }
    return null;
  }

  /** The history of one execution, in full; undefined when there is none of that name. */
  async history(name: string): Promise<HistoryEvent[] | undefined> {
    const executionArn = `${this.#stateMachine.replace(':stateMachine:', ':execution:')}:${name}`;
    const events: HistoryEvent[] = [];
    try {
      for await (const page of paginateGetExecutionHistory({ client: this.#states }, { executionArn })) {
        events.push(...(page.events ?? []));
      }
    } catch (error) {
      if ((error as Error).name === 'ExecutionDoesNotExist') return undefined;
      throw error;
    }
    return events;
  }

  /** Every line in every log group. */
  async logs(): Promise<string[]> {
    return this.#control<string[]>('logs');
  }

  /** The clients of the user pool. */
  async clients(): Promise<ApiClient[]> {
    return this.#control<ApiClient[]>('clients');
  }

  /** The people who can sign in: the examples of the laptop, with accounts made when they are first asked for. */
  async people(): Promise<Person[]> {
    this.#people ??= this.#groups().then((groups) =>
      this.#control<Person[]>('people', { people: examplePeople(groups) }),
    );
    return this.#people;
  }

  /** The pool's groups, those of teams in the order that teams are configured in: the emulator makes them in one of its own. */
  async #groups(): Promise<string[]> {
    const groups = await this.#control<string[]>('groups');
    const { TEAMS = '[]' } = await this.environment('worklist');
    const ofTeams = (JSON.parse(TEAMS) as { id: string }[]).map(({ id }) => teamGroup(id));
    return [...groups.filter((group) => !ofTeams.includes(group)), ...ofTeams];
  }

  /** How often functions asked each operation of the table, since the emulator started. */
  async requests(): Promise<Record<string, number>> {
    return this.#control<Record<string, number>>('requests');
  }

  /** What a function is told, and where it finds the services. */
  async environment(name: string): Promise<Record<string, string>> {
    const { Environment } = await this.#lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: this.#function(name) }),
    );
    return {
      ...Environment?.Variables,
      AWS_LAMBDA_FUNCTION_NAME: this.#function(name),
      AWS_ENDPOINT_URL: this.#endpoint,
      AWS_REGION: owner.region,
      AWS_ACCESS_KEY_ID: owner.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: owner.credentials.secretAccessKey,
    };
  }

  /** Every item of the table. */
  async table(): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    const pages = paginateScan({ client: this.#documents }, { TableName: this.#table, ConsistentRead: true });
    for await (const page of pages) items.push(...(page.Items ?? []));
    return items;
  }

  /** Asks for something to go wrong, or, with nothing asked for, for everything to be right again. */
  async fault(fault: Fault | Record<string, never>): Promise<void> {
    const named =
      'function' in fault ? { ...fault, function: this.#function(fault.function as string) } : fault;
    await this.#control('faults', named);
  }

  /** Stops every execution and has them rebuilt from the table, as after a lost Region. */
  async restart(): Promise<void> {
    for await (const page of paginateListExecutions(
      { client: this.#states },
      { stateMachineArn: this.#stateMachine, statusFilter: 'RUNNING' },
    )) {
      for (const { executionArn } of page.executions ?? []) {
        await this.#states.send(new StopExecutionCommand({ executionArn }));
      }
    }
    await this.settle();
    const now = (await this.now()).toISOString();
    let cursor: string | undefined;
    do {
      const { FunctionError, Payload = [] } = await this.#lambda.send(
        new InvokeCommand({
          FunctionName: this.#function('rebuild-executions'),
          Payload: Buffer.from(JSON.stringify({ now, cursor })),
        }),
      );
      const text = Buffer.from(Payload).toString();
      if (FunctionError) throw new Error(`rebuild-executions failed: ${text}`);
      cursor = JSON.parse(text).cursor;
    } while (cursor !== undefined);
    await this.settle();
  }

  /** The deployed name of the function in functions/<name>. */
  #function(name: string): string {
    const found = this.#functions.find((deployed) => deployed.endsWith(`-${name}`));
    if (found === undefined) throw new Unsupported(`There is no function ${name}.`);
    return found;
  }

  /** The control API that emulator.py adds to ministack. */
  async #control<T>(what: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#endpoint}/_harness/${what}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

async function parse({ id, at, to, raw }: SentEmail): Promise<Email> {
  const message = await PostalMime.parse(Buffer.from(raw, 'base64'));
  const headers = [message.to, message.cc, message.bcc].flatMap((list) => list ?? []);
  return {
    id,
    at,
    from: message.from?.address ?? '',
    // The envelope decides who gets it; without one the headers do.
    to: to.length > 0 ? to : headers.map(({ address }) => address ?? ''),
    subject: message.subject ?? '',
    text: message.text ?? '',
    html: message.html ?? '',
  };
}
