/** That a page with something wrong is noticed: a check that cannot fail checks nothing. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { aBrowser, checked, faultsOf } from './browser.ts';
import { Pointer } from './hands.ts';
import { Keyboard } from './keyboard.ts';

const browser = aBrowser();

/** Puts a page of this body at an address that only this browser knows, and opens it. */
async function show(page: Page, body: string, { style = '', status = 200 } = {}): Promise<void> {
  await page.unrouteAll();
  await page.route('http://service.test/**', (route) =>
    route.fulfill({
      status,
      contentType: 'text/html',
      body: `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${style}</style>
</head>
<body>
<main>
<h1>A page</h1>
${body}
</main>
</body>
</html>`,
    }),
  );
  await page.goto('http://service.test/');
}

describe.each([true, false])('with scripts allowed: %s', (javaScript) => {
  let page: Page;
  beforeAll(async () => {
    page = await browser.open({ on: 'phone', javaScript });
  });

  it('finds nothing wrong with a good page, be it a 422', async () => {
    await show(page, '<p>Good</p>');
    await checked(page);
    await show(page, '<p>Good</p>', { status: 422 });
    await checked(page);
  });

  it.each<[string, string, RegExp]>([
    ['too little contrast', '<p style="color: #bbb">Pale</p>', /^color-contrast: .*contrast of/s],
    ['a field without a label', '<input type="text">', /^label: /],
    ['a small target', '<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>', /^target-size: /],
    ['content outside landmarks', '</main><p>Lost</p><main>', /^region: /],
    ['wrong nesting', '<ul><p>Wrong</p></ul>', /^element-permitted-content: /],
    ['a role that says nothing', '<ul role="list"><li>One</li></ul>', /^no-redundant-role: /],
    [
      'a page that scrolls sideways',
      '<div style="width: 340px">Wide</div>',
      /^scrolls sideways: \d+ px on 320 px/,
    ],
    ['a long word', `<p>${'m'.repeat(60)}</p>`, /^scrolls sideways: \d+ px on 375 px/],
    ['clipped words', '<p style="height: 20px; overflow: hidden">Two<br>lines</p>', /^clipped at 375 px: <p/],
    [
      'a picture from elsewhere',
      '<img alt="" src="http://elsewhere.test/a.png">',
      /^asks elsewhere: http:..elsewhere/,
    ],
    ['a missing file', '<img alt="" src="http://127.0.0.1:9/a.png">', /^not loaded: /],
  ])('notices %s', async (_what, body, fault) => {
    await show(page, body);
    expect(await faultsOf(page)).toContainEqual(expect.stringMatching(fault));
  });
});

it('notices an error in a script', async () => {
  const page = await browser.open({ on: 'phone', javaScript: true });
  await show(page, '<script>console.error("bad"); throw new Error("worse")</script>');
  expect(await faultsOf(page)).toEqual(expect.arrayContaining(['console: bad', 'script: worse']));
});

it('looks at what shows only once something is chosen', async () => {
  const page = await browser.open({ on: 'phone', javaScript: false });
  const choice =
    '<fieldset><legend>Which?</legend><input type="radio" name="a" id="a" value="a"> <label for="a">This</label> <p>Pale</p></fieldset>';
  const style =
    'p { display: none; color: #bbb } :checked ~ p { display: block } input { width: 30px; height: 30px }';
  await show(page, choice, { style });
  await checked(page);
  await new Pointer(page).choose('Which?', 'This');
  expect(await faultsOf(page)).toContainEqual(expect.stringMatching(/^color-contrast/));
});

const FORM = `
<form method="post" action="/sent">
<label for="name">Name</label> <input id="name" name="name" maxlength="10">
<fieldset><legend>Colour</legend>
<input type="radio" name="colour" id="red" value="red"> <label for="red">Red</label>
<input type="radio" name="colour" id="blue" value="blue"> <label for="blue">Blue</label>
</fieldset>
<fieldset><legend>Born</legend>
<label for="day">Day</label> <input id="day" name="day">
<label for="month">Month</label> <input id="month" name="month">
<label for="year">Year</label> <input id="year" name="year">
</fieldset>
<input type="checkbox" name="agree" id="agree" value="yes"> <label for="agree">I agree</label>
<button>Send</button>
</form>`;

describe.each([
  ['a pointer', Pointer],
  ['a keyboard', Keyboard],
])('%s', (_name, Kind) => {
  it('fills in a form and counts fields and buttons', async () => {
    const page = await browser.open({ on: 'desktop', javaScript: false });
    await show(page, FORM);
    const hands = new Kind(page);
    await hands.write('Name', 'Nguyễn 李');
    await hands.choose('Colour', 'Blue');
    await hands.date('Born', { day: '3', month: '4', year: '2008' });
    await hands.tick('I agree');
    const sent = page.waitForRequest('**/sent');
    await hands.press('Send');
    const fields = Object.fromEntries(new URLSearchParams((await sent).postData() ?? ''));
    expect(fields).toEqual({
      ...{ name: 'Nguyễn 李', colour: 'blue', agree: 'yes' },
      ...{ day: '3', month: '4', year: '2008' },
    });
    expect(hands.interactions).toBe(7);
  });

  it('notices when a field does not take all that is written', async () => {
    const page = await browser.open({ on: 'desktop', javaScript: false });
    await show(page, FORM);
    await expect(new Kind(page).write('Name', 'Nebuchadnezzar')).rejects.toThrow('took "Nebuchadne"');
  });
});

describe('a keyboard', () => {
  let page: Page;
  beforeAll(async () => {
    page = await browser.open({ on: 'desktop', javaScript: false });
  });

  it.each<[string, string, RegExp]>([
    ['a focus that looks like nothing', 'button:focus { outline: 0 }', /looks the same with and without/],
    ['an outline without colour', 'button:focus { outline: 4px solid transparent }', /looks the same/],
    ['a focus that is covered', 'h1 { position: fixed; inset: 0; background: #fff }', /cannot be seen/],
    ['a focus out of the page', 'button { position: absolute; left: -999px }', /cannot be seen/],
  ])('notices %s', async (_what, style, message) => {
    await show(page, FORM, { style });
    await expect(new Keyboard(page).press('Send')).rejects.toThrow(message);
  });

  it('notices a button out of reach', async () => {
    await show(page, FORM.replace('<button>', '<button tabindex="-1">'));
    await expect(new Keyboard(page).press('Send')).rejects.toThrow('Tab does not lead to');
  });

  it('goes forwards only, so fields must be in the order in which they are asked', async () => {
    await show(page, FORM);
    const hands = new Keyboard(page);
    await hands.tick('I agree');
    await expect(hands.write('Name', 'Róisín')).rejects.toThrow('Tab does not lead to');
  });
});
