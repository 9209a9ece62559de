import { describe, expect, it } from 'vitest';
import { answerOutput, nextExecution } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import {
  cancelSession,
  changeSession,
  recordGroupRegister,
  restoreSession,
} from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import { reportFailure } from '../../../workflows/failure.ts';
import { answerQuestion, giveUpOnInformation } from '../../../workflows/information.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import { releaseOffer, replyToOffer } from '../../../workflows/offer.ts';
import { plannedSession } from '../../../workflows/planning.ts';
import {
  attendedSessions,
  goOnUnrecorded,
  heldSessions,
  learnOfSession,
} from '../../../workflows/programme.ts';
import definition from '../../../workflows/referral.asl.json' with { type: 'json' };
import { type In, type Referral, referralSchema, type Step } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { answerOf, enterStep } from '../../../workflows/steps.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { decideWelfare, missedBy } from '../../../workflows/welfare.ts';
import {
  acceptance,
  accepted,
  answers,
  cohortFor,
  emailsTo,
  entered,
  FIRST_SESSION,
  inReview,
  NOW,
  offered,
  recorded,
  register,
  stored,
  storedCohort,
  submitted,
  validFields,
} from './builders.ts';

const STEP_OF_STATE: Record<string, Step> = {
  AwaitReview: 'review',
  AwaitInformation: 'information',
  AwaitProvider: 'provider',
  AwaitPlace: 'place',
  AwaitSession: 'session',
  AwaitWelfareContact: 'welfare',
};

/** Walks the real definition from its start with a referral, as a rebuilt execution does; returns where it stops. */
function walk(referral: Referral): string {
  const states = definition.States as unknown as Record<
    string,
    { Type: string; Next?: string; Choices?: { Variable: string; StringEquals: string; Next: string }[] }
  >;
  let name = definition.StartAt;
  let output: Record<string, string> = {};
  for (let hops = 0; hops < 50; hops++) {
    const state = states[name];
    if (!state) throw new Error(`no state ${name}`);
    const step = STEP_OF_STATE[name];
    if (step) {
      const answer = answerOf(referral, step);
      if (answer === undefined) return name;
      output = answerOutput(step, answer);
    }
    if (state.Type === 'Choice') {
      const field = (variable: string) => variable.split('.').at(-1) ?? '';
      const chosen = state.Choices?.find((choice) => output[field(choice.Variable)] === choice.StringEquals);
      if (!chosen) throw new Error(`${name} does not know ${JSON.stringify(output)}`);
      name = chosen.Next;
    } else if (name === 'CloseReferral') return name;
    else name = state.Next ?? '';
  }
  throw new Error('the walk does not end');
}

function programmeOf(attendances: Parameters<typeof register>[1][]): Referral {
  return attendances.reduce(register, accepted());
}

describe('the happy path', () => {
  it('acknowledges, starts the workflow and asks for a review', () => {
    const referral = submitted();
    expect(emailsTo(referral)).toEqual([
      'acknowledgement-person → person',
      'acknowledgement-referrer → referrer',
    ]);
    expect(referral.outbox.map((entry) => entry.kind)).toContain('start');
    expect(emailsTo(inReview())).toContain('review-request → link-worker');
  });

  it('holds twelve sessions and closes the loop with everyone', () => {
    const referral = programmeOf(Array.from({ length: 12 }, () => '5' as const));
    expect(referral.stage).toBe('closing');
    expect(answers(referral).at(-1)).toBe('all-held');
    const closed = stored(close(referral, NOW));
    expect(closed.stage).toBe('closed');
    expect(closed.due?.step).toBe('follow-up');
    expect(emailsTo(closed)).toEqual(
      expect.arrayContaining([
        'letter-person → person',
        'letter-referrer → referrer',
        'letter-gp → link-worker',
      ]),
    );
    expect(referralSchema.safeParse(closed).success).toBe(true);
  });

  it('keeps sessions at the same time on the clock when the clocks change', () => {
    const late = { ...accepted() } as Extract<Referral, { stage: 'programme' }>;
    const programme = { ...late.programme, firstSessionAt: '2027-03-23T16:00:00.000Z', sessions: [] };
    const one = entered({ ...late, programme }, 'session');
    expect(one.programme?.sessions[0]?.startsAt).toBe('2027-03-23T16:00:00.000Z');
    const two = register(one, '5');
    expect(two.programme?.sessions[1]?.startsAt).toBe('2027-03-30T15:00:00.000Z');
  });
});

