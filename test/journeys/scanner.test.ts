/** Mail scanners open every link of every email, some by HEAD and some many times, before people do and after: nothing may come of it. */
import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../infra/web.ts';
import { visit } from './browser.ts';
import { choirInDirectory } from './choir.ts';
import { Cloud } from './cloud.ts';
import { isShared, onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { fillIn, myAnswers } from './ways.ts';

const cloud = onACloud();

const TIMES = 10;

/** Everything that the table has of a referral, and of every group and its places, by key. */
async function stateOf(referral: Referral): Promise<Map<string, string>> {
  const rows = await referral.cloud.table();
  const own = rows.find(({ reference, sk }) => reference === referral.reference && sk === 'REFERRAL');
  const kept = rows.filter(({ pk }) => pk === own?.pk || /^(COHORT|PLACES|PROVIDER)#/.test(String(pk)));
  return new Map(kept.map((row) => [`${row.pk} ${row.sk}`, digest(row)]));
}

function digest(row: object): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('hex');
}

async function openTenTimes(link: string): Promise<void> {
  const requests = Array.from({ length: TIMES }, () => ['GET', 'HEAD']).flat();
  for (const method of requests) {
    const answer = await fetch(link, { method, redirect: 'manual' });
    await answer.arrayBuffer();
    expect(answer.status, `${method} ${new URL(link).pathname.split('/')[1]}`).toBeLessThan(500);
  }
}

/** Opens links of emails as a scanner does: those of every email so far that pass. Returns which. */
async function scan(
  referral: Referral,
  passes: (link: string) => boolean = () => true,
  provider = '',
): Promise<string[]> {
  const base = new URL(referral.cloud.baseUrl).origin;
  const sent = async () =>
    (await referral.cloud.inbox()).filter(
      ({ text, to }) => text.includes(referral.reference) || to.includes(provider),
    );
  const mails = await sent();
  const found = mails.flatMap(({ text, html }) => `${text} ${html}`.match(/https?:\/\/[^\s"<>]+/g) ?? []);
  const links = new Set(
    found.map((link) => link.replaceAll('&amp;', '&')).filter((link) => link.startsWith(base)),
  );
  const scanned = [...links].filter(passes);
  await referral.cloud.settle();
  const before = await stateOf(referral);
  for (const link of scanned) await openTenTimes(link);
  await referral.cloud.settle();
  expect(await stateOf(referral)).toEqual(before);
  expect(await sent()).toHaveLength(mails.length);
  return scanned;
}

describe('a scanner that opens every link ten times', () => {
  it('changes nothing in the whole life of a referral, before anybody acts and after', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const seen = new Set<string>();
    /** Scans what is new, has somebody act by a link or signed in, and scans what is new then. */
    const act = async (what: () => Promise<unknown>) => {
      for (const step of [what, async () => {}]) {
        const scanned = await scan(referral, (link) => !seen.has(link));
        for (const link of scanned) seen.add(link);
        await step();
        await referral.cloud.settle();
      }
    };
    const register = async (entry: Parameters<Referral['register']>[0]) => {
      const link = await referral.link('register');
      await act(() => referral.recordAt(link, entry));
    };
    await act(() =>
      referral.review({ decision: 'ask-for-more', askWhom: 'referrer', question: 'When can they come?' }),
    );
    await act(() => referral.act('information', 'answer', { answer: 'On Tuesdays' }));
    await act(() => referral.match());
    await act(() => referral.replyToOffer({ reply: 'waitlist' }));
    await act(() => referral.act('offer', 'reply', { reply: 'accept' }, 40));
    await register({ held: 'yes', attendance: '3' });
    await register({ held: 'yes', attendance: '7' });
    await act(() => referral.welfare({ outcome: 'continue' }));
    await register({ held: 'cancelled' });
    await act(async () => (await referral.personPage()).submit('leave', { confirm: 'yes' }));
    // Every link once more, now that all of them were used.
    expect((await scan(referral)).length).toBeGreaterThan(12);
  });

  it('makes no group of an offer that nobody has accepted, and changes none that there is', async () => {
    const control = new Cloud(cloud.baseUrl);
    const mark = randomUUID().slice(0, 8);
    const address = `choir-${mark}@provider.example`;
    await choirInDirectory(control, new Map(), { mark, address, sessions: 4, places: 1 });
    const first = await Referral.submitted(cloud.baseUrl);
    const next = await Referral.submitted(cloud.baseUrl);
    for (const referral of [first, next]) await referral.match(`evening-choir-${mark}`);
    await scan(first, undefined, address);
    await (await first.personPage()).submit('leave', { confirm: 'yes' });
    await control.settle();
    expect((await next.subjectsTo(address)).join()).toContain('A place is free');
    await scan(next, undefined, address);
    await next.accept();
    await scan(next, undefined, address);
    // The register is asked for at the end of the first session.
    await control.advance({ hours: 24 * 23 });
    expect((await scan(next, undefined, address)).length).toBeGreaterThan(5);
  });
});

/** Routes with a secret to which no email leads: buttons and links of the pages behind those that do. */
const FROM_PAGES: ReadonlySet<string> = new Set([
  ...['/person/{link}/calendar.ics', '/person/{link}/contact', '/person/{link}/feedback'],
  ...['/register/{link}/calendar.ics', '/register/{link}/list', '/offers/{link}/report/{programme}'],
]);

/** Those that scanners may meet, as patterns of paths. */
const MET = ROUTES.filter(
  ([path, methods]) => /\{(link|draft)\}/.test(path) && methods.includes('GET') && !FROM_PAGES.has(path),
).map(([path]) => path);

/** On a cloud of its own: here everything in the table is looked at. */
describe.skipIf(isShared())('a scanner of everybody’s email', () => {
  it('meets every route that emails lead to, and nothing at all in the table is another for it', async () => {
    const control = new Cloud(cloud.baseUrl);
    const mark = randomUUID().slice(0, 8);
    const address = `choir-${mark}@provider.example`;
    await choirInDirectory(control, new Map(), { mark, address, sessions: 3, places: 2 });
    await savedForm(control, `saver-${mark}@people.example`);
    const asked = await Referral.submitted(cloud.baseUrl);
    await asked.review({ decision: 'ask-for-more', askWhom: 'referrer', question: 'When can they come?' });
    await Referral.submitted(cloud.baseUrl);
    const joined = await Referral.submitted(cloud.baseUrl);
    await joined.match(`evening-choir-${mark}`);
    await (await visit(`${cloud.baseUrl}/offers`)).submit(undefined, { email: address });
    await control.settle();

    const met = new Set<string>();
    const seen = new Set<string>();
    const look = async () => {
      for (const link of await scanInbox(control, seen)) {
        const path = MET.find((each) => patternOf(each).test(new URL(link).pathname));
        if (path) met.add(path);
      }
    };
    await look();
    await joined.accept();
    await look();
    // The first session comes and goes; somebody waits for weeks; what is left undone is asked for again.
    for (const days of [22, 7, 7]) {
      await control.advance({ hours: 24 * days });
      await look();
    }
    await (await joined.personPage()).submit('leave', { confirm: 'yes' });
    await control.advance({ hours: 24 });
    await look();
    expect([...met].sort()).toEqual([...MET].sort());
  });
});

/** Somebody begins a form and has the link to it sent to them. */
async function savedForm(control: Cloud, address: string): Promise<void> {
  const { danger = {}, programme = {} } = myAnswers('saver');
  const name = await fillIn(control, 'myself', { danger, programme });
  await (await name.submit('save')).submit(undefined, { saveTo: address });
  await control.settle();
}

/** Opens every link of every email that nobody has opened yet, as scanners do, and holds the whole table against what it was. Returns them. */
async function scanInbox(control: Cloud, seen: Set<string>): Promise<string[]> {
  await control.settle();
  const base = new URL(control.baseUrl).origin;
  const links = (await control.inbox())
    .flatMap(({ text, html }) => `${text} ${html}`.match(/https?:\/\/[^\s"<>]+/g) ?? [])
    .map((link) => link.replaceAll('&amp;', '&'))
    .filter((link) => link.startsWith(base) && !seen.has(link));
  const found = [...new Set(links)];
  for (const link of found) seen.add(link);
  const before = await wholeTable(control);
  for (const link of found) await openTenTimes(link);
  await control.settle();
  expect(await wholeTable(control)).toEqual(before);
  return found;
}

async function wholeTable(control: Cloud): Promise<Map<string, string>> {
  return new Map((await control.table()).map((row) => [`${row.pk} ${row.sk}`, digest(row)]));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
}
