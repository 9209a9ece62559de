/**
 * The embedded cloud: runs a cloud assembly in this process, on loopback. What survives a power cut (tables, inbox, clock, logs)
 * is opened once or kept in the data folder; everything else is the {@link Power} that a restart cuts and brings back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Activity } from './activity.ts';
import { readAssembly } from './assembly.ts';
import { Clock } from './clock.ts';
import { type Controls, handleControl, isControl } from './control.ts';
import { openDataFolder } from './data-folder.ts';
import { Database } from './database.ts';
import { CloudError } from './errors.ts';
import { EventBus } from './event-bus.ts';
import type { ExamplePerson } from './example-people.ts';
import { Executions, RefusedError } from './executions.ts';
import { Faults } from './faults.ts';
import { Front } from './front.ts';
import { Functions } from './functions.ts';
import { sendJson } from './http.ts';
import { HttpApi } from './http-api.ts';
import { type ApiClient, IDENTITY_PATH, Identity } from './identity.ts';
import { Inbox } from './inbox.ts';
import { KeptSecrets } from './kept-secrets.ts';
import { Logs } from './logs.ts';
import { Mail } from './mail.ts';
import { type DataPoint, Metrics } from './metrics.ts';
import { drawStateMachine } from './picture.ts';
import type { FunctionPlan, Plan } from './plan.ts';
import { Queues } from './queues.ts';
import { planOf } from './resources.ts';
import { HOUR_MS, Schedules } from './schedules.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Services } from './services.ts';
import { learnTaskTimeout } from './state-machine.ts';
import { tablePoliciesOf } from './table-policy.ts';
import { noUsage, type Usage } from './usage.ts';

/** How long a clean stop waits for what is under way. */
const LAST_WORDS_MS = 3_000;

export interface CloudOptions {
  /** The cloud assembly's folder; cdk.out unless said otherwise. */
  readonly assembly?: string;
  readonly dataDir: string;
  /** 0 for any free one. */
  readonly port: number;
  /** How far the clock is moved at a time, in milliseconds, before what fell due is done: an hour unless said otherwise. */
  readonly hopMs?: number;
  /** What the cloud takes for real time, in milliseconds. Its own time is ahead of it by what people skipped. */
  readonly now?: () => number;
}

export interface Cloud {
  /** Where the pages and the control API answer, without a slash at the end. */
  readonly url: string;
  /** Resolves with the reason if the cloud cannot go on. It still has to be stopped then. */
  readonly failed: Promise<CloudError>;
  /** The systems that may call the JSON API. */
  clients(): readonly ApiClient[];
  /** Stops cleanly: what was under way may end, nothing that was stored is lost. */
  stop(): Promise<void>;
}

/** What a power cut takes away. */
interface Power {
  readonly database: Database;
  readonly functions: Functions;
  readonly executions: Executions;
  readonly schedules: Schedules;
  readonly secrets: SecretsManager;
  readonly api: HttpApi;
}

/** Starts the cloud. Rejects with a {@link CloudError} when it cannot, with nothing left running. */
export async function startCloud({
  assembly = 'cdk.out',
  dataDir,
  port,
  hopMs = HOUR_MS,
  now = Date.now,
}: CloudOptions): Promise<Cloud> {
  // Lambda's time zone. Threads take it from the process, not from their environment.
  process.env.TZ = 'UTC';
  openDataFolder(dataDir);
  const read = readAssembly(assembly);
  const cloud = new RunningCloud(dataDir, hopMs, now);
  try {
    await cloud.start(port, (url) => planOf(read, { url, dataDir }));
  } catch (error) {
    await cloud.stop();
    throw error;
  }
  return cloud;
}

