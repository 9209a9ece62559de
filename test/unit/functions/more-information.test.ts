/** The answer to a question, by its link: what somebody typed reaches the team, or stands on the page with what to do, whatever happened meanwhile. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { handler as information } from '../../../functions/more-information/handler.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { correctDetails } from '../../../workflows/corrections.ts';
import { giveUpOnInformation } from '../../../workflows/information.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { AMINA, entered, inReview, NOW, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const ANSWER = 'She told me last night that he hits her';
const SENT_AT = later(NOW, { hours: 1 });

let ids = 0;

/** A referral about which the referrer, or the person, was asked, and the link that they got. */
async function asked(to: 'referrer' | 'person' = 'referrer') {
  ids += 1;
  const id = ids.toString(16).padStart(10, '0').padEnd(32, 'd');
  const reference = referenceOf(id);
  const decision = { decision: 'ask-for-more', to, question: 'Is she safe?' } as const;
  const waits = entered(stored(decideReview(inReview(), 'review-1', decision, NOW, AMINA)), 'information');
  const { token, hash } = mintToken(id);
  const { 'information-1': link, ...others } = waits.links;
  if (!link) throw new Error('nobody was asked');
  const links = { ...others, 'information-1': withHash(link, hash, NOW) };
  await table.referrals.create({ ...waits, id, reference, links, outbox: [], version: 0 });
  const visit = async (method: 'GET' | 'POST', fields: Record<string, string> = {}, now = SENT_AT) => {
    const route = `${method} /information/{link}`;
    const answer = await request(information, { route, path: { link: token }, fields, now });
    const html = parse(answer.body ?? '');
    const typed = html.querySelectorAll('textarea[readonly]').map((area) => area.text.trim());
    return { status: answer.statusCode, text: html.querySelector('main')?.structuredText ?? '', typed };
  };
  return {
    ...{ id, reference },
    open: () => visit('GET'),
    read: () => visit('POST', { action: 'open' }),
    send: (answer = ANSWER, now?: string) => visit('POST', { action: 'answer', answer }, now),
    change: (rule: (referral: Referral) => ReturnType<typeof undoDecision>) =>
      table.referrals.change(id, NOW, rule),
    stored: async () => (await table.referrals.read(id)) as Referral,
  };
}

const mailed = ({ outbox }: Referral) =>
  outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} to ${entry.to}`] : []));

const OVER: [string, (referral: Referral) => ReturnType<typeof undoDecision>][] = [
  ['taken back', (referral) => undoDecision(referral, 'review-1', NOW, AMINA)],
  ['given up on', (referral) => giveUpOnInformation(referral, NOW)],
];

describe.each(OVER)('an answer to a question that was %s while it was typed', (_, over) => {
  it('reaches the team: it stands with the question, and they are told of it', async () => {
    const question = await asked();
    expect((await question.read()).text).toContain('Is she safe?');
    await question.change(over);
    const before = await question.stored();
    expect((await question.send()).status).toBe(303);
    expect((await question.open()).text).toContain('Your answer was sent');
    const now = await question.stored();
    expect(now.questions).toMatchObject([{ answer: ANSWER, answeredAt: SENT_AT }]);
    expect([now.stage, now.due, now.waiting, now.reviews]).toEqual([
      ...[before.stage, before.due, before.waiting, before.reviews],
    ]);
    expect(mailed(now).filter((mail) => mail.includes('late'))).toEqual(['information-late to link-worker']);
    const route = { route: '/referrals/{reference}', path: { reference: question.reference } };
    const page = parse((await (await atWork()).open(review, route)).body ?? '').structuredText;
    expect(page).toContain(ANSWER);
    expect(page).toContain('Referrer: Gave more information (late)');
  });

  it('is taken once, however often it is sent, and another one is shown to whoever sends it', async () => {
    const question = await asked('person');
    await question.change(over);
    await Promise.all([question.send(), question.send()]);
    const { version } = await question.stored();
    expect((await question.send()).status).toBe(303);
    const other = await question.send('And he has her keys');
    expect([other.status, other.typed]).toEqual([409, ['And he has her keys']]);
    const now = await question.stored();
    expect([now.version, now.questions[0]?.answer]).toEqual([version, ANSWER]);
    expect(mailed(now).filter((mail) => mail.includes('late'))).toHaveLength(1);
  });

  it('is no more than that: nothing is shown of the question, and an empty one is none', async () => {
    const question = await asked();
    await question.change(over);
    for (const page of [await question.open(), await question.read(), await question.send(' ')]) {
      expect([page.status, page.text]).toEqual([410, expect.stringContaining('no longer needed')]);
      expect(page.text).not.toContain('Is she safe?');
    }
    const long = 'x'.repeat(5001);
    const late = await question.send(long);
    expect([late.status, late.typed]).toEqual([410, [long]]);
    expect((await question.stored()).questions[0]?.answer).toBeUndefined();
  });
});

describe('an answer that cannot be taken any more', () => {
  const isKeptOnThePage = async (
    question: Awaited<ReturnType<typeof asked>>,
    status: number,
    now?: string,
  ) => {
    const before = await question.stored();
    const late = await question.send(ANSWER, now);
    expect([late.status, late.typed]).toEqual([status, [ANSWER]]);
    expect(late.text).toContain('link-workers@service.example');
    expect(late.text).toContain('Life in danger');
    expect(await question.stored()).toEqual(before);
  };

  it('is shown with whom to tell it where the referral has ended, as it was typed', async () => {
    const question = await asked();
    await question.change((referral) => leave(referral, 'person', NOW));
    await isKeptOnThePage(question, 409);
  });

  it('is shown in the same way where the link has expired, also of a question that was taken back', async () => {
    const question = await asked();
    await isKeptOnThePage(question, 410, later(NOW, { days: 22 }));
    await question.change((referral) => undoDecision(referral, 'review-1', NOW, AMINA));
    await isKeptOnThePage(question, 410, later(NOW, { days: 22 }));
  });

  it('is taken of nobody to whom the question went at an address that was put right since', async () => {
    const question = await asked('person');
    await question.change((referral) =>
      correctDetails(
        referral,
        { ...referral.person, email: 'other@people.example' },
        referral.personKeys ?? { details: 'k'.repeat(22) },
        NOW,
      ),
    );
    await isKeptOnThePage(question, 410);
    await question.change((referral) => undoDecision(referral, 'review-1', NOW, AMINA));
    await isKeptOnThePage(question, 410);
  });
});
