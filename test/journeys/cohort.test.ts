/**
 * A cohort lives through its programme: ten people, nine places; every attendance code, two cancellations by the provider, one person who leaves, one
 * who joins from the waiting list, and a restart of the cloud. What the report says at the end is what the table says when it is read by itself.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Jar, type Page, visit } from './browser.ts';
import { choirInDirectory } from './choir.ts';
import { Cloud } from './cloud.ts';
import { type Counts, countOf, disagreements, type Item } from './count.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

/** Who takes part, and what their register says of each session that is held; the last code goes on. Farah misses two in a row. */
const PEOPLE: readonly (readonly [firstName: string, familyName: string, coming: string])[] = [
  ['Amara', 'Osei', '5'],
  ['Ben', 'Whitfield', '565'],
  ['Chloe', 'Marchetti', '55'],
  ['Dilan', 'Kaya', '57535'],
  ['Esther', 'Mbeki', '5225'],
  ['Farah', 'Siddiqui', '55335'],
  ['Gethin', 'Pryce', '56'],
  ['Hana', 'Novak', '2575'],
  ['Idris', 'Warsame', '5365'],
  ['Jo', 'Lindqvist', '5565'],
];
const SESSIONS = 12;

describe('a cohort of ten', () => {
  it('lives through twelve sessions, and the report says what happened', { timeout: 900_000 }, async () => {
    const control = new Cloud(cloud.baseUrl);
    const mark = randomUUID().slice(0, 8);
    const programmeId = `evening-choir-${mark}`;
    const address = `choir-${mark}@provider.example`;
    const tom: Jar = new Map();
    await choirInDirectory(control, tom, { mark, address, sessions: SESSIONS, places: 9 });

    const people = new Map<string, Referral>();
    for (const [firstName, familyName] of PEOPLE) {
      const referral = await Referral.submitted(cloud.baseUrl, { firstName, familyName });
      await referral.match(programmeId);
      people.set(firstName, referral);
    }
    const one = (name: string) => people.get(name) as Referral;
    for (const [name] of PEOPLE.slice(0, -1)) await one(name).accept();
    expect(await one('Jo').status()).toMatch(/waiting list/i);
    const ids = await idsOf(control, people);

    const facilitator = new Facilitator(control, address);
    let held = 0;
    while (held < SESSIONS) {
      if (held === 2) await someoneLeavesAndSomeoneJoins(one('Chloe'), one('Jo'));
      if (held === 4) await control.restart();
      const register = await facilitator.register();
      if (held === 5 && facilitator.cancelled === 0) {
        await facilitator.notHeld(register);
        continue;
      }
      await facilitator.record(register, (id) => {
        const [, , coming = '5'] = PEOPLE.find(([name]) => ids.get(name) === id) ?? [];
        return coming[Math.min(held, coming.length - 1)] ?? '5';
      });
      if (held === 7) await facilitator.cancelNext(register);
      held++;
      await measuresOf(people);
      if (held === 4) await one('Farah').welfare({ outcome: 'continue', note: 'Had the flu; comes again' });
    }
    expect(facilitator.cancelled).toBe(2);

    // Everybody's referral is closed, and everybody who should hear has heard.
    await control.settle();
    const table = (await control.table()) as Item[];
    for (const [name, referral] of people) {
      const item = table.find(({ pk, sk }) => pk === `REFERRAL#${ids.get(name)}` && sk === 'REFERRAL');
      expect([name, item?.stage, item?.ending?.kind]).toEqual([
        name,
        'closed',
        name === 'Chloe' ? 'withdrawn' : 'completed',
      ]);
      if (name !== 'Chloe') await hasHeard(referral);
    }
    const { gp, person } = await one('Ben').letters();
    expect(person).toMatch(/12/);
    expect(gp).toContain('871731000000106');

    // Nobody has a place any more, and nobody waits.
    const ledger = table.find(({ pk }) => pk === `PLACES#${programmeId}`);
    expect([ledger?.places, ledger?.waiting]).toEqual([[], []]);

    // In which quarter somebody's referral ended depends on the day that this began: every report there is, is held against the table.
    await signIn(control, tom, 'tom', '/report');
    const report = await visit(`${cloud.baseUrl}/report/${programmeId}`, tom);
    const periods = new Set([...report.html.matchAll(/period=(\d{4}-\d{2})/g)].map(([, from = '']) => from));
    const altogether: Counts = new Map();
    for (const from of periods) {
      const file = await visit(`${cloud.baseUrl}/report/${programmeId}?period=${from}&format=csv`, tom);
      const counts = countOf(table, { programmeId, from, to: monthsLater(from, 2) });
      expect([from, ...disagreements(file.html, counts)]).toEqual([from]);
      for (const [name, count] of counts) altogether.set(name, (altogether.get(name) ?? 0) + count);
    }
    const count = (name: string) => altogether.get(name);
    expect(count('People | People referred to the programme | People')).toBe(10);
    expect(count('People | Completed the programme | People')).toBe(9);
    expect(count('People | By their own decision | People')).toBe(1);
    // And so are the figures over time.
    const insights = await visit(`${cloud.baseUrl}/insights?format=csv`, tom);
    const figure = (column: string) =>
      insights.html
        .split('\n')
        .filter((line) => line.startsWith('"Referrals, and how they ended"') && line.includes(`,${column},`))
        .reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0);
    const referrals = table.filter(
      ({ pk, stage }) => String(pk).startsWith('REFERRAL#') && stage !== undefined,
    );
    expect(figure('Received')).toBe(referrals.length);
    expect(figure('Completed')).toBe(referrals.filter(({ ending }) => ending?.kind === 'completed').length);
    expect(figure('Still open')).toBe(referrals.filter(({ ending }) => ending === undefined).length);
    expect(count('Attendance, by NHS code | Sessions of each person, added up | Times')).toBeGreaterThan(100);
    for (const [change, question] of [
      ['Better', 'ONS4 personal wellbeing: from the first to the last answers | Happiness'],
      ['Worse', 'ONS4 personal wellbeing: from the first to the last answers | Anxiety'],
      ['Better', 'UCLA-3 loneliness: from the first to the last answers | Left out'],
      ['The same', 'UCLA-3 loneliness: from the first to the last answers | Isolated'],
    ]) {
      expect([question, count(`${question} | ${change}`)]).toEqual([question, ANSWERING.length]);
    }
  });
});

