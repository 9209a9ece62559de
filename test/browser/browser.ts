/** Chromium for the tests of a file, and what every page in it is held to. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launch } from './chromium.ts';
import { markupFaults } from './html-validate.ts';
import { layoutFaults, snapshot } from './in-page.ts';

/** On what somebody looks at a page. */
export const VIEWPORTS = {
  phone: { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
} as const;

export type Device = {
  on: keyof typeof VIEWPORTS;
  /** Whether scripts may run; our pages work the same without. */
  javaScript: boolean;
  /** Addresses without an origin are resolved against it. */
  baseUrl?: string;
  /** The one other origin that pages may load from. Nothing is asked there: whatever it is, it comes back empty. */
  alsoFrom?: string;
};

/** A page of 1280 px at 400 % zoom, and the narrowest phone. */
const NARROWEST = 320;

/** Pages answer from this machine: what has not come or appeared by then will not. */
const TIMEOUT_MS = 10_000;

/** WCAG 2.2 AA, with what axe calls best practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What happened on a page since it was looked at last. */
type Log = { device: Device; answer?: Response; faults: string[]; requests: string[] };
const logs = new WeakMap<Page, Log>();

/**
 * Starts a browser before the tests of a file and stops it after them. Each page is opened in a context of its own, which ends with the
 * test; one that is opened before all tests is there for all of them.
 */
export function aBrowser(): { open(device: Device): Promise<Page> } {
  let browser: Browser;
  let ofTheTest: Page[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  beforeEach(() => {
    ofTheTest = [];
  });
  afterEach(async () => {
    await Promise.all(ofTheTest.map((page) => page.context().close()));
  });
  afterAll(() => browser?.close());
  return {
    async open(device) {
      const page = await newPage(browser, device);
      keepLog(page, device);
      ofTheTest.push(page);
      return page;
    },
  };
}

async function newPage(browser: Browser, { on, javaScript, baseUrl, alsoFrom }: Device): Promise<Page> {
  const context = await browser.newContext({
    ...VIEWPORTS[on],
    javaScriptEnabled: javaScript,
    locale: 'en-GB',
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  if (alsoFrom !== undefined) {
    const headers = { 'access-control-allow-origin': '*' };
    await context.route(`${alsoFrom}/**`, (route) => route.fulfill({ headers, body: '' }));
  }
  return context.newPage();
}

function keepLog(page: Page, device: Device): void {
  const log: Log = { device, faults: [], requests: [] };
  logs.set(page, log);
  page.on('pageerror', (error) => log.faults.push(`script: ${error.message}`));
  page.on('request', (request) => log.requests.push(request.url()));
  page.on('requestfailed', (request) => {
    // Whoever goes on before the icon is there does not miss it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') log.faults.push(`not loaded: ${request.url()}`);
  });
  page.on('response', (response) => {
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) log.answer = response;
  });
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // Chromium reports a page's own 4xx, such as the 422 of a form with mistakes.
    const own = message.text().startsWith('Failed to load resource');
    // It may name a place on the page, where the form before stood at one.
    if (own && message.location().url.replace(/#.*/, '') === log.answer?.url().replace(/#.*/, '')) return;
    log.faults.push(`console: ${message.text()}`);
  });
}

/**
 * Holds a page to everything that holds for every page. Fails with the list of what is wrong. The same markup is at any width what it is on a
 * phone, but for what lies where: on a desktop axe looks at it at night only.
 */
export async function checked(page: Page): Promise<void> {
  const axe = logs.get(page)?.device.on !== 'desktop' || process.env.CI_NIGHTLY === '1';
  expect(await faultsOf(page, axe), page.url()).toEqual([]);
}

/**
 * Everything that is wrong with a page that `aBrowser` opened: markup, accessibility, what does not fit, errors, requests to
 * elsewhere. Throws when the page is not one that was answered.
 */
export async function faultsOf(page: Page, axe = true): Promise<string[]> {
  const log = logs.get(page);
  const url = page.url().replace(/#.*/, '');
  if (log?.answer?.url().replace(/#.*/, '') !== url)
    throw new Error(`It is not known what was answered for ${url}.`);
  const { origin } = new URL(url);
  const origins = [origin, log.device.alsoFrom];
  const elsewhere = log.requests.splice(0).filter((asked) => !origins.includes(new URL(asked).origin));
  return [
    ...(await markupFaults(await log.answer.text())),
    ...(await documentFaults(page, log, axe)),
    ...elsewhere.map((asked) => `asks elsewhere: ${asked}`),
    ...log.faults.splice(0),
  ];
}

/** What was found before, by device and document: journeys meet the same pages again, with scripts and without. */
const known = new Map<string, string[]>();

async function documentFaults(page: Page, log: Log, axe: boolean): Promise<string[]> {
  const { on, javaScript } = log.device;
  const html = await page.evaluate(snapshot);
  // Where nothing runs and nothing stands in for what would, scripts allowed or not make no difference; nor does what is hidden.
  const scripts = /<(no)?script/.test(html) && javaScript;
  const key = `${on} ${scripts} ${axe} ${html.replace(/<input type="hidden"[^>]*>/g, '')}`;
  const faults = known.get(key) ?? [
    ...(axe ? await accessibilityFaults(page, log, html) : []),
    ...(await layoutFaultsAtWidths(page)),
  ];
  known.set(key, faults);
  return faults;
}

async function accessibilityFaults(page: Page, log: Log, html: string): Promise<string[]> {
  const looked = log.device.javaScript ? page : await twin(page, log, html);
  if (await looked.evaluate(() => !('axe' in globalThis))) await looked.evaluate(axeSource);
  const violations = await looked.evaluate(async (tags) => {
    const { axe: looking } = globalThis as unknown as { axe: typeof axe };
    return (await looking.run({ runOnly: tags, resultTypes: ['violations'] })).violations;
  }, RULES);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} (${target.join(' ')}; ${failureSummary})`),
  );
}

/** The pages in which twins are shown, one for each device: a page that has run axe before runs it again in a third of the time. */
const twins = new WeakMap<Browser, Map<string, Page>>();

/**
 * axe waits for promises, and where scripts are switched off none is ever kept: what is evaluated from outside runs, what it puts off
 * does not. So axe looks at a twin there: the same document, with what was entered, at the same address, in a page that runs scripts.
 */
async function twin(page: Page, { device, answer }: Log, body: string): Promise<Page> {
  const browser = page.context().browser();
  if (!browser || !answer) throw new Error('The page is closed.');
  const { on, alsoFrom } = device;
  const ofTheBrowser = twins.get(browser) ?? new Map<string, Page>();
  const other =
    ofTheBrowser.get(`${on} ${alsoFrom}`) ?? (await newPage(browser, { ...device, javaScript: true }));
  twins.set(browser, ofTheBrowser.set(`${on} ${alsoFrom}`, other));
  const { 'content-length': _length, 'content-encoding': _encoding, ...headers } = await answer.allHeaders();
  await other.unrouteAll();
  await other.route(answer.url(), (route) => route.fulfill({ status: answer.status(), headers, body }));
  await other.goto(answer.url());
  return other;
}

/** Looks at the page as wide as it is and as narrow as it may become. */
async function layoutFaultsAtWidths(page: Page): Promise<string[]> {
  const size = page.viewportSize();
  if (!size) throw new Error('The page has no size.');
  const faults: string[] = [];
  for (const width of [NARROWEST, size.width]) {
    await page.setViewportSize({ ...size, width });
    faults.push(...(await page.evaluate(layoutFaults, width)));
  }
  return faults;
}
