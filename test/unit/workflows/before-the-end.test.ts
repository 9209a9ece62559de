/** When a link worker asks how somebody is before a programme that they hardly come to goes on, or ends by itself. */
import { describe, expect, it } from 'vitest';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import { completeOrAsk, learnOfSession } from '../../../workflows/programme.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import {
  decideWelfare,
  endedAfterMissing,
  excusedBy,
  missedBy,
  mustSayWhy,
} from '../../../workflows/welfare.ts';
import { accepted, answers, cohortFor, emailsTo, NOW, register, stored, storedCohort } from './builders.ts';

type Codes = Parameters<typeof register>[1][];
const programmeOf = (codes: Codes, from = accepted()): Referral => codes.reduce(register, from);
const times = (count: number, code: Codes[number]): Codes => Array<Codes[number]>(count).fill(code);
const goesOn = (referral: Referral) => {
  const number = referral.programme?.welfare.length;
  return stored(decideWelfare(referral, `welfare-${number}`, { outcome: 'continue' }, NOW));
};
const contacts = ({ programme }: Referral) => programme?.welfare.map(({ afterSession }) => afterSession);

describe('somebody who says again and again that they cannot come', () => {
  it('is asked by a link worker whether it still suits them after three in a row, and nothing ends', () => {
    expect(contacts(programmeOf(['5', '2', '2']))).toEqual([]);
    const away = programmeOf(['5', '2', 'cancelled', '2', '2']);
    expect(contacts(away)).toEqual([5]);
    expect([away.stage, answers(away).at(-1)]).toEqual(['programme', 'missed-two-in-a-row']);
    if (!away.programme) throw new Error('no programme');
    // They missed none, so that nobody has to say why they go on.
    expect([excusedBy(away.programme), missedBy(away.programme)]).toEqual([3, undefined]);
    expect(mustSayWhy(away.programme)).toBe(false);
  });

  it('is not when they came in between', () => {
    expect(contacts(programmeOf(['2', '2', '5', '2', '2', '6', '2']))).toEqual([]);
  });

  it('is asked again after three more, and not by the register of each', () => {
    const away = goesOn(programmeOf(times(3, '2')));
    const more = programmeOf(times(2, '2'), away);
    expect(contacts(more)).toEqual([3]);
    expect(contacts(programmeOf(['2'], more))).toEqual([3, 6]);
  });

  it('is asked before it ends where those were the last ones', () => {
    const away = programmeOf([...times(9, '5'), ...times(3, '2')]);
    expect([away.stage, contacts(away)]).toEqual(['programme', [12]]);
    expect(goesOn(away).stage).toBe('closing');
  });
});

