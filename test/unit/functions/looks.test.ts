/** Who has looked: put together by day, in words for the team, and for the person. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { happeningsOf } from '../../../functions/link-worker-review/happenings.ts';
import { handler } from '../../../functions/person-page/handler.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { foldLooks, newestLooks } from '../../../functions/shared/looks.ts';
import { looksInWords } from '../../../functions/shared/pages/looks.ts';
import { withHash } from '../../../workflows/links.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW, submitted } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const minutes = (count: number) => later(NOW, { minutes: count });
const amina = { by: 'amina', name: 'Amina Rahman' };
const worker = { ...amina, roles: ['link-worker' as const] };

/** Stores a referral whose person has a link to their page, and gives both. */
async function withPersonsPage(id: string) {
  const { token, hash } = mintToken(id);
  const before = submitted();
  const { person: link, ...others } = before.links;
  if (!link) throw new Error('no link for the person');
  const referral = { ...before, id, version: 0, links: { ...others, person: withHash(link, hash, NOW) } };
  await table.referrals.create(referral);
  return { token, referral };
}

describe('looks', () => {
  const { person, questions } = inReview();
  const words = (looks: Parameters<typeof foldLooks>[0], referral = { person, questions }) =>
    foldLooks(looks, referral).map(looksInWords);

  it('are put together by who it was, on which day in London, and whether for a reason', () => {
    const night = '2026-06-10T22:59:00.000Z';
    expect(
      words([
        { at: minutes(3), ...amina },
        { at: minutes(2), by: 'amina-2', name: 'Amina Rahman' },
        { at: minutes(1), ...amina, reason: 'I cover for Tom' },
        { at: NOW, ...amina, reason: 'She is my neighbour' },
        { at: NOW, ...amina },
        { at: '2026-06-10T23:00:00.000Z', ...amina },
        { at: night, ...amina },
        { at: night, ...amina },
      ]),
    ).toEqual([
      'Amina Rahman looked, 2 times',
      'Amina Rahman looked',
      'Amina Rahman, of another team, looked, 2 times, for a reason that is on record',
      'Amina Rahman looked',
      'Amina Rahman looked, 2 times',
    ]);
  });

  it('say what was looked at, by somebody who was what, and not whoever read the audit', () => {
    const alex = { by: 'alex', name: 'Alex Morgan', roles: ['auditor' as const] };
    expect(
      words([
        { at: minutes(9), ...alex, kind: 'audit-read' },
        { at: minutes(8), ...worker, page: 'plan' },
        { at: minutes(7), ...worker, page: 'overview', link: 'review-1' },
        { at: minutes(6), ...worker, page: 'plan' },
        { at: minutes(5), ...worker, roles: ['link-worker', 'coordinator'], page: 'contacts', reason: 'x' },
        { at: minutes(4), ...alex, page: 'overview', reason: 'Yearly audit of May' },
        { at: minutes(3), link: 'offer-1', page: 'contact-details' },
        { at: minutes(2), link: 'offer-1', page: 'offer' },
      ]),
    ).toEqual([
      'Amina Rahman, link worker, looked at the plan and the referral, 3 times',
      'Amina Rahman, link worker and coordinator, of another team, looked at contacts and notes, for a reason that is on record',
      'Alex Morgan, auditor, looked at the referral, for a reason that is on record',
      'The provider looked at name and contact details and the offer, which names nobody, 2 times',
    ]);
  });

  it('by a link are of whom it was sent to', () => {
    const by = (link: string, referral = { person, questions }) => words([{ at: NOW, link }], referral)[0];
    expect(by('review-1')).toBe('A link worker, by the link in an email, looked');
    expect(by('review-2 of SP-0000-0000')).toBe(by('review-1'));
    expect(by('offer-3')).toBe('The provider looked');
    expect(by('register-12')).toBe('The provider looked');
    expect(by('person')).toBe('The person looked');
    expect(by('letter-referrer')).toBe('Whoever referred them looked');
    const asked = [{ number: 1, to: 'person', question: 'Which days?' } as const];
    expect(by('information-1', { person, questions: asked })).toBe('The person looked');
    expect(by('information-2', { person, questions: asked })).toBe('Whoever referred them looked');
    // Whoever has no address gets it by post, and a link worker prints it.
    const { email: _email, gpPracticeEmail: _practice, ...unwritten } = person;
    const practice = { ...person, gpPracticeEmail: 'practice@surgery.example' };
    expect(by('letter-person')).toBe('The person looked');
    expect(by('letter-person', { person: unwritten, questions })).toBe(by('review-1'));
    expect(by('letter-gp', { person: practice, questions })).toBe('The GP practice looked');
    expect(by('letter-gp', { person: unwritten, questions })).toBe(by('review-1'));
  });
});

