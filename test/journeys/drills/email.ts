/**
 * Drills of the alarms of SES's reputation. Played: AWS works it out over a volume of emails of its own choosing, and here it is over the latest two hundred.
 * Which emails came back, or were called unwanted, is as the service and SES's mailbox simulator have it.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Drill } from './scene.ts';

/** @param box of the mailbox simulator. */
const drill = (name: string, box: string, reason: string): Drill => ({
  async run(scene) {
    const { watch } = scene;
    await scene.othersWrite();
    const lost = [];
    do {
      lost.push(
        await scene.referred({
          email: `${box}+${randomUUID()}@simulator.amazonses.com`,
          phone: '07700 900982',
        }),
      );
      await watch.tick();
      await watch.tick();
    } while (watch.alarms.states.get(name) !== 'ALARM' && lost.length < 6);
    await watch.until(name, 'ALARM', 0);
    const [event] = await scene.logged('EMAIL_EVENT');
    expect(event).toMatchObject({ reason, key: expect.any(String) });
    for (const referral of lost) {
      await scene.reached(referral, box === 'bounce' ? `works-${randomUUID()}@example.org` : '');
      await scene.signposted(referral);
    }
    await scene.othersWrite();
    await watch.until(name, 'OK', 14);
  },
});

export const EMAIL: Readonly<Record<string, Drill>> = {
  'bounce-rate': drill('bounce-rate', 'bounce', 'permanent'),
  'complaint-rate': drill('complaint-rate', 'complaint', 'complaint'),
};
