/** Finds a referral or a group by its reference, or a person by NHS number or name, through keyed hashes: nothing is scanned, and nothing can be guessed from. */
import { clean, isNhsNumber } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { searchedTooOften } from '../shared/admission.ts';
import { environment } from '../shared/environment.ts';
import { referralLists } from '../shared/lists.ts';
import { Message, note } from '../shared/log.ts';
import { accountOf } from '../shared/log-fields.ts';
import { nameKeysOf, nhsNumberKeyOf } from '../shared/person-index.ts';
import { groupReferenceIn, referenceIn } from '../shared/reference.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { searchPage } from './pages/search-view.ts';

export async function showSearch(_: Visit, who: SignedIn): Promise<PageResult> {
  return searchPage({ ...siteFor(who), asked: '' });
}

/** Those of one's own teams with who they are; of other teams only that there is one, and its reference. */
export async function search({ fields, now }: Visit, who: SignedIn): Promise<PageResult> {
  const asked = clean(fields.query);
  const form = (error: string) => ({ values: { query: asked }, errors: { query: error } });
  if (asked === '') {
    return searchPage({
      ...siteFor(who),
      asked,
      form: form('Enter a reference, an NHS number or a name'),
    });
  }
  if (asked.length > LIMITS.line) {
    return searchPage({ ...siteFor(who), asked: '', form: form(`Use ${LIMITS.line} characters or fewer`) });
  }
  const group = groupReferenceIn(asked);
  if (group !== undefined) return redirect(`/groups/${group}`);
  const reference = referenceIn(asked);
  if (reference !== undefined) return redirect(`/referrals/${reference}`);
  const keys = await keysFor(asked);
  if ('error' in keys) return searchPage({ ...siteFor(who), asked, form: form(keys.error) });
  const wait = await searchedTooOften(who, now);
  if (wait !== undefined) {
    const minutes = wait === 1 ? '1 minute' : `${wait} minutes`;
    const error = `You have searched very often in the last hour. Search again in ${minutes}, or enter a reference`;
    return searchPage({ ...siteFor(who), asked, form: form(error) });
  }
  const found = await referralLists(environment('workspace').TABLE_NAME).search(keys, who.teams);
  // Never what was searched for. Whoever tries out who is known elsewhere is seen by how often this stands in the log.
  if (found.others.length > 0) {
    note(Message.searchMetOthers, {
      by: accountOf(who),
      count: found.ours.length,
      others: found.others.length,
    });
  }
  return searchPage({ ...siteFor(who), asked, results: { ...found, now } });
}

async function keysFor(asked: string) {
  // Digits, with spaces and dashes as people write them: nobody is called so.
  if (/^[\d\s-]+$/.test(asked)) {
    const digits = asked.replace(/[\s-]/g, '');
    return isNhsNumber(digits)
      ? { nhsNumberKey: await nhsNumberKeyOf(digits) }
      : { error: 'Check the NHS number: it has 10 digits, like 485 777 3456' };
  }
  // "O'Brien, Róisín", as registers have it.
  const [family = '', first] = asked.split(',').map((part) => part.trim());
  const { name, familyName } = await nameKeysOf(first ? `${first} ${family}` : family);
  return { nameKey: name, ...(first ? {} : { familyNameKey: familyName }) };
}
