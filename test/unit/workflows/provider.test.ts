import { describe, expect, it } from 'vitest';
import { replyToOffer } from '../../../workflows/offer.ts';
import { askAboutOffer } from '../../../workflows/offer-questions.ts';
import {
  claimDigest,
  digestDone,
  newProvider,
  nextDigest,
  providerSchema,
  waitsForProvider,
  withDigest,
  withOffersLink,
} from '../../../workflows/provider.ts';
import { after as later } from '../../../workflows/time.ts';
import { NOW, offered, stored } from './builders.ts';

describe('the email of the day', () => {
  it.each([
    ['before eight', '2026-11-23T07:59:59.000Z', '2026-11-23T08:00:00.000Z'],
    ['at eight', '2026-11-23T08:00:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['in summer', '2026-07-01T06:30:00.000Z', '2026-07-01T07:00:00.000Z'],
    [
      'before the weekend in which the clocks go forward',
      '2026-03-27T09:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
    ],
    ['in the weekend in which they go back', '2026-10-24T09:00:00.000Z', '2026-10-26T08:00:00.000Z'],
    ['just after midnight in London', '2026-06-30T23:30:00.000Z', '2026-07-01T07:00:00.000Z'],
  ])('is due at eight in London, asked %s', (_when, now, at) => {
    expect(nextDigest(now)).toBe(at);
  });

  const wanted = withDigest(newProvider(NOW), NOW);
  const eight = wanted.digestAt ?? '';
  const state = (sent: boolean, stillWanted = true) => ({ sent, stillWanted });

  it('is due once, however many offers are left to it', () => {
    const again = withDigest(wanted, later(NOW, { hours: 3 }));
    expect(again.digestAt).toBe(eight);
    expect(claimDigest(again, later(eight, { minutes: -1 }))).toEqual({ refused: 'not-now' });
    expect(claimDigest(newProvider(NOW), eight)).toEqual({ refused: 'not-now' });
  });

  it('is tried again when whoever took it on did not finish, and not sent again on the day on which it was', () => {
    const claimed = claimDigest(wanted, eight);
    if ('refused' in claimed) throw new Error('refused');
    expect(claimDigest(claimed, later(eight, { minutes: 9 }))).toEqual({ refused: 'not-now' });
    expect(claimDigest(claimed, later(eight, { minutes: 10 }))).toMatchObject({
      digestAt: later(eight, { minutes: 20 }),
    });
    const done = digestDone(claimed, state(true), eight);
    expect(done).toMatchObject({ sentFor: '2026-11-24', digestAt: later(eight, { days: 1 }) });
    const early = { ...done, digestAt: later(eight, { minutes: 10 }) };
    expect(claimDigest(early, later(eight, { minutes: 10 }))).toMatchObject({
      digestAt: later(eight, { days: 1 }),
    });
    expect(providerSchema.safeParse(done).success).toBe(true);
  });

  it('ends when nothing waits or nobody wants it, but not while an offer may not be found yet', () => {
    expect(digestDone(wanted, state(false), later(NOW, { hours: 23 })).digestAt).toBeDefined();
    expect(digestDone(wanted, state(false), later(NOW, { hours: 25 })).digestAt).toBeUndefined();
    expect(digestDone(wanted, state(true, false), later(NOW, { days: 2 })).digestAt).toBeUndefined();
    expect(digestDone(wanted, state(true), later(NOW, { days: 2 })).digestAt).toBeDefined();
  });

  it('speaks of what waits for the provider, and of nothing else', () => {
    const offer = offered();
    expect(waitsForProvider(offer)).toBe(true);
    const asked = stored(askAboutOffer(offer, 'offer-1', { number: 1, text: 'Why?' }, NOW));
    expect(waitsForProvider(asked)).toBe(false);
    const listed = stored(replyToOffer(offer, 'offer-1', { reply: 'waitlist' }, NOW));
    expect(waitsForProvider(listed)).toBe(false);
  });
});

it('the links to all offers are remembered, the newest of them', () => {
  let provider = newProvider(NOW);
  for (let i = 0; i < 25; i++) provider = withOffersLink(provider, `hash-${i}`, NOW);
  expect(provider.hashes.map(({ hash }) => hash)).toEqual(
    Array.from({ length: 20 }, (_, i) => `hash-${i + 5}`),
  );
  expect(provider.hashes[0]?.expiresAt).toBe(later(NOW, { days: 14 }));
});
