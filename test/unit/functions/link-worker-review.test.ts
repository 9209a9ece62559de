import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/link-worker-review/handler.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;

/** Stores a referral that waits for its review, and opens the review's link. */
async function waiting(fields: Record<string, string> = {}, change: Partial<Referral> = {}) {
  ids += 1;
  // The reference is made of the first digits.
  const id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
  const referral = entered(submitted({ ...validFields, ...fields }), 'review');
  const { token, hash } = mintToken(id);
  const link = referral.links['review-1'];
  if (!link) throw new Error('no link to review');
  const reference = referenceOf(id);
  await table.referrals.create({
    ...referral,
    ...{ id, reference, version: 0 },
    links: { ...referral.links, 'review-1': withHash(link, hash, NOW) },
    ...change,
  } as Referral);
  const send = async (fields: Record<string, string>) => {
    const route = 'POST /review/{link}';
    const { statusCode, body = '' } = await request(handler, {
      route,
      path: { link: token },
      fields,
      now: NOW,
    });
    const page = parse(body);
    return { status: statusCode, page, text: page.structuredText };
  };
  return {
    id,
    reference,
    open: () => send({ action: 'open' }),
    decide: (it: Record<string, string>) => send({ action: 'decide', ...it }),
  };
}

describe('asking for more', () => {
  const ask = { decision: 'ask-for-more', question: 'Which days suit you?' };
  const SELF = { referrerKind: 'self' };
  const UNREACHED = { email: '', contactMayEmail: '', phone: '07700 900982' };
  const offered = (page: ReturnType<typeof parse>) =>
    page.querySelectorAll('input[name=askWhom]').map((radio) => radio.getAttribute('value'));

  it('offers only the person where they referred themself, and refuses anybody else', async () => {
    const review = await waiting(SELF);
    expect(offered((await review.open()).page)).toEqual(['person']);
    const refused = await review.decide({ ...ask, askWhom: 'referrer' });
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('They referred themself: ask the person'),
    ]);
    expect((await review.decide({ ...ask, askWhom: 'person' })).status).toBe(303);
    expect((await table.referrals.read(review.id))?.questions[0]?.to).toBe('person');
  });

  it('refuses whoever has no address to ask at, and says what to do', async () => {
    const self = await waiting({ ...SELF, ...UNREACHED });
    for (const askWhom of ['person', 'referrer', '']) {
      const { status, text } = await self.decide({ ...ask, askWhom });
      expect(status).toBe(422);
      expect(text).toContain(
        'We have no email address to ask them at: make contact in another way, then decide',
      );
    }
    const other = await waiting(UNREACHED);
    expect(offered((await other.open()).page)).toEqual(['referrer', 'person']);
    const { status, text } = await other.decide({ ...ask, askWhom: 'person' });
    expect(status).toBe(422);
    expect(text).toContain(
      'We have no email address to ask the person at: ask the referrer, or make contact',
    );
    expect((await other.decide({ ...ask, askWhom: 'referrer' })).status).toBe(303);
  });

  it('takes an address that others read for none', async () => {
    const review = await waiting({ ...SELF, contactMayEmail: 'no', phone: '07700 900982' });
    expect((await review.open()).text).toContain('We have no email address to ask them at');
    expect((await review.decide({ ...ask, askWhom: 'person' })).status).toBe(422);
  });
});
