/** The ranked programmes, with what speaks for and against each. */
import { type CriterionResult, outlookInWords } from '../../../workflows/criteria.ts';
import { type Ranked, recommended } from '../../../workflows/matching.ts';
import type { CriterionName } from '../../../workflows/matching-policy.ts';
import { criterionColours, criterionWords } from '../../shared/pages/words.ts';
import type { Choice } from '../ranking.ts';

const NAMES: Record<CriterionName, string> = {
  age: 'Age',
  area: 'Area',
  accepting: 'Referrals',
  access: 'Access',
  need: 'Need',
  language: 'Language',
  earlier: 'Earlier offer',
  time: 'Time',
  cost: 'Cost',
  places: 'Places',
  wait: 'Wait',
  distance: 'Distance',
  entry: 'Directory',
};

/** What speaks against it comes first, then what has to be found out, and last, quietly, what is as it should be. */
const ORDER: readonly CriterionResult[] = ['not-met', 'unknown', 'met'];

/** The programmes as cards. */
export function programmesInWords(ranked: readonly Ranked[]) {
  const best = recommended(ranked);
  return ranked.map(({ programme, criteria, eligible, rank }) => ({
    name: programme.name,
    provider: programme.provider.name,
    example: programme.example,
    description: programme.description,
    sessions: `${programme.sessions.count} sessions, ${programme.sessions.place}`,
    eligible,
    best: best?.rank === rank,
    rank,
    groups: ORDER.map((result) => ({
      result,
      words: criterionWords[result],
      colour: criterionColours[result],
      criteria: criteria
        .filter((criterion) => criterion.result === result)
        .map(({ name, explanation }) => ({ name: NAMES[name], explanation })),
    })).filter((group) => group.criteria.length > 0),
  }));
}

/** The same as choices of a form, in the same order, each with what they would get there. */
export function programmeItems(ranked: readonly Choice[], now: string) {
  const best = recommended(ranked);
  return ranked.map(({ programme, criteria, rank, outlook }) => {
    const notMet = criteria
      .filter(({ result }) => result === 'not-met')
      .map(({ name }) => NAMES[name].toLowerCase());
    const place = best?.rank === rank ? 'Best match.' : `Ranked ${rank} of ${ranked.length}.`;
    const hint = [
      place,
      ...(notMet.length > 0 ? [`Not met: ${notMet.join(', ')}.`] : []),
      ...(outlook ? [`${outlookInWords(outlook, now)}.`] : []),
    ].join(' ');
    return { value: programme.id, text: programme.name, hint };
  });
}
