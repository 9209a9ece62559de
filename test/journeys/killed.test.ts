/**
 * The whole embedded cloud is killed at random moments, again and again, while a group of two lives through twelve sessions. People do what people
 * do then: what did not answer they open and do again. `KILLS=50` says how often; `KILL_SEED` says when.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { type Chance, chanceFor } from '../seed/chance.ts';
import { visit } from './browser.ts';
import { choirInDirectory } from './choir.ts';
import { Cloud } from './cloud.ts';
import { isShared, SERVE } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';

const KILLS = Number(process.env.KILLS ?? 3);
const SEED = Number(process.env.KILL_SEED ?? randomInt(2 ** 31));
const SESSIONS = 12;
/** From its start, a cloud lives at most so long: it is killed while it starts, takes up what was open, or works. */
const LONGEST_LIFE_MS = 9_000;

type Row = {
  sk: string;
  reference?: string;
  stage?: string;
  ending?: { kind: string };
  programme?: { sessions: { number: number; status: string; attendance?: string }[] };
  history?: { event: string }[];
};

/** A cloud that does not live long, always at the same address and on the same data. */
class MortalCloud {
  readonly control: Cloud;
  killed = 0;
  /** At most so many deaths to come. */
  deaths = 0;
  readonly #dataDir: string;
  readonly #port: number;
  readonly #chance: Chance;
  #process: ChildProcess | undefined;
  #ended = false;

  constructor(dataDir: string, port: number, chance: Chance) {
    this.#dataDir = dataDir;
    this.#port = port;
    this.#chance = chance;
    this.control = new Cloud(`http://localhost:${port}`);
  }

  /** Starts it, and again whenever it was killed. Resolves when it answers. */
  async live(): Promise<void> {
    const child = spawn(
      process.execPath,
      [SERVE, inject('assembly') ?? '', this.#dataDir, String(this.#port)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.#process = child;
    const timer = this.deaths === 0 ? undefined : this.#dieSoon(child);
    const exited = once(child, 'exit').then(([, signal]) => {
      clearTimeout(timer);
      if (this.#ended) return;
      if (signal !== 'SIGKILL') throw new Error(`the cloud ended by itself (${signal ?? child.exitCode})`);
      this.killed += 1;
      this.deaths -= 1;
    });
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited]);
  }

  /** From now on it dies so many times. */
  async threaten(deaths: number): Promise<void> {
    this.deaths = deaths;
    if (this.#process) this.#dieSoon(this.#process);
  }

  #dieSoon(child: ChildProcess): NodeJS.Timeout {
    return setTimeout(() => child.kill('SIGKILL'), this.#chance.between(0, LONGEST_LIFE_MS));
  }

  /** Does something, again and again until nobody was killed meanwhile. */
  async insist<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      const child = this.#process;
      try {
        return await act();
      } catch (error) {
        if (child?.exitCode === null && child.signalCode === null) {
          // It may be dying: a connection breaks before the process is known to have ended.
          await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 1_000))]);
          if (child.signalCode === null) throw error;
        }
        if (child?.signalCode !== 'SIGKILL') throw error;
        if (this.#process === child) await this.live();
      }
    }
  }

  async end(): Promise<void> {
    this.#ended = true;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.skipIf(isShared())('a cloud that is killed', () => {
  const ending: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ending.reverse()) await end();
  });

  it(`loses nothing, killed ${KILLS} times in one programme`, {
    timeout: 60_000 + 20_000 * KILLS,
  }, async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'osp-killed-'));
    ending.push(() => rm(dataDir, { recursive: true, force: true }));
    const mortal = new MortalCloud(dataDir, await freePort(), chanceFor(SEED, 0));
    ending.push(() => mortal.end());
    await mortal.live();
    const { control } = mortal;
    const mark = randomUUID().slice(0, 8);
    const programmeId = `evening-choir-${mark}`;
    const address = `choir-${mark}@provider.example`;
    await choirInDirectory(control, new Map(), { mark, address, sessions: SESSIONS, places: 2 });
    const referrals = [
      await Referral.submitted(control.baseUrl),
      await Referral.submitted(control.baseUrl, { firstName: 'Ben' }),
    ];
    const group = new Group(control, referrals, programmeId, address);

    await mortal.threaten(KILLS);
    while (!(await mortal.insist(() => group.goOn(mortal.deaths > 0 ? 3 : 12))));
    expect(mortal.killed).toBe(KILLS);

    await control.settle();
    const rows = (await control.table()) as Row[];
    for (const referral of referrals) {
      const item = rows.find((row) => isOf(row, referral));
      const held = (item?.programme?.sessions ?? []).filter(({ status }) => status === 'held');
      expect([item?.stage, item?.ending?.kind, held.length]).toEqual(['closed', 'completed', SESSIONS]);
      expect(held.map(({ number, attendance }) => [number, attendance])).toEqual(
        held.map(({ number }) => [number, group.recorded.get(number)]),
      );
      expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
      // Whatever was decided was decided once.
      const decided = (item?.history ?? []).map(({ event }) => event.replace(/^matched-.*/, 'matched'));
      for (const event of ['matched', 'offer-accepted', 'programme-completed'])
        expect([event, decided.filter((each) => each === event).length]).toEqual([event, 1]);
    }
    const open = (await control.executions()).filter(({ status }) => status === 'RUNNING');
    expect(open).toEqual([]);
  });
});

