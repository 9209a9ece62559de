/** Whole lives, one or many at once: from the form over the sessions to the closing letters, through pages and emails alone. */
import { noUsage, type Usage } from '../../local/usage.ts';
import { type Jar, type Page, visit } from '../journeys/browser.ts';
import { formOf, professionalForm } from '../journeys/people.ts';
import { signIn } from '../journeys/sign-in.ts';
import { type MeteredCloud, Post, referenceIn } from './control.ts';
import { between, sum } from './cost.ts';

const WEEK_HOURS = 7 * 24;
/** Twelve sessions, the wait for the first, and some to spare. */
const MOST_WEEKS = 20;
/** Whom the closing letters go to: the person, the referrer, the GP practice. */
const READERS = 3;
/** People who act at the same moment. */
const AT_ONCE = 4;

/** How far the clock moves before everybody looks at their email again. */
const STEP_HOURS = {
  /** A week: every register is filled in late, after its reminders. Quick for the bench. */
  late: WEEK_HOURS,
  /** Half a day: everybody acts on the first email. */
  prompt: 12,
} as const;

/** How a batch of lives went. */
export interface Batch {
  readonly lives: number;
  readonly ms: number;
  /** Of that, moving the clock: sweeps, and what they cause. */
  readonly clockMs: number;
  /** What was used while the clock moved, most of it by sweeps that found nothing. */
  readonly clockUsage: Usage;
  readonly weeks: number;
  /** The references of those whose letters were all read. */
  readonly finished: readonly string[];
  /** What went wrong, one line for each life that did not finish. */
  readonly unfinished: readonly string[];
}

/** A referral that was just sent. */
export async function refer(cloud: MeteredCloud, mark: string): Promise<string> {
  const form = await professionalForm(cloud);
  const sent = await ok(form.submit(undefined, formOf(mark)));
  const reference = referenceIn(sent.text);
  if (reference === undefined) throw new Error(`no reference on "${sent.heading}"`);
  return reference;
}

/** Lives `count` lives together. `batch` keeps their addresses apart from those of other batches. */
export async function liveTogether(
  cloud: MeteredCloud,
  { count, batch, people }: { count: number; batch: string; people: keyof typeof STEP_HOURS },
): Promise<Batch> {
  const started = performance.now();
  const post = new Post(cloud);
  const sessions = new Map<string, number>();
  const letters = new Map<string, number>();

  const marks = Array.from({ length: count }, (_, i) => `${batch}-${i}`);
  const all = await together(marks, (mark) => refer(cloud, mark));
  /** Lets everything come to rest, collects the mail, and has everyone act who got a link of this kind. */
  const act = async (kind: string, what: (link: string, reference: string) => Promise<void>) => {
    await cloud.settle();
    await post.collect();
    await together(all, async (reference) => {
      const link = post.take(reference, kind);
      if (link !== undefined) await what(link, reference);
    });
  };
  const readLetters = async () => {
    await cloud.settle();
    await post.collect();
    await together(all, async (reference) => {
      for (const link of post.takeAll(reference, 'letters')) {
        const letter = await ok((await ok(visit(link))).submit('open'));
        if (!letter.text.includes(reference)) throw new Error(`a letter does not name ${reference}`);
        letters.set(reference, (letters.get(reference) ?? 0) + 1);
      }
    });
  };
  const isFinished = (reference: string) => letters.get(reference) === READERS;

  // One link worker, who signs in once.
  const jar: Jar = new Map();
  await ok(signIn(cloud, jar, 'amina', '/worklist'));
  await cloud.settle();
  await together(all, async (reference) => {
    const opened = await ok(visit(`${cloud.baseUrl}/referrals/${reference}`, jar));
    await ok(opened.submit('decide', { decision: 'match', programmeId: 'hive-music' }));
  });
  await act('offer', async (link, reference) => {
    const opened = await ok((await ok(visit(link))).submit('open'));
    const accepted = await ok(opened.submit('reply', { reply: 'accept' }));
    // It says who the person is for a code that goes to the provider's address.
    const entering = await ok(accepted.submit('code'));
    await cloud.settle();
    await ok(entering.submit('enter', { code: await post.code(reference) }));
  });
  await act('person', async (link) => {
    await ok(visit(link));
  });

  let clockMs = 0;
  let clockUsage = noUsage();
  let hours = 0;
  while (!all.every(isFinished) && hours < MOST_WEEKS * WEEK_HOURS) {
    hours += STEP_HOURS[people];
    const before = await cloud.usage();
    const moved = performance.now();
    await cloud.advance({ hours: STEP_HOURS[people] });
    clockMs += performance.now() - moved;
    clockUsage = sum(clockUsage, between(before, await cloud.usage()));
    await act('register', async (link, reference) => {
      const opened = await ok((await ok(visit(link))).submit('open'));
      const came = Object.fromEntries(opened.named(/^attendance-/).map((name) => [name, '5']));
      await ok(opened.submit('record', { held: 'yes', ...came }));
      sessions.set(reference, (sessions.get(reference) ?? 0) + 1);
    });
    await readLetters();
  }

  return {
    lives: count,
    ms: performance.now() - started,
    clockMs,
    clockUsage,
    weeks: hours / WEEK_HOURS,
    finished: all.filter(isFinished),
    unfinished: all
      .filter((reference) => !isFinished(reference))
      .map((reference) => {
        const held = `${sessions.get(reference) ?? 0} sessions held`;
        return `${reference}: ${held}, ${letters.get(reference) ?? 0} of ${READERS} letters after ${hours} hours`;
      }),
  };
}

/** What the table itself still has to do for these referrals, one line for each that is open or has something undelivered. */
export async function leftInTable(cloud: MeteredCloud, references: readonly string[]): Promise<string[]> {
  const items = (await cloud.table()).filter(({ sk }) => sk === 'REFERRAL');
  const referrals = new Map(items.map((item) => [item.reference, item]));
  return references.flatMap((reference) => {
    const { stage = 'missing', outbox = [] } = referrals.get(reference) ?? {};
    if (stage !== 'closed') return [`${reference}: its letters were sent, but in the table it is ${stage}`];
    const keys = (outbox as { key: string }[]).map(({ key }) => key);
    return keys.length > 0 ? [`${reference}: still undelivered: ${keys.join(', ')}`] : [];
  });
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
