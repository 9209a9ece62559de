/** The audit of a referral as auditors and coordinators read it, and take it away. */
import { parse as parseCsv } from 'csv-parse/sync';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/audit/handler.ts';
import { auditEntrySchema } from '../../../functions/shared/audit-entry.ts';
import { newestOfCase } from '../../../functions/shared/case-file.ts';
import { newestLooks } from '../../../functions/shared/looks.ts';
import type { Role } from '../../../functions/shared/roles.ts';
import { beginSession } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after } from '../../../workflows/time.ts';
import { inReview, NOW } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

/** What the audit must not show: who the person is, and what is written of them. */
const PERSON = 'Zachariasdottir';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;
async function put(team: string): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
  const { personKeys: _alone, ...referral } = inReview();
  const person = { ...referral.person, familyName: PERSON };
  const request = { ...referral.request, needs: `${PERSON} is lonely` };
  const stored = {
    ...referral,
    id,
    reference: referenceOf(id),
    team,
    person,
    request,
    version: 0,
  } as Referral;
  await table.referrals.create(stored);
  return stored;
}

/** What somebody is answered. */
async function audit(roles: readonly Role[], teams: readonly string[], query: Record<string, string> = {}) {
  const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
  const person = {
    sub: `sub-${roles.join()}`,
    name: 'Alex Morgan',
    email: '',
    roles: [...roles],
    teams: [...teams],
  };
  const cookie = (await beginSession(visit, person)).split(';')[0] ?? '';
  const {
    statusCode,
    headers,
    body = '',
  } = await request(handler, {
    ...{ route: 'GET /audit', query, cookies: [cookie], now: NOW },
  });
  const page = parse(body);
  const rows = page.querySelectorAll('tbody tr').map((row) =>
    row.querySelectorAll('td').map((cell) => {
      cell.querySelector('[aria-hidden]')?.remove();
      return cell.structuredText.replace(/\s+/g, ' ').trim();
    }),
  );
  const link = (text: string) => page.querySelectorAll('a').find((each) => each.text === text);
  const follow = (text: string) =>
    Object.fromEntries(new URL(link(text)?.getAttribute('href') ?? '', 'http://x').searchParams);
  return {
    statusCode,
    headers,
    body,
    text: page.structuredText,
    rows,
    has: (text: string) => !!link(text),
    follow,
  };
}

const AUDITOR = [['auditor'], []] as const;
const entriesOf = ({ id }: Referral) =>
  newestOfCase(TABLE, { id, kind: 'AUDIT', limit: 100 }, auditEntrySchema);
const minutesAgo = (count: number) => after(NOW, { minutes: -count });

