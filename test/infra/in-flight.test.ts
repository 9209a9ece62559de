/**
 * Executions live for months and go on with the definition that they began with, while the functions that it calls are new: docs/deploy.md says
 * what may change. Here is what every released definition calls, and with what; the functions of today take it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { taskPayload, waitPayload } from '../../functions/shared/task.ts';
import { pascalCase, TASK_FUNCTIONS } from '../../infra/functions.ts';

/** What an execution says to a function; a value that is right for each. */
const SAID: Record<string, string> = {
  referralId: '0123456789abcdef0123456789abcdef',
  now: '2026-11-23T12:00:00.123Z',
  execution: '0123456789abcdef0123456789abcdef',
  token: 'AQCEAAAAKgAAAAMAAAAAAAAAAb',
};
const ALL = ['execution', 'now', 'referralId'];
const WAITING = [...ALL, 'token'];

/** By function, each set of fields that any released definition sends. Add to it; take out only when no execution of that time can run. */
const RELEASED: Record<string, readonly (readonly string[])[]> = {
  'await-review': [WAITING],
  'await-information': [WAITING],
  'await-provider': [WAITING],
  'await-place': [WAITING],
  'await-session': [WAITING],
  'await-welfare-contact': [WAITING],
  'close-referral': [ALL],
  'report-failure': [ALL],
};

const { States } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../workflows/referral.asl.json'), 'utf8'),
) as { States: Record<string, { Type: string; Parameters?: { FunctionName: string; Payload: object } }> };

test('every function that a released definition calls is still there', () => {
  expect(Object.keys(TASK_FUNCTIONS)).toEqual(expect.arrayContaining(Object.keys(RELEASED)));
});

test.each(Object.entries(RELEASED).flatMap(([name, sets]) => sets.map((fields) => [name, fields] as const)))(
  '%s takes what an execution in flight sends: %s',
  (_, fields) => {
    const payload = Object.fromEntries(fields.map((field) => [field, SAID[field]]));
    const schema = fields.includes('token') ? waitPayload : taskPayload;
    expect(schema.safeParse(payload).error).toBeUndefined();
  },
);

test.each(Object.keys(TASK_FUNCTIONS))("today's definition sends %s what is released", (name) => {
  const sent = Object.values(States)
    .filter(({ Parameters }) => Parameters?.FunctionName === `\${${pascalCase(name)}}`)
    .map(({ Parameters }) =>
      Object.keys(Parameters?.Payload ?? {})
        .map((key) => key.replace(/\.\$$/, ''))
        .sort(),
    );
  expect(sent.length).toBeGreaterThan(0);
  for (const fields of sent) expect(RELEASED[name]).toContainEqual(fields);
});
