/** What a link worker records in somebody's place: that they leave, that they cannot come, or that their programme has ended at the provider. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal, type Outcome } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import { leave } from '../../../workflows/leaving.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { nextToCome } from '../../../workflows/planning.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { answerOf } from '../../../workflows/steps.ts';
import {
  canBeEnded,
  ENDED_AT_PROVIDER,
  endAtProvider,
  excuseAsTold,
  leaveAsTold,
} from '../../../workflows/team-ends.ts';
import { after } from '../../../workflows/time.ts';
import { placeInWorklist } from '../../../workflows/worklist.ts';
import {
  AMINA,
  accepted,
  answers,
  cohortFor,
  emailsTo,
  entered,
  FIRST_SESSION,
  inReview,
  NOW,
  offered,
  register,
  stored,
  submitted,
  TOM,
  validFields,
} from './builders.ts';

const LATER = after(NOW, { hours: 1 });
const FIRST = { offer: 1, session: 1, startsAt: FIRST_SESSION };
const silent = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const withRisk = () =>
  accepted(
    matchedWith(entered(submitted({ ...validFields, risks: 'known', risksDetail: 'Falls' }), 'review')),
  );
const matchedWith = (referral: Referral) =>
  entered(
    stored(
      decideReview(
        referral,
        'review-1',
        { decision: 'match', programmeId: 'hive-music', riskSummary: 'Falls' },
        NOW,
      ),
    ),
    'provider',
  );
const waiting = () =>
  entered(
    stored(
      decideReview(
        inReview(),
        'review-1',
        { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' },
        NOW,
      ),
    ),
    'provider',
  );
const asked = () => {
  const decision = { decision: 'ask-for-more', to: 'referrer', question: 'Which days?' } as const;
  return entered(stored(decideReview(inReview(), 'review-1', decision, NOW)), 'information');
};
const inWelfare = () => entered(register(register(accepted(), '3'), '3'), 'welfare');
const last = (referral: Referral) => referral.history.at(-1);
const sameBut = (referral: Referral, other: Referral) => {
  const withoutNoise = ({ history: _h, outbox, assignee: _a, version: _v, ...rest }: Referral) => ({
    ...rest,
    outbox: outbox.filter(({ key }) => !key.startsWith('email:person-left')),
  });
  expect(withoutNoise(referral)).toEqual(withoutNoise(other));
};

describe('"they told me that they leave"', () => {
  it.each([
    ['in a programme', accepted],
    ['while it is offered', () => offered()],
    ['while they wait for a place', waiting],
    ['while a question waits', asked],
    ['while a link worker is asked how they are', inWelfare],
    ['while there is a known risk', withRisk],
  ])('ends it as the person themself would, %s, and says who recorded it', (_, at) => {
    const referral = silent(at());
    const left = stored(leaveAsTold(referral, AMINA, LATER));
    // The same in all but who did it: the team is not written to about what it has done itself.
    sameBut(left, stored(leave(referral, 'person', LATER)));
    expect(left).toMatchObject({ stage: 'closing', ending: { kind: 'withdrawn', decidedAt: LATER } });
    expect(left.links.person?.recorded).toMatchObject({ at: LATER, decision: 'leave' });
    const said = left.history.find(({ event }) => event === 'left-as-told');
    expect(said).toEqual({
      ...{ at: LATER, by: 'link-worker', event: 'left-as-told' },
      ...{ detail: referral.stage, name: AMINA.name },
    });
    expect(left.history.some(({ event }) => event === 'left')).toBe(false);
    expect(left.assignee).toMatchObject(AMINA);
    expect(emailsTo(left)).not.toContain('person-left → link-worker');
    expect(answers(left)).toEqual(referral.waiting ? ['left'] : []);
    expect(referralSchema.safeParse(left).success).toBe(true);
  });

  it('gives the place back, and tells the provider who had heard of it', () => {
    const left = stored(leaveAsTold(silent(accepted()), AMINA, LATER));
    expect(left.outbox.map(({ kind }) => kind)).toContain('places');
    expect(emailsTo(left)).toEqual(['offer-withdrawn → provider']);
    const closed = stored(close(left, LATER));
    expect(emailsTo(closed)).toEqual(expect.arrayContaining(['letter-person → person']));
  });

  it('keeps somebody at a known risk in the worklist until somebody has seen to it', () => {
    const left = stored(leaveAsTold(silent(withRisk()), AMINA, LATER));
    expect(placeInWorklist(left)).toMatchObject({ task: 'concern', urgency: 'risk' });
    expect(emailsTo(left)).toContain('concern-waiting → coordinator');
  });

  it('leaves whose referral it is as it is', () => {
    const referral = { ...silent(accepted()), assignee: { ...TOM, since: NOW } };
    expect(stored(leaveAsTold(referral, AMINA, LATER)).assignee).toMatchObject(TOM);
  });

  it('said twice by one changes nothing; whoever is slower is refused with what there is', () => {
    const left = stored(leaveAsTold(silent(accepted()), AMINA, LATER));
    expect(leaveAsTold(left, AMINA, after(LATER, { minutes: 1 }))).toBe(left);
    expect(leaveAsTold(left, TOM, LATER)).toEqual({ refused: 'already-decided', recorded: 'withdrawn' });
    expect(endAtProvider(left, 1, AMINA, LATER)).toEqual({
      refused: 'already-decided',
      recorded: 'withdrawn',
    });
    const byThemself = stored(leave(silent(accepted()), 'person', LATER));
    expect(leaveAsTold(byThemself, AMINA, LATER)).toMatchObject({ refused: 'already-decided' });
    const closed = stored(close(left, LATER));
    expect(leaveAsTold(closed, AMINA, LATER)).toBe(closed);
  });

  it('is no decision of a review: there the team declines', () => {
    expect(leaveAsTold(inReview(), AMINA, LATER)).toEqual({ refused: 'not-now' });
    expect([canBeEnded(inReview()), canBeEnded(accepted()), canBeEnded(offered())]).toEqual([
      ...[false, true, true],
    ]);
  });
});

describe('"the programme has ended at the provider"', () => {
  it('ends it early with a reason of its own, tells the provider, gives the place back, and says who', () => {
    const referral = silent(accepted());
    const ended = stored(endAtProvider(referral, 1, AMINA, LATER));
    expect(ended).toMatchObject({
      stage: 'closing',
      ending: { kind: 'ended-early', decidedAt: LATER, reason: ENDED_AT_PROVIDER },
      assignee: AMINA,
    });
    expect(last(ended)).toEqual({
      ...{ at: LATER, by: 'link-worker', event: ENDED_AT_PROVIDER, name: AMINA.name },
    });
    expect(emailsTo(ended)).toEqual(['offer-withdrawn → provider']);
    expect(ended.outbox.map(({ kind }) => kind)).toContain('places');
    expect(answers(ended)).toEqual(['left']);
    expect(placeInWorklist(ended)).toBeUndefined();
    expect(referralSchema.safeParse(ended).success).toBe(true);
    // Nobody left: the person's page does not say that they did.
    expect(ended.links.person?.recorded).toBeUndefined();
  });

  it('closes the link of a welfare contact that is open', () => {
    const ended = stored(endAtProvider(silent(inWelfare()), 1, AMINA, LATER));
    expect(ended.links['welfare-1']?.revokedAt).toBe(LATER);
    // A state machine that enters it anew goes to the end by the same road.
    expect(['close', 'left']).toContain(answerOf(ended, 'welfare'));
    expect(answerOf(ended, 'session')).toBe('left');
  });

  it('waits until somebody has seen to what the person said; a known risk is the link worker’s to weigh', () => {
    const unsafe = raiseConcern(silent(accepted()), 'unsafe', NOW);
    expect(endAtProvider(unsafe, 1, AMINA, LATER)).toEqual({ refused: 'not-now', recorded: 'concern-open' });
    const seen = stored(settleConcern(unsafe, 1, AMINA, LATER));
    expect(stored(endAtProvider(seen, 1, AMINA, LATER)).stage).toBe('closing');
    expect(stored(endAtProvider(silent(withRisk()), 1, AMINA, LATER)).stage).toBe('closing');
  });

  it('is refused where it is another programme by now, or none', () => {
    expect(endAtProvider(accepted(), 2, AMINA, LATER)).toEqual({ refused: 'not-now' });
    for (const referral of [inReview(), offered(), waiting(), asked()])
      expect(endAtProvider(referral, 1, AMINA, LATER)).toEqual({ refused: 'not-now' });
  });

  it('said twice by one changes nothing; whoever is slower is refused with what there is', () => {
    const ended = stored(endAtProvider(silent(accepted()), 1, AMINA, LATER));
    expect(endAtProvider(ended, 1, AMINA, after(LATER, { minutes: 1 }))).toBe(ended);
    for (const late of [endAtProvider(ended, 1, TOM, LATER), leaveAsTold(ended, AMINA, LATER)])
      expect(late).toEqual({ refused: 'already-decided', recorded: 'ended-early' });
    expect(leave(ended, 'person', LATER)).toEqual({ refused: 'already-decided', recorded: 'ended-early' });
  });
});

describe('"they cannot come to the next session"', () => {
  const referral = silent(accepted());
  const cannot = (at: Referral, now = LATER, by = AMINA) =>
    excuseAsTold(at, FIRST, false, by, now, cohortFor(at));
  const comes = (at: Referral, now = LATER, by = AMINA) =>
    excuseAsTold(at, FIRST, true, by, now, cohortFor(at));

  it('is the same mark as the person’s own, with who recorded it, and is taken back in the same way', () => {
    const away = stored(cannot(referral));
    expect(nextToCome(away, LATER)?.excusedAt).toBe(LATER);
    expect(last(away)).toEqual({
      ...{ at: LATER, by: 'link-worker', event: 'cannot-come-as-told', name: AMINA.name },
    });
    expect(cannot(away, after(LATER, { minutes: 1 }), TOM)).toBe(away);
    const back = stored(comes(away, LATER, TOM));
    expect(back.programme).toEqual(referral.programme);
    expect(last(back)).toMatchObject({ event: 'comes-as-told', name: TOM.name });
    expect(comes(back)).toBe(back);
    expect(emailsTo(back)).toEqual([]);
  });

  it('takes the place of no word of anybody else, and of one’s own however often it is said', () => {
    let said = referral;
    for (let n = 0; n < 20; n++) said = stored(n % 2 === 0 ? cannot(said) : comes(said));
    expect(said.history).toHaveLength(referral.history.length + 1);
    const byTom = stored(cannot(said, LATER, TOM));
    expect(byTom.history.slice(-2).map(({ name }) => name)).toEqual([AMINA.name, TOM.name]);
  });

  it('is too late when the session has begun, and for another one, another programme or none', () => {
    expect(cannot(referral, FIRST_SESSION)).toEqual({ refused: 'not-now' });
    const others = [{ offer: 2 }, { session: 2 }, { session: Number.NaN }, { startsAt: LATER }];
    for (const other of others) {
      const said = { ...FIRST, ...other };
      expect(excuseAsTold(referral, said, false, AMINA, LATER, cohortFor(referral))).toEqual({
        refused: 'not-now',
      });
    }
    expect(cannot(inReview())).toEqual({ refused: 'not-now' });
  });
});

describe('whatever comes first', () => {
  const deeds = {
    leave: (at: Referral) => leave(at, 'person', LATER),
    told: (at: Referral) => leaveAsTold(at, AMINA, LATER),
    toldTom: (at: Referral) => leaveAsTold(at, TOM, LATER),
    ended: (at: Referral) => endAtProvider(at, 1, AMINA, LATER),
    endedTom: (at: Referral) => endAtProvider(at, 1, TOM, LATER),
    away: (at: Referral) => excuseAsTold(at, FIRST, false, AMINA, LATER, at.programme && cohortFor(at)),
    declined: (at: Referral) =>
      replyToOffer(at, 'offer-1', { reply: 'decline', reason: 'no-capacity' }, LATER),
    close: (at: Referral) => close(at, LATER),
  } satisfies Record<string, (at: Referral) => Outcome>;

  it('it ends once, the first ending stands, and the provider and the state machine hear once', () => {
    const names = fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[]));
    fc.assert(
      fc.property(fc.constantFrom(accepted, offered, waiting, inWelfare), fc.array(names), (at, order) => {
        let now = silent(at());
        let first: unknown;
        for (const name of order) {
          const outcome = deeds[name](now);
          if (!isRefusal(outcome)) now = outcome;
          if ('ending' in now) first ??= now.ending;
          if ('ending' in now) expect(now.ending).toEqual(first);
        }
        expect(referralSchema.safeParse(now).success).toBe(true);
        const told = emailsTo(now).filter((mail) => mail.startsWith('offer-withdrawn'));
        expect(told.length).toBeLessThanOrEqual(1);
        expect(answers(now).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
