/** What shows a control is a test that is run. */
import { expect, it } from 'vitest';
import { isRunIn } from './titles.ts';

const inside = (block: string, test: string) => `${block}('a group', () => {\n  ${test}\n});\n`;

it.each([
  ['a test', "it('holds', () => {});"],
  ['one by its other name', 'test("holds", () => {});'],
  ['a row of a table', "it.each([1, 2])('holds', () => {});"],
  ['a row of a table over several lines', "it.each<string>([\n  ['(a'],\n  ['b'],\n])('holds', () => {});"],
  ['a row of a tagged table', 'it.each`\n  a | b\n`(`holds`, () => {});'],
  ['one in a group', inside('describe', "it('holds', () => {});")],
  ['one in a group of one tier', inside('describe.skipIf(isShared())', "it('holds', () => {});")],
  [
    'one beside what is left out',
    `${inside('describe.skip', "it('other', () => {});")}it('holds', () => {});`,
  ],
  ['one behind what is left out', "it.skip('other', () => {});\nit('holds', () => {});"],
])('%s shows something', (_, text) => {
  expect(isRunIn(text, 'holds')).toBe(true);
});

it.each([
  ['nothing of that name', "it('stands', () => {});"],
  ['a longer name', "it('holds on', () => {});"],
  ['a test that is skipped', "it.skip('holds', () => {});"],
  ['one still to be written', "test.todo('holds');"],
  ['one that is expected to fail', "it.fails('holds', () => {});"],
  ['a skipped row of a table', "it.skip.each([\n  [1],\n])('holds', () => {});"],
  ['one in a group that is left out', inside('describe.skip', "it('holds', () => {});")],
  [
    'one in a group within such a group',
    "describe.skip('a', () => {\n  describe('b', () => {\n    it('holds', () => {});\n  });\n});",
  ],
  ['a group itself', "describe('holds', () => {});"],
  ['a call of something else in a test', "it('stands', () => {\n  f('holds');\n});"],
  ['a call of something else on one line', "it('stands', () => f('holds'));"],
  ['a comment', "// it('holds', () => {});"],
])('%s shows nothing', (_, text) => {
  expect(isRunIn(text, 'holds')).toBe(false);
});