describe('somebody at a known risk who was not at the last session', () => {
  const atRisk = (): Referral => {
    const referral = accepted();
    return { ...referral, request: { ...referral.request, risks: { known: true, detail: 'Self-harm' } } };
  };
  const lastMissed: Codes = [...times(11, '5'), '3'];

  it('is contacted before the programme is complete', () => {
    const missed = programmeOf(lastMissed, atRisk());
    expect([missed.stage, contacts(missed)]).toEqual(['programme', [12]]);
    expect(missed.programme && missedBy(missed.programme)).toBe(1);
    expect(emailsTo(missed)).not.toContain('letter-person → person');
    expect(goesOn(missed).stage).toBe('closing');
  });

  it('is contacted once where no session is left, also when the last ones were cancelled', () => {
    const missed = programmeOf(['5', '3', 'cancelled'], atRisk()) as In<'programme'>;
    const asked = completeOrAsk(missed, NOW, 'no-session-left');
    expect(contacts(asked)).toEqual([2]);
    expect(completeOrAsk(goesOn(asked) as In<'programme'>, NOW, 'no-session-left').stage).toBe('closing');
  });

  it('is contacted too where they had said that they cannot come, once', () => {
    for (const last of [times(1, '2'), times(2, '2')]) {
      const away = programmeOf([...times(12 - last.length, '5'), ...last], atRisk());
      expect([away.stage, contacts(away)]).toEqual(['programme', [12]]);
      expect(away.programme && [missedBy(away.programme), excusedBy(away.programme)]).toEqual([
        undefined,
        last.length,
      ]);
      expect(emailsTo(away)).not.toContain('letter-person → person');
      expect(goesOn(away).stage).toBe('closing');
    }
    // Whoever was in contact since the last session knows how they are.
    expect(goesOn(programmeOf([...times(9, '5'), ...times(3, '2')], atRisk())).stage).toBe('closing');
  });

  it.each([
    ['they came', [...times(10, '5'), '2', '2'], { 12: '5' }, 'closing', ['not-needed']],
    ['they missed it', [...times(10, '5'), '2', '2'], { 12: '3' }, 'programme', ['not-needed', undefined]],
    ['they could not come', [...times(11, '5'), '3'], { 12: '2' }, 'programme', ['not-needed', undefined]],
    ['they came to the one before', [...times(10, '5'), '2', '2'], { 11: '5' }, 'programme', [undefined]],
  ] as const)(
    'is asked about as the register says once it is corrected: %s',
    (_, codes, corrects, stage, outcomes) => {
      const away = programmeOf([...codes], atRisk());
      const [[number, code]] = Object.entries(corrects) as [[string, '5' | '3' | '2']];
      const session = cohortFor(away).sessions[Number(number) - 1];
      const now = later(session?.endsAt ?? NOW, { hours: 2 });
      const entries = { [away.id]: { attendance: code } };
      const corrected = storedCohort(
        recordGroupRegister(cohortFor(away), Number(number), { held: true, entries }, now),
      );
      const then = stored(learnOfSession(away, corrected, Number(number), now));
      expect([then.stage, then.programme?.welfare.map(({ outcome }) => outcome)]).toEqual([stage, outcomes]);
    },
  );

  it('completes by itself where they came, or there is no known risk', () => {
    expect(programmeOf(times(12, '5'), atRisk()).stage).toBe('closing');
    expect(programmeOf([...times(11, '5'), '2']).stage).toBe('closing');
    expect(programmeOf(lastMissed).stage).toBe('closing');
  });
});

describe('why a programme ended early', () => {
  const ends = (codes: Codes, why?: 'concern') => {
    const asked = programmeOf(codes);
    if (asked.stage !== 'programme') throw new Error('no programme');
    const concerned = why && (completeOrAsk(withConcern(asked), NOW) as In<'programme'>);
    const { programme, ...referral } = concerned ?? asked;
    const number = programme.welfare.length;
    const close = { outcome: 'close', reason: 'agreed' } as const;
    const ended = stored(
      decideWelfare({ ...referral, programme } as Referral, `welfare-${number}`, close, NOW),
    );
    return ended.programme && endedAfterMissing(ended.programme);
  };
  const withConcern = (referral: In<'programme'>): In<'programme'> => ({
    ...referral,
    concerns: [{ number: 1, at: NOW, kind: 'contact' }],
  });

  it('is that they missed sessions, and not where they had said that they cannot come, or something else was open', () => {
    expect(ends(['3', '3'])).toBe(true);
    expect(ends(['5', '7', '3'])).toBe(true);
    expect(ends(['2', '2', '2'])).toBe(false);
    expect(ends(['3', '5', '2', '2', '2'])).toBe(false);
    expect(ends(['5', '5'], 'concern')).toBe(false);
    expect(ends(['3', '5'], 'concern')).toBe(false);
  });

  it('is not what the register no longer says', () => {
    const missed = programmeOf(['3', '3']);
    const ended = stored(decideWelfare(missed, 'welfare-1', { outcome: 'close', reason: 'agreed' }, NOW));
    if (!ended.programme) throw new Error('no programme');
    const sessions = ended.programme.sessions.map((each) => ({ ...each, attendance: '5' as const }));
    expect(endedAfterMissing({ ...ended.programme, sessions })).toBe(false);
  });
});
