/**
 * Lambda on a laptop: each function runs from its bundle in threads of its own, with nothing in its environment but what the
 * template says and what Lambda adds. A thread serves one invocation at a time and is kept warm for the next.
 */
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Activity } from './activity.ts';
import type { Crash, Faults } from './faults.ts';
import type { Logs } from './logs.ts';
import type { Metrics } from './metrics.ts';
import { type FunctionPlan, REGION } from './plan.ts';
import type { Queues } from './queues.ts';
import type { Usage } from './usage.ts';

/** Beyond this, invocations of one function wait for each other. */
const THREADS_A_FUNCTION = 4;
/** How long an invocation waits for a warm thread before it gets a new one, which takes longer to load than most runs last. */
const PATIENCE_MS = 100;
/** Most of what a thread allocates dies young; V8's own nursery is made for a whole process and there are dozens of threads. */
const NURSERY_MB = 8;
/** Lambda waits a minute and then two before it repeats an asynchronous invocation; nobody here would see the difference. */
const EVENT_RETRY_DELAYS_MS = [20, 50];
/** Real seconds that a thread may take to load its bundle, as Lambda gives it. */
const INIT_TIMEOUT_MS = 30_000;

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
/** What Lambda answers where too many run at once. */
export const THROTTLED = 'TooManyRequestsException';
/** What an invocation gives: the result as JSON text, or the error. */
export type Outcome = { readonly payload: string } | { readonly error: FunctionError };

export interface FunctionSetup {
  readonly name: string;
  readonly arn: string;
  readonly directory: string;
  readonly handler: string;
  readonly memoryMb: number;
}
/** One invocation, as the thread is told. */
export interface FunctionRun {
  readonly requestId: string;
  readonly payload: string;
  /** In real time, for getRemainingTimeInMillis. */
  readonly deadline: number;
  readonly crash?: Crash;
}
export type FunctionReply =
  | { readonly wrote: string }
  | { readonly ready: true }
  | { readonly broken: FunctionError }
  | ({ readonly requestId: string; readonly ms: number } & Outcome);

interface Job {
  readonly payload: string;
  readonly requestId: string;
  done(outcome: Outcome): void;
}

export interface FunctionServices {
  readonly activity: Activity;
  readonly faults: Faults;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly queues: Pick<Queues, 'send'>;
  readonly usage: Usage;
  /** Where the functions find DynamoDB, Step Functions and the rest: `AWS_ENDPOINT_URL_…`. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** All functions of the template. */
export class Functions {
  readonly #byName = new Map<string, LocalFunction>();
  readonly #services: FunctionServices;
  /** What was turned away, and is tried again. */
  #later: { plan: FunctionPlan; payload: string }[] = [];
  #stopped = false;

  constructor(plans: readonly FunctionPlan[], services: FunctionServices) {
    this.#services = services;
    for (const plan of plans) this.#byName.set(plan.name, new LocalFunction(plan, services));
  }