/** The register of the third session, which the group held while a link worker was asked for their contact. */
function another(referral: Referral, attendance: '3' | '5') {
  const cohort = cohortFor(referral);
  const now = momentAfter(cohort.sessions[2]?.endsAt ?? '', { hours: 1 });
  const entries = { [referral.id]: { attendance } };
  const held = storedCohort(recordGroupRegister(cohort, 3, { held: true, entries }, now));
  return { outcome: learnOfSession(referral, held, 3, now), now };
}

describe('the programme', () => {
  it('holds a cancelled session later', () => {
    const referral = programmeOf(['5', 'cancelled', ...Array.from({ length: 11 }, () => '6' as const)]);
    expect(referral.stage).toBe('closing');
    expect(heldSessions(referral.programme as never)).toBe(12);
    expect(referral.programme?.sessions).toHaveLength(13);
  });

  it('holds a session after all whose cancellation is taken back: it is the next again, told once', () => {
    const one = register(accepted(), '5');
    const before = cohortFor(one);
    const cancelled = storedCohort(cancelSession(before, 2, NOW));
    const without = entered(stored(learnOfSession(one, cancelled, 2, NOW)), 'session', NOW, cancelled);
    expect(without.programme?.sessions.map(({ number, status }) => `${number} ${status}`)).toEqual([
      ...['1 held', '2 cancelled', '3 planned'],
    ]);
    const cohort = storedCohort(restoreSession(cancelled, 2, 1, NOW));
    const told = [2, 13].reduce(
      (referral, number) => {
        const outcome = learnOfSession(referral, cohort, number, NOW);
        return 'refused' in outcome ? referral : outcome;
      },
      { ...without, outbox: [] } as Referral,
    );
    expect(emailsTo(told)).toEqual(['session-restored → person']);
    expect(told.programme?.sessions.map(({ number, status }) => `${number} ${status}`)).toEqual([
      ...['1 held', '2 planned'],
    ]);
    expect(told.due).toMatchObject({ step: 'session-reminder' });
    expect(learnOfSession(told, cohort, 2, NOW)).toMatchObject({ refused: 'already-decided' });
    expect(referralSchema.safeParse(told).success).toBe(true);
    // It goes on to twelve, with the same sessions as if nothing had been.
    const { endsAt } = cohort.sessions[1] ?? { endsAt: '' };
    const now = momentAfter(endsAt, { hours: 1 });
    const entries = { [told.id]: { attendance: '5' as const } };
    const held = storedCohort(recordGroupRegister(cohort, 2, { held: true, entries }, now));
    const next = entered(stored(learnOfSession(told, held, 2, now)), 'session', now, held);
    expect(plannedSession((next as In<'programme'>).programme)?.number).toBe(3);
  });

  it('takes back that the last one was not held, and ends with it', () => {
    const eleven = programmeOf(Array.from({ length: 11 }, () => '5' as const));
    const { endsAt } = cohortFor(eleven).sessions[11] ?? { endsAt: '' };
    const now = momentAfter(endsAt, { hours: 1 });
    const not = storedCohort(recordGroupRegister(cohortFor(eleven), 12, { held: false }, now));
    const waits = entered(stored(learnOfSession(eleven, not, 12, now)), 'session', now, not);
    expect(plannedSession((waits as In<'programme'>).programme)?.number).toBe(13);
    const back = storedCohort(restoreSession(not, 12, 1, now));
    const entries = { [waits.id]: { attendance: '5' as const } };
    const held = storedCohort(recordGroupRegister(back, 12, { held: true, entries }, now));
    // In whatever order they are told.
    for (const order of [
      [12, 13],
      [13, 12],
    ]) {
      const done = order.reduce((referral, number) => {
        const outcome = learnOfSession(referral, held, number, now);
        return 'refused' in outcome ? referral : outcome;
      }, waits);
      expect([done.stage, done.programme?.sessions.length]).toEqual(['closing', 12]);
      expect(done.programme?.sessions.at(-1)).toMatchObject({ status: 'held', attendance: '5' });
    }
  });

  it('opens a welfare contact after two missed in a row, and only then', () => {
    expect(programmeOf(['3', '5', '3']).programme?.welfare).toHaveLength(0);
    const missed = programmeOf(['5', '3', 'cancelled', '7']);
    expect(missed.programme?.welfare).toHaveLength(1);
    expect(answers(missed).at(-1)).toBe('missed-two-in-a-row');
    const asked = entered(missed, 'welfare');
    expect(emailsTo(asked)).toContain('welfare-request → link-worker');
    const on = stored(decideWelfare(asked, 'welfare-1', { outcome: 'continue' }, NOW));
    expect(answers(on).at(-1)).toBe('continue');
    const third = register(entered(on, 'session'), '3');
    expect(third.programme?.welfare).toEqual([
      expect.objectContaining({ missed: 2, outcome: 'continue' }),
      expect.objectContaining({ missed: 3 }),
    ]);
  });

  it('says how many were missed while nobody has contacted them, and asks for it at once when it comes to a decision', () => {
    const asked = entered(programmeOf(['3', '3']), 'welfare');
    const { outcome, now } = another(asked, '3');
    const third = stored(outcome);
    expect(third.programme?.welfare).toMatchObject([{ number: 1, missed: 3 }]);
    expect([asked.due?.step, (asked.due?.at ?? '') > now]).toEqual(['welfare', false]);
    // As planned where it is due anyway; now where it was put off.
    expect(third.due).toEqual(asked.due);
    const putOff = {
      ...asked,
      due: { ...asked.due, at: '2027-01-04T08:00:00.000Z', tryAt: '2027-01-04T08:00:00.000Z' },
    };
    expect(stored(another(putOff as Referral, '3').outcome).due).toEqual({
      ...{ at: now, step: 'welfare', count: 0 },
    });
    // Who came in between is asked about all the same.
    expect(stored(another(putOff as Referral, '5').outcome).programme?.welfare[0]?.missed).toBe(2);
  });

  it('lets nobody go on after three without a word why', () => {
    const asked = entered(programmeOf(['3', '3']), 'welfare');
    const third = stored(another(asked, '3').outcome);
    expect(missedBy(third.programme as never)).toBe(3);
    expect(decideWelfare(third, 'welfare-1', { outcome: 'continue' }, NOW)).toEqual({
      ...{ refused: 'not-now', recorded: 'note-missing' },
    });
    const why = { outcome: 'continue', note: 'Was in hospital' } as const;
    expect(stored(decideWelfare(third, 'welfare-1', why, NOW)).programme?.welfare).toMatchObject([why]);
    expect(stored(decideWelfare(asked, 'welfare-1', { outcome: 'continue' }, NOW)).stage).toBe('programme');
  });

  it('does not end while the person may not be safe: a link worker is asked first, and sees to it first', () => {
    const eleven = programmeOf(Array.from({ length: 11 }, () => '5' as const));
    for (const kind of ['unsafe', 'contact'] as const) {
      const worried = raiseConcern(eleven, kind, NOW);
      const last = register(worried, '5');
      expect([last.stage, emailsTo(last).filter((mail) => mail.startsWith('letter'))]).toEqual([
        'programme',
        [],
      ]);
      expect(walk(last)).toBe('AwaitWelfareContact');
      const asked = entered(last, 'welfare');
      expect(emailsTo(asked)).toContain('welfare-request → link-worker');
      expect(asked.due?.step).toBe('welfare');
      expect(missedBy(asked.programme as never)).toBeUndefined();
      expect(referralSchema.safeParse(asked).success).toBe(true);
      const ends = { outcome: 'continue' } as const;
      expect(decideWelfare(asked, 'welfare-1', ends, NOW)).toMatchObject({ recorded: 'concern-open' });
      const amina = { id: 'amina', name: 'Amina' };
      const seen = stored(settleConcern(asked, 1, amina, NOW));
      const done = stored(decideWelfare(seen, 'welfare-1', ends, NOW, amina));
      expect([done.stage, walk(done)]).toEqual(['closing', 'CloseReferral']);
      expect(done).toMatchObject({ ending: { kind: 'completed' } });
    }
    // Seen to before the last session, nothing holds it up.
    const seen = stored(settleConcern(raiseConcern(eleven, 'unsafe', NOW), 1, { id: 'a', name: 'A' }, NOW));
    expect(register(seen, '5').stage).toBe('closing');
  });

  it('does not end either where no session is left, or after missed ones', () => {
    const worried = raiseConcern(programmeOf(['5']), 'unsafe', NOW);
    const cohort = { ...cohortFor(worried), sessions: cohortFor(worried).sessions.slice(0, 1) };
    const planned = {
      ...worried,
      programme: { ...worried.programme, sessions: worried.programme?.sessions.slice(0, 1) },
    };
    const { waiting: _none, ...idle } = planned as Referral;
    const none = entered(idle as Referral, 'session', NOW, cohort);
    expect([none.stage, walk(none)]).toEqual(['programme', 'AwaitWelfareContact']);
    const seen = stored(settleConcern(entered(none, 'welfare'), 1, { id: 'a', name: 'A' }, NOW));
    const on = stored(decideWelfare(seen, 'welfare-1', { outcome: 'continue' }, NOW));
    expect(entered(on, 'session', NOW, cohort)).toMatchObject({ ending: { reason: 'no-session-left' } });

    const missed = programmeOf([...Array.from({ length: 10 }, () => '5' as const), '3', '3']);
    const alarmed = raiseConcern(entered(missed, 'welfare'), 'unsafe', NOW);
    expect(decideWelfare(alarmed, 'welfare-1', { outcome: 'continue' }, NOW)).toMatchObject({
      recorded: 'concern-open',
    });
  });

  it('writes to whoever missed one, and counts no session for which they said that they cannot come', () => {
    expect(emailsTo(programmeOf(['3']))).toContain('session-missed → person');
    const excused = programmeOf(['3', '2', '2', '5', '2', '3']);
    expect(excused.programme?.welfare).toHaveLength(0);
    expect(heldSessions(excused.programme as never)).toBe(6);
  });

  it('has a link worker tell whoever cannot be written to', () => {
    const { email: _none, ...person } = accepted().person;
    const silent = { ...accepted(), person, outbox: [] } as Referral;
    expect(emailsTo(register(silent, '3'))).toEqual(['session-missed-by-hand → link-worker']);
    const before = momentAfter(FIRST_SESSION, { days: -3 });
    const told = (cohort: CohortRecord, referral: Referral) =>
      stored(learnOfSession({ ...referral, outbox: [] }, cohort, 1, before));
    const gone = storedCohort(cancelSession(cohortFor(silent), 1, before));
    const cancelled = told(gone, silent);
    expect(cancelled.outbox).toContainEqual(
      expect.objectContaining({
        ...{ message: 'session-cancelled-by-hand', to: 'link-worker', by: FIRST_SESSION },
      }),
    );
    const back = storedCohort(restoreSession(gone, 1, 1, before));
    expect(emailsTo(told(back, cancelled))).toEqual(['session-restored-by-hand → link-worker']);
    const change = { startsAt: momentAfter(FIRST_SESSION, { hours: 2 }), minutes: 90 };
    const moved = told(storedCohort(changeSession(cohortFor(silent), 1, change, before)), silent);
    expect(moved.outbox[0]).toMatchObject({
      ...{ message: 'session-moved-by-hand', to: 'link-worker', by: change.startsAt },
    });
    expect(emailsTo(stored(recorded(silent, 'cancelled').outcome))).toContain(
      'session-added-by-hand → link-worker',
    );
  });

  it('goes on with the next session when nobody records one, and takes its register late', () => {
    const [first] = (accepted().programme?.sessions ?? []).map(({ startsAt }) => startsAt);
    const late = entered(
      stored(goOnUnrecorded({ ...accepted() } as In<'programme'>, momentAfter(first ?? '', { days: 4 }))),
      'session',
      momentAfter(first ?? '', { days: 4 }),
    );
    expect(plannedSession((late as In<'programme'>).programme)?.number).toBe(2);
    expect(late.due).toMatchObject({ step: 'session-reminder', at: '2026-12-07T16:00:00.000Z' });
    const { outcome } = recorded(late, '5', 1);
    expect(stored(outcome).programme?.sessions.map(({ status }) => status)).toEqual(['held', 'planned']);
    expect(stored(outcome).waiting?.step).toBe('session');
  });

  it('reminds at once of a session that is less than a day away', () => {
    const { outcome, cohort } = recorded(accepted(), '5');
    const late = '2026-12-07T17:00:00.000Z';
    const { due } = entered(stored(outcome), 'session', late, cohort);
    expect([due?.step, (due?.at ?? '') <= late]).toEqual(['session-reminder', true]);
  });

  it('is corrected after its end, by a newer register and not by an older one', () => {
    const ended = programmeOf(Array.from({ length: 12 }, () => '5' as const));
    const { sessions } = cohortFor(ended);
    const cohort = cohortFor(ended);
    const said = (revision: number, attendance: '3' | '6') => ({
      ...cohort,
      sessions: sessions.map((session) =>
        session.number === 12
          ? { ...session, register: { at: NOW, revision, entries: { [ended.id]: { attendance } } } }
          : session,
      ),
    });
    const closed = stored(close(ended, NOW));
    const corrected = stored(learnOfSession(closed, said(2, '6'), 12, NOW));
    expect(corrected.programme?.sessions.at(-1)?.attendance).toBe('6');
    expect(learnOfSession(corrected, said(1, '3'), 12, NOW)).toMatchObject({ refused: 'already-decided' });
  });

  it('contacts the person before closing when the last two were missed', () => {
    const referral = programmeOf([...Array.from({ length: 10 }, () => '5' as const), '3', '3']);
    expect(referral.stage).toBe('programme');
    const done = stored(
      decideWelfare(entered(referral, 'welfare'), 'welfare-1', { outcome: 'continue' }, NOW),
    );
    expect(done.stage).toBe('closing');
    expect(walk(done)).toBe('CloseReferral');
    expect(attendedSessions(done.programme as never)).toBe(10);
  });
});

