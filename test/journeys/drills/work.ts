/** Drills of the alarms that say that work is late or lost: the outbox, the clock, and what was called without anybody waiting. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Drill, FOR_LONG } from './scene.ts';

const DAY = 24;
const HOUR_MS = 3_600_000;

export const WORK: Readonly<Record<string, Drill>> = {
  'outbox-old': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ ses: 'MessageRejected', times: FOR_LONG });
      const referral = await scene.referred();
      await watch.until('outbox-old', 'ALARM', 7);
      const [failed] = await scene.logged('OUTBOX_ENTRY_FAILED');
      expect(failed).toMatchObject({ error: 'MessageRejected', key: expect.any(String) });
      expect(await referral.mails()).toEqual([]);
      // The sender's address is verified again: the next try is within the hour.
      await control.faults({});
      await watch.until('outbox-old', 'OK', 14);
      expect((await referral.mails()).length).toBeGreaterThan(0);
      await scene.signposted(referral);
    },
  },
  'sweep-not-run': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ function: 'reminder-sweep', crashes: FOR_LONG, when: 'before' });
      await watch.until('sweep-not-run', 'ALARM', 5);
      await control.faults({});
      expect(await scene.byHand('reminder-sweep')).toMatchObject({ failed: 0 });
      await watch.until('sweep-not-run', 'OK', 1);
      // Each of its calls failed for good.
      await scene.emptyQueue();
    },
  },
  'sweep-behind': {
    async run(scene) {
      const { watch, control } = scene;
      const referral = await scene.referred();
      // A reminder will soon be due, and nothing can be written: what the sweep reads it can read.
      const { dueAt } = await scene.row(referral);
      await watch.skip((Date.parse(String(dueAt)) - Date.parse(await control.now())) / HOUR_MS - 1);
      await control.faults({ dynamodb: 'InternalServerError', times: FOR_LONG, operation: 'PutItem' });
      await watch.until('sweep-behind', 'ALARM', 20);
      const [failed] = await scene.logged('SWEEP_ITEM_FAILED');
      expect(failed).toMatchObject({ error: 'InternalServerError', referralId: expect.any(String) });
      await control.faults({});
      // The gauges could not keep what they had counted.
      await scene.emptyQueue();
      await watch.until('sweep-behind', 'OK', 3);
      await scene.signposted(referral);
    },
  },
  'not-counted': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ function: 'gauges', crashes: FOR_LONG, when: 'before' });
      await watch.until('not-counted', 'ALARM', 5);
      // What the runbook says to look at meanwhile.
      expect(await scene.npmRun('parked')).toContain('Nothing is parked.');
      await control.faults({});
      await watch.until('not-counted', 'OK', 2);
      await scene.emptyQueue();
    },
  },
  parked: {
    async run(scene) {
      const { watch } = scene;
      const referral = await scene.offered();
      const { id, before } = await scene.setVersion(referral, 99);
      await scene.untilParked();
      const listed = await scene.npmRun('parked');
      // By the reference the coordinator finds whoever it is about.
      expect(listed).toContain(`REFERRAL#${id} (${referral.reference})`);
      expect(listed).toMatch(/after 5 tries, UnreadableReferralError/);
      // The newer version is deployed again.
      await scene.setVersion(referral, before);
      expect(await scene.npmRun('parked', '--retry')).toContain('1 brought back');
      await watch.until('parked', 'OK', 2);
      await scene.left(referral);
    },
  },
  'dead-letters': {
    async run(scene) {
      const { watch, control } = scene;
      // The sweep of the directory, once a day, with both of Lambda's tries again.
      await control.faults({ function: 'directory-sweep', crashes: 3 });
      await watch.skip(DAY);
      await watch.until('dead-letters', 'ALARM', 14);
      const letter = await scene.letter();
      expect(letter).toMatchObject({
        requestContext: { functionArn: expect.stringMatching(/-directory-sweep$/) },
        requestPayload: { now: expect.any(String) },
      });
      await scene.byHand('directory-sweep');
      await scene.emptyQueue();
      await watch.until('dead-letters', 'OK', 2);
    },
  },
  'outbox-dropped': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ function: 'outbox', crashes: FOR_LONG, when: 'before' });
      const referral = await scene.referred();
      await watch.until('outbox-dropped', 'ALARM', 1);
      // Each sweep tries what was to be sent, and it is lost again.
      await watch.tick();
      await watch.until('outbox-dropped', 'ALARM', 0);
      expect(await referral.mails()).toEqual([]);
      await control.faults({});
      await watch.until('outbox-dropped', 'OK', 2);
      expect((await referral.mails()).length).toBeGreaterThan(0);
      await scene.signposted(referral);
    },
  },
  'events-dropped': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ function: 'mail-events', crashes: 3, when: 'before' });
      const lost = `bounce+${randomUUID()}@simulator.amazonses.com`;
      const referral = await scene.referred({ email: lost });
      await watch.until('events-dropped', 'ALARM', 1);
      expect(await scene.logged('EMAIL_EVENT')).toEqual([]);
      await watch.until('events-dropped', 'OK', 1);
      // It is learned with the next email to that address.
      await referral.match();
      await referral.accept();
      // The offer may have waited for the morning.
      await watch.skip(1);
      expect((await scene.logged('EMAIL_EVENT')).length).toBeGreaterThan(0);
      await scene.reached(referral, `works-${randomUUID()}@example.org`);
      await scene.left(referral);
    },
  },
};
