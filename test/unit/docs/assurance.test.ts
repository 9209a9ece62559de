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

const hazards = read<Hazard>('hazards');
const threats = read<Threat>('threats');

/** How a test's title stands in its file: as the first argument of it or it.each. */
function hasTest([file, title]: TestName): boolean {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => text.includes(`(${quote}${title}${quote}`));
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
