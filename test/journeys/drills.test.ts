/**
 * Every alarm of the template, on a cloud of its own: something is made to go wrong, the alarm rings, what docs/runbook.md says is done, and it is over.
 * Metrics are those that the functions wrote and the cloud's services counted; how CloudWatch looks at them is in test/infra/alarms.ts.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { Cloud } from './cloud.ts';
import { EMAIL } from './drills/email.ts';
import { PAGES } from './drills/pages.ts';
import { PEOPLE } from './drills/people.ts';
import { type Drill, Scene } from './drills/scene.ts';
import { STOPPED } from './drills/stopped.ts';
import { TOGETHER } from './drills/together.ts';
import { WORK } from './drills/work.ts';
import { isShared, onACloud } from './on-a-cloud.ts';
import { Watch } from './watch.ts';

const DRILLS: Readonly<Record<string, Drill>> = { ...EMAIL, ...PEOPLE, ...WORK, ...STOPPED, ...PAGES };

const cloud = onACloud();
let watch: Watch;
let scene: Scene;
const everTold = new Set<string>();

beforeAll(async () => {
  if (isShared()) return;
  const control = new Cloud(cloud.baseUrl);
  watch = new Watch(control);
  scene = new Scene(control, watch);
});

// Others' journeys would be in the middle of theirs.
describe.skipIf(isShared())('an alarm', () => {
  it('of what does not run rings before it first has, and all are quiet after a quarter of an hour', async () => {
    await watch.tick();
    expect(watch.alarms.told.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual([
      { name: 'not-counted', state: 'ALARM' },
      { name: 'reminders-late', state: 'ALARM' },
    ]);
    for (let i = 0; i < 3; i++) await watch.tick();
    expect(watch.alarms.ringing).toEqual([]);
  });

  it('is quiet while nothing is wrong', async () => {
    await scene.begin();
    watch.rung.clear();
    const referral = await scene.referred();
    await referral.match();
    for (let i = 0; i < 12; i++) await watch.tick();
    await referral.accept();
    await watch.skip(24);
    expect([...watch.rung]).toEqual([]);
    await scene.left(referral);
    expect(await scene.open()).toEqual([]);
  });

  it.each(Object.entries(DRILLS))(
    '%s rings, and is over once the runbook was followed',
    async (name, drill) => {
      await scene.begin();
      watch.rung.clear();
      watch.alarms.told.length = 0;
      const groups = watch.alarms.composite;
      const group = [...groups].find(([, parts]) => parts.includes(name))?.[0];
      await drill.run(scene);
      // Let whatever else it left behind come to its end.
      for (let i = 0; i < 3; i++) await watch.tick();
      expect(watch.alarms.ringing).toEqual([]);
      const rung = [...watch.rung].filter((each) => !groups.has(each)).sort();
      expect(rung).toEqual([name, ...(drill.also ?? [])].sort());
      // One cause is told once.
      const who = group ?? name;
      expect(watch.alarms.told).toEqual([
        { name: who, state: 'ALARM' },
        { name: who, state: 'OK' },
      ]);
      everTold.add(who);
      expect(await scene.open()).toEqual([]);
    },
  );

  it.each(Object.entries(TOGETHER))('is told whatever else rings: %s', async (_, { alarms, rings }) => {
    await scene.begin();
    watch.alarms.told.length = 0;
    const { ends } = await rings(scene);
    // None is over before the last one begins.
    expect(watch.alarms.ringing).toEqual(expect.arrayContaining([...alarms]));
    const groups = [...watch.alarms.composite];
    const who = alarms.map((name) => groups.find(([, parts]) => parts.includes(name))?.[0] ?? name);
    expect(watch.alarms.told).toEqual(who.map((name) => ({ name, state: 'ALARM' })));
    await ends();
    for (let i = 0; i < 3; i++) await watch.tick();
    expect(watch.alarms.ringing).toEqual([]);
    expect(await scene.open()).toEqual([]);
  });

  it('has its drill, whichever of the template’s it is, and each group has rung', () => {
    expect(Object.keys(DRILLS).sort()).toEqual(watch.alarms.single.toSorted());
    const alone = watch.alarms.single.filter(
      (name) => ![...watch.alarms.composite.values()].some((parts) => parts.includes(name)),
    );
    expect([...everTold].sort()).toEqual([...watch.alarms.composite.keys(), ...alone].sort());
  });
});
