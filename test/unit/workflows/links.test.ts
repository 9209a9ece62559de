/** How long the secrets of links work beside each other. */
import { expect, it } from 'vitest';
import { checkLink, isForReader, withHash } from '../../../workflows/links.ts';
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

it('opens an offer only for the address that it went to, and only until the team closed what went there', () => {
  const { 'offer-1': link } = accepted().links;
  if (!link) throw new Error('no link to the offer');
  const sent = (to?: string) => {
    const [secret] = withHash({ ...link, hashes: [] }, 'hash', NOW, to).hashes;
    if (!secret) throw new Error('no secret');
    return secret;
  };
  const [before, since] = [after(NOW, { minutes: -1 }), after(NOW, { minutes: 1 })];
  expect(sent()).not.toHaveProperty('at');
  for (const [secret, id, linksClosedAt, opens] of [
    [sent('them'), 'them', undefined, true],
    [sent('them'), 'others', undefined, false],
    // Their programme is in the directory no more.
    [sent('them'), undefined, undefined, false],
    [sent('them'), 'them', before, true],
    [sent('them'), 'them', NOW, false],
    [sent('them'), 'them', since, false],
    // Sent before it was noted where it went, and when.
    [sent(), 'them', undefined, true],
    [sent(), undefined, undefined, true],
    [sent(), 'them', before, false],
  ] as const)
    expect(isForReader(secret, { id, linksClosedAt })).toBe(opens);
});
