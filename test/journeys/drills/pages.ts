/** Drills of the alarms that say that people who open a page, or sign in, are told that it does not work. */
import { expect } from 'vitest';
import { visit } from '../browser.ts';
import { type Drill, FOR_LONG, type Scene } from './scene.ts';

const THROTTLED = 'ProvisionedThroughputExceededException';

/** A page that reads the table. */
const status = (scene: Scene) => visit(`${scene.control.baseUrl}/status/${'a'.repeat(54)}`);
const several = async <T>(times: number, act: () => Promise<T>): Promise<T[]> => {
  const all: T[] = [];
  for (let i = 0; i < times; i++) all.push(await act());
  return all;
};

export const PAGES: Readonly<Record<string, Drill>> = {
  'pages-5xx': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ dynamodb: 'ResourceNotFoundException', times: FOR_LONG, operation: 'GetItem' });
      const sorry = await several(3, () => status(scene));
      await control.faults({});
      expect(sorry.map((page) => page.status)).toEqual([500, 500, 500]);
      await watch.until('pages-5xx', 'ALARM', 1);
      const [failed] = await scene.logged('PAGE_FAILED');
      expect(failed).toMatchObject({ route: expect.stringContaining('/status'), error: expect.any(String) });
      // The number that people can quote.
      expect(sorry[0]?.text).toContain(String(failed?.requestId));
      expect((await status(scene)).status).toBe(404);
      await watch.until('pages-5xx', 'OK', 3);
    },
  },
  'sign-in-unavailable': {
    async run(scene) {
      const { watch, control } = scene;
      const begin = async () =>
        (await visit(`${control.baseUrl}/sign-in`, new Map())).submit(undefined, { return: '' });
      expect((await begin()).status).toBe(200);
      await watch.tick();
      await control.faults({ identity: 'unavailable', times: FOR_LONG });
      const tried = await several(3, begin);
      expect(tried.map(({ heading }) => heading)).toEqual(
        Array.from({ length: 3 }, () => 'You cannot sign in at the moment'),
      );
      await watch.until('sign-in-unavailable', 'ALARM', 1);
      await control.faults({});
      expect((await begin()).status).toBe(200);
      await watch.until('sign-in-unavailable', 'OK', 3);
    },
  },
  'functions-throttled': {
    also: ['pages-5xx'],
    /** Played: AWS turns calls away where more run at once than the account may; here a function is named that is turned away. */
    async run(scene) {
      const { watch, control } = scene;
      const referral = await scene.referred();
      await control.faults({ function: 'referrer-status', throttled: true });
      const refused = await several(5, () => status(scene));
      expect(refused.map((page) => page.status)).toEqual([503, 503, 503, 503, 503]);
      await watch.until('functions-throttled', 'ALARM', 1);
      // The quota is raised.
      await control.faults({});
      expect((await status(scene)).status).toBe(404);
      await watch.until('functions-throttled', 'OK', 4);
      await scene.signposted(referral);
    },
  },
  'table-throttled': {
    async run(scene) {
      const { watch, control } = scene;
      // Indexes are asked for too much: the clock's calls find nothing out, and fail for good.
      await control.faults({ dynamodb: THROTTLED, times: FOR_LONG, operation: 'Query' });
      await watch.tick();
      // As AWS's tables do, it grows by itself within minutes.
      await control.faults({});
      await watch.until('table-throttled', 'ALARM', 1);
      await watch.until('table-throttled', 'OK', 2);
      await scene.emptyQueue();
    },
  },
};