class RunningCloud implements Cloud, Controls {
  url = '';
  readonly failed: Promise<CloudError>;
  readonly #fail: (error: CloudError) => void;
  readonly #dataDir: string;
  readonly #hopMs: number;
  readonly #activity = new Activity();
  readonly #faults = new Faults();
  readonly #usage = noUsage();
  readonly #clock: Clock;
  readonly #inbox: Inbox;
  readonly #logs: Logs;
  readonly #kept: KeptSecrets;
  readonly #metrics: Metrics;
  #queues: Queues | undefined;
  #plan: Plan | undefined;
  #identity: Identity | undefined;
  #front: Front | undefined;
  #services: Services | undefined;
  #mail: Mail | undefined;
  #power: Power | undefined;
  /** Moves of the clock and restarts, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  readonly #pictures = new Map<string, string>();

  constructor(dataDir: string, hopMs: number, now: () => number) {
    this.#hopMs = hopMs;
    const { promise, resolve } = Promise.withResolvers<CloudError>();
    this.failed = promise;
    this.#fail = resolve;
    this.#dataDir = dataDir;
    this.#clock = new Clock(dataDir, now);
    this.#inbox = new Inbox(dataDir);
    this.#kept = new KeptSecrets(dataDir);
    this.#metrics = new Metrics(this.#clock);
    this.#logs = new Logs(
      dataDir,
      () => this.#clock.iso(),
      (line) => this.#metrics.read(line),
    );
  }

  async start(port: number, planFor: (url: string) => Plan): Promise<void> {
    this.#front = await Front.listen(port, (request, response) => {
      this.#answer(request, response).catch((error) => {
        if (response.headersSent) response.destroy();
        else
          sendJson(response, 500, {
            message: error instanceof CloudError ? error.message : 'Internal Server Error',
          });
      });
    });
    const url = `http://localhost:${this.#front.port}`;
    const plan = planFor(url);
    this.#plan = plan;
    this.#queues = new Queues(plan.queues, this.#clock, this.#metrics);
    this.#identity = new Identity(plan, this.#kept, this.#clock);
    this.#services = await Services.listen(this.#activity);
    await learnTaskTimeout();
    [this.#mail] = await Promise.all([
      Mail.start(plan, {
        clock: this.#clock,
        faults: this.#faults,
        inbox: this.#inbox,
        metrics: this.#metrics,
        usage: this.#usage,
        bus: new EventBus(plan.rules, this.#clock, () => this.#power?.functions),
      }),
      this.#switchOn(plan, this.#services, this.#queues),
    ]);
    this.#services.parts = { ...this.#on, mail: this.#mail, queues: this.#queues };
    await this.#rebuild(plan);
    this.#on.schedules.start();
    this.url = url;
  }

  async stop(): Promise<void> {
    this.#power?.schedules.hold();
    this.#front?.refuse();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_WORDS_MS);
    await Promise.race([this.#activity.quiet(), late]);
    clearTimeout(timer);
    this.#front?.drop();
    await this.#switchOff();
    this.#services?.close();
    this.#mail?.close();
    this.#logs.flush();
  }

  now(): number {
    return this.#clock.now();
  }

  move(target: (now: number) => number): Promise<void> {
    return this.#inTurn(async () => {
      const { schedules, executions, functions } = this.#on;
      const { mail, queues } = this.#started();
      schedules.hold();
      try {
        await this.#activity.quiet();
        const start = this.#clock.now();
        const moment = target(start);
        this.#clock.remember(moment);
        while (this.#clock.now() < moment) {
          this.#clock.skipTo(Math.min(this.#clock.now() + this.#hopMs, moment));
          executions.expire();
          functions.retry();
          queues.measure();
          mail.measure();
          schedules.hop(this.#hopMs, moment - start, this.#clock.now() >= moment);
          await this.#activity.quiet();
        }
      } finally {
        schedules.start();
      }
    });
  }

  settle(): Promise<void> {
    return this.#activity.quiet();
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      const { plan, services, mail, queues } = this.#started();
      services.parts = undefined;
      await this.#switchOff();
      await this.#activity.quiet();
      await this.#switchOn(plan, services, queues);
      services.parts = { ...this.#on, mail, queues };
      await this.#rebuild(plan);
      this.#on.schedules.start();
    });
  }

  async setFaults(request: Parameters<Controls['setFaults']>[0]): Promise<void> {
    const { database, functions } = this.#on;
    if ('function' in request) {
      const found = this.#functionById(request.function);
      if (!found) throw new CloudError(`There is no function ${request.function}`);
      if ('crashes' in request) this.#faults.crash(found.id, request.crashes, request.when);
      else this.#faults.throttle(found.id);
    } else if ('dynamodb' in request) {
      await database.fail(request.dynamodb, request.times, request.operation);
    } else if ('ses' in request) this.#faults.refuseMail(request.ses, request.times);
    else if ('identity' in request) this.#faults.closeIdentity(request.times);
    else {
      this.#faults.clear();
      await database.fail('', 0);
      functions.retry();
    }
  }

  letters(since?: string): ReturnType<Inbox['list']> {
    return this.#inbox.list(since);
  }

  letter(id: string): ReturnType<Inbox['get']> {
    return this.#inbox.get(id);
  }

  executions(): ReturnType<Executions['list']> {
    return this.#on.executions.list();
  }

  execution(name: string): ReturnType<Executions['get']> {
    return this.#on.executions.get(name);
  }

  logs(): string {
    return this.#logs.text();
  }

  clients(): ApiClient[] {
    return this.#identity?.clients() ?? [];
  }

  people(): ExamplePerson[] {
    return this.#identity?.people() ?? [];
  }

  environment(id: string): Record<string, string> {
    const found = this.#functionById(id);
    if (!found) throw new RefusedError('ResourceNotFoundException', `There is no function ${id}`);
    return this.#on.functions.environment(found);
  }

  async items(): Promise<Record<string, unknown>[]> {
    const { database } = this.#on;
    const { tables } = this.#started().plan;
    return (await Promise.all(tables.map(({ name }) => database.items(name)))).flat();
  }

  async usage(): Promise<Usage> {
    const { readUnits, writeUnits } = await this.#on.database.capacity();
    return {
      ...this.#usage,
      readUnits: this.#usage.readUnits + readUnits,
      writeUnits: this.#usage.writeUnits + writeUnits,
    };
  }

  metrics(since: number): DataPoint[] {
    return this.#metrics.since(since);
  }

  pictures(): Promise<string[]> {
    const { executions } = this.#on;
    const counts: Record<string, number> = {};
    for (const { state } of executions.list()) if (state !== null) counts[state] = (counts[state] ?? 0) + 1;
    return Promise.all(
      executions.definitions().map(async (definition, i) => {
        // Drawing takes a while, and most looks find everyone where they were.
        const key = JSON.stringify([i, counts]);
        const svg = this.#pictures.get(key) ?? (await drawStateMachine(definition, counts));
        if (this.#pictures.size > 20) this.#pictures.clear();
        this.#pictures.set(key, svg);
        return svg;
      }),
    );
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (isControl(path)) return handleControl(this, request, response);
    return this.#activity.during(async () => {
      if (!this.#power || !this.#identity) sendJson(response, 503, { message: 'Service Unavailable' });
      else if (path.startsWith(`${IDENTITY_PATH}/`)) {
        if (this.#faults.takeUnavailable()) sendJson(response, 503, { message: 'Service Unavailable' });
        else await this.#identity.handle(request, response);
      } else await this.#power.api.handle(request, response);
    });
  }

  get #on(): Power {
    if (this.#power) return this.#power;
    throw new CloudError('The embedded cloud is starting; try again');
  }

  #started(): { plan: Plan; services: Services; mail: Mail; queues: Queues } {
    if (this.#plan && this.#services && this.#mail && this.#queues) {
      return { plan: this.#plan, services: this.#services, mail: this.#mail, queues: this.#queues };
    }
    throw new CloudError('The embedded cloud is starting; try again');
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #switchOn(plan: Plan, services: Services, queues: Queues): Promise<void> {
    const { url } = services;
    const database = await Database.open(this.#dataDir, tablePoliciesOf(plan), {
      metrics: this.#metrics,
      // Some functions go on without what they are refused; the log has it all the same.
      denied: (id, why) => this.#logs.add(id, JSON.stringify({ level: 'ERROR', accessDenied: why })),
      failed: this.#fail,
    });
    try {
      await database.create(plan.tables, this.#dataDir);
      const shared = {
        ...{ activity: this.#activity, clock: this.#clock },
        ...{ metrics: this.#metrics, usage: this.#usage },
      };
      const functions = new Functions(plan.functions, {
        ...shared,
        faults: this.#faults,
        queues,
        logs: this.#logs,
        endpoints: {
          AWS_ENDPOINT_URL_DYNAMODB: database.url,
          AWS_ENDPOINT_URL_SFN: url,
          AWS_ENDPOINT_URL_LAMBDA: url,
          AWS_ENDPOINT_URL_SES: url,
          AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
        },
      });
      this.#power = {
        database,
        functions,
        executions: new Executions(plan.stateMachines, { ...shared, functions }),
        schedules: new Schedules(plan.schedules, { ...shared, functions }),
        secrets: new SecretsManager(plan.secrets, this.#kept),
        api: new HttpApi(plan.apiId, plan.routes, { ...shared, functions }),
      };
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Takes away at once what a power cut takes away. What functions wrote to the tables is there; what they were about to, is not. */
  async #switchOff(): Promise<void> {
    const power = this.#power;
    if (!power) return;
    this.#power = undefined;
    power.schedules.hold();
    power.executions.drop();
    await power.functions.stop();
    const { readUnits, writeUnits } = await power.database
      .capacity()
      .catch(() => ({ readUnits: 0, writeUnits: 0 }));
    this.#usage.readUnits += readUnits;
    this.#usage.writeUnits += writeUnits;
    await power.database.close().catch(this.#fail);
  }

  /** Starts the executions that were lost, if the template has a function that can. */
  async #rebuild(plan: Plan): Promise<void> {
    const rebuild = this.#functionById('rebuild-executions');
    if (!rebuild || plan.stateMachines.length === 0) return;
    const now = this.#clock.iso();
    let cursor: string | undefined;
    do {
      const outcome = await this.#on.functions.invoke(rebuild, JSON.stringify({ now, cursor }));
      if ('error' in outcome) {
        this.#logs.flush();
        throw new CloudError(
          `The referrals under way could not be taken up again (${outcome.error.errorType}: ${outcome.error.errorMessage}); see ${join(this.#dataDir, 'logs', 'functions.log')}`,
        );
      }
      cursor = (JSON.parse(outcome.payload) as { cursor?: string } | null)?.cursor;
    } while (cursor !== undefined);
    await this.#activity.quiet();
  }

  /** By the folder's name; templates that give functions no names have it inside a longer id. */
  #functionById(id: string): FunctionPlan | undefined {
    const { functions } = this.#started().plan;
    return (
      functions.find((plan) => plan.id === id) ?? functions.find((plan) => `-${plan.id}-`.includes(`-${id}-`))
    );
  }
}
