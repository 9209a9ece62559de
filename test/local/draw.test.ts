import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawDefinition, PICTURE } from '../../local/draw.ts';

describe('the picture in the documents', () => {
  it('shows the state machine as it is (otherwise run: npm run picture)', async () => {
    expect(readFileSync(PICTURE, 'utf8')).toBe(await drawDefinition());
  });
});
