/** What a search found: people of one's own teams, and that there are others elsewhere. */
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { ageOn, dateInWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { postcodeInWords } from '../../shared/pages/person.ts';
import { stageWords } from '../../shared/pages/words.ts';
import search from './search.njk';

export type SearchView = Site & {
  /** What was asked for. */
  asked: string;
  form?: Form;
  results?: {
    ours: readonly Pick<Referral, 'reference' | 'person' | 'stage' | 'createdAt' | 'assignee'>[];
    /** The references of those of other teams. */
    others: readonly string[];
    now: string;
  };
};

/** The search with what it found, the newest first. */
export function searchPage({ asked, form, results, ...site }: SearchView) {
  return page(site, {
    title: 'Find a person',
    template: search,
    context: {
      searched: results !== undefined,
      nobody: results !== undefined && results.ours.length + results.others.length === 0,
      ours: [...(results?.ours ?? [])]
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
        .map(({ reference, person, stage, createdAt, assignee }) => ({
          reference,
          href: `/referrals/${reference}`,
          name: fullName(person),
          age: ageOn(person.dateOfBirth, results?.now ?? createdAt),
          facts: [
            `Born on ${dateInWords(`${person.dateOfBirth}T12:00:00Z`)}`,
            postcodeInWords(person),
            `received on ${dateInWords(createdAt)}`,
            assignee?.name ?? 'nobody’s yet',
            reference,
          ]
            .filter(Boolean)
            .join(' · '),
          stage: stageWords[stage],
        })),
      others: (results?.others ?? []).map((reference) => ({ reference, href: `/referrals/${reference}` })),
    },
    form: form ?? { values: { query: asked } },
    fields: ['query'],
  });
}
