import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { log, logAbout, Message, note, warn } from '../../../functions/shared/log.ts';
import { TaskError, task } from '../../../functions/shared/task.ts';
import { measuredIn } from '../../infra/metrics.ts';
import { ID, NOW } from '../workflows/builders.ts';

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
    warn(Message.pageFailed, new Error('no'));
    logAbout({ now: NOW });
    note(Message.signedIn);
    expect(written().map(({ level, message, referralId }) => [level, message, referralId])).toEqual([
      ['INFO', 'REFERRAL_CHANGED', ID],
      ['ERROR', 'PAGE_FAILED', ID],
      ['INFO', 'SIGNED_IN', undefined],
    ]);
  });

  it('says of an error its kind and where it was thrown, never its text, and counts it by its code', () => {
    logAbout({ now: NOW });
    warn(Message.pageFailed, new TypeError('Ada Lovelace is not a function'), { route: 'GET /refer' });
    const [line] = written();
    expect(line).toMatchObject({ error: 'TypeError', route: 'GET /refer', frames: expect.any(Array) });
    expect(lines.join()).not.toContain('Lovelace');
    expect(measuredIn(lines.join('\n'))).toEqual([
      { namespace: 'test', name: 'Errors', by: { code: 'PAGE_FAILED' }, at: Date.parse(NOW), value: 1 },
    ]);
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