describe('the audit', () => {
  it('says of each look when, who as what of which team, at what, how and why, and nothing of the person', async () => {
    const referral = await put('camden');
    const look = (minutes: number, entry: object) =>
      table.referrals.audit(referral.id, { at: minutesAgo(minutes), requestId: `r${minutes}`, ...entry });
    await look(40, { link: 'offer-1', page: 'contact-details' });
    await look(30, { by: 'tom', name: 'Tom Ellis' });
    const amina = { by: 'amina', name: 'Amina Rahman', roles: ['link-worker'], teams: ['camden'] };
    await look(20, { ...amina, link: 'review-1 of SP-0000-1111', page: 'duplicate' });
    const reason = 'He rang me from the ward';
    await look(10, {
      by: 'sam',
      name: 'Sam Lee',
      roles: ['coordinator'],
      teams: ['all'],
      page: 'overview',
      reason,
    });
    const { statusCode, body, rows } = await audit(...AUDITOR, {
      reference: referral.reference.toLowerCase(),
    });
    expect(statusCode).toBe(200);
    expect(rows.map(([, ...row]) => row)).toEqual([
      ['Alex Morgan auditor', 'This audit', 'Signed in'],
      ['Sam Lee coordinator, Everywhere else', 'The referral', `Signed in For a reason: “${reason}”`],
      [
        'Amina Rahman link worker, Camden',
        'First words of the referral, beside another one',
        'Signed in, from SP-0000-1111',
      ],
      ['Tom Ellis', 'Not recorded', 'Signed in'],
      ['The provider', 'Name and contact details', 'By the link offer-1'],
    ]);
    expect(rows[1]?.[0]).toContain('23 November 2026');
    expect(body).not.toContain(PERSON);
    expect(body).not.toContain('lonely');
  });

  it('is itself written down each time, as no look at the person', async () => {
    const referral = await put('camden');
    const { reference } = referral;
    await audit(...AUDITOR, { reference });
    await audit(...AUDITOR, { reference, format: 'csv' });
    const entries = await entriesOf(referral);
    expect(entries.map(({ kind, by, roles }) => [kind, by, roles])).toEqual(
      [1, 2].map(() => ['audit-read', 'sub-auditor', ['auditor']]),
    );
    expect(await newestLooks(TABLE, referral)).toEqual([]);
  });

  it('is read by coordinators for their own teams only, and by auditors for all', async () => {
    const [ours, theirs] = [await put('camden'), await put('all')];
    const coordinator = [['coordinator'], ['camden']] as const;
    expect((await audit(...coordinator, { reference: ours.reference })).rows).toHaveLength(1);
    for (const format of ['', 'csv']) {
      const refused = await audit(...coordinator, { reference: theirs.reference, format });
      expect([refused.statusCode, refused.text]).toEqual([422, expect.stringContaining('with another team')]);
    }
    expect(await entriesOf(theirs)).toEqual([]);
    expect(
      (await audit(['auditor', 'coordinator'], ['camden'], { reference: theirs.reference })).rows,
    ).toHaveLength(1);
    expect((await audit(['link-worker'], ['camden'], { reference: ours.reference })).statusCode).toBe(403);
  });

  it('asks for a reference, and says what is wrong with one', async () => {
    expect((await audit(...AUDITOR)).statusCode).toBe(200);
    for (const [reference, error] of [
      ['', 'Enter a reference'],
      ['Zachariasdottir', 'Enter a reference'],
      ['sp 0000 0000', 'There is no referral SP-0000-0000'],
    ] as const) {
      const { statusCode, text } = await audit(...AUDITOR, { reference });
      expect([statusCode, text]).toEqual([422, expect.stringContaining(error)]);
    }
  });

  it('has every entry on some page once, and in the file, in which no cell is a formula', async () => {
    const referral = await put('camden');
    const { reference, id } = referral;
    for (let i = 0; i < 120; i++) {
      // Several in one moment too.
      const entry = { at: minutesAgo(200 - (i >> 1)), requestId: `r${i}=`, by: `b${i}`, name: `=Name ${i}` };
      await table.referrals.audit(id, { ...entry, page: 'plan' });
    }
    const seen: string[] = [];
    let query: Record<string, string> = { reference };
    for (let page = 0; page < 5; page++) {
      const answer = await audit(...AUDITOR, query);
      seen.push(...answer.rows.map(([, who = '']) => who).filter((who) => who.startsWith('=')));
      expect(answer.has('Newest')).toBe(page > 0);
      if (!answer.has('Older')) break;
      query = answer.follow('Older');
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `=Name ${i}`).sort(byNumber));
    const nonsense = await audit(...AUDITOR, { reference, before: 'x' });
    expect(nonsense.rows[0]?.[2]).toBe('This audit');

    const { headers, body } = await audit(...AUDITOR, { reference, format: 'csv' });
    expect(headers?.['content-disposition']).toBe(`attachment; filename="audit-${reference}.csv"`);
    const file = parseCsv(body, { bom: true, columns: true }) as Record<string, string>[];
    const names = file.filter(({ kind }) => kind === 'look').map(({ name = '' }) => name);
    expect(names).toEqual(seen.map((name) => `'${name}`));
    expect(file.at(-1)).toMatchObject({
      time: minutesAgo(200),
      page: 'plan',
      account: expect.stringMatching(/^b/),
    });
    expect(body).not.toContain(PERSON);
  });
});

/** The newest first; of one moment, by the request. */
function byNumber(one: string, other: string): number {
  const number = (name: string) => Number(name.split(' ')[1]);
  const [a, b] = [number(one), number(other)];
  return (b >> 1) - (a >> 1) || `r${b}=`.localeCompare(`r${a}=`);
}
