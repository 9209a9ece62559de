/** Who looked at a person's details, in words: for the team, and for the person themself. */
import { dateInWords } from '../../../workflows/time.ts';
import type { LookedAt } from '../audit-entry.ts';
import type { Looks, Reader } from '../looks.ts';
import type { Role } from '../roles.ts';

export const readerWords: Record<Reader, string> = {
  'link-worker': 'A link worker',
  provider: 'The provider',
  person: 'The person',
  referrer: 'Whoever referred them',
  'gp-practice': 'The GP practice',
};

const readersToThePerson: Record<Reader, string> = {
  'link-worker': 'A link worker',
  provider: 'The provider',
  person: 'You',
  referrer: 'Whoever referred you',
  'gp-practice': 'Your GP practice',
};

const roleWords: Record<Role, string> = {
  'link-worker': 'link worker',
  coordinator: 'coordinator',
  'provider-staff': 'provider staff',
  auditor: 'auditor',
};

/** What was looked at, for those who work with it. */
export const lookedAtWords: Record<LookedAt, string> = {
  overview: 'the referral',
  contacts: 'contacts and notes',
  plan: 'the plan',
  'plan-version': 'an earlier version of the plan',
  measures: 'the measures',
  summary: 'the summary for the GP practice',
  letter: 'a letter',
  question: 'a question',
  offer: 'the offer, which names nobody',
  'offer-questions': 'questions of a provider',
  'contact-details': 'name and contact details',
  register: 'the register of a session',
  group: 'the group that they are in',
  'own-page': 'their own page',
  'own-details': 'their own details',
  duplicate: 'first words of the referral, beside another one',
  'data-rights': 'what may be done with their data',
  export: 'a copy of everything about them',
};

/** The same, for the person. */
const lookedAtToThePerson: Record<LookedAt, string> = {
  overview: 'your referral',
  contacts: 'notes of contacts with you',
  plan: 'your plan',
  'plan-version': 'an earlier version of your plan',
  measures: 'your answers to questions about how you are',
  summary: 'the summary for your GP practice',
  letter: 'a letter about your referral',
  question: 'a question about your referral',
  offer: 'what you need, without your name',
  'offer-questions': 'questions that a provider asked about you',
  'contact-details': 'your name and how to reach you',
  register: 'your name, on the register of a session',
  group: 'the reference of your referral, on the page of a group',
  'own-page': 'your page',
  'own-details': 'your details',
  duplicate: 'first words of your referral, beside another one',
  'data-rights': 'what may be done with your data',
  export: 'a copy of everything about you',
};

/** "Amina Rahman, link worker, looked at the referral and the plan, 3 times". Why somebody who is not of the team did is for auditors. */
export function looksInWords({ name, roles, reader, pages, forAReason, count, atLeast }: Looks): string {
  const who = name === undefined ? byLink(reader) : named(name, roles, forAReason);
  const what = pages.length === 0 ? '' : ` at ${allOf(pages, lookedAtWords)}`;
  const why = forAReason ? ', for a reason that is on record' : '';
  return `${who} looked${what}${timesInWords(count, atLeast)}${why}`;
}

/** A look as the person reads it: who it was, at what, when and how often. */
export function looksToThePerson({ at, name, roles, reader, pages, forAReason, count, atLeast }: Looks) {
  const who =
    name === undefined
      ? readersToThePerson[reader ?? 'link-worker']
      : named(name, roles, forAReason).replace(/,$/, '');
  const what = pages.length === 0 ? '' : `: ${allOf(pages, lookedAtToThePerson)}`;
  const why = forAReason ? ', for a reason that is on record' : '';
  return { who: `${who}${what}${why}`, when: `${dateInWords(at)}${timesInWords(count, atLeast)}` };
}

function byLink(reader: Reader = 'link-worker'): string {
  return reader === 'link-worker' ? `${readerWords[reader]}, by the link in an email,` : readerWords[reader];
}

/** "Sam Lee, link worker, of another team,". Auditors are of none. */
function named(name: string, roles: readonly Role[] | undefined, forAReason: boolean): string {
  const parts = [rolesInWords(roles), forAReason && !roles?.includes('auditor') && 'of another team'];
  const said = parts.filter(Boolean);
  return said.length === 0 ? name : `${name}, ${said.join(', ')},`;
}

/** "link worker and coordinator"; empty where it was not kept. */
export function rolesInWords(roles: readonly Role[] = []): string {
  return new Intl.ListFormat('en-GB').format(roles.map((role) => roleWords[role]));
}

function allOf(pages: readonly LookedAt[], words: Record<LookedAt, string>): string {
  return new Intl.ListFormat('en-GB').format(pages.map((page) => words[page]));
}

function timesInWords(count: number, atLeast = false): string {
  if (atLeast) return count === 1 ? ', at least once' : `, at least ${count} times`;
  return count === 1 ? '' : `, ${count} times`;
}
