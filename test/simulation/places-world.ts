/**
 * One programme with two small groups, and everybody whom link workers match to it: providers reply, people leave, places are added and taken away,
 * each through the real functions on a table. Who goes next is decided at every request to the table, and whoever is at it may be killed there.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import type { Scheduler } from 'fast-check';
import { expect, vi } from 'vitest';
import { handler as directory } from '../../functions/directory/handler.ts';
import { handler as contactsPage } from '../../functions/link-worker-contacts/handler.ts';
import { handler as review } from '../../functions/link-worker-review/handler.ts';
import type { Effects } from '../../functions/outbox/effects.ts';
import { emptyAll, emptyOutbox } from '../../functions/outbox/outbox.ts';
import { settleDuePlaces } from '../../functions/outbox/places.ts';
import { handler as personPage } from '../../functions/person-page/handler.ts';
import { handler as voice } from '../../functions/person-voice/handler.ts';
import { handler as offerPage } from '../../functions/provider-offer/handler.ts';
import { handler as sweep } from '../../functions/reminder-sweep/handler.ts';
import { findProgramme } from '../../functions/shared/directory/directory.ts';
import { storeEntry } from '../../functions/shared/directory/store.ts';
import type { Email } from '../../functions/shared/email/compose.ts';
import { freshen } from '../../functions/shared/fresh.ts';
import { mintToken } from '../../functions/shared/links.ts';
import { referrals } from '../../functions/shared/record.ts';
import { beginSession } from '../../functions/shared/session.ts';
import type { Visit } from '../../functions/shared/web.ts';
import type { Cohort } from '../../workflows/directory.ts';
import { referenceOf } from '../../workflows/intake.ts';
import { withHash } from '../../workflows/links.ts';
import { inLine, type Places, promised, type Waiting } from '../../workflows/places.ts';
import type { Contact, Referral } from '../../workflows/referral.ts';
import { after, type Span } from '../../workflows/time.ts';
import { request } from '../unit/functions/environment.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import { NOW, submitted } from '../unit/workflows/builders.ts';
import { type Fields, formOf, type Page, pageOf, SETTINGS } from './case-world.ts';
import { Machine } from './execution.ts';

export const PROGRAMME = 'hive-music';
/** The days on which the groups start, which are their names. */
export const GROUPS = ['2027-01-12', '2027-04-13'] as const;

/** Whoever is killed: nothing of what they were at goes on. */
class Killed extends Error {}

type Actor = { name: string /** How many requests to the table they still live for. */; lives: number };
const actor = new AsyncLocalStorage<Actor>();

let world: PlacesWorld | undefined;

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
    world?.wakeOutbox(JSON.parse(input.Payload));
    return {};
  }) as never);
}

type Woken = { referralId?: string | undefined; places?: string | undefined; now: string };

export class PlacesWorld {
  readonly machine: Machine;
  readonly ids: string[] = [];
  /** The newest of each that was stored. */
  readonly stored = new Map<string, Referral>();
  ledger: Places | undefined;
  readonly mails: { id: string; message: string; url: string }[] = [];
  /** What happened, for whoever has to find out why. */
  readonly log: string[] = [];
  /** How often what happened. */
  readonly counts = new Map<string, number>();
  now = NOW;
  /** After so many requests the next ones who work in the background are killed. */
  readonly deaths: number[] = [];
  readonly #persons = new Map<string, string>();
  #cookies: Record<'amina' | 'tom', string> = { amina: '', tom: '' };
  readonly #table: TestTable;
  readonly #running = new Set<Promise<void>>();
  #failed: unknown;
  #scheduler: Scheduler | undefined;

  private constructor(table: TestTable) {
    this.#table = table;
    this.machine = new Machine({
      invoke: (_name, work) =>
        new Promise((resolve) => this.go('execution', async () => resolve({ result: await work() }))),
      now: () => this.now,
    });
  }