/** Two people of a group, their link worker and the facilitator, who do the next thing that there is to do. */
class Group {
  /** The attendance that was answered as recorded, by session. */
  readonly recorded = new Map<number, string>();
  readonly #control: Cloud;
  readonly #referrals: readonly Referral[];
  readonly #programmeId: string;
  readonly #address: string;

  constructor(control: Cloud, referrals: readonly Referral[], programmeId: string, address: string) {
    this.#control = control;
    this.#referrals = referrals;
    this.#programmeId = programmeId;
    this.#address = address;
  }

  /** Does one thing, or moves the clock by so many hours when there is nothing to do. Whether everybody's referral is closed. */
  async goOn(hours: number): Promise<boolean> {
    const rows = (await this.#control.table()) as Row[];
    for (const referral of this.#referrals) {
      const item = rows.find((row) => isOf(row, referral));
      if (item === undefined) throw new Error(`${referral.reference} is lost`);
      if (item.stage === 'review' && (await this.#match(referral))) return false;
      if (item.stage === 'offer' && (await this.#accept(referral))) return false;
    }
    if (await this.#register()) return false;
    if (rows.filter((row) => row.sk === 'REFERRAL').every(({ stage }) => stage === 'closed')) return true;
    await this.#control.advance({ hours });
    return false;
  }

  async #match(referral: Referral): Promise<boolean> {
    const page = await referral.opened();
    if (!page.has('decision')) return false;
    await referral.matchOn(page, this.#programmeId);
    return true;
  }

  async #accept(referral: Referral): Promise<boolean> {
    const link = (await referral.mails()).flatMap((mail) => linkIn(mail, 'offer') ?? []).at(-1);
    const page = link === undefined ? undefined : await (await visit(link)).submit('open');
    if (!page?.has('reply')) return false;
    await page.submit('reply', { reply: 'accept' });
    await this.#control.settle();
    return true;
  }

  async #register(): Promise<boolean> {
    const asked = (await this.#control.inbox()).filter(
      (mail) => mail.to.includes(this.#address) && /record who came/i.test(mail.subject),
    );
    const link = asked.flatMap((mail) => linkIn(mail, 'register') ?? []).at(-1);
    const door = link === undefined ? undefined : await visit(link);
    const session = Number(/[?&]session=(\d+)/.exec(link ?? '')?.[1]);
    if (!door?.has('action') || this.recorded.has(session)) return false;
    const page = await door.submit('open');
    const names = page.named(/^attendance-/);
    if (names.length === 0) return false;
    const code = session % 5 === 0 ? '6' : '5';
    const done = await page.submit('record', {
      held: 'yes',
      ...Object.fromEntries(names.map((name) => [name, code])),
    });
    if (done.status === 200 && done.heading.includes('recorded')) this.recorded.set(session, code);
    await this.#control.settle();
    return true;
  }
}

function isOf({ sk, reference }: Row, referral: Referral): boolean {
  return sk === 'REFERRAL' && reference === referral.reference;
}
