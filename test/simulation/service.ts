/**
 * One small service by a seed: some people, their link workers, a coordinator, a provider with few places, an operator. Time is the cloud's, and
 * jumps from one thing that happens to the next. Every form goes to the real handler, as whoever has its link or is signed in sends it.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { vi } from 'vitest';
import { handler as directorySweep } from '../../functions/directory-sweep/handler.ts';
import { handler as outbox } from '../../functions/outbox/handler.ts';
import { handler as rebuild } from '../../functions/rebuild-executions/handler.ts';
import { handler as sweep } from '../../functions/reminder-sweep/handler.ts';
import { findProgramme } from '../../functions/shared/directory/directory.ts';
import { storeEntry } from '../../functions/shared/directory/store.ts';
import { freshen } from '../../functions/shared/fresh.ts';
import { readToken } from '../../functions/shared/links.ts';
import { log } from '../../functions/shared/log.ts';
import { type KeyPurpose, keyFor } from '../../functions/shared/secret.ts';
import { beginSession, type Role } from '../../functions/shared/session.ts';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import { noteMember } from '../../functions/shared/team-members.ts';
import type { Visit } from '../../functions/shared/web.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import type { Places } from '../../workflows/places.ts';
import type { Referral } from '../../workflows/referral.ts';
import { after, londonDate } from '../../workflows/time.ts';
import { request, useEnvironment } from '../unit/functions/environment.ts';
import { TABLE } from '../unit/functions/table.ts';
import { NOW } from '../unit/workflows/builders.ts';
import { Cloud, callsComeHere, type Functions } from './aws.ts';
import { type Level, type Plan, planOf } from './faults-of-aws.ts';
import { Watch } from './holds.ts';
import { type Random, randomOf } from './random.ts';

export const PROGRAMME = 'hive-music';
/** A programme of which the directory knows no groups: its provider chooses when somebody begins. */
export const OTHER_PROGRAMME = 'example-crafts';

const PEOPLE = {
  amina: { name: 'Amina Rahman', roles: ['link-worker'] },
  grace: { name: 'Grace Mensah', roles: ['coordinator', 'link-worker'] },
} as const satisfies Record<string, { name: string; roles: readonly Role[] }>;
export type Who = keyof typeof PEOPLE;

const FUNCTIONS = { outbox, sweep, rebuild, 'directory-sweep': directorySweep } as unknown as Functions;
const SWEEP_MS = 5 * 60_000;
/** In so many services clocks jump: so many looks at one are wrong, by up to so much, this way or that. */
const [JUMPY, WRONG, WRONG_MS] = [0.2, 0.2, 3_600_000];
/** More than a follow-up, and less than anything that is closed is kept. */
const LONG_MS = 400 * 86_400_000;
/** After so many sweeps something is not due any more, whatever fails. */
const MOST_SWEEPS = 40;
const PURPOSES: readonly KeyPurpose[] = [
  'person-index',
  'form',
  'session',
  'sign-in',
  'code',
  'offers',
  'calendar',
];

let chance: Random | undefined;

/**
 * Puts the environment in force, has every client come to the cloud, and what functions take from chance come from the seed. Gives what undoes
 * that.
 */
export async function prepare(): Promise<() => void> {
  useEnvironment({
    ...{ CONFIGURATION_SET: 'mail', SENDER: 'referrals@service.example', CONFIRM_AFTER_DAYS: '365' },
    ...{ COORDINATOR_ADDRESS: 'coordinator@service.example', OUTBOX_FUNCTION: 'outbox' },
    ...{ SESSION_IDLE_MINUTES: '100000000', SESSION_HOURS: '1000000' },
    ...{ FORMS_PER_TEN_MINUTES: '100000000', API_PER_MINUTE: '100000000' },
  });
  const restoreClients = callsComeHere();
  new Cloud(NOW, () => undefined, randomOf(0), FUNCTIONS);
  for (const purpose of PURPOSES) await keyFor(purpose);
  const restoreCrypto = seedCrypto();
  for (const level of ['info', 'error'] as const) {
    vi.spyOn(log, level).mockImplementation((...said: unknown[]) => {
      current?.cloud.exposed.add(JSON.stringify(said));
    });
  }
  return () => {
    restoreClients();
    restoreCrypto();
  };
}