  /** People who wait for their review, each with another need, and a programme with so many places in each group. */
  static async open(
    table: TestTable,
    people: number,
    capacities: readonly [number, number],
  ): Promise<PlacesWorld> {
    const opened = new PlacesWorld(table);
    const programme = findProgramme(PROGRAMME);
    if (!programme) throw new Error('the directory is empty');
    const cohorts: Cohort[] = GROUPS.map((startsOn, i) => ({
      ...{ id: startsOn, startsOn, capacity: capacities[i] ?? 1 },
    }));
    await storeEntry(TABLE, undefined, {
      ...{ programme: { ...programme, cohorts }, at: NOW, how: 'added', changes: [] },
    });
    // Everything that is kept warm is as if the last reading of it was now.
    await freshen(after(NOW, { days: 999 }));
    await freshen(NOW);
    const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
    for (const [sub, role] of [
      ['amina', 'link-worker'],
      ['tom', 'coordinator'],
    ] as const) {
      const person = { sub, name: sub, email: '', roles: [role], teams: ['camden'] };
      opened.#cookies[sub] = (await beginSession(visit, person)).split(';')[0] ?? '';
    }
    world = opened;
    for (let i = 0; i < people; i++) await opened.#refer(i);
    await opened.quiet();
    opened.#count('referrals', people);
    return opened;
  }