describe('decisions', () => {
  it('takes the first decision and shows it to the second', () => {
    const declined = stored(
      decideReview(inReview(), 'review-1', { decision: 'decline', reason: 'not-eligible' }, NOW),
    );
    const second = decideReview(declined, 'review-1', { decision: 'match', programmeId: 'hive-music' }, NOW);
    expect(second).toEqual({ refused: 'already-decided', recorded: 'decline' });
  });

  it('brings a declined offer back with a new link, and the old link shows what was said', () => {
    const referral = offered();
    const declined = stored(
      replyToOffer(referral, 'offer-1', { reply: 'decline', reason: 'no-capacity' }, NOW),
    );
    const again = entered(declined, 'review');
    expect(again.reviews).toBe(2);
    expect(again.links['review-2']).toBeDefined();
    expect(replyToOffer(again, 'offer-1', acceptance(again), NOW)).toEqual({
      refused: 'already-decided',
      recorded: 'decline',
    });
    expect(accepted(offered(again)).offers).toHaveLength(2);
  });

  it('keeps a waiting-list link open for accepting', () => {
    const listed = entered(stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
    expect(listed.waiting?.step).toBe('place');
    expect(listed.due?.step).toBe('place');
    expect(stored(replyToOffer(listed, 'offer-1', acceptance(listed), NOW)).stage).toBe('programme');
    expect(emailsTo(listed)).toEqual(
      expect.arrayContaining(['waitlisted → link-worker', 'waitlisted → person']),
    );
  });

  it('revokes what nobody should use after the person left', () => {
    const left = stored(leave(offered(), 'person', NOW));
    expect(left.links['offer-1']?.revokedAt).toBe(NOW);
    expect(emailsTo(left)).toContain('offer-withdrawn → provider');
    expect(leave(left, 'person', NOW)).toEqual({ refused: 'already-decided', recorded: 'withdrawn' });
  });
});

describe('executions are disposable', () => {
  const asked = () =>
    entered(
      stored(
        decideReview(
          inReview(),
          'review-1',
          { decision: 'ask-for-more', to: 'referrer', question: 'When?' },
          NOW,
        ),
      ),
      'information',
    );
  const lives: [string, () => Referral, string][] = [
    ['intake', submitted, 'AwaitReview'],
    ['review', inReview, 'AwaitReview'],
    ['information', asked, 'AwaitInformation'],
    ['answered', () => stored(answerQuestion(asked(), 'information-1', 'Weekdays', NOW)), 'AwaitReview'],
    ['not answered', () => stored(giveUpOnInformation(asked(), NOW)), 'AwaitReview'],
    ['offer', offered, 'AwaitProvider'],
    ['waitlist', () => stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW)), 'AwaitPlace'],
    ['silence', () => stored(releaseOffer(offered(), NOW)), 'AwaitReview'],
    ['second offer', () => offered(entered(stored(releaseOffer(offered(), NOW)), 'review')), 'AwaitProvider'],
    ['programme', () => programmeOf(['5', '5', '3']), 'AwaitSession'],
    ['welfare', () => programmeOf(['3', '3']), 'AwaitWelfareContact'],
    ['left early', () => stored(leave(inReview(), 'person', NOW)), 'CloseReferral'],
    ['left late', () => stored(leave(programmeOf(['5']), 'person', NOW)), 'CloseReferral'],
    [
      'closed after welfare',
      () =>
        stored(
          decideWelfare(programmeOf(['3', '3']), 'welfare-1', { outcome: 'close', reason: 'agreed' }, NOW),
        ),
      'CloseReferral',
    ],
    [
      'signposted',
      () =>
        stored(decideReview(inReview(), 'review-1', { decision: 'signpost', signpostedTo: 'Library' }, NOW)),
      'CloseReferral',
    ],
  ];

  it.each(lives)('a new execution of a referral in %s goes where it is', (_name, life, state) => {
    expect(walk(life())).toBe(state);
  });

  it.each(lives)('a referral in %s is valid and has something due', (_name, life) => {
    const referral = life();
    expect(referralSchema.safeParse(referral).error).toBeUndefined();
    expect(referral.due).toBeDefined();
  });

  it('asks nobody twice when the execution is rebuilt', () => {
    const before = { ...offered(), outbox: [] };
    const rebuilt = { ...nextExecution(before, NOW) };
    const again = entered({ ...rebuilt, outbox: [] }, 'provider');
    expect(emailsTo(again)).toEqual([]);
    expect(again.due).toEqual(before.due);
  });

  it('stops an execution that was replaced and runs all the same', () => {
    const rebuilt = nextExecution({ ...inReview(), outbox: [] }, NOW);
    const old = stored(enterStep(rebuilt, 'review', { token: 'old', execution: `${rebuilt.id}-1` }, NOW));
    expect(old.outbox.at(-1)).toMatchObject({ kind: 'stop', execution: `${rebuilt.id}-1` });
    expect(old.waiting).toBeUndefined();
  });

  it('starts only the newest of several rebuilds, and stops the one that may run', () => {
    const started: Referral = { ...inReview(), outbox: [] };
    const rebuilt = nextExecution(nextExecution(nextExecution(started, NOW), NOW), NOW);
    expect(rebuilt.outbox.filter((entry) => entry.kind === 'start')).toMatchObject([
      { execution: `${started.id}-4`, stop: `${started.id}-1` },
    ]);
    const never = nextExecution(nextExecution(submitted(), NOW), NOW);
    expect(never.outbox.filter((entry) => entry.kind === 'start')).toHaveLength(1);
    expect(never.outbox.find((entry) => entry.kind === 'start')).not.toHaveProperty('stop');
  });

  it('stops both that may run, where nobody knows whether the newer one was started', () => {
    const started: Referral = { ...inReview(), outbox: [] };
    const rebuilt = nextExecution(started, NOW);
    const tried = { ...rebuilt, outbox: rebuilt.outbox.map((entry) => ({ ...entry, attempts: 1 })) };
    const again = nextExecution(tried, NOW);
    expect(again.outbox).toMatchObject([
      { kind: 'stop', execution: `${again.id}-1` },
      { kind: 'start', execution: `${again.id}-3`, stop: `${again.id}-2` },
    ]);
  });

  it('does not tell the coordinator more often the longer it fails', () => {
    const referral = inReview();
    const waiting = { ...referral, due: { at: NOW, step: 'workflow' as const, count: 3 } };
    const failed = stored(reportFailure(waiting, referral.execution.name, NOW));
    expect(failed.due).toEqual({ at: '2026-11-23T15:00:00.000Z', step: 'workflow', count: 3 });
  });

  it('tells the coordinator of a failure and tries again later', () => {
    const referral = inReview();
    const failed = stored(reportFailure(referral, referral.execution.name, NOW));
    expect(emailsTo(failed)).toContain('alert-coordinator → coordinator');
    expect(failed.due).toEqual({ at: '2026-11-23T10:00:00.000Z', step: 'workflow', count: 2 });
  });
});

