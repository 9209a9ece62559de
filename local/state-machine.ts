/**
 * aws-local-stepfunctions with two things that it keeps to itself: its events at the very moment they happen (its own stream
 * hands them out later, when the state has already read its context), and the error with which it times a task out (its rules
 * for retrying tell that error from all others by its class).
 */
import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { type Definition, INVOKE, withoutTimeouts } from './definition.ts';
import { CloudError, messageOf } from './errors.ts';

/** What happens in an execution, as the library names it. */
export interface RunEvent {
  readonly type: string;
  readonly state?: {
    readonly name: string;
    readonly type: string;
    readonly input: unknown;
    readonly output?: unknown;
  };
}

export interface Run {
  readonly result: Promise<unknown>;
  abort(): void;
}

export interface RunHooks {
  readonly onEvent: (event: RunEvent) => void;
  /** Runs a task's attempt; `input` is what the state's Parameters made. */
  readonly task: (state: string, input: unknown) => Promise<unknown>;
  readonly context: Record<string, unknown>;
  readonly retryDelayMs: number;
}

interface Logger {
  dispatch(event: RunEvent): void;
}
type Execute = (input: unknown, options: { eventLogger: Logger }, cleanup: () => void) => Promise<unknown>;

/** A state machine that can be run any number of times. */
export class RunnableMachine {
  readonly definition: Definition;
  readonly #library: StateMachine;
  readonly #tasks: readonly string[];

  /** Throws a {@link CloudError} when the definition is not valid. */
  constructor(definition: Definition, machine: string) {
    this.definition = definition;
    this.#tasks = Object.keys(definition.States).filter((name) => definition.States[name]?.Type === 'Task');
    try {
      this.#library = new StateMachine(withoutTimeouts(definition) as unknown as StateMachineDefinition);
    } catch (error) {
      throw new CloudError(
        `The definition of ${machine} is not valid: ${messageOf(error).replace(/\s+/g, ' ')}`,
      );
    }
  }

  run(input: unknown, { onEvent, task, context, retryDelayMs }: RunHooks): Run {
    const library: StateMachine = Object.create(this.#library);
    const { execute } = this.#library as unknown as { execute: Execute };
    Object.assign(library, {
      execute: ((value, options, cleanup) => {
        options.eventLogger.dispatch = onEvent;
        return execute.call(this.#library, value, options, cleanup);
      }) satisfies Execute,
    });
    return library.run(input as never, {
      context,
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          this.#tasks.map((name) => [name, (value: unknown) => task(name, value) as never]),
        ),
        retryIntervalOverrides: Object.fromEntries(this.#tasks.map((name) => [name, retryDelayMs])),
      },
    });
  }
}

/** What made an execution fail. */
export function failureOf(error: unknown): { error: string; cause: string } {
  const inner = error instanceof ExecutionError ? error.cause : error;
  return inner instanceof Error
    ? { error: inner.name, cause: inner.message }
    : { error: 'States.Runtime', cause: String(inner) };
}

let timeoutError: (new () => Error) | undefined;

/** Must have been awaited before {@link taskTimeout} is used: lets the library time out once, to learn its error's class. */
export async function learnTaskTimeout(): Promise<void> {
  if (timeoutError) return;
  const States = { Late: { Type: 'Task', Resource: INVOKE, TimeoutSeconds: 0.001, End: true } } as const;
  const machine = new StateMachine({ StartAt: 'Late', States }, { validationOptions: { noValidate: true } });
  const { result } = machine.run(
    {},
    { overrides: { taskResourceLocalHandlers: { Late: () => new Promise(() => {}) } } },
  );
  const failure = await result.catch((error: Error) => error.cause);
  if (!(failure instanceof Error) || failure.name !== 'States.Timeout') {
    throw new CloudError('aws-local-stepfunctions no longer times tasks out as the embedded cloud expects');
  }
  timeoutError = failure.constructor as new () => Error;
}

/** The error with which a task times out. */
export function taskTimeout(): Error {
  if (!timeoutError) throw new Error('learnTaskTimeout() was not awaited');
  return new timeoutError();
}

/** An error with a name of its own, as a failing function or SendTaskFailure gives. */
export function taskFailure(error: string, cause: string): Error {
  return Object.assign(new Error(cause), { name: error });
}

/** An error that nothing retries or catches: the execution was stopped from outside. */
export function stopped(): Error {
  return Object.assign(new Error('stopped'), { isRetryable: false, isCatchable: false });
}
