/** Finds a referral or a group by its reference, or a person by NHS number or name, through keyed hashes: nothing is scanned, and nothing can be guessed from. */
import { clean, isNhsNumber } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { searchedTooOften } from '../shared/admission.ts';
import { environment } from '../shared/environment.ts';
import { referralLists } from '../shared/lists.ts';
import { Message, note } from '../shared/log.ts';
import { accountOf } from '../shared/log-fields.ts';
import { formerNameKeysOf, nameKeysOf, nhsNumberKeyOf } from '../shared/person-index.ts';
import { groupReferenceIn, referenceBegunIn, referenceIn } from '../shared/reference.ts';
import { type KeptSearch, keepSearch, type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { searchPage } from './pages/search-view.ts';

/** The form; and what a search found, by the moment of it: whoever has opened somebody goes back to the others. */
export async function showSearch({ query, now }: Visit, who: SignedIn): Promise<PageResult> {
  const view = { ...siteFor(who), asked: '' };
  if (query.found === undefined) return searchPage(view);
  const kept = who.searches?.find(({ at }) => at === query.found);
  if (!kept) {
    const error = 'What you found is not kept any more. Search again';
    return searchPage({ ...view, form: { values: {}, errors: { query: error } } });
  }
  return searchPage({ ...view, results: { ...(await found(kept, who)), now } });
}

/**
 * Those of one's own teams with who they are; of other teams only that there is one, and its reference. Whoever finds somebody is led to a
 * page of its own; what finds nobody stays in the form, to be put right.
 */
export async function search(visit: Visit, who: SignedIn): Promise<PageResult> {
  const { fields, now } = visit;
  const asked = clean(fields.query);
  const form = (error: string) => ({ values: { query: asked }, errors: { query: error } });
  // What a number is called is none.
  if (!/[\p{Letter}\p{Number}]/u.test(asked.replace(BEFORE_NHS_NUMBER, ''))) {
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
  const begun = referenceBegunIn(asked);
  if (begun !== undefined) {
    const error = `Check the reference: after ${begun} it has 8 letters and digits, like ${begun}-7K4M-2Q9X`;
    return searchPage({ ...siteFor(who), asked, form: form(error) });
  }
  const made = await keysFor(asked);
  if ('error' in made) return searchPage({ ...siteFor(who), asked, form: form(made.error) });
  const wait = await searchedTooOften(who, now);
  if (wait !== undefined) {
    const minutes = wait === 1 ? '1 minute' : `${wait} minutes`;
    const error = `You have searched very often in the last hour. Search again in ${minutes}, or enter a reference`;
    return searchPage({ ...siteFor(who), asked, form: form(error) });
  }
  const { ours, others, more } = await found(made, who);
  // Never what was searched for. Whoever tries out who is known elsewhere is seen by how often this stands in the log.
  if (others.length > 0) {
    note(Message.searchMetOthers, {
      by: accountOf(who),
      count: ours.length,
      others: others.length,
    });
  }
  if (ours.length + others.length === 0)
    return searchPage({ ...siteFor(who), asked, results: { ours, others, more, now } });
  await keepSearch(visit, who, { at: now, ...made });
  return redirect(`/worklist/search?${new URLSearchParams({ found: now })}`);
}

function found({ keys, formerKeys }: Keys, { teams }: SignedIn) {
  return referralLists(environment('workspace').TABLE_NAME).search(keys, teams, formerKeys);
}

type Keys = Pick<KeptSearch, 'keys' | 'formerKeys'>;

/** What people write before an NHS number, as letters have it. */
const BEFORE_NHS_NUMBER = /^NHS(?:\s+(?:number|no\.?))?[\s:.-]*(?=[\d\s-]*$)/i;

async function keysFor(text: string): Promise<{ error: string } | Keys> {
  const asked = text.replace(BEFORE_NHS_NUMBER, '');
  // Digits, with spaces and dashes as people write them: nobody is called so.
  if (/^[\d\s-]+$/.test(asked)) {
    const digits = asked.replace(/[\s-]/g, '');
    return isNhsNumber(digits)
      ? { keys: { nhsNumberKey: await nhsNumberKeyOf(digits) } }
      : { error: 'Check the NHS number: it has 10 digits, like 485 777 3456' };
  }
  // "O'Brien, Róisín", as registers have it.
  const [family = '', first] = asked.split(',').map((part) => part.trim());
  const full = first ? `${first} ${family}` : family;
  const former = await formerNameKeysOf(full);
  return {
    keys: searched(await nameKeysOf(full), first !== undefined),
    ...(former ? { formerKeys: searched(former, first !== undefined) } : {}),
  };
}

function searched({ name, familyName }: { name: string; familyName: string }, isFull: boolean): Keys['keys'] {
  return { nameKey: name, ...(isFull ? {} : { familyNameKey: familyName }) };
}