  /** A function's plan by its name, its ARN (qualified or not) or its id. */
  find(nameOrArn: string): FunctionPlan | undefined {
    const name = /^(?:arn:[^:]+:lambda:[^:]*:\d*:)?(?:\d+:)?(?:function:)?([^:]+)/.exec(nameOrArn)?.[1] ?? '';
    const byName = this.#byName.get(name)?.plan;
    return byName ?? [...this.#byName.values()].find(({ plan }) => plan.id === nameOrArn)?.plan;
  }

  /** The whole environment of a function, but for the access key: another program that stands in for it may do to the tables what it likes. */
  environment(plan: FunctionPlan): Record<string, string> {
    return { ...environmentOf(plan, this.#services.endpoints), AWS_ACCESS_KEY_ID: 'laptop' };
  }

  /** Runs a function and gives its outcome. */
  invoke(plan: FunctionPlan, payload: string): Promise<Outcome> {
    return this.#services.activity.during(() => this.#run(plan, payload));
  }

  /**
   * Runs a function for nobody in particular: a failed run is repeated twice, as Lambda does. What failed for good is dropped, into a queue where the
   * template names one; what was turned away waits until {@link retry}.
   */
  invokeLater(plan: FunctionPlan, payload: string): void {
    void this.#services.activity.during(async () => {
      for (const delay of [...EVENT_RETRY_DELAYS_MS, 0]) {
        const outcome = await this.#run(plan, payload);
        if (!('error' in outcome) || this.#stopped) return;
        if (outcome.error.errorType === THROTTLED) {
          this.#later.push({ plan, payload });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
      this.#drop(plan, payload);
    });
  }

  /** Tries again what was turned away. Lambda does so every five minutes or sooner, for six hours. */
  retry(): void {
    const waiting = this.#later;
    this.#later = [];
    for (const { plan, payload } of waiting) this.invokeLater(plan, payload);
  }

  /** Ends every thread at once, whatever it is doing, like a power cut. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#byName.values()].map((each) => each.stop()));
  }

  #drop({ name, arn, failuresTo }: FunctionPlan, payload: string): void {
    this.#services.metrics.add('AWS/Lambda', 'AsyncEventsDropped', { FunctionName: name });
    if (failuresTo === undefined) return;
    const requestContext = { functionArn: arn, condition: 'RetriesExhausted' };
    const record = { version: '1.0', requestContext, requestPayload: JSON.parse(payload) };
    this.#services.queues.send(failuresTo, JSON.stringify(record));
  }

  async #run(plan: FunctionPlan, payload: string): Promise<Outcome> {
    const { faults, metrics } = this.#services;
    if (faults.isThrottled(plan.id)) {
      // Of the function, and of the account.
      for (const by of [{ FunctionName: plan.name }, {}]) metrics.add('AWS/Lambda', 'Throttles', by);
      return { error: { errorType: THROTTLED, errorMessage: 'Rate Exceeded.', trace: [] } };
    }
    const found = this.#byName.get(plan.name);
    if (!found) throw new Error(`no function ${plan.name}`);
    return found.run(payload);
  }
}

class LocalFunction {
  readonly plan: FunctionPlan;
  readonly #services: FunctionServices;
  readonly #threads = new Set<Thread>();
  readonly #idle: Thread[] = [];
  readonly #queue: Job[] = [];
  #patience: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(plan: FunctionPlan, services: FunctionServices) {
    this.plan = plan;
    this.#services = services;
  }

  run(payload: string): Promise<Outcome> {
    return new Promise((done) => {
      this.#queue.push({ payload, requestId: randomUUID(), done });
      this.#dispatch();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#patience);
    for (const job of this.#queue.splice(0)) job.done(gone('the cloud was stopped'));
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#warm() ?? (this.#threads.size === 0 ? this.#start() : undefined);
      const job = thread && this.#queue.shift();
      if (!job) break;
      this.#run(thread, job);
    }
    if (this.#queue.length > 0) this.#patience ??= setTimeout(() => this.#losePatience(), PATIENCE_MS);
  }

  /** Gives the invocation that waited longest a new thread, unless one is loading already: that one will be quicker. */
  #losePatience(): void {
    this.#patience = undefined;
    const isLoading = [...this.#threads].some((thread) => thread.loading);
    const thread = this.#queue.length > 0 && !isLoading ? this.#start() : undefined;
    const job = thread && this.#queue.shift();
    if (job) this.#run(thread, job);
    this.#dispatch();
  }

  #run(thread: Thread, job: Job): void {
    this.#services.usage.lambdaInvocations += 1;
    const by = { FunctionName: this.plan.name };
    thread.run(job, this.#services.faults.takeCrash(this.plan.id)).then(({ outcome, ms, reusable }) => {
      this.#services.metrics.add('AWS/Lambda', 'Invocations', by);
      this.#services.metrics.add('AWS/Lambda', 'Errors', by, 'error' in outcome ? 1 : 0);
      this.#services.usage.lambdaMs += Math.ceil(ms);
      if ('error' in outcome) this.#log(outcome.error);
      if (reusable) this.#idle.push(thread);
      else this.#threads.delete(thread);
      job.done(outcome);
      this.#dispatch();
    });
  }

  /** A thread that waits for work. One may have died since its last run. */
  #warm(): Thread | undefined {
    for (let thread = this.#idle.pop(); thread; thread = this.#idle.pop()) {
      if (!thread.dead) return thread;
      this.#threads.delete(thread);
    }
    return undefined;
  }

  #start(): Thread | undefined {
    if (this.#stopped || this.#threads.size >= THREADS_A_FUNCTION) return undefined;
    const thread = new Thread(this.plan, this.#services);
    this.#threads.add(thread);
    return thread;
  }

  #log(error: FunctionError): void {
    this.#services.logs.add(this.plan.id, JSON.stringify({ level: 'ERROR', functionError: error }));
  }
}

interface Ended {
  readonly outcome: Outcome;
  readonly ms: number;
  readonly reusable: boolean;
}

/** One warm copy of a function. */
class Thread {
  loading = true;
  dead = false;
  readonly #plan: FunctionPlan;
  readonly #worker: Worker;
  readonly #services: FunctionServices;
  readonly #ready: Promise<void>;
  #finish: ((ended: Ended) => void) | undefined;
  #line = '';
  #broken: FunctionError | undefined;

