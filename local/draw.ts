/** `npm run picture`: draws the state machine for the documents. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawStateMachine } from './picture.ts';

const root = join(import.meta.dirname, '..');

/** Where the documents look for the picture. */
export const PICTURE = join(root, 'docs/images/state-machine.svg');

/** The picture of the definition as it is now. */
export async function drawDefinition(): Promise<string> {
  return drawStateMachine(JSON.parse(readFileSync(join(root, 'workflows/referral.asl.json'), 'utf8')));
}

if (import.meta.main) {
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  writeFileSync(PICTURE, await drawDefinition());
}
