/** What the link worker and the person agreed to look for. */
import { happened, type Outcome } from './change.ts';
import { NEEDS, TIMES_OF_WEEK } from './directory.ts';
import { ETHNIC_GROUPS, type EthnicGroup, type Preferences, type Referral } from './referral.ts';

/** What the form says, with the person's answer to a question that no programme is matched on. */
export type Agreed = { preferences: Preferences; ethnicGroup?: EthnicGroup | undefined };

/** The same as it is recorded: nothing where nobody has yet. */
export type AgreedSoFar = { [Part in keyof Agreed]?: Agreed[Part] | undefined };

/** The answers to that question, in the words of the 2021 Census of England and Wales (ETHNIC_GROUPS says where they are from). */
export const ETHNIC_GROUP_WORDS: Record<EthnicGroup, string> = {
  asian: 'Asian, Asian British or Asian Welsh',
  black: 'Black, Black British, Black Welsh, Caribbean or African',
  mixed: 'Mixed or Multiple ethnic groups',
  white: 'White',
  other: 'Other ethnic group',
  'not-said': 'Prefer not to say',
};

/** The answer of a form; undefined where none was given. */
export function ethnicGroupOf(text: string | undefined): EthnicGroup | undefined {
  return ETHNIC_GROUPS.find((group) => group === text);
}

/**
 * Records them while the review waits. `seen` is what was recorded when the form was opened (agreedKey): whoever changes what
 * somebody else changed meanwhile is told so. The same again changes nothing. `name`: who is signed in.
 */
export function recordPreferences(
  referral: Referral,
  agreed: Agreed,
  seen: string,
  now: string,
  name?: string,
): Outcome {
  if (referral.stage !== 'review') return { refused: 'not-now' };
  const before = agreedKey(referral);
  if (before === agreedKey(agreed)) return referral;
  if (before !== seen) return { refused: 'already-decided', recorded: before };
  const { ethnicGroup: _before, ...rest } = referral;
  const { preferences, ethnicGroup } = agreed;
  const changed = { ...rest, preferences, ...(ethnicGroup === undefined ? {} : { ethnicGroup }) };
  const noted = happened(changed, now, 'link-worker', 'preferences-recorded');
  const last = noted.history.at(-1);
  return name === undefined || !last
    ? noted
    : { ...noted, history: [...noted.history.slice(0, -1), { ...last, name }] };
}

/**
 * Whether a form says something else than what was recorded when it was opened (`seen`, an agreedKey). Nothing ticked is how a form comes where
 * nobody has recorded any yet.
 */
export function saysElse(agreed: Agreed, seen: string): boolean {
  const untouched = seen.replace(/^none/, preferencesKey({ needs: [] }));
  return ![seen, untouched].includes(agreedKey(agreed));
}

/** All that the form says, as one text: the same for the same, whatever the order in which it was ticked. */
export function agreedKey({ preferences, ethnicGroup }: AgreedSoFar): string {
  return [preferencesKey(preferences), ...(ethnicGroup === undefined ? [] : [ethnicGroup])].join('/');
}

function preferencesKey(preferences: Preferences | undefined): string {
  if (!preferences) return 'none';
  const { needs, times = [], freeOnly = false } = preferences;
  return [
    NEEDS.filter((one) => needs.includes(one)).join('+'),
    TIMES_OF_WEEK.filter((one) => times.includes(one)).join('+'),
    freeOnly ? 'free' : 'any-cost',
  ].join('/');
}
