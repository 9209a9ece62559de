/** Everything that happened with a referral, in one list in words, the newest first. */
import type { HistoryEntry, Referral } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { contactInOneLine } from '../../shared/pages/contacts.ts';
import { looksInWords } from '../../shared/pages/looks.ts';
import { sentInWords } from '../../shared/pages/sent.ts';
import { historyInWords } from '../../shared/pages/words.ts';
import type { Happenings } from '../happenings.ts';

type Entry = {
  at: string;
  /** In words, where it is not the time itself. */
  when?: string;
  text: string;
  /** What somebody wrote. */
  quote?: string | undefined;
};

/** What is told more fully by the contacts and signposts themselves. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['contact-tried', 'contact-reached', 'signposted']);

/** What happened besides what is in the history. */
export type Happened = Pick<Referral, 'contacts' | 'signposts' | 'sent'> & Happenings;

export function timelineInWords(
  history: readonly HistoryEntry[],
  { contacts = [], signposts = [], sent = [], notes, plans, looks, more }: Happened,
  nameOf: (programmeId: string) => string | undefined,
) {
  const entries: Entry[] = [
    ...history
      .filter(({ event }) => !TOLD_ELSEWHERE.has(event))
      .map((entry) => ({ at: entry.at, text: historyInWords(entry, nameOf) })),
    ...contacts.map((contact) => ({
      at: contact.at,
      text: `${contact.by.name}: ${contactInOneLine(contact)}`,
    })),
    ...signposts.map(({ at, by, to, takenBackAt }) => ({
      at,
      text: `${by?.name ?? 'Link worker'}: Told the person about another service${takenBackAt === undefined ? '' : ' (taken back)'}`,
      quote: to,
    })),
    ...sent.map((email) => ({ at: email.at, text: sentInWords(email) })),
    ...notes.map(({ at, by, text }) => ({ at, text: `${by.name}: Wrote a note`, quote: text })),
    ...plans.map(({ at, by }) => ({ at, text: `${by.name}: Changed the plan` })),
    ...looks.map((look) => ({
      ...{ at: look.at, when: dateInWords(look.at), text: looksInWords(look) },
    })),
  ];
  const told = entries
    .map((entry, i) => ({ ...entry, i }))
    .sort((a, b) => b.at.localeCompare(a.at) || b.i - a.i)
    .map(({ at, when = inWords(at), text, quote }) => ({ at: when, text, quote }));
  return more ? [...told, OLDER] : told;
}

const OLDER = {
  at: 'Before that',
  text: 'There is more than is listed here: each page of the referral has its older entries, and your coordinator can read who else has looked.',
  quote: undefined,
};