let current: Service | undefined;

/** Node's own module takes bytes from the seed while a service runs. */
function seedCrypto(): () => void {
  const crypto = createRequire(import.meta.url)('node:crypto');
  const { randomBytes, randomUUID, randomInt } = crypto;
  crypto.randomBytes = (size: number, ...rest: unknown[]) =>
    chance && rest.length === 0 ? chance.bytes(size) : randomBytes(size, ...rest);
  crypto.randomUUID = (...rest: unknown[]) => chance?.uuid() ?? randomUUID(...rest);
  crypto.randomInt = (...args: unknown[]) =>
    chance && args.length === 1 ? chance.below(Number(args[0])) : randomInt(...args);
  syncBuiltinESMExports();
  return () => {
    Object.assign(crypto, { randomBytes, randomUUID, randomInt });
    syncBuiltinESMExports();
  };
}

export type Options = {
  seed: number;
  /** Which faults; by the seed where it is left out. */
  level?: Level;
  /** Only these of the faults that chance chose. */
  kept?: ReadonlySet<number>;
  /** What goes wrong, in place of chance. */
  plan?: Plan;
  /** How many sessions the programme has; by the seed where it is left out. */
  sessions?: number;
};

export type Answer = { status: number; location: string; body: string };
/** Nobody answered: what was sent may have been done or not. */
export const NO_ANSWER: Answer = { status: 0, location: '', body: '' };

export class Service {
  readonly seed: number;
  readonly level: Level;
  readonly cloud: Cloud;
  readonly watch: Watch;
  readonly sessions: number;
  /** More people than there are places, whom everybody wants in the same group. */
  readonly crowded: boolean;
  /** The ids of the referrals that somebody was told are recorded. */
  readonly known = new Set<string>();
  #cookies: Record<Who, string> = { amina: '', grace: '' };
  #sweptAt = 0;
  #due = new Map<string, number>();
  /** Until then nobody sweeps. */
  outageUntil = 0;
  restarted = false;

  private constructor({ seed, level, kept, plan, sessions }: Options) {
    const random = randomOf(seed, 'service');
    this.seed = seed;
    this.level = level ?? random.pick(['none', 'single', 'single', 'few', 'few', 'many'] as const);
    this.crowded = random.chance(0.15);
    this.sessions = sessions ?? (random.chance(0.15) ? 12 : 2 + random.below(3));
    this.cloud = new Cloud(NOW, () => undefined, randomOf(seed, 'turns'), FUNCTIONS);
    const clock = randomOf(seed, 'clock');
    const jumpy = !plan && clock.chance(JUMPY);
    if (jumpy) this.#upsetClocks(clock);
    // Whoever's clock is an hour ahead takes what another is at for given up, and does it too.
    this.watch = new Watch(this.cloud, jumpy && this.level !== 'many' ? 'few' : this.level);
    this.#plan = plan ?? planOf(seed, this.level, kept);
  }
  readonly #plan: Plan;

  static async open(options: Options): Promise<Service> {
    const service = new Service(options);
    const random = randomOf(options.seed, 'setting');
    chance = randomOf(options.seed, 'crypto');
    current = service;
    const programme = findProgramme(PROGRAMME);
    if (!programme) throw new Error('the directory is empty');
    // Two groups: the second is for whoever comes too late for the first, or finds it full.
    const groups = [21, 21 + 7 * (service.sessions + 2)].slice(0, service.crowded ? 1 : 1 + random.below(2));
    const startsOn = (days: number) => londonDate(after('2026-11-24T12:00:00.000Z', { days }));
    await storeEntry(TABLE, undefined, {
      programme: {
        ...programme,
        eligibility: {},
        sessions: { ...programme.sessions, count: service.sessions },
        cohorts: groups.map((days) => ({
          id: startsOn(days),
          startsOn: startsOn(days),
          capacity: service.crowded ? 1 : 1 + random.below(2),
        })),
      },
      ...{ at: NOW, how: 'added', changes: [] },
    });
    await freshen(after(NOW, { days: 9999 }));
    await freshen(NOW);
    const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
    for (const [sub, { name, roles }] of Object.entries(PEOPLE)) {
      const person = { sub, name, email: '', roles: [...roles], teams: ['camden', 'all'] };
      service.#cookies[sub as Who] = (await beginSession(visit, person)).split(';')[0] ?? '';
      await noteMember(TABLE, person, NOW);
    }
    service.cloud.calls = 0;
    service.cloud.plan = service.#plan;
    return service;
  }