  async #refer(i: number): Promise<void> {
    // The reference is made of the first digits.
    const id = (i + 1).toString(16).padStart(10, '0').padEnd(32, '0');
    const referral = submitted();
    const { token, hash } = mintToken(id);
    const person = referral.links.person ?? { purpose: 'person' as const, hashes: [] };
    const name = `${id}-1`;
    this.ids.push(id);
    this.#persons.set(id, token);
    const { danger: _no, ...rest } = referral.request;
    // Nobody waits for a place who may be in danger and whom nobody has spoken with.
    const spokenWith: Contact = {
      ...{ number: 1, at: NOW, channel: 'phone', outcome: 'reached' },
      by: { id: 'amina', name: 'Amina' },
    };
    const request =
      i % 3 === 0
        ? { ...referral.request, danger: true }
        : { ...rest, ...(i % 3 === 1 ? { risks: { known: true as const, detail: 'Falls' } } : {}) };
    await this.#table.referrals.create({
      ...referral,
      ...{ id, reference: referenceOf(id), team: 'camden', version: 0, request },
      ...('danger' in request ? { contacts: [spokenWith] } : {}),
      execution: { ...referral.execution, name },
      outbox: referral.outbox.map((entry) =>
        entry.kind === 'start' ? { ...entry, key: `start:${name}`, execution: name } : entry,
      ),
      links: { ...referral.links, person: withHash(person, hash, NOW) },
    });
    this.wakeOutbox({ referralId: id, now: NOW });
  }

  /** Empties the table: the next world has one of its own. */
  async close(): Promise<void> {
    world = undefined;
    const client = DynamoDBDocumentClient.from(this.#table.client);
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: TABLE, ProjectionExpression: 'pk, sk' }),
    );
    for (let i = 0; i < Items.length; i += 25) {
      const requests = Items.slice(i, i + 25).map((Key) => ({ DeleteRequest: { Key } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: requests } }));
    }
  }

  /** Runs some work at once with everything else, under a name. Whoever works in the background may be killed. */
  go(name: string, work: () => Promise<void>, lives = Number.POSITIVE_INFINITY): void {
    const running = actor
      .run({ name, lives }, work)
      .catch((error: unknown) => {
        if (error instanceof Killed) this.#count('killed');
        else this.#failed ??= error;
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
    const me = actor.getStore();
    if (me && me.lives-- <= 0) throw new Killed();
    const done = async () => {
      const result = await send();
      this.#note(command.input as { Item?: Record<string, unknown> });
      return result;
    };
    const scheduler = this.#scheduler;
    if (!scheduler) return done();
    let result: Promise<unknown> | undefined;
    const turn = async (_who: string) => {
      result = done();
      await result.catch(() => {});
    };
    await scheduler.scheduleFunction(turn)(`${me?.name}: ${command.constructor.name.replace('Command', '')}`);
    return result;
  }

  #note({ Item }: { Item?: Record<string, unknown> }): void {
    const who = actor.getStore()?.name;
    if (Item?.sk === 'REFERRAL') {
      const referral = structuredClone(Item) as unknown as Referral;
      this.stored.set(referral.id, referral);
      const { version, stage, offers, history } = referral;
      const { number = 0, cohortId = '', waitlistedAt, result = '' } = offers.at(-1) ?? {};
      const offer = `offer ${number} ${cohortId}${waitlistedAt ? ' waits' : ''} ${result}`;
      this.log.push(
        `  ${this.who(referral.id)} v${version} by ${who}: ${stage}, ${offer}, ${history.at(-1)?.event}`,
      );
    }
    if (Item?.sk === 'PLACES') this.#noteLedger(structuredClone(Item) as unknown as Places, who);
  }

  /** Whatever is stored promises no more than there is, has nobody twice, and calls nobody past somebody who is ahead of them. */
  #noteLedger(to: Places, who: string | undefined): void {
    const from: Places = this.ledger ?? { ...to, cohorts: [], places: [], waiting: [] };
    this.ledger = to;
    this.log.push(
      `  ledger v${to.version} by ${who}: ${to.cohorts.map(({ id, capacity }) => `${id} of ${capacity}`).join(', ')}; ${to.places
        .map((each) => `${this.who(each.referralId)} ${each.called ? 'called' : each.state} ${each.cohortId}`)
        .join(', ')}; waiting ${inLine(to)
        .map(({ referralId }) => this.who(referralId))
        .join(' ')}`,
    );
    for (const { id, capacity } of to.cohorts) {
      const [before, now] = [promised(from, id), promised(to, id)];
      expect(now <= capacity || now <= before, `${id}: ${now} of ${capacity}, ${before} before`).toBe(true);
      if (now > capacity) this.#count('ledgers with more promised than there is now');
      if (now === capacity) this.#count('ledgers with a full group');
    }
    const ids = [...to.places, ...to.waiting].map(({ referralId }) => referralId);
    expect(new Set(ids).size, 'somebody is there twice').toBe(ids.length);
    const calledIn = ({ places }: Places) => places.filter(({ called }) => called);
    const calls = calledIn(to).filter(
      (each) => !calledIn(from).some(({ referralId }) => referralId === each.referralId),
    );
    for (const { referralId, cohortId } of calls) {
      this.#count('called from the waiting list');
      // Who was put into the line and called by one and the same write is as their referral says.
      const mine = from.waiting.find((each) => each.referralId === referralId) ?? this.#waitingOf(referralId);
      if (mine) expect(this.#waitsElsewhere(to, mine, cohortId), 'is called elsewhere').toBe(false);
      const others = to.waiting.filter(
        (each) => !each.notIn?.includes(cohortId) && !this.#waitsElsewhere(to, each, cohortId),
      );
      for (const other of mine ? others : []) {
        expect(inLine({ waiting: [other, mine as Waiting] })[0], 'is ahead, and still waits').toBe(mine);
      }
    }
  }

  #waitingOf(id: string): Waiting | undefined {
    const referral = this.stored.get(id);
    const offer = referral?.offers.at(-1);
    if (!referral || !offer?.waitlistedAt) return undefined;
    const { number, chosenCohortId: chosen } = offer;
    const since = this.#turnOf(referral);
    const need = this.needOf(referral);
    return { referralId: id, offer: number, since, need, ...(chosen === undefined ? {} : { chosen }) };
  }

  /** Since when the provider, or the link workers, are the reason that somebody has no place. */
  #turnOf({ offers }: Referral): string {
    let since = '';
    for (const { result, declineReason, offeredAt } of offers) {
      if (since === '') since = offeredAt;
      if (result === 'accepted' || (result === 'declined' && declineReason !== 'no-capacity')) since = '';
    }
    return since;
  }

  /** Whether somebody waits for the other group only, while that can be joined. */
  #waitsElsewhere({ cohorts }: Places, { chosen }: Waiting, cohortId: string): boolean {
    const other = cohorts.find(({ id }) => id === chosen && id !== cohortId);
    return other !== undefined && other.said > 0 && other.joinUntil > this.now;
  }

  /** How urgently somebody waits, by what has happened: what they said to the team and nobody has seen to since, then what they came with. */
  needOf({ history, request }: Referral): Waiting['need'] {
    const open = new Set<string | undefined>();
    for (const { event, detail } of history) {
      if (event === 'concern-raised') open.add(detail);
      if (event === 'concern-settled') open.delete(detail);
    }
    if (open.has('unsafe')) return 0;
    return open.size > 0 || request.danger || request.risks.known ? 1 : 2;
  }

  wakeOutbox({ referralId, places, now }: Woken): void {
    this.go(
      'outbox',
      () => this.#outbox({ ...(referralId ? { referralId } : { places }), now }),
      this.#life(),
    );
  }

  #life(): number {
    return this.deaths.shift() ?? Number.POSITIVE_INFINITY;
  }

  async #outbox({ referralId, places, now }: Woken): Promise<void> {
    const mine = actor.getStore();
    const effects: Effects = {
      send: async ({ raw }) => this.#mailed(raw),
      answer: async (token, output) => void this.machine.answer(token, output),
      stop: async (execution) => void this.machine.stop(execution),
      start: async (execution, { referralId = '' }, stop) => {
        if (stop !== undefined) this.machine.stop(stop);
        this.machine.start(execution, referralId);
      },
    };
    const at = { table: TABLE, referrals: referrals(TABLE), effects, mail: SETTINGS };
    if (places !== undefined) {
      await emptyAll(at, await settleDuePlaces(TABLE, at.referrals, places, now), now);
    } else if (referralId !== undefined) await emptyOutbox(at, referralId, now);
    // What fails is noted and tried again; a death is one.
    if (mine && mine.lives < 0) throw new Killed();
  }

  #mailed(raw: Uint8Array): void {
    const { key, message } = JSON.parse(Buffer.from(raw).toString()) as Email;
    const [id = '', ...rest] = key.split(':');
    if (rest[1] === 'place-free') this.#count('told that a place is free');
    this.mails.push({ id, message: rest.join(':'), url: message.action?.url ?? '' });
  }

  #count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** Nobody does two things at the same moment. */
  tick(span: Span = { minutes: 1 }): string {
    this.now = after(this.now, span);
    return this.now;
  }

  /** The one of a number among those whose referral is at a stage, or among all where none is. */
  someAt(stage: Referral['stage'] | 'anywhere', n: number): string {
    const there = this.ids.filter((id) => stage === 'anywhere' || this.stored.get(id)?.stage === stage);
    const list = there.length > 0 ? there : this.ids;
    return list[n % list.length] ?? '';
  }

  /** The one of a number among those who wait for a place, or who are offered one where nobody waits. */
  someInLine(n: number): string {
    const line = this.ledger?.waiting ?? [];
    return line[n % line.length]?.referralId ?? this.someAt('offer', n);
  }

  who(id: string): string {
    return `person ${this.ids.indexOf(id) + 1}`;
  }

  referral(id: string): Referral {
    const referral = this.stored.get(id);
    if (!referral) throw new Error('nothing was stored');
    return referral;
  }

  /** Somebody signed in opens the page of a referral, or of the programme. */
  async #page(who: 'amina' | 'tom', about: string, fields?: Fields): Promise<Page> {
    const [handler, route, path] =
      about === PROGRAMME
        ? ([directory, '/directory/{programme}', { programme: about }] as const)
        : ([review, '/referrals/{reference}', { reference: this.referral(about).reference }] as const);
    const sent = { path: path as Record<string, string>, cookies: [this.#cookies[who]], now: this.now };
    return pageOf(
      await request(handler, {
        ...sent,
        route: `${fields ? 'POST' : 'GET'} ${route}`,
        ...(fields ? { fields } : {}),
      }),
    );
  }

  /** A link worker matches somebody; the same button may be clicked twice. Whoever is told that the last place went puts them on the list. */
  async match(id: string, n: number, twice: boolean): Promise<void> {
    const seen = await this.#page('amina', id);
    const form = formOf(seen.html, 'input[name=ranking]');
    if (!form) return;
    // The first group that has a place, or one of those that can be joined.
    const choices = seen.html
      .querySelectorAll('input[name=programmeId]')
      .map((each) => each.getAttribute('value') ?? '')
      .filter((value) => value.split('/')[0] === PROGRAMME);
    const programmeId = choices[n % choices.length] ?? PROGRAMME;
    if (programmeId !== PROGRAMME) this.#count('groups chosen');
    const fields = {
      ...form,
      ...{ action: 'decide', decision: 'match', programmeId, rankingReason: 'They know it' },
      matchAnyway: 'yes',
      ...risksOn(seen),
    };
    const send = (all: Fields) => this.#page('amina', id, all);
    const answers = await Promise.all(twice ? [send(fields), send(fields)] : [send(fields)]);
    for (const { status } of answers) this.#count(`match ${status}`);
    for (const { status, text } of answers) expect([303, 409, 422], text).toContain(status);
    if (twice) this.#count('double clicks');
    const told = answers.find(({ status }) => status === 422);
    if (!told || answers.some(({ status }) => status === 303)) return;
    // Or the person has said meanwhile that something is wrong.
    expect(told.text).toMatch(/last place|ranked anew|Enter what the provider must know/);
    if (told.text.includes('The last place')) this.#count('told that the last place went');
    const again = formOf(told.html, 'input[name=ranking]');
    if (!again) return;
    const { status } = await send({
      ...fields,
      ...again,
      ...{ programmeId, action: 'decide' },
      ...risksOn(told),
    });
    this.#count(`match again ${status}`);
  }

  async undo(id: string): Promise<void> {
    const form = formOf((await this.#page('amina', id)).html, 'button[value=undo]');
    if (!form) return;
    const { status } = await this.#page('amina', id, { ...form, action: 'undo' });
    this.#count(`undo ${status}`);
    expect([303, 409]).toContain(status);
  }

  /** The provider replies by the newest link that they were sent; the same button may be clicked twice. */
  async reply(id: string, reply: 'accept' | 'waitlist' | 'decline', reason: string, twice: boolean) {
    const url = this.mails.findLast((mail) => mail.id === id && mail.url.includes('/offer/'))?.url;
    const link = url?.split('/').at(-1)?.split('?')[0];
    if (link === undefined) return;
    const fields = { action: 'reply', reply, declineReason: reason };
    const at = { route: 'POST /offer/{link}', path: { link }, fields, now: this.now };
    const send = async () => pageOf(await request(offerPage, at));
    const answers = await Promise.all(twice ? [send(), send()] : [send()]);
    for (const { status, text } of answers) {
      this.#count(`${reply}${reason === '' ? '' : ` ${reason}`} ${status}`);
      expect(status, text).toBeLessThan(500);
    }
  }

  async leave(id: string): Promise<void> {
    const fields = { action: 'leave', confirm: 'yes' };
    const link = this.#persons.get(id) ?? '';
    const { status, text } = pageOf(
      await request(personPage, { route: 'POST /person/{link}', path: { link }, fields, now: this.now }),
    );
    this.#count(`leave ${status}`);
    expect(status, text).toBeLessThan(500);
  }

  /** Somebody says that they do not feel safe; where they have said so before, a link worker has seen to it. */
  async worry(id: string): Promise<void> {
    const contacts = {
      route: 'GET /referrals/{reference}/contacts',
      path: { reference: this.referral(id).reference },
    };
    const open = formOf((await this.#ask(contactsPage, contacts)).html, 'button[value=settle]');
    const [handler, at, fields] = open
      ? ([contactsPage, contacts, { ...open, action: 'settle', settled: 'Spoke with them' }] as const)
      : await this.#saying(id);
    const route = at.route.replace('GET', 'POST');
    const { status, text } = await this.#ask(handler, { ...at, route, fields });
    this.#count(`${open ? 'settle' : 'unsafe'} ${status}`);
    expect(status, text).toBeLessThan(500);
  }

  async #saying(id: string) {
    const at = { route: 'GET /person/{link}/feedback', path: { link: this.#persons.get(id) ?? '' } };
    const form = formOf((await this.#ask(voice, at)).html, 'input[name=unsafe]');
    return [voice, at, { ...form, unsafe: 'yes' } as Fields] as const;
  }

  async #ask(handler: typeof voice, sent: { route: string; path: Record<string, string>; fields?: Fields }) {
    const cookies = handler === voice ? [] : [this.#cookies.amina];
    return pageOf(await request(handler, { ...sent, cookies, now: this.now }));
  }

  /** A coordinator says how many places a group has. */
  async places(group: number, capacity: number): Promise<void> {
    const form = formOf((await this.#page('tom', PROGRAMME)).html, 'input[name=version]');
    if (!form) throw new Error('the entry has no form');
    const fields = { ...form, action: 'save', [`cohort-${group + 1}-capacity`]: String(capacity) };
    const { status, text } = await this.#page('tom', PROGRAMME, fields);
    expect([303, 409, 422], text).toContain(status);
    if (status === 422) expect(text).toMatch(/held or taken/);
    this.#count(`places ${status}`);
  }

  async sweep(): Promise<void> {
    await (sweep as unknown as (payload: unknown, context: Context) => Promise<unknown>)(
      { now: this.now },
      {} as Context,
    );
  }
}

/** Filled in where the page asks for it. */
function risksOn({ html }: Page): Fields {
  return html.querySelector('#riskSummary') ? { riskSummary: 'Falls' } : {};
}
