/** The summary for a GP practice, to be copied. */
import { hasGpPractice } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { gpPracticeInWords } from '../../shared/pages/person.ts';
import summary from './summary.njk';

/** What is longer is scrolled. */
const MOST_ROWS = 40;

export type SummaryView = Site & { referral: Referral; text: string };

/** The summary as it is now, and whether it was given. */
export function summaryPage({ referral, text, ...site }: SummaryView) {
  const { reference, person, request, summaryGivenAt, history } = referral;
  const noted = history.find(({ event }) => event === 'summary-given');
  return page(site, {
    title: 'Summary for the GP practice',
    template: summary,
    context: {
      ...{ reference, text },
      rows: Math.min(text.split('\n').length + 4, MOST_ROWS),
      gpPractice: gpPracticeInWords(person),
      gpPracticeEmail: person.gpPracticeEmail,
      consented: request.consent.given,
      given: summaryGivenAt && { at: inWords(summaryGivenAt), by: noted?.name },
      letterSent:
        referral.stage === 'closed' && hasGpPractice(person) ? dateInWords(referral.closedAt) : undefined,
    },
  });
}
