/** How long each page takes: one request at a time, on a cloud that is warm and has nothing else to do. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Jar, visit } from '../journeys/browser.ts';
import { signIn } from '../journeys/sign-in.ts';
import { type MeteredCloud, Post } from './control.ts';
import { ok, refer } from './lives.ts';

const WEEK = { hours: 7 * 24 };
const MOST_WEEKS = 4;

/** Milliseconds from a request's start to the last byte of its answer, by route and by what was done. */
export type Times = ReadonlyMap<string, readonly number[]>;

/** Visits every page that a life uses, at least `samples` times each. */
export async function timePages(cloud: MeteredCloud, samples: number): Promise<Times> {
  const meter = new Meter();
  const post = new Post(cloud);
  try {
    const assets = await assetsOf(cloud);
    const references: string[] = [];
    for (let i = 0; i < samples; i++) {
      await meter.during('', () => visit(`${cloud.baseUrl}/`));
      for (const asset of assets) await meter.during('', () => visit(asset));
      references.push(await meter.during('send', () => refer(cloud, `page-${i}`)));
      await cloud.settle();
    }
    /** Has everyone act who got a link of this kind, one after the other. */
    const inTurn = async (kind: string, act: (link: string, reference: string) => Promise<void>) => {
      await post.collect();
      let acted = 0;
      for (const reference of references) {
        const link = post.take(reference, kind);
        if (link === undefined) continue;
        await act(link, reference);
        await cloud.settle();
        acted += 1;
      }
      return acted;
    };

    const jar: Jar = new Map();
    await ok(signIn(cloud, jar, 'amina', '/worklist'));
    for (const reference of references) {
      const opened = await meter.during('', () => ok(visit(`${cloud.baseUrl}/referrals/${reference}`, jar)));
      const match = { decision: 'match', programmeId: 'hive-music' };
      await meter.during('decide', () => ok(opened.submit('decide', match)));
      await cloud.settle();
    }
    await inTurn('offer', async (link, reference) => {
      const door = await meter.during('', () => ok(visit(link)));
      const opened = await meter.during('open', () => ok(door.submit('open')));
      const accepted = await meter.during('reply', () => ok(opened.submit('reply', { reply: 'accept' })));
      const entering = await meter.during('code', () => ok(accepted.submit('code')));
      await cloud.settle();
      const code = await post.code(reference);
      await meter.during('enter', () => ok(entering.submit('enter', { code })));
    });
    await inTurn('person', async (link) => {
      await meter.during('', () => ok(visit(link)));
    });
    const registers = () =>
      inTurn('register', async (link) => {
        const door = await meter.during('', () => ok(visit(link)));
        const opened = await meter.during('open', () => ok(door.submit('open')));
        const came = Object.fromEntries(opened.named(/^attendance-/).map((name) => [name, '5']));
        await meter.during('record', () => ok(opened.submit('record', { held: 'yes', ...came })));
      });
    for (let week = 0, recorded = 0; recorded < samples && week < MOST_WEEKS; week++) {
      await cloud.advance(WEEK);
      recorded += await registers();
    }
    return meter.times;
  } finally {
    meter.stop();
  }
}

/** Opens letters that were sent already until there are enough times; a letter may be opened again and again. */
export async function timeLetters(links: readonly string[], samples: number): Promise<Times> {
  const meter = new Meter();
  try {
    for (let i = 0; i < samples && links.length > 0; i++) {
      const door = await meter.during('', () => ok(visit(links[i % links.length] ?? '')));
      await meter.during('open', () => ok(door.submit('open')));
    }
    return meter.times;
  } finally {
    meter.stop();
  }
}

/** The addresses of what the home page links: its stylesheet and icon. */
async function assetsOf(cloud: MeteredCloud): Promise<string[]> {
  const { html } = await visit(`${cloud.baseUrl}/`);
  const paths = new Set([...html.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path));
  return [...paths].map((path) => `${cloud.baseUrl}${path}`);
}

interface Hop {
  readonly method: string;
  readonly path: string;
}

/** Listens to every request that this process sends, each hop of a redirect by itself. Nothing else may be sent meanwhile. */
class Meter {
  readonly #times = new Map<string, number[]>();
  readonly #started = new Map<object, number>();
  #label: string | undefined;

  constructor() {
    subscribe('undici:request:create', this.#began);
    subscribe('undici:request:trailers', this.#ended);
  }

  get times(): Times {
    return this.#times;
  }

  stop(): void {
    unsubscribe('undici:request:create', this.#began);
    unsubscribe('undici:request:trailers', this.#ended);
  }

  /** Measures what is requested during some work; `action` says what a POST is for. */
  async during<T>(action: string, work: () => Promise<T>): Promise<T> {
    this.#label = action;
    try {
      return await work();
    } finally {
      this.#label = undefined;
    }
  }

  readonly #began = (message: unknown) => {
    this.#started.set((message as { request: object }).request, performance.now());
  };

  readonly #ended = (message: unknown) => {
    const { request } = message as { request: Hop };
    const started = this.#started.get(request);
    this.#started.delete(request);
    if (this.#label === undefined || started === undefined) return;
    const name = nameOf(request, this.#label);
    const times = this.#times.get(name);
    if (times) times.push(performance.now() - started);
    else this.#times.set(name, [performance.now() - started]);
  };
}

/** `POST /referrals/{reference} decide`; a GET in the course of an action is the page that it led to. */
function nameOf({ method, path }: Hop, action: string): string {
  const route = path
    .replace(/[A-Za-z0-9_-]{54}$/, '{link}')
    .replace(/SP-[0-9A-Z]{4}-[0-9A-Z]{4}$/, '{reference}')
    .replace(/-[0-9a-f]{12}\./, '-{hash}.');
  if (method === 'POST') return `POST ${route} ${action}`;
  return action === '' || action === 'send' ? `GET ${route}` : `GET ${route} after ${action}`;
}
