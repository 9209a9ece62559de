/** What was sent about a referral to be kept: the letters at its end, and the summary for the GP practice. */
import { type Reader, readersOf } from '../../../workflows/closing.ts';
import type { Referral, SentEmail, Stage, Undelivered } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';

type Documents = Pick<Referral, 'person' | 'referrer'> & {
  /** Absent while it is decided about: there are no letters before the end. */
  stage?: Stage;
  sent?: readonly SentEmail[] | undefined;
  undelivered?: readonly Undelivered[] | undefined;
  summaryGivenAt?: string | undefined;
};

const letterWords: Record<Reader, string> = {
  person: 'Letter to the person',
  referrer: 'Letter to whoever referred them',
  gp: 'Letter to the GP practice',
};

/** Each document with where to read it under the referral, and how and when it went out. */
export function documentsInWords(documents: Documents): { text: string; path: string; how: string }[] {
  const { stage, sent = [], undelivered = [], summaryGivenAt } = documents;
  const summary = summaryGivenAt && {
    text: 'Summary for the GP practice',
    path: 'summary',
    how: `Given on ${dateInWords(summaryGivenAt)}`,
  };
  const letters = stage === 'closed' ? readersOf(documents) : [];
  return [
    ...(summary ? [summary] : []),
    ...letters.map((reader) => {
      const mail = sent.findLast(({ message }) => message === `letter-${reader}`);
      return {
        text: letterWords[reader],
        path: `letters/${reader}`,
        how: mail ? howItWent(mail, undelivered) : 'Is on its way',
      };
    }),
  ];
}

/** How an email with a letter went out, and whether it arrived. One that was unwanted has arrived. */
function howItWent({ at, message, to, notSent }: SentEmail, undelivered: readonly Undelivered[]): string {
  const on = `on ${inWords(at)}`;
  if (to === 'link-worker') {
    return notSent
      ? 'No email address: to be printed and posted'
      : `No email address: to be printed and posted. The team was told ${on}`;
  }
  if (notSent) return `Not sent, because the address does not work: tried ${on}`;
  const missed = undelivered.some(
    ({ why, missed, settledAt }) =>
      why !== 'complained' &&
      missed.some((each) => each.message === message) &&
      // Sent once more, to an address that was put right.
      (settledAt === undefined || at < settledAt),
  );
  return missed ? `Sent by email ${on}, and did not arrive` : `Sent by email ${on}`;
}
