/**
 * AWS in this process: every call of every client comes here. The table is in memory; Lambda's asynchronous invocations wait in a queue and are tried
 * again; executions walk through the real definition; what SES takes is kept. At each call something may go wrong (faults-of-aws.ts), and of several
 * calls that are open at once chance says which is next.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { type AwsService, replaceClients } from '../unit/functions/clients.ts';
import { SECRET } from '../unit/functions/environment.ts';
import { MemoryTable } from '../unit/functions/memory-table.ts';
import { TABLE } from '../unit/functions/table.ts';
import { Machine } from './execution.ts';
import { type Call, errorOf, type Fault, type Mode, type Plan } from './faults-of-aws.ts';
import type { Random } from './random.ts';

/** Whatever is killed: nothing of what it was at goes on. */
export class Killed extends Error {}

type Invocation = { name: string; killed: boolean; kill: () => void };
const running = new AsyncLocalStorage<Invocation>();

let cloud: Cloud | undefined;

/** Has every call of every client come to the cloud that is open. Gives what undoes that. */
export function callsComeHere(): () => void {
  return replaceClients({
    dynamodb: (command) => inTheCloud('dynamodb', command),
    lambda: (command) => inTheCloud('lambda', command),
    states: (command) => inTheCloud('states', command),
    ses: (command) => inTheCloud('ses', command),
    secrets: (command) => inTheCloud('secrets', command),
  });
}

function inTheCloud(service: AwsService, command: { input: object }): Promise<unknown> {
  if (!cloud) throw new Error(`${service} was called, and no cloud is open`);
  return cloud.call(service, command);
}

export type SentMail = {
  key: string;
  to: string;
  subject: string;
  urls: string[];
  at: string;
  tags: Record<string, string>;
};

/** Something that happens at a time. */
type Event = { at: number; order: number; name: string; run: () => void };

/** The functions that others invoke by name, asynchronously. */
export type Functions = Record<string, (payload: unknown, context: object) => Promise<unknown>>;

/** Lambda tries an asynchronous invocation twice more, after one and two minutes. */
const LAMBDA_RETRIES_SECONDS = [60, 120];

export class Cloud {
  readonly table = new MemoryTable(TABLE);
  readonly machine: Machine;
  readonly mails: SentMail[] = [];
  readonly faults: (Fault & { call: number; where: string })[] = [];
  /** What happened, for whoever has to find out why. */
  readonly log: string[] = [];
  /** Whatever somebody with access to a console could read: inputs, outputs, payloads, subjects and texts of emails. */
  readonly exposed = new Set<string>();
  /** The names of all executions that were ever started. */
  readonly started = new Set<string>();
  calls = 0;
  nowMs: number;
  /** What a clock says that somebody looks at. */
  clock: () => string = () => this.now;
  plan: Plan;
  /** Sees every item that is put, and what was there before. */
  written: (item: Record<string, unknown>, before: Record<string, unknown> | undefined) => void = () => {};
  readonly #random: Random;
  readonly #functions: Functions;
  readonly #events: Event[] = [];
  readonly #open: { go: () => void }[] = [];
  #atWork = 0;
  #order = 0;
  #failed: unknown;

  constructor(now: string, plan: Plan, random: Random, functions: Functions) {
    cloud = this;
    this.nowMs = Date.parse(now);
    this.plan = plan;
    this.#random = random;
    this.#functions = functions;
    this.machine = new Machine({
      invoke: (name, work) => this.invoke(name, work),
      later: (seconds, what, run) => this.later(seconds, what, run),
      now: () => this.clock(),
      jitter: () => this.#random.next(),
      see: (data) => this.exposed.add(JSON.stringify(data)),
    });
  }

  get now(): string {
    return new Date(this.nowMs).toISOString();
  }

  /** Does something so many seconds from now. */
  later(seconds: number, name: string, run: () => void): void {
    this.#order += 1;
    this.#events.push({ at: this.nowMs + Math.round(seconds * 1000), order: this.#order, name, run });
  }

