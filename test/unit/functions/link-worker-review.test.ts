import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/link-worker-review/handler.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { type request, startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;

/** Stores a referral that waits for its review, for somebody of its team to open. */
async function waiting(fields: Record<string, string> = {}, change: Partial<Referral> = {}) {
  ids += 1;
  // The reference is made of the first digits.
  const id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
  const referral = entered(submitted({ ...validFields, ...fields }), 'review');
  const reference = referenceOf(id);
  await table.referrals.create({ ...referral, ...{ id, reference, version: 0 }, ...change } as Referral);
  const at = { route: '/referrals/{reference}', path: { reference } };
  const read = ({ statusCode, body = '' }: Awaited<ReturnType<typeof request>>) => {
    const page = parse(body);
    return { status: statusCode, page, text: page.structuredText };
  };
  return {
    id,
    reference,
    open: async () => read(await (await atWork()).open(handler, at)),
    decide: async (it: Record<string, string>) => {
      const fields = { action: 'decide', review: 'review-1', ...it };
      return read(await (await atWork()).send(handler, { ...at, fields }));
    },
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

describe('a question that is taken back', () => {
  it('is not shown as one that nobody answered', async () => {
    const review = await waiting();
    await review.decide({ decision: 'ask-for-more', askWhom: 'referrer', question: 'Which days?' });
    expect((await review.open()).text).toContain('No answer.');
    expect((await review.decide({ action: 'undo' })).status).toBe(303);
    const { text } = await review.open();
    expect(text).toContain('Taken back before it was answered.');
    expect(text).not.toContain('No answer.');
  });
});

describe('a decision that comes too late', () => {
  it('is told what was decided, also where something is missing in it', async () => {
    const review = await waiting();
    expect((await review.decide({ decision: 'decline', declineReason: 'duplicate' })).status).toBe(303);
    for (const late of [{ decision: 'hold' }, { decision: 'signpost', signpostedTo: 'Age UK' }]) {
      const { status, text } = await review.decide(late);
      expect([status, text]).toEqual([409, expect.stringContaining('declined')]);
    }
  });

  it('is told who took it, and not who did something else in the same moment', async () => {
    const review = await waiting();
    expect((await review.decide({ decision: 'decline', declineReason: 'duplicate' })).status).toBe(303);
    await table.referrals.change(review.id, NOW, (referral) => {
      const reviewed = referral.history.findIndex(({ event }) => event === 'reviewed');
      const { at } = referral.history[reviewed] ?? { at: NOW };
      const assigned = { at, by: 'link-worker', event: 'assigned', name: 'Grace Bell' } as const;
      return { ...referral, history: referral.history.toSpliced(reviewed, 0, assigned) };
    });
    const { status, text } = await review.decide({ decision: 'hold' });
    expect([status, text]).toEqual([409, expect.stringMatching(/By\s+Amina/)]);
    expect(text).not.toContain('Grace Bell');
  });
});

describe('a decision that was taken back', () => {
  const DECISIONS: Record<string, string>[] = [
    { decision: 'decline', declineReason: 'duplicate' },
    { decision: 'signpost', signpostedTo: 'The drop-in' },
    { decision: 'ask-for-more', askWhom: 'referrer', question: 'Which days?' },
    { decision: 'transfer', team: 'camden' },
    { decision: 'match', programmeId: 'hive-music', matchAnyway: 'yes' },
  ];

  it.each(DECISIONS)(
    'is not recorded by the same form sent again, which hears so: $decision',
    async (sent) => {
      const review = await waiting();
      const { page } = await review.open();
      const hidden = Object.fromEntries(
        ['ranking', 'seenFull'].map((name) => [
          name,
          page.querySelector(`[name=${name}]`)?.getAttribute('value') ?? '',
        ]),
      );
      expect((await review.decide({ ...hidden, ...sent })).status).toBe(303);
      expect((await review.decide({ action: 'undo' })).status).toBe(303);
      const before = await table.referrals.read(review.id);
      for (const again of [
        sent,
        { decision: 'decline', declineReason: 'not-eligible' },
        { decision: 'hold' },
      ]) {
        const { status, page: told, text } = await review.decide({ ...hidden, ...again });
        expect([status, told.querySelector('h1')?.text.trim()]).toEqual([
          409,
          expect.stringContaining('This was taken back'),
        ]);
        expect(text).toMatch(/Taken back[\s\S]*By\s+Amina/);
        expect(text).not.toContain('something else had been decided');
      }
      expect(await table.referrals.read(review.id)).toEqual(before);
    },
  );

  it('shows what was typed into the old form', async () => {
    const review = await waiting();
    await review.decide({ decision: 'decline', declineReason: 'duplicate' });
    await review.decide({ action: 'undo' });
    const question = 'Which days suit you, and which do not?';
    const { page } = await review.decide({ decision: 'ask-for-more', askWhom: 'person', question });
    expect(page.querySelector('textarea[readonly]')?.text.trim()).toBe(question);
  });
});

describe('a signpost that ended a referral', () => {
  it('is told about on its page no more when it is taken back, and stays in what happened', async () => {
    const review = await waiting();
    await review.decide({ decision: 'signpost', signpostedTo: 'The drop-in' });
    const listed = async () =>
      (await review.open()).page.querySelectorAll('li > span.osp-words').map(({ text }) => text);
    expect(await listed()).toContain('The drop-in');
    expect((await review.decide({ action: 'undo' })).status).toBe(303);
    expect(await listed()).not.toContain('The drop-in');
    expect((await review.open()).text).toMatch(
      /Told the person about another service \(taken back\)\s+The drop-in/,
    );
  });
});

describe('possibly the same person', () => {
  const keys = (details: string) => ({ personKeys: { details, nhsNumber: `${details}-number` } });

  it('is shown with what they ask for, who referred them, and the first words of their need', async () => {
    const own = await waiting({}, keys('words'));
    const asked = await waiting({
      programmeId: 'hive-music',
      referrerKind: 'charity-worker',
      needs: `Grieves for her brother. ${'Misses singing. '.repeat(20)}`,
    });
    await table.referrals.change(asked.id, NOW, (referral) => ({ ...referral, ...keys('words') }));
    const offer = { number: 1, programmeId: 'example-crafts', offeredAt: NOW };
    const offered = await waiting({}, { ...keys('words'), stage: 'offer', offers: [offer] });
    const neither = await waiting({ referrerKind: 'self' }, keys('words'));
    const entries = (await own.open()).page
      .querySelectorAll('section[aria-labelledby=duplicates] li')
      .map(({ structuredText }) => structuredText.replace(/\s+/g, ' '));
    const entryOf = ({ reference }: { reference: string }) =>
      entries.find((entry) => entry.startsWith(reference)) ?? '';
    expect(entryOf(asked)).toContain('Asked for: The Hive');
    expect(entryOf(asked)).toContain('Referred by: Charity worker');
    const [, words = ''] = /“(.*)”/.exec(entryOf(asked)) ?? [];
    expect(words).toMatch(/^Grieves for her brother\. Misses singing\. .*…$/);
    expect(words.length).toBeLessThanOrEqual(100);
    expect(entryOf(offered)).toMatch(/Matched to: .*[Cc]raft/);
    expect(entryOf(offered)).toContain('“Lonely since moving here; used to sing”');
    expect(entryOf(neither)).toContain('Referred by: The person themself');
    expect(entryOf(neither)).toContain('No programme asked for');
    expect(entries).toHaveLength(3);
    const looks = table.looksAt(asked.id);
    expect(looks.map(({ link }) => link)).toEqual([`review-1 of ${own.reference}`]);
  });

  it('is found among many, whichever of them are closed', async () => {
    const all = [];
    for (let i = 0; i < 15; i++) all.push(await waiting({}, keys('many')));
    const ended = { ending: { kind: 'declined', decidedAt: NOW }, closedAt: NOW };
    for (let i = 0; i < 15; i++)
      await waiting({}, { ...keys('many'), stage: 'closed', ...ended } as Partial<Referral>);
    for (const own of [all[0], all[14]]) {
      const { text } = (await own?.open()) ?? { text: '' };
      const others = all.filter(({ reference }) => text.includes(`${reference}, received`));
      expect(others).toHaveLength(14);
      expect(others).not.toContain(own);
    }
  });
});
