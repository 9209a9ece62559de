/** What a search found: people of one's own teams, and that there are others elsewhere. */
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { ageOn, dateInWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { postcodeInWords } from '../../shared/pages/person.ts';
import { stageInWords, type Where } from '../../shared/pages/words.ts';
import search from './search.njk';

export type SearchView = Site & {
  /** What was asked for. */
  asked: string;
  form?: Form;
  results?: {
    ours: readonly (Where & Pick<Referral, 'reference' | 'person' | 'createdAt' | 'assignee'>)[];
    /** Those of other teams: nothing of them is told but their references. */
    others: readonly Pick<Referral, 'reference'>[];
    /** There are more of one's own than are shown. */
    more: boolean;
    now: string;
  };
};

/** More of other teams say nothing that helps. */
const OTHERS_SHOWN = 5;

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
        .map(({ reference, person, createdAt, assignee, ...where }) => ({
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
          stage: stageInWords(where),
        })),
      more: results?.more,
      others: (results?.others ?? [])
        .slice(0, OTHERS_SHOWN)
        .map(({ reference }) => ({ reference, href: `/referrals/${reference}` })),
      moreOthers: (results?.others.length ?? 0) > OTHERS_SHOWN,
    },
    form: form ?? { values: { query: asked } },
    fields: ['query'],
  });
}