describe('the person', () => {
  const id = 'd0'.padStart(32, '0');

  /** What their page lists once they have opened it. */
  async function listed(token: string, now: string) {
    const { body = '' } = await request(handler, {
      route: 'POST /person/{link}',
      path: { link: token },
      fields: { action: 'open' },
      now,
    });
    const lines = parse(body).querySelectorAll('section[aria-labelledby=looked] li');
    return { body, lines: lines.map(({ structuredText }) => structuredText.replace(/\s+/g, ' ').trim()) };
  }

  it('sees who has looked, when and how often, not why another team did, and at most the newest', async () => {
    const referral = submitted();
    const { token, hash } = mintToken(id);
    const { person: link, ...others } = referral.links;
    if (!link) throw new Error('no link for the person');
    const links = { ...others, person: withHash(link, hash, NOW) };
    await table.referrals.create({ ...referral, id, links, version: 0 });
    const look = (minute: number, entry: object) =>
      table.referrals.audit(id, { at: minutes(minute), requestId: String(minute), ...entry });
    await look(1, { ...worker, page: 'plan' });
    await look(2, { ...worker, page: 'overview' });
    // As they were kept before it was said what was looked at.
    await look(3, { by: 'sam', name: 'Sam Lee', reason: 'She is my neighbour' });
    await look(4, { link: 'offer-1' });
    await look(4.5, { by: 'alex', name: 'Alex Morgan', roles: ['auditor'], kind: 'audit-read' });
    const { lines, body } = await listed(token, minutes(5));
    expect(lines).toEqual([
      '23 November 2026 You: your page',
      '23 November 2026 The provider',
      '23 November 2026 Sam Lee, of another team, for a reason that is on record',
      '23 November 2026, 2 times Amina Rahman, link worker: your referral and your plan',
    ]);
    expect(body).not.toContain('neighbour');

    for (let day = 1; day < 30; day++) {
      await table.referrals.audit(id, { at: later(NOW, { days: day }), requestId: 'x', ...amina });
    }
    const many = await listed(token, later(NOW, { days: 30 }));
    // And, however old, whoever was not of the team.
    expect(many.lines).toHaveLength(21);
    expect(many.lines[20]).toContain('Sam Lee');
    expect(many.lines[1]).toBe('22 December 2026 Amina Rahman');
  });

  it.each(['on one day', 'on many days'] as const)(
    'sees the look of another team however many others follow %s, and that there are more than are counted',
    async (days) => {
      const other = (days === 'on one day' ? 'd2' : 'd3').padStart(32, '0');
      const { token, referral } = await withPersonsPage(other);
      const sam = { by: 'sam', name: 'Sam Lee', roles: ['link-worker' as const], reason: 'I cover for Tom' };
      await table.referrals.audit(other, { at: NOW, requestId: 'sam', ...sam, page: 'overview' });
      for (let i = 1; i <= 207; i++) {
        const at = later(NOW, days === 'on one day' ? { minutes: i } : { hours: 12 * i });
        await table.referrals.audit(other, { at, requestId: `${i}`, ...worker, page: 'overview' });
      }
      const looks = await newestLooks(TABLE, referral);
      const words = looks.map(looksInWords);
      expect(words.at(-1)).toBe(
        'Sam Lee, link worker, of another team, looked at the referral, for a reason that is on record',
      );
      expect(words.at(-2)).toMatch(
        days === 'on one day' ? /the referral, at least 200 times$/ : /, at least (once|2 times)$/,
      );
      expect(words.filter((each) => each.includes('at least'))).toHaveLength(1);
      expect((await happeningsOf(TABLE, referral)).more).toBe(true);
      const { lines } = await listed(token, later(NOW, { days: 150 }));
      expect(lines.at(-1)).toContain('Sam Lee');
    },
  );

  it('is shown none before the page is opened', async () => {
    const other = 'd1'.padStart(32, '0');
    const { token } = await withPersonsPage(other);
    await table.referrals.audit(other, { at: NOW, requestId: 'x', ...amina });
    const { body = '' } = await request(handler, {
      route: 'GET /person/{link}',
      path: { link: token },
      now: minutes(5),
    });
    expect(body).not.toContain('Amina');
  });
});