async function someoneLeavesAndSomeoneJoins(leaving: Referral, joining: Referral): Promise<void> {
  await (await leaving.personPage()).submit('leave', { confirm: 'yes' });
  await leaving.cloud.settle();
  await hasHeard(leaving);
  await joining.accept();
  expect(await joining.status()).not.toMatch(/waiting list/i);
}

/** Everybody who should hear of an ending opens their letter: in time, since the links work for 90 days. */
async function hasHeard(referral: Referral): Promise<void> {
  expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
}

/** The facilitator, who has nothing but their email. */
class Facilitator {
  cancelled = 0;
  readonly #control: Cloud;
  readonly #address: string;
  readonly #seen = new Set<string>();

  constructor(control: Cloud, address: string) {
    this.#control = control;
    this.#address = address;
  }

  /** The register that the next email asks for, opened. The clock moves until it comes. */
  async register(): Promise<Page> {
    for (let days = 0; days < 30; days += 0.5) {
      const mails = (await this.#control.inbox()).filter(
        (mail) => mail.to.includes(this.#address) && !this.#seen.has(mail.id) && linkIn(mail, 'register'),
      );
      const asked = mails.find(({ subject }) => /record who came/i.test(subject));
      for (const { id } of mails) this.#seen.add(id);
      const link = asked && linkIn(asked, 'register');
      if (link) return (await visit(link)).submit('open');
      await this.#control.advance({ hours: 12 });
    }
    throw new Error('nobody asked for a register in 30 days');
  }

  /** One tap for each person, and one to record it. */
  async record(opened: Page, codeOf: (id: string) => string): Promise<void> {
    const names = opened.named(/^attendance-/);
    const taps = Object.fromEntries(names.map((name) => [name, codeOf(name.slice('attendance-'.length))]));
    const recorded = await opened.submit('record', { held: 'yes', ...taps });
    expect([recorded.status, recorded.heading]).toEqual([200, expect.stringContaining('recorded')]);
    await this.#control.settle();
  }

  async notHeld(opened: Page): Promise<void> {
    const recorded = await opened.submit('record', { held: 'cancelled' });
    expect(recorded.text).toContain('held later');
    this.cancelled++;
    await this.#control.settle();
  }

  /** The next session is cancelled before its time, on the group's page. */
  async cancelNext(opened: Page): Promise<void> {
    const { origin, pathname } = new URL(opened.url);
    const group = await visit(`${origin}${pathname}/group`);
    const [, change = ''] = /href="([^"]*\/group\?session=\d+)"/.exec(group.html) ?? [];
    const cancelled = await (await visit(new URL(change, group.url).href)).submit('cancel');
    expect(cancelled.text).toMatch(/cancelled/i);
    this.cancelled++;
    await this.#control.settle();
  }
}

const ANSWERING = ['Amara', 'Ben', 'Dilan', 'Esther', 'Gethin', 'Idris'];

/** Which way answers go each time that somebody is asked again: they get better, but for worry, and for being alone, which stays. */
const UP = /-(satisfied|worthwhile|happy|anxious)$/;
const STAYS = /-isolated$/;

/** Six of them answer how things are for them whenever they are asked. */
async function measuresOf(people: ReadonlyMap<string, Referral>): Promise<void> {
  for (const name of ANSWERING) {
    const referral = people.get(name) as Referral;
    const links = (await referral.mails()).flatMap((mail) => linkIn(mail, 'measures') ?? []);
    const newest = links.at(-1);
    const page = newest === undefined ? undefined : await visit(newest);
    if (!page?.has('action')) continue;
    const names = page.named(/-/).filter((field) => page.choices(field).length > 2);
    if (names.length === 0) continue;
    const answers = names.map((field) => {
      // One of them is to say nothing.
      const choices = page.choices(field).filter((choice) => choice !== '');
      const most = choices.length - 1;
      // Far enough to be in another band.
      const moved = STAYS.test(field) ? 0 : Math.min((links.length - 1) * (most > 5 ? 4 : 1), most);
      return [field, choices[UP.test(field) ? moved : most - moved] ?? ''];
    });
    const answered = await page.submit('record', Object.fromEntries(answers));
    expect(answered.status).toBe(200);
  }
}

/** The ids under which people's referrals are kept. */
async function idsOf(control: Cloud, people: ReadonlyMap<string, Referral>): Promise<Map<string, string>> {
  const items = (await control.table()).filter(({ sk }) => sk === 'REFERRAL');
  return new Map(
    [...people].map(([name, { reference }]) => [
      name,
      String(items.find((item) => item.reference === reference)?.pk).slice('REFERRAL#'.length),
    ]),
  );
}

function monthsLater(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}
