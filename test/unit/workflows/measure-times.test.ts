import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import {
  askForMeasures,
  keyOfLink,
  measuresDue,
  noteMeasures,
  openMeasures,
  pointOfLink,
} from '../../../workflows/measure-times.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { accepted, inReview, NOW, offered, register, stored } from './builders.ts';

const later3 = '2027-02-01T09:00:00.000Z';
const by = { id: 'amina', name: 'Amina' };
const asked = ({ outbox }: Referral) =>
  outbox.flatMap((entry) =>
    entry.kind === 'email' && entry.message === 'measures-request' ? [`${entry.link} → ${entry.to}`] : [],
  );
const attend = (referral: Referral, times: number) =>
  Array.from({ length: times }).reduce<Referral>((before) => register(before, '5'), referral);
const without = (referral: Referral): Referral => {
  const { email: _none, ...person } = referral.person;
  return { ...referral, person };
};

describe('measures are asked for', () => {
  it('when the programme starts, after half of its sessions, and when all were held: once each', () => {
    const start = accepted();
    expect(asked(start)).toEqual(['measures-baseline-1 → person']);
    expect(measuresDue(start)).toMatchObject({ point: 'baseline', askedAt: NOW });
    const five = attend(start, 5);
    expect([asked(five).length, measuresDue(five)?.point]).toEqual([1, 'baseline']);
    const six = attend(five, 1);
    expect(asked(six).slice(1)).toEqual(['measures-middle-1 → person']);
    expect(measuresDue(six)?.point).toBe('middle');
    // What nobody answered at the start cannot be answered any more.
    expect(six.links['measures-baseline-1']?.revokedAt).toBeDefined();
    const all = attend(six, 6);
    expect(all.stage).toBe('closing');
    expect(asked(all).slice(2)).toEqual(['measures-end-1 → person']);
    expect(measuresDue(all)?.point).toBe('end');
    expect(all.links['measures-end-1']?.revokedAt).toBeUndefined();
  });

  it('not of whoever was measured shortly before, and again of whoever was long ago', () => {
    const taken = (days: number) => {
      const at = momentAfter(NOW, { days: -days });
      const known = stored(noteMeasures(offered(), { at, point: 'baseline', by }));
      return asked(accepted(known));
    };
    expect(taken(29)).toEqual([]);
    expect(taken(31)).toEqual(['measures-baseline-1 → person']);
  });

  it('of nobody without an address: they are due for the team to take', () => {
    const start = accepted(without(offered()));
    expect(asked(start)).toEqual([]);
    expect(measuresDue(start)).toEqual({ point: 'baseline', link: 'measures-baseline-1' });
  });

  it('not while a link worker is asked to call the person, and then with the next session', () => {
    const five = attend(accepted(), 4);
    const missed = register(register(five, '3'), '3');
    expect(missed.programme?.welfare).toHaveLength(1);
    expect([asked(missed).length, measuresDue(missed)?.point]).toEqual([1, 'middle']);
  });

  it('some three months after the end, once, where we may write to them', () => {
    const closed = stored(close(attend(accepted(), 12), NOW)) as In<'closed'>;
    const { due } = closed;
    expect(due).toEqual({ at: '2027-02-22T09:00:00.000Z', step: 'follow-up', count: 0 });
    expect(measuresDue(closed)?.point).toBe('end');
    expect(actOnDue(closed, momentAfter(due?.at ?? '', { minutes: -1 }))).toBeUndefined();
    const after = actOnDue({ ...closed, outbox: [] }, due?.at ?? '') as Referral;
    expect([after.stage, after.due, asked(after)]).toEqual([
      'closed',
      undefined,
      ['measures-follow-up-1 → person'],
    ]);
    expect(measuresDue(after)).toMatchObject({ point: 'follow-up', askedAt: due?.at });
    expect(pointOfLink('measures-follow-up-1')).toBe('follow-up');
    expect(after.links['measures-end-1']?.revokedAt).toBe(due?.at);
    const taken = stored(
      noteMeasures(after, { at: due?.at ?? '', point: 'follow-up' }, 'measures-follow-up-1'),
    );
    expect(measuresDue(taken)).toBeUndefined();
    expect(actOnDue(taken, '2030-01-01T09:00:00.000Z')).toBeUndefined();

    // Whom the team asked meanwhile, and whoever has no address by then, is not.
    const by3 = stored(noteMeasures(closed, { at: later3, point: 'follow-up', by }));
    for (const each of [by3, without(closed)]) {
      const left = actOnDue({ ...each, outbox: [] }, due?.at ?? '') as Referral;
      expect([left.due, asked(left)]).toEqual([undefined, []]);
    }
    expect(stored(close(without(attend(accepted(), 12)), NOW)).due).toBeUndefined();
  });

  it('never of whoever has left or has not begun', () => {
    expect(measuresDue(inReview())).toBeUndefined();
    const left = stored(leave(attend(accepted(), 6), 'person', NOW));
    expect(measuresDue(left)).toBeUndefined();
    expect(left.links['measures-middle-1']?.revokedAt).toBeDefined();
    expect(askForMeasures(left, NOW)).toBe(left);
  });
});

