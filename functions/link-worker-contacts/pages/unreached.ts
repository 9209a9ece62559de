/** Whom email does not reach, in words: why, what they missed, and how else to reach them. */
import { CORRECTABLE } from '../../../workflows/corrections.ts';
import type { MessageKind } from '../../../workflows/outbox-entry.ts';
import type { Referral, Undelivered } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import { openUndelivered, undeliveredDue } from '../../../workflows/undelivered.ts';
import { personInWords } from '../../shared/pages/case.ts';
import { messageInWords, recipientInWords } from '../../shared/pages/sent.ts';

const whyWords: Record<Undelivered['why'], string> = {
  bounced: 'Emails to them come back.',
  complained: 'An email was reported as unwanted. Please ask whether they want email from us at all.',
  rejected: 'An email to them was refused before it was sent.',
  'no-address': 'We have no address of theirs that we may write to.',
};

/** What somebody is to be told, where their own email would say less. */
const tellWords: Partial<Record<MessageKind, string>> = {
  'offer-accepted': 'they have a place, and when and where their first session is',
  'place-ended': 'their place in the programme has ended',
};

/** The one that has waited longest; undefined where everybody is reached. */
export function unreachedInWords(referral: Referral) {
  const [entry, ...others] = openUndelivered(referral);
  if (!entry) return undefined;
  const { number, to, why, at, missed } = entry;
  return {
    number,
    whom: recipientInWords(to),
    why: whyWords[why],
    isToTell: why === 'no-address',
    at: inWords(at),
    by: inWords(undeliveredDue(entry)),
    missed: [...new Set(missed.map(({ message }) => tellWords[message] ?? messageInWords(message)))],
    ways: waysTo(referral, to).filter(({ value }) => value !== undefined && value !== ''),
    correctable: CORRECTABLE.some((known) => known === to),
    programmeId: to === 'provider' ? referral.offers.at(-1)?.programmeId : undefined,
    others: others.map((other) => recipientInWords(other.to)),
  };
}

type Way = { key: string; value: string | undefined };

function waysTo({ person, referrer, updatedAt }: Referral, to: Undelivered['to']): Way[] {
  const { address, postcode, gpPractice } = personInWords({ person, referrer }, updatedAt);
  const byReferrer = [referrer.name, referrer.phone].filter(Boolean).join(', ');
  switch (to) {
    case 'person':
      return [
        { key: 'Phone', value: person.phone },
        { key: 'Letter', value: [address, postcode].filter(Boolean).join('\n') },
        ...(referrer.kind === 'self' ? [] : [{ key: 'Whoever referred them', value: byReferrer }]),
      ];
    case 'referrer':
      return [
        { key: 'Who it is', value: [referrer.name, referrer.role].filter(Boolean).join(', ') },
        { key: 'Organisation', value: referrer.organisation },
        { key: 'Phone', value: referrer.phone },
      ];
    case 'gp-practice':
      return [{ key: 'Practice, by phone or letter', value: gpPractice }];
    default:
      return [];
  }
}
