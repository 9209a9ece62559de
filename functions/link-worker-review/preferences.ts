/** What they are looking for, as the page of the review says it above the programmes. */
import { NEEDS, TIMES_OF_WEEK } from '../../workflows/directory.ts';
import type { Fields } from '../../workflows/form.ts';
import { type Agreed, ethnicGroupOf, recordPreferences, saysElse } from '../../workflows/preferences.ts';
import type { Referral } from '../../workflows/referral.ts';
import type { Case } from '../shared/case-access.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import type { Unsent } from '../shared/pages/problems.ts';
import { unsentIn } from '../shared/pages/unsent.ts';
import { referrals } from '../shared/record.ts';
import type { Visit } from '../shared/web.ts';
import { needField, type Ticked, timeField } from './pages/preferences.ts';

/** Saves them. `late`: somebody else has saved other ones since the page was opened; `decided`: the review is over, or another team's. */
export async function savePreferences(
  { fields, now }: Visit,
  { referral: before, who }: Case,
): Promise<{ state: 'stored' | 'late' | 'decided'; referral: Referral }> {
  const changed = await referrals(environment('page').TABLE_NAME).change(
    before.id,
    now,
    (referral) =>
      referral.team === before.team
        ? recordPreferences(referral, readAgreed(fields), fields.preferencesSeen ?? '', now, who.name)
        : { refused: 'not-now' },
    before,
  );
  if (changed.state === 'missing') throw new Error('a referral that was open is gone');
  const { referral } = changed;
  const at = { referralId: referral.id, stage: referral.stage };
  if (changed.state === 'stored') {
    note(Message.referralChanged, at);
    return { state: 'stored', referral };
  }
  const { refused } = changed.refusal;
  note(Message.changeRefused, { ...at, reason: refused });
  return { state: refused === 'already-decided' ? 'late' : 'decided', referral };
}

/** What was ticked, or unticked, and is not saved yet; undefined where that is nothing, and where a form has nothing to tick. */
export function tickedIn(fields: Fields): Ticked | undefined {
  const seen = fields.preferencesSeen;
  if (seen === undefined) return undefined;
  const agreed = readAgreed(fields);
  return saysElse(agreed, seen) ? { agreed, seen } : undefined;
}

/** What of a form is shown to whoever came too late with it: of what they are looking for only what somebody ticked. */
export function unsentOf(fields: Fields): Unsent | undefined {
  if (tickedIn(fields)) return unsentIn(fields);
  return unsentIn(Object.fromEntries(Object.entries(fields).filter(([name]) => !isPreference(name))));
}

/** Whether a field is one of these. */
export function isPreference(name: string): boolean {
  return /^(need-|time-|freeOnly$|ethnicGroup$|preferencesSeen$)/.test(name);
}

/** Every box is a field of its own. Nothing ticked is an answer too: it takes back what was. */
function readAgreed(fields: Fields): Agreed {
  const times = TIMES_OF_WEEK.filter((time) => fields[timeField(time)] === 'yes');
  const preferences = {
    needs: NEEDS.filter((need) => fields[needField(need)] === 'yes'),
    ...(times.length > 0 ? { times } : {}),
    ...(fields.freeOnly === 'yes' ? { freeOnly: true } : {}),
  };
  return { preferences, ethnicGroup: ethnicGroupOf(fields.ethnicGroup) };
}
