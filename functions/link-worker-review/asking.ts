/** Whom a link worker can ask for more, and what to do where there is no address to ask at. */
import { emailOf } from '../../workflows/person.ts';
import type { Question, Referral } from '../../workflows/referral.ts';

type Asked = { to: Question['to']; address: string | undefined };

/** Those who can be asked by email, with their addresses. Who refers themself is asked as the person. */
export function whomToAsk({ person, referrer }: Pick<Referral, 'person' | 'referrer'>): Asked[] {
  const thePerson: Asked = { to: 'person', address: emailOf(person) };
  return referrer.kind === 'self' ? [thePerson] : [{ to: 'referrer', address: referrer.email }, thePerson];
}

/** Whom a form chose to ask, or what to do instead. */
export function readWhom(
  chosen: string | undefined,
  referral: Pick<Referral, 'person' | 'referrer'>,
): { to: Question['to'] } | { error: string } {
  const asked = whomToAsk(referral);
  const found = asked.find(({ to }) => to === chosen);
  if (asked.every(({ address }) => address === undefined)) {
    return { error: 'We have no email address to ask them at: make contact in another way, then decide' };
  }
  if (!found)
    return { error: asked.length > 1 ? 'Select whom to ask' : 'They referred themself: ask the person' };
  if (found.address !== undefined) return { to: found.to };
  const other = found.to === 'person' ? 'referrer' : 'person';
  return {
    error: `We have no email address to ask the ${found.to} at: ask the ${other}, or make contact in another way`,
  };
}
