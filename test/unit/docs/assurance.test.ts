/** The assurance pack is current: its tests and files exist, its figures are the code's, and its Markdown is what its data say. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  answers,
  type Hazard,
  hazardLog,
  read,
  riskOf,
  type TestName,
  type Threat,
  threatModel,
} from './assurance.ts';
import { quoting } from './figures.ts';
import * as words from './introductions.ts';
import { isRunIn } from './titles.ts';

const hazards = read<Hazard>('hazards');
const threats = read<Threat>('threats');

function hasTest([file, title]: TestName): boolean {
  return existsSync(file) && isRunIn(readFileSync(file, 'utf8'), title);
}

describe('each hazard and each threat', () => {
  const all: readonly (Hazard | Threat)[] = [...hazards, ...threats];

  it('has an id of its own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it.each(all.map((one) => ({ ...one })))('$id names files and tests that there are', ({ files, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(tests.filter((test) => !hasTest(test))).toEqual([]);
  });
});

/** Every question of DTAC's form 2.0 (24 February 2026), in its order. */
const DTAC = [
  ...Array.from({ length: 12 }, (_, i) => `A${i + 1}`),
  ...['B1', 'B2', 'B3', 'B4', 'C1.1.1', 'C1.1.2', 'C1.2'],
  ...['C1.2.1', 'C1.2.2', 'C1.2.3', 'C1.2.4', 'C1.2.5'],
  ...['C2.1', 'C2.2', 'C2.2.1', 'C2.2.2', 'C2.2.3', 'C2.2.4', 'C2.2.5', 'C2.2.6'],
  ...['C3.1', 'C3.2', 'C3.3', 'C3.4', 'C3.5', 'C3.5.1', 'C3.6'],
  ...['C4.1', 'C4.1.1', 'C4.1.2', 'C4.1.3'],
  ...['C4.2', 'C4.2.1', 'C4.2.2', 'C4.2.3', 'C4.2.4', 'C4.2.5', 'C4.2.6'],
  ...['D1.1', 'D1.2', 'D1.3', 'D1.4', 'D1.4.1', 'D1.4.2', 'D1.4.3', 'D1.5'],
];

describe('each question', () => {
  const all = ['dtac', 'dpia'].flatMap((form) => read<Answer>(form).map((each) => ({ form, ...each })));

  it('of DTAC is there, in the order of the form', () => {
    expect(read<Answer>('dtac').map(({ number }) => number)).toEqual(DTAC);
  });

  it('of the DPIA has a number of its own, and all seven steps are there', () => {
    const numbers = read<Answer>('dpia').map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const steps = numbers.map((number) => number.split('.')[0]);
    expect([...new Set(steps)]).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it.each(all)('$form $number is answered or left to the deployer, and names tests that there are', (one) => {
    const { answer, deployer, tests = [] } = one;
    expect(answer ?? deployer).toMatch(/\.(\*\*)?$/);
    expect(tests.filter((test) => !hasTest(test))).toEqual([]);
  });
});

describe('a risk', () => {
  it('is never more for a control, nor for less harm or likelihood', () => {
    for (const { before, after } of hazards) expect(after).toBeLessThanOrEqual(before);
    for (const one of [1, 2, 3, 4]) {
      for (const other of [1, 2, 3, 4, 5]) {
        expect(riskOf(one, other)).toBeLessThanOrEqual(riskOf(one + 1, other));
        expect(riskOf(other, one)).toBeLessThanOrEqual(riskOf(other, one + 1));
      }
    }
  });

  it('is none off the scale', () => {
    expect(() => riskOf(6, 1)).toThrow();
    expect(() => riskOf(1, 0)).toThrow();
  });
});

describe('a document', () => {
  it('quotes only figures that there are', () => {
    expect(() => quoting('after {{nothing-like-it}}')).toThrow(/nothing-like-it/);
  });

  it.each([
    ['assurance/hazard-log.md', hazardLog(hazards, words.HAZARDS)],
    ['threats.md', threatModel(threats, words.THREATS)],
    ['assurance/dtac.md', answers(read<Answer>('dtac'), words.DTAC)],
    ['assurance/dpia.md', answers(read<Answer>('dpia'), words.DPIA)],
  ])('is what its data say: %s', async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../../docs/${name}`);
  });
});
