/** Every page and every error state that there is a sample of, on a phone and on a desktop. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePages } from '../unit/pages/samples.ts';
import { aBrowser, checked } from './browser.ts';
import { serveSamples } from './samples.ts';

const browser = aBrowser();
let server: Awaited<ReturnType<typeof serveSamples>>;
beforeAll(async () => {
  server = await serveSamples();
});
afterAll(() => server?.stop());

describe.each(['phone', 'desktop'] as const)('on a %s', (on) => {
  // One for all: samples leave nothing behind, and to start anew for each takes twice the time.
  let page: Page;
  beforeAll(async () => {
    page = await browser.open({ on, javaScript: true, baseUrl: server.baseUrl });
  });

  it.each(Object.entries(samplePages()))('%s', async (name, answer) => {
    const response = await page.goto(`/sample/${name}`);
    expect(response?.status()).toBe(answer().statusCode);
    await checked(page);
    // What a choice asks further shows once it is chosen.
    for (const choice of await page
      .locator(':has(+ .nhsuk-radios__conditional) > input:not(:checked)')
      .all()) {
      await choice.check();
      await checked(page);
    }
  });
});
