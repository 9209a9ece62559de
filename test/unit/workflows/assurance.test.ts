import { describe, expect, it } from 'vitest';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import {
  type Assurance,
  ageOfEntry,
  assuranceSchema,
  checkSecret,
  dueAssurance,
  openAnswer,
  withAnswer,
  withSecret,
} from '../../../workflows/assurance.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { after } from '../../../workflows/time.ts';

const hive = findProgramme('hive-music') as Programme;
const NOW = '2026-11-24T10:00:00.000Z';
const confirmed = (assuredOn: string): Programme => ({ ...hive, assuredOn });
const later = (days: number) => after(NOW, { days });

describe('an entry', () => {
  it('is fresh for a year to the day, and old from then on', () => {
    expect(ageOfEntry(hive, NOW)).toBe('never');
    expect(ageOfEntry(confirmed('2025-11-25'), NOW)).toBe('fresh');
    expect(ageOfEntry(confirmed('2025-11-24'), NOW)).toBe('old');
  });

  it('is asked about when it is old or nobody ever was, unless it is an example or has ended', () => {
    const messages = (programme: Programme) =>
      dueAssurance(programme, undefined, NOW, 365)?.pending.map(({ message }) => message);
    expect(messages(hive)).toEqual(['confirm']);
    expect(messages(confirmed('2025-11-24'))).toEqual(['confirm']);
    expect(messages(confirmed('2025-11-25'))).toBeUndefined();
    expect(messages({ ...hive, example: true })).toBeUndefined();
    expect(messages({ ...hive, accepting: false, status: 'defunct' })).toBeUndefined();
    expect(messages({ ...hive, accepting: false })).toEqual(['confirm']);
  });

  /** Who is written to on which day, by a look every day; each email goes, and `happens` is what becomes of it all. */
  function written(
    days: number,
    entryOn: (day: number) => Programme,
    happens: (state: Assurance, day: number) => Assurance = (state) => state,
  ): [number, string][] {
    let state: Assurance | undefined;
    const told: [number, string][] = [];
    for (let day = 0; day < days; day++) {
      const programme = entryOn(day);
      const due = dueAssurance(programme, state, later(day), 365);
      if (due) {
        const { message = '' } = due.pending.at(-1) ?? {};
        told.push([day, message]);
        expect(due.pending).toHaveLength(1);
        const { email } = programme.provider;
        const asks = message.startsWith('confirm');
        const sent = asks ? withSecret(due, `hash-${day}`, email, later(day)) : due;
        state = { ...sent, pending: [], version: due.version + 1 };
      }
      if (state) state = happens(state, day);
    }
    return told;
  }

  it('is asked about again after a month, then the coordinator is told, and so every year', () => {
    const round = (day: number) => [
      [day, 'confirm'],
      [day + 30, 'confirm-again'],
      [day + 60, 'silent'],
    ];
    expect(written(365 * 3, () => hive)).toEqual([...round(0), ...round(60 + 365), ...round(2 * (60 + 365))]);
  });

  it('is asked about at another address as soon as it has that, unless an answer waits', () => {
    const from = (day: number, address: string) => (today: number) => ({
      ...hive,
      provider: { ...hive.provider, email: today < day ? hive.provider.email : address },
    });
    const OTHER = 'other@provider.example';
    const silent = [
      [0, 'confirm'],
      [30, 'confirm-again'],
      [60, 'silent'],
    ];
    expect(written(200, from(101, OTHER))).toEqual([
      ...silent,
      [101, 'confirm'],
      [131, 'confirm-again'],
      [161, 'silent'],
    ]);
    // Also where the one before was still being asked.
    expect(written(80, from(10, OTHER))).toEqual([
      [0, 'confirm'],
      [10, 'confirm'],
      [40, 'confirm-again'],
      [70, 'silent'],
    ]);
    const says = (state: Assurance, day: number) =>
      day === 5 ? withAnswer(state, 'changed', 'Another address', later(day)) : state;
    expect(written(200, from(10, OTHER), says)).toEqual([[0, 'confirm']]);
  });

  it('is asked about a year after something was said to have changed, and that stays in sight until it is seen to', () => {
    const said = withAnswer(
      dueAssurance(hive, undefined, NOW, 365) as Assurance,
      'changed',
      'Thursdays now',
      NOW,
    );
    expect(dueAssurance(hive, said, later(364), 365)).toBeUndefined();
    const anew = dueAssurance(hive, said, later(365), 365) as Assurance;
    expect(anew).toMatchObject({ askedAt: [later(365)], round: 'never' });
    expect(anew.pending.map(({ message }) => message)).toEqual(['confirm']);
    expect(anew.answer).toBeUndefined();
    expect(openAnswer(hive, anew)).toMatchObject({ text: 'Thursdays now' });
    expect(openAnswer(hive, withAnswer(anew, 'changed', 'Fridays', later(366)))).toMatchObject({
      text: 'Fridays',
    });
    expect(openAnswer(confirmed('2027-11-26'), anew)).toBeUndefined();
    expect(assuranceSchema.parse(anew)).toEqual(anew);
  });

  it('is not asked about while an answer waits for the coordinator, and anew a year after it was confirmed', () => {
    const asked = dueAssurance(hive, undefined, NOW, 365) as Assurance;
    const answered = withAnswer(asked, 'changed', 'Thursdays now', NOW);
    expect(answered.pending.map(({ message }) => message)).toEqual(['confirm', 'changed']);
    expect(dueAssurance(hive, answered, later(300), 365)).toBeUndefined();
    expect(openAnswer(hive, answered)).toMatchObject({ text: 'Thursdays now' });
    // Whoever confirms the entry has seen to it.
    const now = confirmed('2026-11-24');
    expect(openAnswer(now, answered)).toBeUndefined();
    expect(dueAssurance(now, answered, later(364), 365)).toBeUndefined();
    expect(dueAssurance(now, answered, later(365), 365)).toMatchObject({ askedAt: [later(365)] });
  });
});

