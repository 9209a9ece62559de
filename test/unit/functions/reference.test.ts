import { expect, it } from 'vitest';
import { referenceIn } from '../../../functions/shared/reference.ts';

it.each([
  ['SP-7K4M-2Q9X', 'SP-7K4M-2Q9X'],
  [' sp 7k4m 2q9x ', 'SP-7K4M-2Q9X'],
  ['sp7k4m2q9x', 'SP-7K4M-2Q9X'],
  ['7K4M-2Q9X', 'SP-7K4M-2Q9X'],
  // One in twenty has no digit.
  ['SP-ABCD-EFGH', 'SP-ABCD-EFGH'],
  ['sp-abcd-efgh', 'SP-ABCD-EFGH'],
  // Names.
  ['Spencerson', undefined],
  ['Jean-Paul', undefined],
  ['SP-7K4M-2Q9', undefined],
  ['', undefined],
])('%j is the reference %s', (text, reference) => {
  expect(referenceIn(text)).toBe(reference);
});
