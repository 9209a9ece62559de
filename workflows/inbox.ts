/** Whose inbox an email address is: what only the person may read goes to none that whoever referred them reads. */
import type { Person, Referrer } from './request.ts';

/** One name for the ways to write to one inbox: many mail services do not tell capitals apart, nor dots, nor what follows a plus. */
export function inboxOf(address: string): string {
  const [, name = '', host = ''] = /^(.*)@([^@]*)$/.exec(address.toLowerCase()) ?? [];
  return `${name.replace(/\+.*$/, '').replaceAll('.', '')}@${host}`;
}

/**
 * Whether the address that is given as the person's is that of the family member or friend who referred them. They may know less than the person does
 * (closing.ts). Who refers themself is the person; a professional is answerable for what they read.
 */
export function isReferrersInbox({
  person,
  referrer,
}: {
  person: Pick<Person, 'email'>;
  referrer: Pick<Referrer, 'kind' | 'email' | 'respondTo'>;
}): boolean {
  if (referrer.kind !== 'family-or-friend' || person.email === undefined) return false;
  const theirs = [referrer.email, referrer.respondTo?.email];
  const inbox = inboxOf(person.email);
  return theirs.some((address) => address !== undefined && inboxOf(address) === inbox);
}

/** The person as they are recorded: where the address is the referrer's we may not write to it, whatever was said. It stays, to be seen by the team. */
export function notToReferrer(person: Person, referrer: Referrer): Person {
  return isReferrersInbox({ person, referrer })
    ? { ...person, contact: { ...person.contact, mayEmail: false } }
    : person;
}
