/** What was sent about a referral to be kept: the letters at its end, and the summary for the GP practice. */
import { type Reader, readersOf } from '../../../workflows/closing.ts';
import type { Referral, SentEmail, Stage } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';

type Documents = Pick<Referral, 'person' | 'referrer'> & {
  /** Absent while it is decided about: there are no letters before the end. */
  stage?: Stage;
  sent?: readonly SentEmail[] | undefined;
  summaryGivenAt?: string | undefined;
};

const letterWords: Record<Reader, string> = {
  person: 'Letter to the person',
  referrer: 'Letter to whoever referred them',
  gp: 'Letter to the GP practice',
};

/** Each document with where to read it under the referral, and how and when it went out. */
export function documentsInWords(documents: Documents): { text: string; path: string; how: string }[] {
  const { stage, sent = [], summaryGivenAt } = documents;
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
      const how =
        mail?.to === 'link-worker'
          ? 'No email address: to be printed and posted. The team was told'
          : 'Sent by email';
      return {
        text: letterWords[reader],
        path: `letters/${reader}`,
        how: mail ? `${how} on ${inWords(mail.at)}` : 'Is on its way',
      };
    }),
  ];
}