describe('measures that the person opens by themself', () => {
  const start = accepted();

  it('have one more secret to the link by which they were asked, and nothing else changes', () => {
    const opened = stored(openMeasures(start, 'hash', NOW));
    expect(opened.links['measures-baseline-1']?.hashes.map(({ hash }) => hash)).toEqual(['hash']);
    expect(opened.history).toEqual(start.history);
    expect(openMeasures(opened, 'hash', momentAfter(NOW, { days: 1 }))).toBe(opened);
    // Once it works no more it is good again.
    const later = momentAfter(NOW, { days: 60 });
    expect(stored(openMeasures(opened, 'hash', later)).links['measures-baseline-1']?.hashes).toHaveLength(2);
  });

  it('are those that are due, also of whom nobody was asked; the ones before are closed', () => {
    const six = attend(without(start), 6);
    const opened = stored(openMeasures(six, 'hash', six.updatedAt));
    expect(opened.links['measures-baseline-1']?.revokedAt).toBe(six.updatedAt);
    expect(opened.links['measures-middle-1']?.hashes).toHaveLength(1);
    expect(measuresDue(opened)).toEqual({ point: 'middle', link: 'measures-middle-1' });
    expect(keyOfLink(opened, 'measures-middle-1')).toBe(`${six.updatedAt}.measures-middle-1`);
  });

  it('are none once they are taken, and for who has left', () => {
    const taken = stored(noteMeasures(start, { at: NOW, point: 'baseline', by }));
    for (const nothing of [taken, inReview(), stored(leave(start, 'person', NOW))]) {
      expect(openMeasures(nothing, 'hash', NOW)).toEqual({ refused: 'not-now' });
    }
  });
});

describe('measures that were taken', () => {
  it('are due no more, and noted once', () => {
    const start = accepted();
    const at = momentAfter(NOW, { hours: 1 });
    const taken = stored(noteMeasures(start, { at, point: 'baseline' }, 'measures-baseline-1'));
    expect(measuresDue(taken)).toBeUndefined();
    expect(taken.links['measures-baseline-1']?.recorded).toEqual({ at, decision: 'baseline' });
    expect(isRefusal(noteMeasures(taken, { at, point: 'baseline' }, 'measures-baseline-1'))).toBe(true);
    // The middle is another time.
    expect(measuresDue(attend(taken, 6))?.point).toBe('middle');
  });

  it('by the team close the link by which the person was asked; others leave it open', () => {
    const start = accepted();
    const taken = stored(noteMeasures(start, { at: NOW, point: 'baseline', by }));
    expect(taken.links['measures-baseline-1']?.revokedAt).toBe(NOW);
    const other = stored(noteMeasures(start, { at: NOW, point: 'in-between', by }));
    expect(other.links['measures-baseline-1']?.revokedAt).toBeUndefined();
    expect(measuresDue(other)?.point).toBe('baseline');
  });

  it('have a key that is the same for a repeat, and sorts by when they were asked for', () => {
    const six = attend(accepted(), 6);
    const [start, middle] = ['baseline', 'middle'].map((point) => keyOfLink(six, `measures-${point}-1`));
    expect(start).toBe(`${NOW}.measures-baseline-1`);
    expect((start ?? '') < (middle ?? '')).toBe(true);
  });
});
