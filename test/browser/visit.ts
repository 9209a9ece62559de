/** What a journey consists of: somebody opens an address, fills in and presses; every page that they come to is checked. */
import { type aBrowser, checked, type Device } from './browser.ts';
import { type Hands, Pointer } from './hands.ts';
import type { Keyboard } from './keyboard.ts';

type Visit = { on: Device['on']; javaScript?: boolean; with?: typeof Pointer | typeof Keyboard };

/** Opens an address: with a finger or a mouse unless it says otherwise, and without scripts. */
export async function visit(browser: ReturnType<typeof aBrowser>, url: string, visit: Visit): Promise<Hands> {
  const { on, javaScript = false, with: Kind = Pointer } = visit;
  const page = await browser.open({ on, javaScript });
  await page.goto(url);
  await checked(page);
  return new Kind(page);
}

/** Presses a button and returns the words of the page that it leads to. */
export async function press(hands: Hands, button: string): Promise<string> {
  await hands.press(button);
  return arrived(hands);
}

/** Follows a link and returns the words of the page that it leads to. */
export async function follow(hands: Hands, link: string): Promise<string> {
  await hands.follow(link);
  return arrived(hands);
}

async function arrived({ page }: Hands): Promise<string> {
  await checked(page);
  return page.getByRole('main').innerText();
}
