/**
 * Step Functions on a laptop: runs executions of the template's state machines, hands out task tokens and takes their answers.
 * Executions live in memory only. The product rebuilds them from its table, so a restart loses nothing.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import { type Definition, INVOKE_AND_WAIT, parseDefinition } from './definition.ts';
import type { Functions } from './functions.ts';
import { History } from './history.ts';
import type { Metrics } from './metrics.ts';
import { ACCOUNT, REGION, type StateMachinePlan } from './plan.ts';
import {
  failureOf,
  type Run,
  type RunEvent,
  RunnableMachine,
  stopped,
  taskFailure,
  taskTimeout,
} from './state-machine.ts';
import type { Usage } from './usage.ts';

/** Real time between two attempts. The definition's own delays are for outages, and nobody here waits for a real one. */
const RETRY_DELAY_MS = 20;
/** Ended executions that stay readable; and how many spent tokens are told from unknown ones. */
const ENDED_KEPT = 2_000;
const SPENT_KEPT = 20_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly input: string;
  /** In the cloud's time. */
  readonly startedAt: number;
  readonly history: History;
  status: Status;
  /** The state it is in, while it runs. */
  state: string | null;
  /** Whether that state waits for an answer from outside. */
  waiting: boolean;
  stoppedAt?: number;
  output?: string;
  error?: string;
  cause?: string;
}

/** A refusal with the error type that Step Functions would answer. */
export class RefusedError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

interface Machine extends StateMachinePlan {
  readonly runnable: RunnableMachine;
  readonly created: number;
}
interface Task {
  readonly live: Live;
  readonly deadline: number;
  timer?: NodeJS.Timeout;
  settle(how: { output: unknown } | { error: Error }): void;
}
/** What an execution needs only while it runs. */
interface Live {
  readonly execution: Execution;
  readonly machine: Machine;
  run?: Run;
  token?: string;
  enteredAt: string;
  task?: Task;
}

export interface ExecutionServices {
  readonly activity: Activity;
  readonly clock: Clock;
  readonly functions: Functions;
  readonly metrics: Metrics;
  readonly usage: Usage;
}

export class Executions {
  readonly #services: ExecutionServices;
  readonly #machines = new Map<string, Machine>();
  readonly #executions = new Map<string, Execution>();
  readonly #live = new Map<string, Live>();
  readonly #tokens = new Map<string, Task>();
  readonly #spent = new Set<string>();

  /** Checks every definition. Throws a CloudError for one that cannot run here. */
  constructor(plans: readonly StateMachinePlan[], services: ExecutionServices) {
    this.#services = services;
    for (const plan of plans) {
      const runnable = new RunnableMachine(parseDefinition(plan.definition, plan.name), plan.name);
      this.#machines.set(plan.arn, { ...plan, runnable, created: services.clock.now() });
    }
  }

