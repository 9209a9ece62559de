/**
 * One referral and everybody who acts on it at once: people signed in, the provider, the person, the sweep, the outbox and the execution,
 * each through the real functions on a table. Who goes next is decided at every request to the table.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteCommand, DynamoDBDocumentClient, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Scheduler } from 'fast-check';
import { type HTMLElement, parse } from 'node-html-parser';
import { vi } from 'vitest';
import type { Effects } from '../../functions/outbox/effects.ts';
import { emptyOutbox } from '../../functions/outbox/outbox.ts';
import type { Email } from '../../functions/shared/email/compose.ts';
import { freshen } from '../../functions/shared/fresh.ts';
import { mintToken } from '../../functions/shared/links.ts';
import { referrals } from '../../functions/shared/record.ts';
import { beginSession, type Role } from '../../functions/shared/session.ts';
import { noteMember } from '../../functions/shared/team-members.ts';
import type { Visit } from '../../functions/shared/web.ts';
import { referenceOf } from '../../workflows/intake.ts';
import { withHash } from '../../workflows/links.ts';
import type { Referral } from '../../workflows/referral.ts';
import { after, type Span } from '../../workflows/time.ts';
import { request } from '../unit/functions/environment.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import { NOW, submitted } from '../unit/workflows/builders.ts';
import { Machine } from './execution.ts';

/** Those who are signed in, and their teams. */
export const PEOPLE = {
  amina: { name: 'Amina Rahman', roles: ['link-worker'], team: 'camden' },
  tom: { name: 'Tom Wells', roles: ['link-worker'], team: 'camden' },
  grace: { name: 'Grace Mensah', roles: ['coordinator'], team: 'camden' },
  sam: { name: 'Sam Price', roles: ['link-worker'], team: 'all' },
} as const satisfies Record<string, { name: string; roles: readonly Role[]; team: string }>;
export type Who = keyof typeof PEOPLE;

export const SETTINGS = {
  sender: 'referrals@service.example',
  serviceName: 'Open Social Prescribing',
  baseUrl: 'https://referrals.example',
  linkWorkerAddress: 'link-workers@service.example',
  coordinatorAddress: 'coordinator@service.example',
  teams: [],
  crisisContacts: [],
};

let world: CaseWorld | undefined;

/** Has every request of the functions to the table, and every call to the outbox, pass through the world that is open. */
export function hold(): void {
  const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<unknown>;
  vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(function (
    this: unknown,
    command: unknown,
  ) {
    const real = () => send.call(this, command);
    return (world ? world.pass(command as { input: object }, real) : real()) as never;
  });
  vi.spyOn(LambdaClient.prototype, 'send').mockImplementation((async ({
    input,
  }: {
    input: { Payload: string };
  }) => {
    world?.wakeOutbox(JSON.parse(input.Payload).now);
    return {};
  }) as never);
}

/** Between two requests everybody goes on as far as they can. */
export async function inTurn(turn: () => Promise<void>): Promise<void> {
  await turn();
  await setImmediate();
}

const actor = new AsyncLocalStorage<string>();

let ids = 0;

export class CaseWorld {
  readonly id: string;
  readonly reference: string;
  readonly machine: Machine;
  /** Every version of the referral that was stored, oldest first. */
  readonly versions: Referral[] = [];
  /** The index attributes of the newest one. */
  item: Record<string, unknown> = {};
  readonly mails: { message: string; url: string; at: string }[] = [];
  /** What happened, for whoever has to find out why. */
  readonly log: string[] = [];
  now = NOW;
  person = '';
  readonly #cookies = {} as Record<Who, string>;
  readonly #table: TestTable;
  readonly #running = new Set<Promise<void>>();
  #failed: unknown;
  #scheduler: Scheduler | undefined;

  private constructor(table: TestTable) {
    ids += 1;
    this.#table = table;
    // The reference is made of the first digits.
    this.id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
    this.reference = referenceOf(this.id);
    this.machine = new Machine({
      invoke: (_name, work) =>
        new Promise((resolve) => this.go('execution', async () => resolve({ result: await work() }))),
      now: () => this.now,
    });
  }

  /** A new referral of the team in Camden, which its execution has put to the link workers. */
  static async open(table: TestTable): Promise<CaseWorld> {
    // Everything that is kept warm is as if the last reading of it was now.
    await freshen(after(NOW, { days: 999 }));
    await freshen(NOW);
    const opened = new CaseWorld(table);
    const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
    for (const [sub, { name, roles, team }] of Object.entries(PEOPLE)) {
      const person = { sub, name, email: '', roles: [...roles], teams: [team] };
      opened.#cookies[sub as Who] = (await beginSession(visit, person)).split(';')[0] ?? '';
      await noteMember(TABLE, person, NOW);
    }
    const { token, hash } = mintToken(opened.id);
    opened.person = token;
    const { id, reference } = opened;
    const referral = submitted();
    const person = referral.links.person ?? { purpose: 'person' as const, hashes: [] };
    const name = `${id}-1`;
    world = opened;
    await table.referrals.create({
      ...referral,
      ...{ id, reference, team: 'camden', version: 0 },
      execution: { ...referral.execution, name },
      outbox: referral.outbox.map((entry) =>
        entry.kind === 'start' ? { ...entry, key: `start:${name}`, execution: name } : entry,
      ),
      links: { ...referral.links, person: withHash(person, hash, NOW) },
    });
    opened.wakeOutbox(NOW);
    await opened.quiet();
    return opened;
  }