  /** When the next thing happens; infinite where nothing is to come. */
  nextAt(): number {
    return this.#events.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  }

  /** Does what is to happen by now, all at once, and whatever follows at once from that. */
  async happen(): Promise<void> {
    for (;;) {
      const due = this.#events.filter(({ at }) => at <= this.nowMs);
      for (const event of due) this.#events.splice(this.#events.indexOf(event), 1);
      due.sort((a, b) => a.at - b.at || a.order - b.order);
      for (const event of due) event.run();
      await this.quiet();
      if (due.length === 0) break;
    }
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Lets everybody who is at work go on until nobody is. One call at a time; chance says whose is next. */
  async quiet(): Promise<void> {
    for (let idle = 0; this.#atWork > 0 || this.#open.length > 0; ) {
      await setImmediate();
      if (this.#open.length > 0) {
        idle = 0;
        const [next] = this.#open.splice(this.#random.below(this.#open.length), 1);
        next?.go();
      } else if (this.#atWork > 0 && idle++ > 20_000) {
        throw new Error('somebody waits for something that is not AWS');
      }
    }
    await setImmediate();
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Runs something that somebody is at; whoever is killed in it gives Killed. Errors of the simulation itself end the run. */
  async invoke(name: string, work: () => Promise<unknown>): Promise<{ result: unknown } | { error: string }> {
    this.#atWork += 1;
    try {
      const result = await new Promise((resolve, reject) => {
        const invocation = { name, killed: false, kill: () => reject(new Killed(name)) };
        running.run(invocation, () => work().then(resolve, reject));
      });
      return { result };
    } catch (error) {
      const failure = error as Error;
      this.log.push(`  ${name} ended with ${failure instanceof Killed ? 'its death' : failure.name}`);
      return { error: failure instanceof Killed ? 'Killed' : failure.name };
    } finally {
      this.#atWork -= 1;
    }
  }

  /** Somebody of the simulation does something; what they throw is a fault of the simulation, or of an invariant. */
  act(name: string, work: () => Promise<void>): void {
    this.#atWork += 1;
    work()
      .catch((error: unknown) => {
        if (!(error instanceof Killed)) this.#failed ??= Object.assign(error as Error, { while: name });
      })
      .finally(() => {
        this.#atWork -= 1;
      });
  }

  fail(error: unknown): void {
    this.#failed ??= error;
  }

  /** An asynchronous invocation, tried again as Lambda does. */
  invokeLater(name: string, payload: unknown, seconds = 0, tries = 0): void {
    this.later(seconds, name, () => {
      const handler = this.#functions[name];
      if (!handler) throw new Error(`there is no function ${name}`);
      void this.invoke(name, () => handler(structuredClone(payload), {})).then((came) => {
        const wait = LAMBDA_RETRIES_SECONDS[tries];
        if ('error' in came && wait !== undefined) this.invokeLater(name, payload, wait, tries + 1);
      });
    });
  }

  /** A call of a client. */
  async call(service: AwsService, command: { input: object }): Promise<unknown> {
    const invocation = running.getStore();
    // Here all functions share a process: a secret that one of them fetches is waited for by others, which are not killed with it.
    const isKilled = () => service !== 'secrets' && invocation?.killed;
    if (isKilled()) return new Promise(() => {});
    if (invocation) await new Promise<void>((go) => this.#open.push({ go }));
    if (isKilled()) return new Promise(() => {});
    this.calls += 1;
    const number = this.calls;
    const name = command.constructor.name;
    const call: Call = { service, name, reads: READS.test(name) };
    const mode = invocation ? this.plan(number, call) : undefined;
    if (mode) {
      const where = `${invocation?.name} at ${service} ${name}`;
      this.faults.push({ call: number, mode, where });
      this.log.push(`  ${where} (call ${number}): ${mode}`);
    }
    return this.#withFault(mode, call, command, invocation);
  }

  async #withFault(
    mode: Mode | undefined,
    call: Call,
    command: { input: object },
    invocation: Invocation | undefined,
  ): Promise<unknown> {
    switch (mode) {
      case 'before':
      case 'timeout':
      case 'throttled':
        throw errorOf(mode, call);
      case 'killed-before':
        return this.#kill(invocation);
      case 'killed-after':
        await this.#effect(call, command).catch(() => {});
        return this.#kill(invocation);
      case 'after':
        await this.#effect(call, command).catch(() => {});
        throw errorOf(mode, call);
      case 'twice':
        await this.#effect(call, command).catch(() => {});
        return this.#effect(call, command);
      case 'late':
        return this.#effect(call, command, 60 * (1 + this.#random.below(30)));
      default:
        return this.#effect(call, command);
    }
  }

  #kill(invocation: Invocation | undefined): Promise<never> {
    if (invocation) {
      invocation.killed = true;
      invocation.kill();
    }
    return new Promise(() => {});
  }

  async #effect({ service, name }: Call, command: { input: object }, late = 0): Promise<unknown> {
    const input = command.input as Record<string, unknown>;
    switch (service) {
      case 'dynamodb':
        return this.#write(name, command, input);
      case 'lambda':
        return this.#lambda(input, late);
      case 'states':
        return this.#states(name, input);
      case 'ses':
        this.#mail(input);
        return { MessageId: `mail-${this.mails.length}` };
      case 'secrets':
        return { SecretString: SECRET };
    }
  }

  async #write(name: string, command: { input: object }, input: Record<string, unknown>): Promise<unknown> {
    const { Item } = input as { Item?: Record<string, unknown> };
    const before = Item && this.table.get(Item);
    const answer = await this.table.send(command);
    if (name === 'PutCommand' && Item) {
      try {
        this.written(this.table.get(Item) ?? Item, before);
      } catch (error) {
        this.fail(error);
      }
    }
    return answer;
  }

