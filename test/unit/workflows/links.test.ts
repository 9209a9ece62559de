/** How long the secrets of links work beside each other. */
import { expect, it } from 'vitest';
import { checkLink, withHash } from '../../../workflows/links.ts';
import { after } from '../../../workflows/time.ts';
import { accepted, NOW } from './builders.ts';

it('keeps the person’s first link, and the calendar made of it, through a year of weekly sessions; what is remembered stays small', () => {
  const referral = accepted();
  const { person } = referral.links;
  if (!person) throw new Error('no link for the person');
  let link = withHash({ ...person, hashes: [] }, 'first'.padEnd(43, '-'), NOW);
  const state = () =>
    checkLink({ ...referral, links: { person: link } }, 'person', 'first'.padEnd(43, '-'), NOW).state;
  // A reminder of each session, a change of each, and what else they are told.
  for (let i = 0; i < 52 * 2 + 30; i++)
    link = withHash(link, String(i).padEnd(43, '-'), after(NOW, { hours: i }));
  expect(state()).toBe('open');
  for (let i = 0; i < 500; i++) link = withHash(link, String(i).padEnd(43, '+'), NOW);
  expect(state()).toBe('unknown');
  expect(JSON.stringify(link).length).toBeLessThan(20_000);
});