  /** The definitions, as the template has them. */
  definitions(): Definition[] {
    return [...this.#machines.values()].map(({ runnable }) => runnable.definition);
  }

  /** Every execution that is remembered, the oldest first. */
  list(machineArn?: string): Execution[] {
    const all = [...this.#executions.values()];
    return machineArn === undefined ? all : all.filter((each) => each.machineArn === machineArn);
  }

  /** Finds an execution by its ARN, or by its name. */
  get(arnOrName: string): Execution {
    const found =
      this.#executions.get(arnOrName) ?? this.list().findLast((execution) => execution.name === arnOrName);
    if (found) return found;
    throw new RefusedError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arnOrName}'`);
  }

  /** Starts an execution. The same name with the same input while it runs is the same execution. */
  start(machineArn: string, name: string = randomUUID(), input = '{}'): Execution {
    const machine = this.#machines.get(machineArn);
    if (!machine)
      throw new RefusedError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`);
    if (!/^[\w-]{1,80}$/.test(name)) throw new RefusedError('InvalidName', `Invalid Name: '${name}'`);
    const value = parseJson(input, 'InvalidExecutionInput');
    const arn = `arn:aws:states:${REGION}:${ACCOUNT}:execution:${machine.name}:${name}`;
    const existing = this.#executions.get(arn);
    if (existing) {
      if (existing.status === 'RUNNING' && existing.input === input) return existing;
      throw new RefusedError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const { clock } = this.#services;
    const execution: Execution = {
      arn,
      name,
      machineArn,
      input,
      startedAt: clock.now(),
      history: new History(() => clock.iso()),
      status: 'RUNNING',
      state: null,
      waiting: false,
    };
    this.#executions.set(arn, execution);
    execution.history.add('ExecutionStarted', { input });
    this.#run({ execution, machine, enteredAt: clock.iso() }, value);
    return execution;
  }

  /** Stops an execution; stopping one that has ended changes nothing. */
  stop(arn: string, error?: string, cause?: string): Execution {
    const execution = this.get(arn);
    this.#end(execution, 'ABORTED', {
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    return execution;
  }

  succeed(token: string, output: string): void {
    const value = parseJson(output, 'InvalidOutput');
    this.#taskOf(token).settle({ output: value });
  }

  fail(token: string, error = 'States.TaskFailed', cause = ''): void {
    this.#taskOf(token).settle({ error: taskFailure(error, cause) });
  }

  /** Says that a task is still worked on. Nothing here has a heartbeat to miss, so only the token is checked. */
  heartbeat(token: string): void {
    this.#taskOf(token);
  }

  /** Times out what is overdue now. For whoever moved the clock. */
  expire(): void {
    const now = this.#services.clock.now();
    for (const { task } of this.#live.values()) {
      if (task && task.deadline <= now) task.settle({ error: taskTimeout() });
    }
  }

  /** Forgets everything at once, like a power cut. */
  drop(): void {
    for (const { execution } of [...this.#live.values()]) this.#end(execution, 'ABORTED', {});
    this.#executions.clear();
    this.#tokens.clear();
    this.#spent.clear();
  }

  #run(live: Live, input: unknown): void {
    const { execution, machine } = live;
    this.#services.activity.begin();
    this.#live.set(execution.arn, live);
    live.run = machine.runnable.run(input, {
      context: contextOf(live, () => {
        live.token ??= randomBytes(48).toString('base64url');
        return live.token;
      }),
      onEvent: (event) => this.#happened(live, event),
      task: (state, parameters) => this.#task(live, state, parameters),
      retryDelayMs: RETRY_DELAY_MS,
    });
    live.run.result.then(
      (output) => this.#end(execution, 'SUCCEEDED', { output: JSON.stringify(output ?? null) }),
      (error) => this.#end(execution, 'FAILED', failureOf(error)),
    );
  }

  #happened(live: Live, event: RunEvent): void {
    const { execution } = live;
    if (execution.status !== 'RUNNING') return;
    if (event.type === 'StateEntered' || event.type === 'StateRetried') {
      this.#services.usage.stateTransitions += 1;
      // Every attempt has a token of its own, and every entry one time, however many attempts it takes.
      delete live.token;
    }
    if (event.type === 'StateEntered' && event.state) {
      execution.state = event.state.name;
      live.enteredAt = this.#services.clock.iso();
    }
    execution.history.addState(event);
  }

  /** One attempt of a task: runs the function and, if the state says so, waits until its token is answered. */
  #task(live: Live, state: string, parameters: unknown): Promise<unknown> {
    const { functions, clock } = this.#services;
    const { execution, machine, token } = live;
    const { history } = execution;
    const { Resource, TimeoutSeconds } = machine.runnable.definition.States[state] ?? {};
    const waits = Resource === INVOKE_AND_WAIT;
    const { FunctionName, Payload = {} } = parameters as { FunctionName: string; Payload?: unknown };
    const plan = functions.find(FunctionName);
    if (!plan) throw taskFailure('Lambda.ResourceNotFoundException', `Function not found: ${FunctionName}`);
    const resource = { resourceType: 'lambda', resource: waits ? 'invoke.waitForTaskToken' : 'invoke' };
    history.add('TaskScheduled', { ...resource, region: REGION, parameters: JSON.stringify(parameters) });
    history.add('TaskStarted', resource);
    return new Promise((resolve, reject) => {
      const task: Task = {
        live,
        deadline:
          TimeoutSeconds === undefined ? Number.POSITIVE_INFINITY : clock.now() + TimeoutSeconds * 1000,
        settle: (how) => {
          if (live.task !== task) return;
          clearTimeout(task.timer);
          delete live.task;
          if (token !== undefined) this.#spend(token);
          // The execution moves on, so it is busy again before whoever answered is done.
          this.#setWaiting(execution, false);
          if ('output' in how) {
            history.add('TaskSucceeded', { ...resource, output: JSON.stringify(how.output) });
            resolve(how.output);
            return;
          }
          const { error, cause } = failureOf(how.error);
          if (execution.status === 'RUNNING') {
            if (error === 'States.Timeout') history.add('TaskTimedOut', { ...resource, error });
            else history.add('TaskFailed', { ...resource, error, cause });
          }
          reject(how.error);
        },
      };
      live.task = task;
      if (waits && token !== undefined) this.#tokens.set(token, task);
      this.#watch(task);
      functions.invoke(plan, JSON.stringify(Payload)).then((outcome) => {
        if (live.task !== task) return;
        if ('error' in outcome) {
          const { errorType, errorMessage, trace } = outcome.error;
          task.settle({ error: taskFailure(errorType, JSON.stringify({ errorType, errorMessage, trace })) });
          return;
        }
        const output = { ExecutedVersion: '$LATEST', Payload: JSON.parse(outcome.payload), StatusCode: 200 };
        if (!waits) {
          task.settle({ output });
          return;
        }
        history.add('TaskSubmitted', { ...resource, output: JSON.stringify(output) });
        this.#setWaiting(execution, true);
      });
    });
  }

  /** Times a task out in real time too, for as long as nobody moves the clock. */
  #watch(task: Task): void {
    const left = task.deadline - this.#services.clock.now();
    task.timer = setTimeout(
      () => {
        if (task.deadline <= this.#services.clock.now()) task.settle({ error: taskTimeout() });
        else this.#watch(task);
      },
      Math.min(Math.max(left, 0) + 1, LONGEST_TIMER_MS),
    );
    task.timer.unref();
  }

  #setWaiting(execution: Execution, waiting: boolean): void {
    if (execution.waiting === waiting) return;
    execution.waiting = waiting;
    if (waiting) this.#services.activity.end();
    else this.#services.activity.begin();
  }

  #taskOf(token: string): Task {
    const task = this.#tokens.get(token);
    if (task) return task;
    if (this.#spent.has(token)) {
      throw new RefusedError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    throw new RefusedError('TaskDoesNotExist', "Task Does Not Exist: 'No task has this token'");
  }

  #spend(token: string): void {
    if (!this.#tokens.delete(token)) return;
    this.#spent.add(token);
    dropOldest(this.#spent, SPENT_KEPT);
  }

  #end(
    execution: Execution,
    status: Status,
    result: { output?: string; error?: string; cause?: string },
  ): void {
    const live = this.#live.get(execution.arn);
    if (execution.status !== 'RUNNING' || !live) return;
    Object.assign(execution, { status, state: null, stoppedAt: this.#services.clock.now() }, result);
    const type = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', ABORTED: 'Aborted', RUNNING: '' }[status];
    if (status === 'FAILED') {
      this.#services.metrics.add('AWS/States', 'ExecutionsFailed', { StateMachineArn: execution.machineArn });
    }
    execution.history.add(`Execution${type}`, result as Record<string, string>);
    if (status === 'ABORTED') {
      // Lets the library go, with an error that it neither retries nor catches, so that its timers go too.
      live.task?.settle({ error: stopped() });
      live.run?.abort();
    }
    this.#live.delete(execution.arn);
    if (this.#executions.size > ENDED_KEPT) this.#forgetEnded();
    this.#services.activity.end();
  }

  #forgetEnded(): void {
    for (const [arn, { status }] of this.#executions) {
      if (this.#executions.size - this.#live.size <= ENDED_KEPT) return;
      if (status !== 'RUNNING') this.#executions.delete(arn);
    }
  }
}

/** The context object that a definition reads with `$$`. The library copies its top level only, so what changes is one level down. */
function contextOf(live: Live, token: () => string): Record<string, unknown> {
  const { execution, machine } = live;
  return {
    Execution: { Id: execution.arn, Name: execution.name },
    StateMachine: { Id: machine.arn, Name: machine.name },
    State: {
      get EnteredTime() {
        return live.enteredAt;
      },
      get Name() {
        return execution.state;
      },
    },
    Task: {
      get Token() {
        return token();
      },
    },
  };
}

function dropOldest(set: Set<string>, most: number): void {
  for (const oldest of set) {
    if (set.size <= most) return;
    set.delete(oldest);
  }
}

function parseJson(text: string, refusal: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedError(refusal, `${refusal}: not JSON`);
  }
}
