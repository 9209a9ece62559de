/** The state machine's own definition, walked through: what waits for a token, what chooses, what ends. Retries are not played. */
import type { Context } from 'aws-lambda';
import { handler as awaitInformation } from '../../functions/await-information/handler.ts';
import { handler as awaitPlace } from '../../functions/await-place/handler.ts';
import { handler as awaitProvider } from '../../functions/await-provider/handler.ts';
import { handler as awaitReview } from '../../functions/await-review/handler.ts';
import { handler as awaitSession } from '../../functions/await-session/handler.ts';
import { handler as awaitWelfareContact } from '../../functions/await-welfare-contact/handler.ts';
import { handler as closeReferral } from '../../functions/close-referral/handler.ts';
import { handler as reportFailure } from '../../functions/report-failure/handler.ts';
import definition from '../../workflows/referral.asl.json' with { type: 'json' };

type State = {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Variable: string; StringEquals: string; Next: string }[];
};
const STATES: Record<string, State> = definition.States;

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

type Execution = {
  name: string;
  referralId: string;
  /** The state that waits for a token. */
  waiting?: { state: string; token: string };
  ended?: 'ended' | 'stopped';
};

/** Executions of one machine. `go` runs a step in the background; `now` is the machine's clock. */
export class Machine {
  readonly executions = new Map<string, Execution>();
  /** Every answer given to a token, in order. */
  readonly answers: { token: string; answer: string }[] = [];
  #tokens = 0;
  readonly #go: (work: () => Promise<void>) => void;
  readonly #now: () => string;

  constructor(go: (work: () => Promise<void>) => void, now: () => string) {
    this.#go = go;
    this.#now = now;
  }

  start(name: string, referralId: string): void {
    if (this.executions.has(name)) return;
    const execution: Execution = { name, referralId };
    this.executions.set(name, execution);
    this.#go(() => this.#enter(execution, definition.StartAt));
  }

  stop(name: string): void {
    const execution = this.executions.get(name);
    if (execution) execution.ended ??= 'stopped';
  }

  /** Those that have not ended. */
  running(): Execution[] {
    return [...this.executions.values()].filter(({ ended }) => ended === undefined);
  }

  /** Answers a token; nothing happens where nobody waits for it any more. */
  answer(token: string, output: Record<string, string>): void {
    this.answers.push({ token, answer: JSON.stringify(output) });
    const execution = this.running().find(({ waiting }) => waiting?.token === token);
    if (!execution?.waiting) return;
    const { Next = '' } = STATES[execution.waiting.state] ?? {};
    delete execution.waiting;
    this.#go(() => this.#enter(execution, Next, Object.values(output)[0]));
  }

  async #enter(execution: Execution, name: string, answer?: string): Promise<void> {
    if (execution.ended) return;
    const state = STATES[name];
    if (!state) throw new Error(`no state ${name}`);
    switch (state.Type) {
      case 'Pass':
        return this.#enter(execution, state.Next ?? '');
      case 'Choice': {
        const chosen = state.Choices?.find(({ StringEquals }) => StringEquals === answer);
        return this.#enter(execution, chosen?.Next ?? state.Default ?? '');
      }
      case 'Task':
        return this.#work(execution, name, state);
      default:
        execution.ended = 'ended';
    }
  }

  async #work(execution: Execution, name: string, { Next }: State): Promise<void> {
    const waits = name.startsWith('Await');
    this.#tokens += 1;
    const token = `${execution.name}:${this.#tokens}`;
    if (waits) execution.waiting = { state: name, token };
    const task = TASKS[name] as (payload: unknown, context: Context) => Promise<unknown>;
    const { referralId } = execution;
    await task({ referralId, token, now: this.#now(), execution: execution.name }, {} as Context);
    if (!waits) await this.#enter(execution, Next ?? '');
  }
}