  #lambda(input: Record<string, unknown>, late: number): object {
    const payload = JSON.parse(String(input.Payload));
    if (input.InvocationType !== 'Event') throw new Error('only asynchronous invocations are played');
    this.exposed.add(String(input.Payload));
    this.invokeLater(String(input.FunctionName), payload, late);
    return { StatusCode: 202 };
  }

  #states(name: string, input: Record<string, unknown>): object {
    const execution =
      String(input.executionArn ?? '')
        .split(':')
        .at(-1) ?? '';
    switch (name) {
      case 'StartExecutionCommand': {
        const { referralId, ...more } = JSON.parse(String(input.input));
        if (Object.keys(more).length > 0) throw new Error('more than an id goes into an execution');
        this.started.add(String(input.name));
        if (!this.machine.start(String(input.name), referralId)) throw named('ExecutionAlreadyExists');
        return {};
      }
      case 'StopExecutionCommand':
        if (!this.machine.stop(execution)) throw named('ExecutionDoesNotExist');
        return {};
      case 'SendTaskSuccessCommand':
        if (!this.machine.answer(String(input.taskToken), JSON.parse(String(input.output)))) {
          throw named('TaskTimedOut');
        }
        return {};
      case 'DescribeExecutionCommand': {
        const known = this.machine.executions.get(execution);
        if (!known) throw named('ExecutionDoesNotExist');
        return { status: known.ended === undefined ? 'RUNNING' : 'ABORTED' };
      }
      default:
        throw new Error(`${name} is not played`);
    }
  }

  #mail(input: Record<string, unknown>): void {
    const { Data } = input.RawMessage as { Data: Uint8Array };
    const { key, to, subject, message } = JSON.parse(Buffer.from(Data).toString());
    const text = JSON.stringify({ subject, message });
    this.exposed.add(text);
    const tags = (input.Tags ?? []) as { Name: string; Value: string }[];
    this.mails.push({
      ...{ key, to, subject, at: this.now },
      urls: text.match(/https:\/\/referrals\.example\/[^"\s\\]+/g) ?? [],
      tags: Object.fromEntries(tags.map(({ Name, Value }) => [Name, Value])),
    });
    this.log.push(`  mail ${key}`);
  }
}

const READS = /^(Get|BatchGet|Query|Scan|Describe)/;

function named(name: string): Error {
  return Object.assign(new Error(name), { name, $fault: 'client' });
}
