import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { log, logAbout, Message, note, warn } from '../../../functions/shared/log.ts';
import { foreignCode, requestAt, routeOf } from '../../../functions/shared/log-fields.ts';
import { TaskError, task } from '../../../functions/shared/task.ts';
import { measuredIn } from '../../infra/metrics.ts';
import { ID, NOW, validFields } from '../workflows/builders.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'test');
  log.setLogLevel('INFO');
  for (const method of ['info', 'error'] as const) {
    // Powertools writes to a console of its own.
    vi.spyOn((log as unknown as { console: Console }).console, method).mockImplementation((line) => {
      lines.push(String(line));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  log.setLogLevel('SILENT');
  logAbout({});
});
const written = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('names the referral in every line of its invocation, and in none of the next', () => {
    logAbout({ referralId: ID, now: NOW });
    note(Message.referralChanged, { stage: 'offer' });
    warn(Message.taskFailed, new Error('no'));
    logAbout({ now: NOW });
    note(Message.signedIn);
    expect(written().map(({ level, message, referralId }) => [level, message, referralId])).toEqual([
      ['INFO', 'REFERRAL_CHANGED', ID],
      ['ERROR', 'TASK_FAILED', ID],
      ['INFO', 'SIGNED_IN', undefined],
    ]);
  });

  it('says of an error its kind and where it was thrown, never its text, and counts it by its code', () => {
    logAbout({ now: NOW });
    warn(Message.pageFailed, new TypeError('Ada Lovelace is not a function'), requestAt('r-1', 'GET /refer'));
    const [line] = written();
    expect(line).toMatchObject({ error: 'TypeError', route: 'GET /refer', frames: expect.any(Array) });
    expect(lines.join()).not.toContain('Lovelace');
    expect(measuredIn(lines.join('\n'))).toEqual([
      { namespace: 'test', name: 'Errors', by: { code: 'PAGE_FAILED' }, at: Date.parse(NOW), value: 1 },
    ]);
  });

  it('takes no field that could hold what somebody is called or typed', () => {
    const { familyName } = validFields as { familyName: string };
    // Each of these fails to compile, and so would this file if one of them did not.
    // @ts-expect-error a reason is one of its message's codes
    note(Message.linkRefused, { reason: familyName, step: 'person' });
    // @ts-expect-error a step too
    note(Message.linkRefused, { reason: 'expired', step: familyName });
    // @ts-expect-error a route is what API Gateway calls it
    note(Message.accessRefused, { reason: 'role', route: familyName });
    // @ts-expect-error an entry is known by its key
    note(Message.outboxEntryDone, { key: familyName });
    // @ts-expect-error somebody who works here is known by their account
    note(Message.searchedTooOften, { by: familyName });
    // @ts-expect-error what is wrong with a sign-in is a code
    note(Message.signInRefused, { reason: familyName });
    // @ts-expect-error this message has no fields
    note(Message.signedIn, { key: familyName });
    // @ts-expect-error this one has no reason
    note(Message.referralChanged, { referralId: ID, stage: 'offer', reason: familyName });
    // @ts-expect-error nor a name for one
    warn(Message.taskFailed, new Error('no'), { name: familyName });
    // @ts-expect-error a stage must be said, and is one
    note(Message.referralCreated, { referralId: ID, stage: familyName });
    expect(lines).toHaveLength(10);
  });

  it('is written to in no other way', () => {
    const folder = join(import.meta.dirname, '../../../functions');
    const writers = globSync('**/*.ts', { cwd: folder }).filter((path) =>
      /\b(?:log|console)\.(?:info|error|warn|debug|log)\(/.test(readFileSync(join(folder, path), 'utf8')),
    );
    expect(writers.sort()).toEqual(['shared/log.ts', 'shared/metrics.ts']);
  });

  it('leaves out an id that is none, a route with what was asked for, and a code with words', () => {
    note(Message.referralChanged, { referralId: 'Lovelace', stage: 'offer' });
    note(Message.directoryChanged, { programmeId: 'ada@example.org' });
    note(Message.cohortChanged, { cohort: ID });
    expect(written().map(({ referralId, programmeId, cohort }) => [referralId, programmeId, cohort])).toEqual(
      [
        [undefined, undefined, undefined],
        [undefined, undefined, undefined],
        [undefined, undefined, ID],
      ],
    );
    expect(['GET /', 'POST /person/{link}/check-in', 'GET /assets/{path+}'].map(routeOf)).toEqual([
      'GET /',
      'POST /person/{link}/check-in',
      'GET /assets/{path+}',
    ]);
    expect(['$default', 'Ada Lovelace', 'GET /person/Ada Lovelace'].map(routeOf)).toEqual([
      'other',
      'other',
      'other',
    ]);
    expect(['access_denied', 'ERR_JWT_EXPIRED', 'Ada Lovelace'].map(foreignCode)).toEqual([
      'access_denied',
      'ERR_JWT_EXPIRED',
      'error',
    ]);
  });

  it('says where something is wrong that was checked by a schema, not what is there', () => {
    const { error } = z
      .object({ person: z.object({ born: z.number() }) })
      .safeParse({ person: { born: 'Ada' } });
    warn(Message.directoryNotRead, error);
    expect(written()).toMatchObject([{ where: 'person.born' }]);
    expect(lines.join()).not.toContain('Ada');
  });

  it('is about the referral and the moment of the payload in a task, also one that is wrong otherwise', async () => {
    const handler = task(
      z.object({ referralId: z.string(), now: z.string(), token: z.string() }),
      async () => {
        throw new TaskError('Unlucky');
      },
    ) as (payload: object, context: object) => Promise<unknown>;
    await expect(handler({ referralId: ID, now: NOW }, {})).rejects.toThrow('InvalidPayload');
    await expect(handler({ referralId: ID, now: NOW, token: 't' }, {})).rejects.toThrow('Unlucky');
    expect(written().map(({ referralId, error }) => [referralId, error])).toEqual([
      [ID, 'InvalidPayload'],
      [ID, 'Unlucky'],
    ]);
    expect(measuredIn(lines.join('\n')).map(({ by, at }) => [by.code, at])).toEqual([
      ['TASK_FAILED', Date.parse(NOW)],
      ['TASK_FAILED', Date.parse(NOW)],
    ]);
  });
});
