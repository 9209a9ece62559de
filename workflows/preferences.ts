/** What the link worker and the person agreed to look for. */
import { happened, type Outcome } from './change.ts';
import { NEEDS, TIMES_OF_WEEK } from './directory.ts';
import type { Preferences, Referral } from './referral.ts';

/**
 * Records them while the review waits. `seen` is what was recorded when the form was opened (preferencesKey): whoever changes what
 * somebody else changed meanwhile is told so. The same again changes nothing. `name`: who is signed in.
 */
export function recordPreferences(
  referral: Referral,
  preferences: Preferences,
  seen: string,
  now: string,
  name?: string,
): Outcome {
  if (referral.stage !== 'review') return { refused: 'not-now' };
  const before = preferencesKey(referral.preferences);
  if (before === preferencesKey(preferences)) return referral;
  if (before !== seen) return { refused: 'already-decided', recorded: before };
  const noted = happened({ ...referral, preferences }, now, 'link-worker', 'preferences-recorded');
  const last = noted.history.at(-1);
  return name === undefined || !last
    ? noted
    : { ...noted, history: [...noted.history.slice(0, -1), { ...last, name }] };
}

/** All that they say, as one text: the same for the same, whatever the order in which it was ticked. */
export function preferencesKey(preferences: Preferences | undefined): string {
  if (!preferences) return 'none';
  const { needs, times = [], freeOnly = false } = preferences;
  return [
    NEEDS.filter((one) => needs.includes(one)).join('+'),
    TIMES_OF_WEEK.filter((one) => times.includes(one)).join('+'),
    freeOnly ? 'free' : 'any-cost',
  ].join('/');
}
