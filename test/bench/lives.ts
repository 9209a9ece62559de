/** Whole lives, many at once: from the form over the sessions to the closing letters, through pages and emails alone. */
import { type Page, visit } from '../journeys/browser.ts';
import { formOf } from '../journeys/people.ts';
import { type MeteredCloud, Post, referenceIn } from './control.ts';

const WEEK = { hours: 7 * 24 };
/** Twelve sessions, the wait for the first, and some to spare. */
const MOST_WEEKS = 20;
/** Whom the closing letters go to: the person, the referrer, the GP practice. */
const READERS = 3;
/** People who act at the same moment. */
const AT_ONCE = 4;

/** How a batch of lives went. */
export interface Batch {
  readonly lives: number;
  readonly ms: number;
  /** Of that, moving the clock: sweeps, and what they cause. */
  readonly clockMs: number;
  readonly weeks: number;
  /** The references of those whose letters were all read. */
  readonly finished: readonly string[];
  /** What went wrong, one line for each life that did not finish. */
  readonly unfinished: readonly string[];
}

/** A referral that was just sent. */
export async function refer(cloud: MeteredCloud, mark: string): Promise<string> {
  const form = await visit(`${cloud.baseUrl}/refer`);
  const sent = await ok(form.submit(undefined, formOf(mark)));
  const reference = referenceIn(sent.text);
  if (reference === undefined) throw new Error(`no reference on "${sent.heading}"`);
  return reference;
}

/** Lives `count` lives together, a week at a time. `batch` keeps their addresses apart from those of other batches. */
export async function liveTogether(cloud: MeteredCloud, count: number, batch: string): Promise<Batch> {
  const started = performance.now();
  const post = new Post(cloud);
  const sessions = new Map<string, number>();
  const letters = new Map<string, number>();

  const marks = Array.from({ length: count }, (_, i) => `${batch}-${i}`);
  const all = await together(marks, (mark) => refer(cloud, mark));
  /** Lets everything come to rest, collects the mail, and has everyone act who got a link of this kind. */
  const act = async (kind: string, act: (link: string, reference: string) => Promise<void>) => {
    await cloud.settle();
    await post.collect();
    await together(all, async (reference) => {
      const link = post.take(reference, kind);
      if (link !== undefined) await act(link, reference);
    });
  };

  await act('review', async (link) => {
    const opened = await ok((await ok(visit(link))).submit('open'));
    await ok(opened.submit('decide', { decision: 'match', programmeId: 'hive-music' }));
  });
  await act('offer', async (link) => {
    const accepted = await ok((await ok(visit(link))).submit('reply', { reply: 'accept' }));
    await ok(accepted.submit('open'));
  });
  await act('person', async (link) => {
    await ok(visit(link));
  });

  let clockMs = 0;
  let weeks = 0;
  const done = () => all.every((reference) => letters.get(reference) === READERS);
  while (!done() && weeks < MOST_WEEKS) {
    weeks += 1;
    const moved = performance.now();
    await cloud.advance(WEEK);
    clockMs += performance.now() - moved;
    await act('register', async (link, reference) => {
      await ok((await ok(visit(link))).submit('record', { held: 'yes', attendance: '5' }));
      sessions.set(reference, (sessions.get(reference) ?? 0) + 1);
    });
    await cloud.settle();
    await post.collect();
    await together(all, async (reference) => {
      for (const link of post.takeAll(reference, 'letters')) {
        const letter = await ok((await ok(visit(link))).submit('open'));
        if (!letter.text.includes(reference))
          throw new Error(`a letter without ${reference}: ${letter.text}`);
        letters.set(reference, (letters.get(reference) ?? 0) + 1);
      }
    });
  }

  const isFinished = (reference: string) => letters.get(reference) === READERS;
  return {
    lives: count,
    ms: performance.now() - started,
    clockMs,
    weeks,
    finished: all.filter(isFinished),
    unfinished: all
      .filter((reference) => !isFinished(reference))
      .map((reference) => {
        const held = `${sessions.get(reference) ?? 0} sessions held`;
        return `${reference}: ${held}, ${letters.get(reference) ?? 0} of ${READERS} letters after ${weeks} weeks`;
      }),
  };
}

/** The references of those that the table itself says are closed. */
export async function closedInTable(cloud: MeteredCloud): Promise<Set<unknown>> {
  const items = await cloud.table();
  return new Set(items.filter(({ stage }) => stage === 'closed').map(({ reference }) => reference));
}

/** A page that must have come out well. */
export async function ok(page: Promise<Page>): Promise<Page> {
  const { status, url, heading } = await page;
  if (status !== 200) throw new Error(`${new URL(url).pathname.split('/')[1]}: ${status} "${heading}"`);
  return page;
}

/** Does something for each item, a few at once, in order of their arrival. */
async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
