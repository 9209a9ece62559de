import { expect, it } from 'vitest';
import { markupFaults } from '../../browser/html-validate.ts';
import { samplePages } from './samples.ts';

it.each(Object.entries(samplePages()))(
  'the page %s is HTML as the standard has it',
  async (_name, answer) => {
    expect(await markupFaults(answer().body ?? '')).toEqual([]);
  },
);

it('notices what is not', async () => {
  const faults = await markupFaults('<ul><p id="a">One</p></ul><p id="a">Two</p>');
  expect(faults.map((fault) => fault.replace(/:.*/, ''))).toEqual(['element-permitted-content', 'no-dup-id']);
});