describe('a secret', () => {
  const asked = withSecret(
    dueAssurance(hive, undefined, NOW, 365) as Assurance,
    'hash',
    hive.provider.email,
    NOW,
  );
  it('opens what it was sent for, to whom it was sent, until it expires or is needed no more', () => {
    expect(checkSecret(hive, asked, 'hash', later(74))).toBe('open');
    expect(checkSecret(hive, asked, 'other', NOW)).toBe('unknown');
    expect(checkSecret(hive, asked, 'hash', later(75))).toBe('expired');
    const moved = { ...hive, provider: { ...hive.provider, email: 'other@provider.example' } };
    expect(checkSecret(moved, asked, 'hash', NOW)).toBe('revoked');
    expect(checkSecret(confirmed('2026-11-24'), asked, 'hash', NOW)).toBe('revoked');
    expect(checkSecret({ ...hive, status: 'inactive' }, asked, 'hash', NOW)).toBe('revoked');
  });

  it('of a round that is over opens nothing of the next one', () => {
    const silent = { ...asked, askedAt: [NOW, later(30)], coordinatorToldAt: later(60) };
    const moved = { ...hive, provider: { ...hive.provider, email: 'other@provider.example' } };
    const elsewhere = dueAssurance(moved, silent, later(61), 365) as Assurance;
    expect(checkSecret(moved, elsewhere, 'hash', later(61))).toBe('revoked');
    const ayear = dueAssurance(hive, silent, later(425), 365) as Assurance;
    expect(ayear.askedAt).toEqual([later(425)]);
    expect(checkSecret(hive, ayear, 'hash', later(425))).toBe('expired');
    const next = withSecret(ayear, 'next', hive.provider.email, later(425));
    expect(checkSecret(hive, next, 'next', later(425))).toBe('open');
  });

  it('goes on to show that everything was right', () => {
    expect(checkSecret(confirmed('2026-11-24'), withAnswer(asked, 'right', '', NOW), 'hash', NOW)).toBe(
      'open',
    );
  });
});
