/** A colleague of another team who covers leaves a note: the team that looks after the person hears of it, and it waits until somebody has seen to it. */
import { describe, expect, it } from 'vitest';
import {
  concernDue,
  hasOpenRisk,
  openConcern,
  raiseByColleague,
  raiseConcern,
  settleConcern,
  tellUntilSettled,
  toSeeTo,
} from '../../../workflows/concerns.ts';
import { MOST_CONCERNS, type Referral, referralSchema } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { keyAmongOpen, placeInWorklist } from '../../../workflows/worklist.ts';
import { AMINA, accepted, emailsTo, inReview, NOW, offered, stored } from './builders.ts';

const SAM = { id: 'sam', name: 'Sam Osei' };
const LATER = later(NOW, { hours: 30 });
const silent = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const note = (referral: Referral, key = 'key-1', now = NOW) =>
  raiseByColleague(referral, { key, by: SAM, unsafe: false }, now);
const unsafe = (referral: Referral, key = 'key-1', now = NOW) =>
  raiseByColleague(referral, { key, by: SAM, unsafe: true }, now);

describe('a note of a colleague', () => {
  const referral = silent(offered());
  const left = note(referral);

  it('is told to the link workers at once, and to the coordinator when nobody has seen to it', () => {
    expect(emailsTo(left)).toEqual(['colleague-note → link-worker', 'colleague-note-waiting → coordinator']);
    const by = later(NOW, { workingDays: 1 });
    expect(left.outbox.map(({ notBefore }) => notBefore)).toEqual([NOW, by]);
    expect(left.history.at(-1)).toEqual({
      at: NOW,
      by: 'link-worker',
      event: 'concern-raised',
      detail: 'colleague-note',
      name: SAM.name,
    });
    expect(emailsTo(tellUntilSettled(silent(left), LATER))).toEqual(['colleague-note-waiting → coordinator']);
  });

  it('is in the worklist wherever the referral is, by its own time, and no more urgent than the person is', () => {
    expect(placeInWorklist(referral)).toBeUndefined();
    const by = concernDue({ number: 1, at: NOW, kind: 'colleague-note' });
    for (const each of [left, note(silent(accepted()))]) {
      expect(placeInWorklist(each)).toMatchObject({ task: 'colleague-note', urgency: 'none', by });
    }
    const ended = { ...left, stage: 'closed', ending: { kind: 'completed', decidedAt: NOW }, closedAt: NOW };
    expect(keyAmongOpen(referralSchema.parse(ended))).toMatch(/^2#/);
    // What the team was to do earlier is no later for it.
    const reviewed = { ...inReview(), askedAt: NOW } as Referral;
    const late = note(silent(reviewed), 'key-1', later(NOW, { days: 9 }));
    expect(placeInWorklist(late)?.by).toBe(placeInWorklist(reviewed)?.by);
  });

  it('is no risk, and holds back no ending', () => {
    expect([openConcern(left), hasOpenRisk(left)]).toEqual([undefined, false]);
    expect(toSeeTo(left)).toMatchObject({ kind: 'colleague-note', by: SAM });
  });

  it('comes after what the person says themselves', () => {
    const both = raiseConcern(left, 'contact', NOW);
    expect(toSeeTo(both)?.kind).toBe('contact');
    expect(placeInWorklist(both)?.task).toBe('concern');
  });

  it('is told once, however often its form is sent, also after somebody has seen to it; another one is told as well', () => {
    expect(note(left, 'key-1', LATER)).toBe(left);
    const second = note(silent(left), 'key-2', LATER);
    expect([second.concerns?.length, emailsTo(second)]).toEqual([1, ['colleague-note → link-worker']]);
    expect(note(second, 'key-2', LATER)).toBe(second);
    const seen = stored(settleConcern(second, 1, AMINA, LATER));
    expect([toSeeTo(seen), emailsTo(seen), seen.assignee?.id]).toEqual([
      undefined,
      ['colleague-note → link-worker'],
      AMINA.id,
    ]);
    for (const key of ['key-1', 'key-2']) expect(note(seen, key, LATER)).toBe(seen);
    expect(note(seen, 'key-3', LATER).concerns).toHaveLength(2);
  });

  it('is danger where the colleague says so', () => {
    const raised = unsafe(referral);
    expect(emailsTo(raised)).toEqual([
      'colleague-note-urgent → link-worker',
      'colleague-note-urgent → coordinator',
      'concern-waiting → coordinator',
    ]);
    expect(openConcern(raised)).toMatchObject({ kind: 'unsafe', by: SAM });
    expect(placeInWorklist(raised)).toMatchObject({
      task: 'concern',
      urgency: 'danger',
      by: later(NOW, { hours: 1 }),
    });
    // Whoever ticks it only then sends the same form.
    expect(unsafe(left).concerns?.map(({ kind }) => kind)).toEqual(['colleague-note', 'unsafe']);
  });

  it('takes no more room than a referral has, however many are left', () => {
    let full: Referral = referral;
    for (let n = 0; n < MOST_CONCERNS + 5; n++) full = silent(note(full, `key-${n}`));
    expect(full.concerns).toHaveLength(1);
    expect(referralSchema.safeParse(full).success).toBe(true);
    expect(note(full, `key-${MOST_CONCERNS + 4}`)).toBe(full);
  });
});
