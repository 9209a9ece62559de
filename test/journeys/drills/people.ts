/** Drills of the alarms that say that somebody waits too long. */
import { expect } from 'vitest';
import type { Drill } from './scene.ts';

export const PEOPLE: Readonly<Record<string, Drill>> = {
  'danger-overdue': {
    async run(scene) {
      const { watch, control } = scene;
      const referral = await scene.referred({ danger: 'yes' });
      await scene.untilLate('danger', 1, 2);
      await watch.until('danger-overdue', 'ALARM', 3);
      // The coordinator, who was phoned, sees them on top of the worklist, and a link worker phones.
      const list = await referral.opened('tom', `${control.baseUrl}/worklist`);
      expect(list.html.indexOf(referral.reference)).toBe(list.html.search(/SP-[0-9A-Z]{4}-[0-9A-Z]{4}/));
      const contacts = await referral.opened(
        'amina',
        `${control.baseUrl}/referrals/${referral.reference}/contacts`,
      );
      await contacts.submit('contact', { channel: 'phone', outcome: 'reached', contactNote: '' });
      // What is to be decided now is as urgent as any known risk.
      await watch.until('danger-overdue', 'OK', 3);
      await scene.signposted(referral);
    },
  },
  'people-overdue': {
    async run(scene) {
      const { watch } = scene;
      const referral = await scene.referred();
      await scene.untilLate('none', 48, 12);
      await watch.until('people-overdue', 'ALARM', 4);
      expect((await scene.logged('OUTBOX_ENTRY_FAILED')).length).toBe(0);
      await scene.signposted(referral);
      await watch.until('people-overdue', 'OK', 3);
    },
  },
};
