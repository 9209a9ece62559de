import { describe, expect, it } from 'vitest';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import {
  type Assurance,
  ageOfEntry,
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

  it('is asked about again after a month, then the coordinator is told, then nobody any more', () => {
    let state: Assurance | undefined;
    const told: [number, string][] = [];
    for (let day = 0; day < 400; day++) {
      const due = dueAssurance(hive, state, later(day), 365);
      if (!due) continue;
      told.push([day, due.pending.at(-1)?.message ?? '']);
      state = { ...due, version: due.version + 1 };
    }
    expect(told).toEqual([
      [0, 'confirm'],
      [30, 'confirm-again'],
      [60, 'silent'],
    ]);
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

  it('goes on to show that everything was right', () => {
    expect(checkSecret(confirmed('2026-11-24'), withAnswer(asked, 'right', '', NOW), 'hash', NOW)).toBe(
      'open',
    );
  });
});
