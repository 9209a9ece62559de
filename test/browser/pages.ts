/** The tests of every page and every error state that there is a sample of. A file for each device, so that they run side by side. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePages } from '../unit/pages/samples.ts';
import { aBrowser, checked, type Device } from './browser.ts';
import { serveSamples } from './samples.ts';

/** Where the deployer may use the NHS's typeface, it comes from the NHS. */
const NHS_TYPEFACE = 'https://assets.nhs.uk';

/** Has every sample page looked at on a device. */
export function testPagesOn(on: Device['on']): void {
  const browser = aBrowser();
  let server: Awaited<ReturnType<typeof serveSamples>>;
  let shared: Page;
  beforeAll(async () => {
    server = await serveSamples();
    // One for all: samples leave nothing behind, and to start anew for each takes twice the time.
    shared = await browser.open({ on, javaScript: true, baseUrl: server.baseUrl });
  });
  afterAll(() => server?.stop());

  const opened = async (name: string) =>
    name === 'home-nhs'
      ? browser.open({ on, javaScript: true, baseUrl: server.baseUrl, alsoFrom: NHS_TYPEFACE })
      : shared;

  describe(`on a ${on}`, () => {
    it.each(Object.entries(samplePages()))('%s', async (name, answer) => {
      const page = await opened(name);
      const response = await page.goto(`/sample/${name}`);
      expect(response?.status()).toBe(answer().statusCode);
      await checked(page);
      // What a choice asks further shows once it is chosen.
      for (const choice of await page.locator(':has(+ [class*="__conditional"]) > input').all()) {
        if (await choice.isChecked()) continue;
        await choice.check();
        await checked(page);
      }
    });
  });
}
