/** Who looked at a person's details, in words: for the team, and for the person themself. */
import { dateInWords } from '../../../workflows/time.ts';
import type { Looks, Reader } from '../looks.ts';

const readers: Record<Reader, string> = {
  'link-worker': 'A link worker, by the link in an email,',
  provider: 'The provider',
  person: 'The person',
  referrer: 'Whoever referred them',
  'gp-practice': 'The GP practice',
};

const readersToThePerson: Record<Reader, string> = {
  'link-worker': 'A link worker',
  provider: 'The provider',
  person: 'You',
  referrer: 'Whoever referred you',
  'gp-practice': 'Your GP practice',
};

/** "Amina Rahman looked, 3 times". */
export function looksInWords({ name, reader, reason, count }: Looks): string {
  const who = name ?? readers[reader ?? 'link-worker'];
  return `${who}${reason === undefined ? '' : ', of another team,'} looked${timesInWords(count)}`;
}

/** A look as the person reads it: who it was, when and how often. Why another team looked is told to auditors. */
export function looksToThePerson({ at, name, reader, reason, count }: Looks) {
  const who = name ?? readersToThePerson[reader ?? 'link-worker'];
  return {
    who: reason === undefined ? who : `${who}, of another team, for a reason that is on record`,
    when: `${dateInWords(at)}${timesInWords(count)}`,
  };
}

function timesInWords(count: number): string {
  return count === 1 ? '' : `, ${count} times`;
}