  /** Takes the referral away: the next world has a table of its own. */
  async close(): Promise<void> {
    world = undefined;
    const Key = { pk: `REFERRAL#${this.id}`, sk: 'REFERRAL' };
    await DynamoDBDocumentClient.from(this.#table.client).send(new DeleteCommand({ TableName: TABLE, Key }));
  }

  /** Runs some work at once with everything else, under a name. */
  go(name: string, work: () => Promise<void>): void {
    const running = actor
      .run(name, work)
      .catch((error: unknown) => {
        this.#failed ??= error;
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nobody is at anything any more; rejects when something failed. */
  async quiet(scheduler?: Scheduler): Promise<void> {
    this.#scheduler = scheduler;
    const done = (async () => {
      while (this.#running.size > 0) await Promise.all(this.#running);
    })();
    await (scheduler ? scheduler.waitFor(done) : done);
    this.#scheduler = undefined;
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** A request to the table: its turn comes when the scheduler says so. */
  async pass(command: { input: object }, send: () => Promise<unknown>): Promise<unknown> {
    const { input } = command;
    const name = command.constructor.name.replace('Command', '');
    const done = async () => {
      const result = await send();
      this.#note(input as PutCommandInput);
      return result;
    };
    const scheduler = this.#scheduler;
    if (!scheduler) return done();
    let result: Promise<unknown> | undefined;
    const turn = async (_who: string) => {
      result = done();
      await result.catch(() => {});
    };
    await scheduler.scheduleFunction(turn)(`${actor.getStore()}: ${name}`);
    return result;
  }

  /** Lets others go first. */
  async wait(): Promise<void> {
    if (this.#scheduler) await this.#scheduler.scheduleFunction(async (_who: string) => {})('waits');
  }

  #note({ Item }: PutCommandInput): void {
    if (Item?.sk !== 'REFERRAL') return;
    this.item = structuredClone(Item);
    this.versions.push(structuredClone(Item) as unknown as Referral);
    const { version, stage, reviews, history, waiting } = Item as unknown as Referral;
    const step = waiting ? ` waits at ${waiting.step}` : '';
    this.log.push(
      `  v${version} by ${actor.getStore()}: ${stage}, review ${reviews}${step}, ${history.at(-1)?.event}`,
    );
  }

  get referral(): Referral {
    const newest = this.versions.at(-1);
    if (!newest) throw new Error('nothing was stored');
    return newest;
  }

  wakeOutbox(now: string): void {
    this.go('outbox', async () => {
      const effects: Effects = {
        send: async ({ raw }) => this.#mailed(raw),
        answer: async (token, output) => void this.machine.answer(token, output),
        stop: async (execution) => void this.machine.stop(execution),
        start: async (execution, { referralId = '' }, stop) => {
          if (stop !== undefined) this.machine.stop(stop);
          this.machine.start(execution, referralId);
        },
      };
      const world = { table: TABLE, referrals: referrals(TABLE), effects, mail: SETTINGS };
      await emptyOutbox(world, this.id, now);
    });
  }

  #mailed(raw: Uint8Array): void {
    const { key, message, now } = JSON.parse(Buffer.from(raw).toString()) as Email;
    const name = key.slice(this.id.length + 1);
    this.log.push(`  mail ${name}`);
    this.mails.push({ message: name, url: message.action?.url ?? '', at: now });
  }

  letPass(span: Span): void {
    this.now = after(this.now, span);
  }

  /** Somebody signed in opens a page of the referral, or sends a form of one. */
  async page(
    who: Who,
    handler: unknown,
    path: string,
    { fields, query = {}, now }: { fields?: Fields; query?: Fields; now: string },
  ): Promise<Page> {
    const route = `${fields ? 'POST' : 'GET'} /referrals/{reference}${path}`;
    const sent = { route, path: { reference: this.reference }, cookies: [this.#cookies[who]], query, now };
    return pageOf(await request(handler, { ...sent, fields: fields ?? {} }));
  }

  /** Somebody who has a link sends a form. */
  async byLink(handler: unknown, purpose: string, link: string, fields: Fields, now: string): Promise<Page> {
    return pageOf(await request(handler, { route: `POST /${purpose}/{link}`, path: { link }, fields, now }));
  }

  /** The newest link that was mailed for a purpose. */
  link(purpose: string): string | undefined {
    return this.mails
      .findLast(({ url }) => url.includes(`/${purpose}/`))
      ?.url.split('/')
      .at(-1);
  }
}

export type Fields = Record<string, string>;
export type Page = { status: number; location: string; html: HTMLElement; text: string };

export function pageOf({ statusCode = 0, headers, body = '' }: Awaited<ReturnType<typeof request>>): Page {
  const html = parse(body);
  const text = html.querySelector('main')?.structuredText ?? '';
  return { status: statusCode, location: String(headers?.location ?? ''), html, text };
}

/** What the form with a button, or another element, would send; undefined where the page has none. */
export function formOf(html: HTMLElement, having: string): Fields | undefined {
  const form = html.querySelectorAll('main form').find((each) => each.querySelector(having) !== null);
  if (!form) return undefined;
  const fields: Fields = {};
  for (const field of form.querySelectorAll('input, textarea, select')) {
    const name = field.getAttribute('name') ?? '';
    const type = field.getAttribute('type');
    if ((type === 'radio' || type === 'checkbox') && !field.hasAttribute('checked')) continue;
    if (field.tagName === 'TEXTAREA') fields[name] = field.text.trim();
    else if (field.tagName === 'SELECT') {
      const chosen = field.querySelector('option[selected]') ?? field.querySelector('option');
      fields[name] = chosen?.getAttribute('value') ?? '';
    } else fields[name] = field.getAttribute('value') ?? '';
  }
  return fields;
}
