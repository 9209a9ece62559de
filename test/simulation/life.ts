/** The life of one small service by a seed: a while in which anything happens and anything fails, then one in which everybody answers and nothing does. */
import { goOnWith, openSession, record, refer, somethingHappens } from './deeds.ts';
import type { Fault } from './faults-of-aws.ts';
import { randomOf } from './random.ts';
import { type Options, Service } from './service.ts';

export type Script = Options & {
  /** Acts that are left out, by their number: for a replay. */
  skip?: ReadonlySet<number>;
};

export type Life = {
  seed: number;
  calls: number;
  acts: number;
  faults: readonly (Fault & { where: string })[];
  states: ReadonlySet<string>;
  mails: number;
  referrals: number;
  /** The endings of its referrals. */
  endings: readonly string[];
};

/** What did not hold, and what had happened by then. */
export class DoesNotHold extends Error {
  override name = 'DoesNotHold';
  readonly life: Pick<Life, 'faults' | 'acts'>;
  readonly log: readonly string[];
  constructor(cause: Error, life: Pick<Life, 'faults' | 'acts'>, log: readonly string[]) {
    super(cause.message, { cause });
    this.life = life;
    this.log = log;
  }
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** How long after the one before somebody acts. At once: at the same moment. */
const GAPS = [0, 0, MINUTE, 11 * MINUTE, 125 * MINUTE, DAY, DAY, 3 * DAY, 8 * DAY];

/** Lives it. Rejects with DoesNotHold. */
export async function live(script: Script): Promise<Life> {
  const service = await Service.open(script);
  const { seed, cloud } = service;
  const random = randomOf(seed, 'script');
  const people = service.crowded ? 4 : 1 + random.below(3);
  const acts = people + 8 + random.below(24);
  try {
    for (let act = 0; act < acts; act++) {
      const mine = randomOf(seed, 'act', act);
      const until =
        cloud.nowMs + (act === 0 ? 0 : act < people ? mine.pick(GAPS.slice(0, 6)) : mine.pick(GAPS));
      while (cloud.nowMs < until) await service.goOn(until);
      if (script.skip?.has(act)) continue;
      cloud.act(`act ${act}`, () => (act < people ? refer(service, mine) : somethingHappens(service, mine)));
      // The next one may be at the same moment.
      if (randomOf(seed, 'act', act + 1).pick(GAPS) > 0 || act === acts - 1) await service.goOn(cloud.nowMs);
    }
    await service.goOn(cloud.nowMs);
    service.heal();
    await comeToRest(service);
    service.watch.checkAtRest(service.referrals(), service.ledgers(), service.cohorts(), service.known);
    const referrals = service.referrals();
    return {
      ...{ seed, calls: cloud.calls, acts, faults: cloud.faults, states: service.watch.states },
      ...{ mails: cloud.mails.length, referrals: referrals.length },
      endings: referrals.map((referral) => ('ending' in referral ? referral.ending.kind : referral.stage)),
    };
  } catch (error) {
    throw new DoesNotHold(error as Error, { faults: cloud.faults, acts }, cloud.log);
  } finally {
    service.close();
  }
}

/** So often they still look for a programme; then they say that there is none. */
const PATIENT = 100;
const MOST_ROUNDS = 300;

/** Everybody answers what they are asked, and time goes on, until nothing is to come. */
export async function comeToRest(service: Service): Promise<void> {
  const { cloud } = service;
  if (service.restarted) {
    cloud.act('rebuild', () => service.rebuild());
    await service.goOn(cloud.nowMs);
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const isOver = service.referrals().every(({ stage }) => stage === 'closed');
    if (isOver && !service.hasMoreToDo()) {
      // What a step tries again is done by then; what nobody stopped still waits.
      const until = cloud.nowMs + DAY;
      while (cloud.machine.running().length > 0 && cloud.nowMs < until) await service.goOn(until);
      return;
    }
    cloud.act('everybody answers', async () => {
      for (const cohort of service.cohorts()) {
        const session = openSession(service, cohort);
        if (session !== undefined) await record(service, cohort, session, () => '5');
      }
      for (const referral of service.referrals()) await goOnWith(service, referral, round < PATIENT);
    });
    await service.goOn(cloud.nowMs);
    await service.goOn(cloud.nowMs + (isOver ? 100 : 3) * DAY);
  }
}
