import { expect, it } from 'vitest';
import { referenceBegunIn, referenceIn } from '../../../functions/shared/reference.ts';

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

it.each([
  ['SP-7K4M-2Q9', 'SP'],
  ['sp 7k4m 2q', 'SP'],
  ['SP-', 'SP'],
  ['sp-abcd', 'SP'],
  ['gr-7k4m-2q9', 'GR'],
  ['SP-7K4M-2Q9X', undefined],
  ['GR-7K4M-2Q9X', undefined],
  ['Sp Green', undefined],
  ['Spencer', undefined],
  ['Green-Smith', undefined],
])('%j was to be a reference that begins with %s', (text, begins) => {
  expect(referenceBegunIn(text)).toBe(begins);
});