  close(): void {
    chance = undefined;
    current = undefined;
    // What spies have seen is kept otherwise, and ten thousand services would not fit into this process.
    vi.clearAllMocks();
  }

  /** Pages, steps and the scheduler each look at a clock of their own. */
  #upsetClocks(random: Random): void {
    const { cloud } = this;
    cloud.clock = () => {
      const wrong = random.chance(WRONG) ? Math.round((random.next() * 2 - 1) * WRONG_MS) : 0;
      return new Date(cloud.nowMs + wrong).toISOString();
    };
  }

  /** Nothing goes wrong from now on. */
  heal(): void {
    this.cloud.plan = () => undefined;
    this.cloud.clock = () => this.cloud.now;
    this.outageUntil = 0;
  }

  /** A request to a page: what came back, or nothing where the function was killed. */
  async ask(
    handler: unknown,
    sent: {
      route: string;
      path?: Record<string, string>;
      query?: Record<string, string>;
      fields?: Record<string, string>;
      cookies?: string[];
      as?: Who;
    },
  ): Promise<Answer & { cookies: string[] }> {
    const { as, cookies = [], ...rest } = sent;
    const name = sent.route.replace(/[^A-Z/{}a-z-]/g, ' ');
    const now = this.cloud.clock();
    const at = { ...rest, now, cookies: as ? [this.#cookies[as]] : cookies };
    const came = await this.cloud.invoke(name, () => request(handler, at));
    if ('error' in came) return { ...NO_ANSWER, cookies: [] };
    const {
      statusCode = 0,
      headers,
      body = '',
      cookies: set = [],
    } = came.result as Awaited<ReturnType<typeof request>>;
    this.cloud.log.push(
      `${now} ${name}${sent.fields?.action ? ` ${sent.fields.action}` : ''} ${sent.fields?.decision ?? sent.fields?.reply ?? sent.fields?.outcome ?? ''}: ${statusCode}`,
    );
    this.watch.answered(name, statusCode, body);
    return { status: statusCode, location: String(headers?.location ?? ''), body, cookies: set };
  }

  /** Whatever ran is gone; the table is all there is. */
  restart(): void {
    this.restarted = true;
    this.cloud.machine.forget();
  }

  /** The operator's command: slice after slice, each again where it failed, until the end of the table. */
  async rebuild(): Promise<void> {
    const { now } = this.cloud;
    let cursor: string | undefined;
    for (let tries = 0; tries < 20; tries++) {
      const asked = { now, ...(cursor === undefined ? {} : { cursor }) };
      const run = rebuild as unknown as Functions[string];
      const came = await this.cloud.invoke('rebuild', () => run(asked, {}));
      if ('error' in came) continue;
      const { cursor: next, failed } = came.result as { cursor?: string; failed: number };
      // What failed is done by the same run again: what was done in it is not done twice.
      if (failed > 0) continue;
      if (next === undefined) return this.#checkRebuilt();
      cursor = next;
    }
  }

  /** After the operator's command everybody who is open has an execution, or one that is to start. */
  #checkRebuilt(): void {
    const running = new Set(this.cloud.machine.running().map(({ name }) => name));
    for (const { reference, stage, execution, outbox } of this.referrals()) {
      const starts = outbox.some(({ kind }) => kind === 'start');
      if (stage === 'closed' || starts || running.has(execution.name)) continue;
      this.cloud.fail(new Error(`${reference} at ${stage} was not rebuilt`));
    }
  }

  /** The newest of each referral, in the order in which they came. */
  referrals(): Referral[] {
    return this.#of('REFERRAL#', 'REFERRAL') as unknown as Referral[];
  }

  cohorts(): CohortRecord[] {
    return this.#of('COHORT#', 'COHORT') as unknown as CohortRecord[];
  }

  ledgers(): Places[] {
    return this.#of('PLACES#', 'PLACES') as unknown as Places[];
  }

  #of(prefix: string, sk: string): Record<string, unknown>[] {
    return this.watch.keys(prefix).flatMap((pk) => this.cloud.table.get({ pk, sk }) ?? []) as Record<
      string,
      unknown
    >[];
  }

  /** The newest link of a purpose that was mailed about somebody or a group. */
  link(id: string, purpose: string): { link: string; query: Record<string, string> } | undefined {
    for (let i = this.cloud.mails.length - 1; i >= 0; i--) {
      for (const url of this.cloud.mails[i]?.urls ?? []) {
        const { pathname, searchParams } = new URL(url);
        const [, found, link] = pathname.split('/');
        if (found === purpose && link && readToken(link)?.referralId === id) {
          return { link, query: Object.fromEntries(searchParams) };
        }
      }
    }
    return undefined;
  }

  /** Moves on to the next thing that happens: at the latest at `until` (a time in ms), where nothing happens before. */
  async goOn(until = Number.POSITIVE_INFINITY): Promise<void> {
    const { cloud } = this;
    const at = Math.min(cloud.nextAt(), this.#nextSweep(), until);
    if (!Number.isFinite(at)) return;
    cloud.nowMs = Math.max(at, cloud.nowMs);
    if (cloud.nowMs >= this.#nextSweep()) {
      this.#sweptAt = cloud.nowMs;
      cloud.log.push(`${cloud.now} sweep`);
      this.#noteDue();
      cloud.invokeLater('sweep', { now: cloud.clock() });
    }
    await cloud.happen();
    this.watch.check();
  }

  /** Whatever is due is done, or due later: the sweep does not come to the same thing again and again. */
  #noteDue(): void {
    const due = new Map<string, number>();
    for (let shard = 0; shard < DUE_SHARDS; shard++) {
      for (const { pk, dueAt } of this.cloud.table.partition('due', String(shard))) {
        const one = `${pk} ${dueAt}`;
        if (String(dueAt) <= this.cloud.now) due.set(one, (this.#due.get(one) ?? 0) + 1);
      }
    }
    this.#due = due;
    for (const [one, sweeps] of due) {
      if (sweeps > MOST_SWEEPS)
        this.cloud.fail(new Error(`${one} is due, and ${sweeps} sweeps have not changed that`));
    }
  }

  /** The next five-minute sweep at which something is due. */
  #nextSweep(): number {
    const first = this.nextDue();
    if (first === undefined) return Number.POSITIVE_INFINITY;
    const at = Math.ceil(Date.parse(first) / SWEEP_MS) * SWEEP_MS;
    return Math.max(at, this.#sweptAt + SWEEP_MS, this.outageUntil);
  }

  /** Whether nothing is to come but that what is closed is erased one day: nothing else is due, and no execution is on its way. */
  isAtRest(): boolean {
    return !this.hasMoreToDo() && this.cloud.machine.running().length === 0;
  }

  /** Whether something is due before referrals have been kept long enough to be erased (workflows/retention.ts). */
  hasMoreToDo(): boolean {
    const next = this.nextDue();
    return next !== undefined && Date.parse(next) < this.cloud.nowMs + LONG_MS;
  }

  nextDue(): string | undefined {
    let first: string | undefined;
    for (let shard = 0; shard < DUE_SHARDS; shard++) {
      for (const { dueAt } of this.cloud.table.partition('due', String(shard))) {
        if (first === undefined || String(dueAt) < first) first = String(dueAt);
      }
    }
    return first;
  }
}
