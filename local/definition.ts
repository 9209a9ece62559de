/** Reads a state machine's definition, refuses what the embedded cloud would run wrongly, and makes the copy that it runs. */
import { CloudError, messageOf } from './errors.ts';

export interface Rule {
  readonly Next?: string;
  readonly [other: string]: unknown;
}
export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly Rule[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly TimeoutSeconds?: number;
  readonly [other: string]: unknown;
}
/** The Amazon States Language, as far as the embedded cloud looks into it. */
export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly [other: string]: unknown;
}

export const INVOKE = 'arn:aws:states:::lambda:invoke';
export const INVOKE_AND_WAIT = `${INVOKE}.waitForTaskToken`;

/** setTimeout takes no longer delay, 24.8 days; with a longer one it fires at once. */
const LONGEST_TIMEOUT_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

/** Parses a definition. Throws a {@link CloudError} that names the state and what about it cannot run here. */
export function parseDefinition(text: string, machine: string): Definition {
  let definition: Definition;
  try {
    definition = JSON.parse(text);
  } catch (error) {
    throw new CloudError(`The definition of ${machine} is not JSON: ${messageOf(error)}`);
  }
  const faults = [...machineFaults(definition, text)];
  for (const [name, state] of Object.entries(definition.States ?? {})) {
    faults.push(...stateFaults(state).map((fault) => `${name} ${fault}`));
  }
  if (faults.length > 0)
    throw new CloudError(`The embedded cloud cannot run ${machine}: ${faults.join('; ')}`);
  return definition;
}

function* machineFaults(definition: Definition, text: string): Generator<string> {
  if (definition.QueryLanguage !== undefined && definition.QueryLanguage !== 'JSONPath')
    yield 'it is not in JSONPath';
  if (definition.TimeoutSeconds !== undefined)
    yield 'TimeoutSeconds of a whole execution follows real time only';
  if (text.includes('$$.Execution.StartTime')) yield '$$.Execution.StartTime follows real time only';
}

function stateFaults(state: State): string[] {
  if (state.Type === 'Map' || state.Type === 'Parallel')
    return [`is a ${state.Type} state, which is not shown or timed here`];
  if (state.Type === 'Wait') return ['is a Wait state, which follows real time only'];
  if (state.Type !== 'Task') return [];
  const faults: string[] = [];
  if (state.Resource !== INVOKE && state.Resource !== INVOKE_AND_WAIT) faults.push(`uses ${state.Resource}`);
  for (const field of ['HeartbeatSeconds', 'HeartbeatSecondsPath', 'TimeoutSecondsPath']) {
    if (field in state) faults.push(`uses ${field}`);
  }
  return faults;
}

/**
 * The copy to run: time limits follow the cloud's clock, so the library that runs it must not reach its own. Only a cloud that
 * nobody stops for 24.8 days does; a longer limit is then over that much sooner.
 */
export function withoutTimeouts(definition: Definition): Definition {
  return {
    ...definition,
    States: Object.fromEntries(
      Object.entries(definition.States).map(([name, state]) => [
        name,
        state.Type === 'Task' ? { ...state, TimeoutSeconds: LONGEST_TIMEOUT_SECONDS } : state,
      ]),
    ),
  };
}
