/** Drills of the alarms that say that a referral stands still. */
import { expect } from 'vitest';
import { visit } from '../browser.ts';
import { signIn } from '../sign-in.ts';
import { type Drill, FOR_LONG } from './scene.ts';

export const STOPPED: Readonly<Record<string, Drill>> = {
  'executions-failed': {
    async run(scene) {
      const { watch, control } = scene;
      await control.faults({ function: 'await-review', crashes: FOR_LONG });
      const referral = await scene.referred();
      await watch.until('executions-failed', 'ALARM', 1);
      await control.faults({});
      const told = await referral.mails();
      expect(told.some(({ to }) => to.join().includes('coordinator'))).toBe(true);
      const dryRun = await scene.npmRun('rebuild', '--only-missing', '--dry-run');
      expect(dryRun).toContain('1 executions would be started anew');
      expect(await scene.npmRun('rebuild', '--only-missing')).toContain('1 executions started anew');
      await control.settle();
      const again = await scene.npmRun('rebuild', '--only-missing', '--dry-run');
      expect(again).toContain('0 executions would be started anew');
      await watch.until('executions-failed', 'OK', 2);
      await scene.signposted(referral);
    },
  },
  'referral-unreadable': {
    async run(scene) {
      const { watch, control } = scene;
      const referral = await scene.referred();
      const { id, before } = await scene.setVersion(referral, 99);
      const jar = new Map();
      const list = await signIn(control, jar, 'amina', '/worklist');
      expect(list.html).not.toContain(referral.reference);
      await watch.until('referral-unreadable', 'ALARM', 1);
      const [met] = await scene.logged('REFERRAL_UNREADABLE');
      expect(met).toMatchObject({ referralId: id, where: 'schemaVersion' });
      // Back to the version that reads it. Nobody meets it any more, at the same page either.
      await scene.setVersion(referral, before);
      const whole = await visit(`${control.baseUrl}/worklist`, jar);
      expect(whole.html).toContain(referral.reference);
      await watch.until('referral-unreadable', 'OK', 3);
      await scene.signposted(referral);
    },
  },
};
