import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from '../simulation/mutations.ts';

const root = join(import.meta.dirname, '../..');

describe('a bug that the simulator has to find', () => {
  it.each(MUTATIONS)('has the line that it breaks: $name', ({ file, text, instead }) => {
    const parts = readFileSync(join(root, file), 'utf8').split(text);
    expect([parts.length, instead === text]).toEqual([2, false]);
  });
});
