/** What they are looking for, as the form above the programmes says it. */
import { NEEDS, TIMES_OF_WEEK } from '../../workflows/directory.ts';
import type { Fields } from '../../workflows/form.ts';
import { type Agreed, ethnicGroupOf, recordPreferences } from '../../workflows/preferences.ts';
import type { Case } from '../shared/case-access.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { referrals } from '../shared/record.ts';
import { conflict, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { showReview } from './cases.ts';
import { needField, timeField } from './pages/preferences.ts';

/** Saves them, and shows the programmes ranked anew. */
export async function savePreferences(visit: Visit, found: Case): Promise<PageResult> {
  const agreed = readAgreed(visit.fields);
  const seen = visit.fields.preferencesSeen ?? '';
  const { referral: before, who } = found;
  const changed = await referrals(environment('page').TABLE_NAME).change(
    before.id,
    visit.now,
    (referral) => recordPreferences(referral, agreed, seen, visit.now, who.name),
    before,
  );
  if (changed.state === 'missing') throw new Error('a referral that was open is gone');
  const { referral } = changed;
  if (changed.state === 'stored') {
    note(Message.referralChanged, { referralId: referral.id, stage: referral.stage });
    return redirect(`/referrals/${referral.reference}#programmes`);
  }
  note(Message.changeRefused, {
    referralId: referral.id,
    stage: referral.stage,
    reason: changed.refusal.refused,
  });
  if (changed.refusal.refused === 'already-decided') {
    return showReview(visit, { ...found, referral }, { lateAgreed: agreed });
  }
  const recorded = referral.links[found.id]?.recorded?.decision;
  return conflict(found, found.link.purpose, { state: 'other', recorded, referral });
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