describe('who hears', () => {
  it('tells the provider when a programme ends after a welfare contact', () => {
    const missed = entered(programmeOf(['3', '3']), 'welfare');
    const ended = stored(decideWelfare(missed, 'welfare-1', { outcome: 'close', reason: 'agreed' }, NOW));
    expect(emailsTo(ended)).toContain('offer-withdrawn → provider');
    expect(ended).toMatchObject({ stage: 'closing', ending: { reason: 'after-welfare-contact' } });
  });

  it('tells the link worker of someone who left, and mints nothing for whoever signs in', () => {
    const left = stored(leave(inReview(), 'person', NOW));
    expect(emailsTo(left)).toContain('person-left → link-worker');
    const [link] = Object.values(inReview().links).filter(({ purpose }) => purpose === 'review');
    expect(link?.hashes).toEqual([]);
    expect(() => link && withHash(link, 'hash', NOW)).toThrow('a review has no secret');
  });

  it('sends a person without email nothing, and their letter to the link worker to print', () => {
    const { email: _none, ...fields } = validFields;
    const referral = submitted({ ...fields, phone: '07700 900982' });
    expect(emailsTo(referral)).toEqual(['acknowledgement-referrer → referrer']);
    const left = stored(leave(entered(referral, 'review'), 'person', NOW));
    const closed = stored(close(left, NOW));
    expect(emailsTo(closed)).toContain('letter-person → link-worker');
    expect(Object.keys(closed.links)).not.toContain('letter-person');
  });
});
