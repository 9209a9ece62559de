/** An execution's history, with the names that Step Functions gives to events and their details. */
import type { RunEvent } from './state-machine.ts';

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** ISO, in the cloud's time. */
  readonly timestamp: string;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, string>>;
}

export class History {
  readonly events: HistoryEvent[] = [];
  readonly #now: () => string;

  constructor(now: () => string) {
    this.#now = now;
  }

  /** Adds an event; its details go under the name that the API has for its type. */
  add(type: string, details?: Readonly<Record<string, string>>): void {
    const previousEventId = this.events.length;
    const field = `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails` as const;
    this.events.push({
      timestamp: this.#now(),
      type,
      id: previousEventId + 1,
      previousEventId,
      ...(details ? { [detailsField(type) ?? field]: details } : {}),
    });
  }

  /** Adds a state's entry or exit. */
  addState({ type, state }: RunEvent): void {
    if (!state) return;
    if (type === 'StateEntered') {
      this.add(`${state.type}StateEntered`, { name: state.name, input: JSON.stringify(state.input) });
    } else if (type === 'StateExited' && state.type !== 'Fail') {
      this.add(`${state.type}StateExited`, {
        name: state.name,
        output: JSON.stringify(state.output ?? null),
      });
    }
  }
}

function detailsField(type: string): `${string}EventDetails` | undefined {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return undefined;
}
