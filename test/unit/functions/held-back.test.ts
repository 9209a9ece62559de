/** The person's pages while a decision can still be taken back, of which nobody outside the team is told: everything there works as before it. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handler as page } from '../../../functions/person-page/handler.ts';
import { handler as voice } from '../../../functions/person-voice/handler.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { inReview, NOW, stored, validFields } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

const SOON = after(NOW, { minutes: 2 });

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;

/** A referral that was declined two minutes ago, and the person's browser. */
async function declined() {
  ids += 1;
  const id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
  const decline = { decision: 'decline', reason: 'duplicate' } as const;
  const referral = stored(decideReview(inReview(), 'review-1', decline, NOW));
  const { token, hash } = mintToken(id);
  const { person, ...others } = referral.links;
  if (!person) throw new Error('no link for the person');
  const links = { ...others, person: withHash(person, hash, NOW) };
  await table.referrals.create({ ...referral, id, reference: referenceOf(id), links, version: 0 });
  const ask = async (
    method: 'GET' | 'POST',
    path: '' | '/contact' | '/check-in',
    fields: Record<string, string> = {},
  ) => {
    const handler = path === '' ? page : voice;
    const route = `${method} /person/{link}${path}`;
    const { statusCode, body } = await request(handler, {
      ...{ route, path: { link: token }, fields, now: SOON },
    });
    const html = parse(body ?? '');
    return { status: statusCode, text: html.structuredText };
  };
  const read = async () => (await table.referrals.read(id)) as Referral;
  return { ask, read };
}

it('takes that somebody who waits still wants it', async () => {
  const { ask, read } = await declined();
  expect((await ask('POST', '/check-in', { answer: 'still-want' })).status).toBe(303);
  expect((await read()).checkIn?.answer).toBe('still-want');
});

it('shows and saves how they can be reached, and their details, which stay when the decision is taken back', async () => {
  const { ask, read } = await declined();
  expect((await ask('GET', '/contact')).text).not.toContain('ended');
  expect((await ask('POST', '/contact', { action: 'open' })).text).toContain('reminded');
  expect((await ask('POST', '', { action: 'correct' })).text).toContain('Family name');
  const fields = { ...validFields, familyName: 'Quillfeather' };
  expect((await ask('POST', '', { ...fields, action: 'save-details' })).status).toBe(303);
  const saved = await read();
  expect([saved.stage, saved.person.familyName]).toEqual(['closing', 'Quillfeather']);
  const back = stored(undoDecision(saved, 'review-1', SOON));
  expect([back.stage, back.person.familyName]).toEqual(['review', 'Quillfeather']);
});
