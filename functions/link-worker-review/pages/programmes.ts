/** The ranked programmes, with what speaks for and against each. */
import { type CriterionResult, groupInWords, outlookInWords } from '../../../workflows/criteria.ts';
import { isFoundBy } from '../../../workflows/directory.ts';
import { type Ranked, recommended } from '../../../workflows/matching.ts';
import type { CriterionName } from '../../../workflows/matching-policy.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { criterionColours, criterionWords } from '../../shared/pages/words.ts';
import { type Choice, groupValue } from '../ranking.ts';

/** What criteria are called. */
export const NAMES: Record<CriterionName, string> = {
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

/** So many programmes are shown: with hundreds, nobody would come to the end of the page. */
const SHOWN = 10;

/**
 * The programmes that the page shows, in their order: the best, or those that are found by what somebody looks for, with the one that they asked
 * for and the one that is chosen. `found`: how many there are by that name.
 */
export function shownOf(
  ranked: readonly Choice[],
  query: string,
  kept: readonly (string | undefined)[],
): { shown: Choice[]; found: number } {
  const found = query === '' ? ranked : ranked.filter(({ programme }) => isFoundBy(programme, query));
  const first = new Set(found.slice(0, SHOWN));
  const shown = ranked.filter((choice) => first.has(choice) || kept.includes(choice.programme.id));
  return { shown, found: found.length };
}

/** The programmes as cards. `all`: the whole ranking. */
export function programmesInWords(shown: readonly Ranked[], all: readonly Ranked[]) {
  const best = recommended(all);
  return shown.map(({ programme, criteria, eligible, rank }) => ({
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

/** The same as choices of a form, in the same order, each with what they would get there; where somebody could join several groups, with each of those. */
export function programmeItems(shown: readonly Choice[], all: readonly Choice[], now: string) {
  const best = recommended(all);
  return shown.flatMap(({ programme, criteria, rank, outlook, groups }) => {
    const notMet = criteria
      .filter(({ result }) => result === 'not-met')
      .map(({ name }) => NAMES[name].toLowerCase());
    const place = best?.rank === rank ? 'Best match.' : `Ranked ${rank} of ${all.length}.`;
    const hint = [
      place,
      ...(notMet.length > 0 ? [`Not met: ${notMet.join(', ')}.`] : []),
      ...(outlook ? [`${outlookInWords(outlook, now)}.`] : []),
    ].join(' ');
    const { id, name } = programme;
    if (groups.length < 2) return [{ value: id, text: name, hint }];
    return [
      { value: id, text: `${name}: the first group that has a place`, hint },
      ...groups.map((group) => ({
        value: groupValue(id, group.id),
        text: `${name}: the group of ${dateInWords(`${group.startsOn}T12:00:00Z`)}`,
        hint: groupInWords(programme, group),
      })),
    ];
  });
}
