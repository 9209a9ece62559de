/**
 * Step Functions in this process: the state machine's own definition, walked through. What waits for a token, what chooses, what is tried again and
 * how often, what times out and what then, what ends and what fails.
 */
import { handler as awaitInformation } from '../../functions/await-information/handler.ts';
import { handler as awaitPlace } from '../../functions/await-place/handler.ts';
import { handler as awaitProvider } from '../../functions/await-provider/handler.ts';
import { handler as awaitReview } from '../../functions/await-review/handler.ts';
import { handler as awaitSession } from '../../functions/await-session/handler.ts';
import { handler as awaitWelfareContact } from '../../functions/await-welfare-contact/handler.ts';
import { handler as closeReferral } from '../../functions/close-referral/handler.ts';
import { handler as reportFailure } from '../../functions/report-failure/handler.ts';
import definition from '../../workflows/referral.asl.json' with { type: 'json' };

type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
  MaxDelaySeconds: number;
};
type Catcher = { ErrorEquals: string[]; ResultPath: string | null; Next: string };
type State = {
  Type: string;
  Next?: string;
  Default?: string;
  Resource?: string;
  Parameters?: Record<string, unknown>;
  TimeoutSeconds?: number;
  ResultPath?: string | null;
  ResultSelector?: Record<string, unknown>;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices?: { Variable: string; StringEquals: string; Next: string }[];
};
const STATES: Record<string, State> = definition.States as Record<string, State>;

type Task = (payload: unknown, context: object) => Promise<unknown>;
/** The function of each task state. */
const TASKS: Record<string, unknown> = {
  AwaitReview: awaitReview,
  AwaitInformation: awaitInformation,
  AwaitProvider: awaitProvider,
  AwaitPlace: awaitPlace,
  AwaitSession: awaitSession,
  AwaitWelfareContact: awaitWelfareContact,
  CloseReferral: closeReferral,
  ReportFailure: reportFailure,
};

type Data = Record<string, unknown>;
export type Execution = {
  name: string;
  referralId: string;
  data: Data;
  state: string;
  /** The state that waits for a token. */
  waiting?: { state: string; token: string };
  /** `failed`: in the definition's Fail state, or by an error that nothing catches. */
  ended?: 'ended' | 'stopped' | 'failed';
};

/** Whose machine it is. */
export type Host = {
  /** Runs an invocation of a function at once with everything else. Resolves with what came of it, also when the function failed or was killed. */
  invoke(name: string, work: () => Promise<unknown>): Promise<{ result: unknown } | { error: string }>;
  /** Does something so many seconds from now. Without it nothing is tried again, and nothing times out. */
  later?(seconds: number, what: string, work: () => void): void;
  now(): string;
  /** How much of a delay is waited, from 0 to 1: JitterStrategy FULL. */
  jitter?(): number;
  /** Sees whatever is in an execution's history. */
  see?(data: unknown): void;
};

export class Machine {
  readonly executions = new Map<string, Execution>();
  /** Every answer given to a token that somebody waited for or had waited for, in order. */
  readonly answers: { token: string; answer: string }[] = [];
  #tokens = 0;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Starts one. False where another of that name has ended: the same one again is started already. */
  start(name: string, referralId: string): boolean {
    const known = this.executions.get(name);
    if (known) return known.ended === undefined;
    const execution: Execution = { name, referralId, data: { referralId }, state: definition.StartAt };
    this.#host.see?.({ name, ...execution.data });
    this.executions.set(name, execution);
    this.#enter(execution, definition.StartAt);
    return true;
  }

  /** Stops one. False where there is none. */
  stop(name: string): boolean {
    const execution = this.executions.get(name);
    if (execution) execution.ended ??= 'stopped';
    return execution !== undefined;
  }

  /** All that run are gone, as after the loss of a Region: nobody knows their names any more. */
  forget(): void {
    for (const { name } of this.running()) this.executions.delete(name);
  }

  /** Those that have not ended. */
  running(): Execution[] {
    return [...this.executions.values()].filter(({ ended }) => ended === undefined);
  }

  /** Answers a token. False where nobody waits for it any more. */
  answer(token: string, output: Record<string, string>): boolean {
    this.answers.push({ token, answer: JSON.stringify(output) });
    const execution = this.running().find(({ waiting }) => waiting?.token === token);
    if (!execution?.waiting) return false;
    this.#host.see?.(output);
    this.#done(execution, execution.waiting.state, output);
    return true;
  }

