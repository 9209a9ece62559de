/** Drills of several causes at once that have nothing to do with each other: each is told, however long another one rings already. */
import { visit } from '../browser.ts';
import { FOR_LONG, type Scene } from './scene.ts';

/** Three people try to sign in. */
async function trySigningIn({ control }: Scene): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const page = await visit(`${control.baseUrl}/sign-in`, new Map());
    await page.submit(undefined, { return: '' });
  }
}

/** Which alarms ring, in this order, each of a cause of its own; and how all of it ends. */
export type Together = {
  readonly alarms: readonly string[];
  rings(scene: Scene): Promise<{ ends(): Promise<void> }>;
};

export const TOGETHER: Readonly<Record<string, Together>> = {
  'nobody can sign in overnight, and emails do not go out': {
    alarms: ['sign-in-unavailable', 'outbox-old'],
    async rings(scene) {
      const { watch, control } = scene;
      await control.faults({ identity: 'unavailable', times: FOR_LONG });
      await control.faults({ ses: 'MessageRejected', times: FOR_LONG });
      const referral = await scene.referred();
      for (let ticks = 0; ticks < 9 && watch.alarms.states.get('outbox-old') !== 'ALARM'; ticks++) {
        await trySigningIn(scene);
        await watch.tick();
      }
      return {
        async ends() {
          await control.faults({});
          await watch.until('outbox-old', 'OK', 14);
          await scene.signposted(referral);
        },
      };
    },
  },
  'nobody can sign in, and a page fails': {
    alarms: ['sign-in-unavailable', 'pages-5xx'],
    async rings(scene) {
      const { watch, control } = scene;
      const away = { identity: 'unavailable', times: FOR_LONG } as const;
      await control.faults(away);
      await trySigningIn(scene);
      await watch.until('sign-in-unavailable', 'ALARM', 1);
      await control.faults({ dynamodb: 'ResourceNotFoundException', times: FOR_LONG, operation: 'GetItem' });
      for (let tries = 0; tries < 3; tries++) await visit(`${control.baseUrl}/status/${'a'.repeat(54)}`);
      await control.faults({});
      await control.faults(away);
      await trySigningIn(scene);
      await watch.until('pages-5xx', 'ALARM', 1);
      return { ends: () => control.faults({}) };
    },
  },
  'emails do not go out, and no sweep comes to its end': {
    alarms: ['outbox-old', 'sweep-not-run'],
    async rings(scene) {
      const { watch, control } = scene;
      await control.faults({ ses: 'MessageRejected', times: FOR_LONG });
      const referral = await scene.referred();
      await watch.until('outbox-old', 'ALARM', 7);
      await control.faults({ function: 'reminder-sweep', crashes: FOR_LONG, when: 'before' });
      await watch.until('sweep-not-run', 'ALARM', 5);
      return {
        async ends() {
          await control.faults({});
          await scene.emptyQueue();
          await watch.until('outbox-old', 'OK', 14);
          await scene.signposted(referral);
        },
      };
    },
  },
  'something is left for an operator, emails do not go out, and nobody counts': {
    alarms: ['parked', 'dead-letters', 'outbox-old', 'not-counted'],
    async rings(scene) {
      const { watch, control } = scene;
      const waits = await scene.offered();
      const { before } = await scene.setVersion(waits, 99);
      await scene.untilParked();
      await control.faults({ function: 'directory-sweep', crashes: 3, when: 'before' });
      await watch.skip(24);
      await watch.until('dead-letters', 'ALARM', 14);
      await control.faults({ ses: 'MessageRejected', times: FOR_LONG });
      const referral = await scene.referred();
      await watch.until('outbox-old', 'ALARM', 8);
      await control.faults({ function: 'gauges', crashes: FOR_LONG, when: 'before' });
      await watch.until('not-counted', 'ALARM', 5);
      return {
        async ends() {
          await control.faults({});
          await scene.setVersion(waits, before);
          await scene.npmRun('parked', '--retry');
          await scene.emptyQueue();
          await watch.until('outbox-old', 'OK', 14);
          await scene.left(waits);
          await scene.signposted(referral);
        },
      };
    },
  },
};
