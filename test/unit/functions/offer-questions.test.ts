/** What a provider asks and a link worker answers, as both of them do it: once, twice, late, and with more than they should say. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as answers } from '../../../functions/link-worker-answers/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { newestLooks } from '../../../functions/shared/looks.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { NOW, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { anOffer, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const QUESTION = 'Is there a step-free way in that they need?\n\n<b>Please say</b>';
const ANSWER = 'Yes, a ramp is enough.';

async function both() {
  const made = await anOffer(table);
  const path = { link: made.token };
  const amina = await atWork();
  const at = { route: '/referrals/{reference}/questions', path: { reference: made.reference } };
  const text = async (answered: ReturnType<typeof amina.open>) => {
    const { body = '', statusCode } = await answered;
    return { status: statusCode, body };
  };
  return {
    ...made,
    see: (now = NOW) => readPage(offer, { route: 'GET /offer/{link}', path, now }),
    send: (fields: Record<string, string>, now = NOW) =>
      readPage(offer, { route: 'POST /offer/{link}', path, fields, now }),
    referral: () => text(amina.open(review, { ...at, route: '/referrals/{reference}' })),
    open: () => text(amina.open(answers, at)),
    answer: (fields: Record<string, string>) =>
      text(amina.send(answers, { ...at, fields: { action: 'answer', offer: '1', number: '1', ...fields } })),
  };
}

describe('a provider asks', () => {
  it('and the answer comes back to the same page; each sent twice is one', async () => {
    const { see, send, referral, open, answer, read } = await both();
    const ask = { action: 'ask', number: '1', question: QUESTION };
    for (let i = 0; i < 2; i++) expect((await send(ask)).status).toBe(303);
    expect((await see()).text).toContain('is with the link worker');
    expect((await see()).text).not.toContain('step-free way');
    expect((await send({ action: 'open' })).text).toContain('<b>Please say</b>');
    expect((await referral()).body).toContain('The provider asks a question: read and answer it');
    expect((await open()).body).toContain('&lt;b&gt;Please say&lt;/b&gt;');
    for (let i = 0; i < 2; i++) expect((await answer({ answer: ANSWER })).status).toBe(303);
    const opened = await send({ action: 'open' });
    expect(opened.text).toContain(ANSWER);
    expect(opened.html.querySelector('[name=number]')?.getAttribute('value')).toBe('2');
    const { offers, history } = await read();
    expect(offers[0]?.questions).toHaveLength(1);
    expect(history.map(({ event }) => event).filter((event) => event.includes('question'))).toEqual([
      'offer-question-asked',
      'offer-question-answered',
    ]);
    expect((await referral()).body).toContain('Answered the provider’s question');
    const looks = await newestLooks(TABLE, await read());
    expect(looks.flatMap(({ pages }) => pages)).toContain('offer-questions');
  });

  it('and accepts: the answer that is sent again then changes nothing of that, and neither does the acceptance', async () => {
    const { send, answer, read } = await both();
    await send({ action: 'ask', number: '1', question: QUESTION });
    await answer({ answer: ANSWER });
    const first = {
      ...{ 'firstSessionDate-day': '8', 'firstSessionDate-month': '1', 'firstSessionDate-year': '2027' },
      firstSessionTime: '16:00',
    };
    const accept = { action: 'reply', reply: 'accept', ...first };
    expect((await send(accept)).status).toBe(303);
    const { recorded } = (await read()).links['offer-1'] ?? {};
    expect(recorded?.decision).toBe('accept');
    expect((await answer({ answer: ANSWER })).status).toBe(303);
    expect((await read()).links['offer-1']?.recorded).toEqual(recorded);
    expect((await send(accept)).status).toBe(303);
  });

  it('and what somebody else asked meanwhile is shown, with the words of the slower one', async () => {
    const { send, read } = await both();
    await send({ action: 'ask', number: '1', question: QUESTION });
    const late = await send({ action: 'ask', number: '1', question: 'What about lunch?' });
    expect(late.status).toBe(422);
    expect(late.text).toContain('Somebody else has asked');
    expect(late.text).toContain('step-free way');
    expect((await read()).offers[0]?.questions).toHaveLength(1);
  });

  it('nothing, and is told so', async () => {
    const { send } = await both();
    expect((await send({ action: 'ask', number: '1', question: ' ' })).text).toContain('Enter your question');
    expect((await send({ action: 'ask', number: '1', question: 'x'.repeat(4001) })).status).toBe(422);
    expect((await send({ action: 'ask', number: 'x', question: 'Hm?' })).status).toBe(422);
  });

  it('after the offer was taken back, and no link of it opens anything any more, for anybody', async () => {
    const { id, see, send } = await both();
    await table.referrals.change(id, NOW, (referral) => stored(undoDecision(referral, 'review-1', NOW)));
    for (const page of [
      await see(),
      await send({ action: 'open' }),
      await send({ action: 'ask', number: '1', question: QUESTION }),
      await send({ action: 'reply', reply: 'decline', declineReason: 'other' }),
    ]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain('no longer needed');
    }
  });
});

describe('a link worker answers', () => {
  it.each([
    'Ask Róisín herself.',
    "It is O'Brien’s favourite.",
    'Write to ROISIN@example.com',
    'The number is 943 476 5919',
    'Ms O’Brien would like it',
    'roisin would like it',
  ])('without saying who it is: %s', async (answer) => {
    const page = await both();
    await page.send({ action: 'ask', number: '1', question: QUESTION });
    const refused = await page.answer({ answer });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('must not learn who the person is');
    expect(parse(refused.body).querySelector('#answer')?.text.trim()).toBe(answer);
    expect((await page.read()).offers[0]?.questions?.[0]?.answer).toBeUndefined();
  });

  it('with words that are names too, once they say that these name nobody', async () => {
    const page = await both();
    await page.send({ action: 'ask', number: '1', question: QUESTION });
    const text = 'She does not sing “Roisin Dubh”';
    const refused = await page.answer({ answer: text });
    expect(refused.body).toContain('These words do not name the person: “Roisin”');
    expect((await page.answer({ answer: text, namesNobody: 'yes' })).status).toBe(303);
    expect((await page.read()).offers[0]?.questions?.[0]?.answer).toBe(text);
  });

  it('after a colleague, and reads what stands; what they typed is not lost', async () => {
    const { send, answer } = await both();
    await send({ action: 'ask', number: '1', question: QUESTION });
    await answer({ answer: ANSWER });
    const late = await answer({ answer: 'No, there are steps.' });
    expect(late.status).toBe(409);
    for (const words of [ANSWER, 'No, there are steps.', 'Amina has answered']) {
      expect(late.body).toContain(words);
    }
  });

  it('after the provider has replied, and is told so', async () => {
    const { send, answer } = await both();
    await send({ action: 'ask', number: '1', question: QUESTION });
    await send({ action: 'reply', reply: 'decline', declineReason: 'other' });
    const late = await answer({ answer: ANSWER });
    expect([late.status, late.body.includes('not open any more')]).toEqual([409, true]);
  });
});