  #isOn({ name }: Execution): boolean {
    const known = this.executions.get(name);
    return known !== undefined && known.ended === undefined;
  }

  #enter(execution: Execution, name: string): void {
    if (!this.#isOn(execution)) return;
    const state = STATES[name];
    if (!state) throw new Error(`no state ${name}`);
    execution.state = name;
    delete execution.waiting;
    switch (state.Type) {
      case 'Pass':
        this.#enter(execution, state.Next ?? '');
        return;
      case 'Choice': {
        const chosen = state.Choices?.find(
          ({ Variable, StringEquals }) => at(execution.data, Variable) === StringEquals,
        );
        this.#enter(execution, chosen?.Next ?? state.Default ?? '');
        return;
      }
      case 'Task':
        this.#work(execution, name, new Map());
        return;
      case 'Succeed':
        execution.ended = 'ended';
        return;
      case 'Fail':
        execution.ended = 'failed';
        return;
      default:
        throw new Error(`a ${state.Type} is not played`);
    }
  }

  /** One attempt at a task. `tries`: how often each of the state's retriers was used. */
  #work(execution: Execution, name: string, tries: Map<Retrier, number>): void {
    const state = STATES[name] as State;
    const waits = state.Resource?.endsWith('.waitForTaskToken') ?? false;
    this.#tokens += 1;
    const token = `${execution.name}:${this.#tokens}`;
    const attempt = {};
    const isCurrent = () => this.#isOn(execution) && attempts.get(execution) === attempt;
    attempts.set(execution, attempt);
    if (waits) execution.waiting = { state: name, token };
    else delete execution.waiting;
    const context = {
      Task: { Token: token },
      State: { EnteredTime: this.#host.now() },
      Execution: { Name: execution.name },
    };
    const payload = filled((state.Parameters?.Payload ?? {}) as Data, execution.data, context);
    const task = TASKS[name] as Task;
    if (state.TimeoutSeconds !== undefined) {
      this.#host.later?.(state.TimeoutSeconds, `${name} times out`, () => {
        if (isCurrent()) this.#failed(execution, name, 'States.Timeout', tries);
      });
    }
    const run = async () => {
      const came = await this.#host.invoke(name, () => task(payload, {}));
      this.#host.see?.(came);
      if (!isCurrent()) return;
      if ('error' in came) this.#failed(execution, name, 'States.TaskFailed', tries);
      else if (!waits) this.#done(execution, name, { Payload: came.result });
    };
    void run();
  }

  #done(execution: Execution, name: string, output: unknown): void {
    const { ResultSelector, ResultPath = '$', Next = '' } = STATES[name] as State;
    attempts.delete(execution);
    const result = ResultSelector ? filled(ResultSelector, output as Data, {}) : output;
    put(execution.data, ResultPath, result);
    this.#enter(execution, Next);
  }

  #failed(execution: Execution, name: string, error: string, tries: Map<Retrier, number>): void {
    const { Retry = [], Catch = [] } = STATES[name] as State;
    delete execution.waiting;
    const matches = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
      ErrorEquals.some((each) => each === error || each === 'States.ALL');
    const retrier = Retry.find(matches);
    const used = (retrier && tries.get(retrier)) ?? 0;
    if (retrier && used < retrier.MaxAttempts && this.#host.later) {
      const attempt = {};
      attempts.set(execution, attempt);
      const most = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** used, retrier.MaxDelaySeconds);
      this.#host.later(most * (this.#host.jitter?.() ?? 1), `${name} is tried again`, () => {
        if (!this.#isOn(execution) || attempts.get(execution) !== attempt) return;
        this.#work(execution, name, new Map(tries).set(retrier, used + 1));
      });
      return;
    }
    const catcher = this.#host.later && Catch.find(matches);
    if (!catcher) {
      execution.ended = 'failed';
      return;
    }
    put(execution.data, catcher.ResultPath, { Error: error });
    this.#enter(execution, catcher.Next);
  }
}

/** The attempt that counts of each execution: whatever comes of an earlier one comes too late. */
const attempts = new WeakMap<Execution, object>();

/** The value at a path like `$.review.decision`. */
function at(data: unknown, path: string): unknown {
  const names = path.split('.').slice(1);
  return names.reduce<unknown>((value, name) => (value as Data | undefined)?.[name], data);
}

function put(data: Data, path: string | null, value: unknown): void {
  if (path === null) return;
  const [, name, ...rest] = path.split('.');
  if (name === undefined || rest.length > 0) throw new Error(`a result at ${path} is not played`);
  data[name] = value;
}

/** Parameters with the values of their paths. */
function filled(template: Data, data: Data, context: Data): Data {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith('.$')) return [name, value];
      const path = String(value);
      const from = path.startsWith('$$.') ? at(context, path.slice(1)) : at(data, path);
      return [name.slice(0, -2), from];
    }),
  );
}
