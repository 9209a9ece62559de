/**
 * Executions live for months and go on with the definition that they began with, while the functions that it calls are new: docs/deploy.md says
 * what may change. Here is what every released definition calls, and with what; the functions of today take it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pascalCase, TASK_FUNCTIONS } from '../../infra/functions.ts';
import type { Referral } from '../../workflows/referral.ts';
import { decideReview } from '../../workflows/review.ts';
import { startEnvironment } from '../unit/functions/environment.ts';
import type { TestTable } from '../unit/functions/table.ts';
import { accepted, ID, inReview, NOW, offered, stored, submitted } from '../unit/workflows/builders.ts';

/** What an execution says to a function; a value that is right for each. */
const SAID = {
  referralId: ID,
  now: '2026-11-23T12:00:00.123Z',
  execution: '0123456789abcdef0123456789abcdef',
  token: 'AQCEAAAAKgAAAAMAAAAAAAAAAb',
};
const ALL = ['execution', 'now', 'referralId'] as const;
const WAITING = [...ALL, 'token'] as const;

/** By function, each set of fields that any released definition sends. Add to it; take out only when no execution of that time can run. */
const RELEASED: Record<string, readonly (readonly (keyof typeof SAID)[])[]> = {
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

const signposted = () =>
  decideReview(inReview(), 'review-1', { decision: 'signpost', signpostedTo: 'The drop-in' }, NOW);

/** A referral that comes to the function, and what is then stored of it. */
const AT: Partial<Record<string, [referral: () => Referral, changed: object]>> = {
  'await-review': [submitted, { stage: 'review', waiting: { step: 'review', token: SAID.token } }],
  'await-provider': [offered, { waiting: { step: 'provider', token: SAID.token } }],
  'await-session': [accepted, { waiting: { step: 'session', token: SAID.token } }],
  'close-referral': [() => stored(signposted()), { stage: 'closed' }],
  'report-failure': [
    offered,
    { outbox: expect.arrayContaining([expect.objectContaining({ message: 'alert-coordinator' })]) },
  ],
};
/** To the others comes one that is past what they wait for: the token is answered. */
const PAST: [() => Referral, object] = [
  accepted,
  { outbox: expect.arrayContaining([expect.objectContaining({ kind: 'answer', token: SAID.token })]) },
];

test('every function that a released definition calls is still there', () => {
  expect(Object.keys(TASK_FUNCTIONS)).toEqual(expect.arrayContaining(Object.keys(RELEASED)));
});

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

type Handler = (payload: object, context: object) => Promise<unknown>;

test.each(Object.entries(RELEASED).flatMap(([name, sets]) => sets.map((fields) => [name, fields] as const)))(
  '%s of today does what an execution in flight asks for, by these fields: %s',
  async (name, fields) => {
    const { handler } = (await import(`../../functions/${name}/handler.ts`)) as { handler: Handler };
    const [referral, changed] = AT[name] ?? PAST;
    table.clear();
    const execution = { number: 1, name: SAID.execution, startedAt: NOW };
    await table.referrals.create({ ...referral(), execution });
    await handler(Object.fromEntries(fields.map((field) => [field, SAID[field]])), {});
    expect(await table.referrals.read(ID)).toMatchObject(changed);
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