  constructor(plan: FunctionPlan, services: FunctionServices) {
    this.#plan = plan;
    this.#services = services;
    const { name, arn, directory, handler, memoryMb } = plan;
    this.#worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      workerData: { name, arn, directory, handler, memoryMb } satisfies FunctionSetup,
      env: environmentOf(plan, services.endpoints),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: NURSERY_MB },
      name: plan.id,
      execArgv: [],
      // Node's own warnings; what the handler writes comes as messages.
      stdout: true,
      stderr: true,
    });
    this.#worker.stderr.setEncoding('utf8').on('data', (text: string) => this.#wrote(text));
    this.#worker.on('error', (error) => this.#end(crashed(error as Error)));
    this.#worker.on('exit', (code) => {
      this.dead = true;
      this.#end(gone(`exit status ${code}`));
    });
    this.#ready = new Promise((resolve) => {
      const late = setTimeout(
        () => this.#giveUp('Sandbox.Timedout', 'Its code took too long to load'),
        INIT_TIMEOUT_MS,
      );
      this.#worker.on('message', (reply: FunctionReply) => {
        if ('wrote' in reply) this.#wrote(reply.wrote);
        else if ('ready' in reply || 'broken' in reply) {
          clearTimeout(late);
          this.loading = false;
          if ('broken' in reply) this.#broken = reply.broken;
          resolve();
        } else this.#finish?.({ outcome: reply, ms: reply.ms, reusable: true });
      });
      this.#worker.on('exit', () => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  async run(job: Job, crash: Crash | undefined): Promise<Ended> {
    const ended = new Promise<Ended>((resolve) => {
      this.#finish = (end) => {
        this.#finish = undefined;
        resolve(end);
      };
    });
    await this.#ready;
    if (this.#broken) {
      void this.#worker.terminate();
      return { outcome: { error: this.#broken }, ms: 0, reusable: false };
    }
    const { timeoutMs } = this.#plan;
    const timer = setTimeout(() => {
      this.#giveUp('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
    }, timeoutMs);
    this.#worker.postMessage({
      requestId: job.requestId,
      payload: job.payload,
      deadline: Date.now() + timeoutMs,
      ...(crash ? { crash } : {}),
    } satisfies FunctionRun);
    try {
      return await ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #giveUp(errorType: string, errorMessage: string): void {
    this.#end({ error: { errorType, errorMessage, trace: [] } }, this.#plan.timeoutMs);
    void this.#worker.terminate();
  }

  #end(outcome: Outcome, ms = 0): void {
    this.#finish?.({ outcome, ms, reusable: false });
  }

  #wrote(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) if (line) this.#services.logs.add(this.#plan.id, line);
  }
}

function crashed(error: Error): Outcome {
  return {
    error: { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') },
  };
}

function gone(why: string): Outcome {
  return {
    error: { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: ${why}`, trace: [] },
  };
}

/** The whole environment of a function. Nothing of this process's own gets in. */
function environmentOf(
  plan: FunctionPlan,
  endpoints: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...plan.environment,
    ...endpoints,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    // By this the tables know whose request it is.
    AWS_ACCESS_KEY_ID: plan.id,
    AWS_SECRET_ACCESS_KEY: 'laptop',
    AWS_SESSION_TOKEN: 'laptop',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: plan.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${plan.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'laptop',
    LAMBDA_TASK_ROOT: plan.directory,
    _HANDLER: plan.handler,
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
  };
}
