/** Whoever sees a person's details leaves one entry in the audit: not none, not two, by whichever way they come. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntrySchema } from '../../../functions/shared/audit-entry.ts';
import { addToCase, newestOfCase } from '../../../functions/shared/case-file.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { beginSession, whoIsSignedIn } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { ROUTES } from '../../../infra/web.ts';
import { addLink, recordOnLink } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import { keyOfLink } from '../../../workflows/measure-times.ts';
import type { LinkPurpose, Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { accepted, entered, inReview, NOW, offered, stored } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

/** The person's, and nobody else's. */
const FAMILY_NAME = 'Zachariasdottir';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xe000;

async function put(referral: Referral, reference: string): Promise<string> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const person = { ...referral.person, familyName: FAMILY_NAME };
  const { personKeys: _alone, ...rest } = referral;
  await table.referrals.create({ ...rest, id, reference, person, version: 0 } as Referral);
  return id;
}

const looks = async (id: string) => table.looksAt(id);

const handlerOf = async (name: string) =>
  ((await import(`../../../functions/${name}/handler.ts`)) as { handler: unknown }).handler;

/** What emails have links for. Who reviews, or makes a welfare contact, signs in. */
type Emailed = Exclude<LinkPurpose, 'review' | 'welfare'>;

/** A referral at the point at which a link of each purpose works. */
function withLink(purpose: Emailed): { referral: Referral; link: string } {
  switch (purpose) {
    case 'information': {
      const ask = { decision: 'ask-for-more', to: 'person', question: 'Which days?' } as const;
      const asked = stored(decideReview(inReview(), 'review-1', ask, NOW));
      return { referral: entered(asked, 'information'), link: 'information-1' };
    }
    case 'offer':
      return { referral: offered(), link: 'offer-1' };
    case 'letters': {
      const left = stored(leave(inReview(), 'person', NOW));
      return { referral: stored(close(left, NOW)), link: 'letter-referrer' };
    }
    case 'person':
      return { referral: addLink(inReview(), 'person', 'person'), link: 'person' };
    case 'measures': {
      const id = 'measures-baseline-1';
      return { referral: recordOnLink(accepted(), id, NOW, 'baseline'), link: id };
    }
    case 'status':
      return { referral: addLink(inReview(), 'status', 'status'), link: 'status' };
  }
}

/** What is sent to see more of the person by a link, as far as there is a way. */
const MORE: Record<Emailed, readonly Record<string, string>[]> = {
  information: [{ action: 'open' }, { action: 'answer' }],
  offer: [{ action: 'open' }, { action: 'reply' }],
  person: [{ action: 'open' }, { action: 'correct' }],
  status: [],
  letters: [{ action: 'open' }],
  measures: [{ action: 'open' }],
};

describe.each(Object.keys(MORE) as Emailed[])('the link for: %s', (purpose) => {
  const [, , answeredBy = ''] = ROUTES.find(([path]) => path === `/${purpose}/{link}`) ?? [];

  async function visit(fields?: Record<string, string>) {
    const { referral, link } = withLink(purpose);
    const opened = referral.links[link];
    if (!opened) throw new Error(`no link ${link}`);
    const id = await put(referral, 'SP-0000-0000');
    const { token, hash } = mintToken(id);
    await table.referrals.change(id, NOW, (each) => ({
      ...each,
      links: { ...each.links, [link]: withHash(opened, hash, NOW) },
    }));
    if (purpose === 'measures') {
      const key = keyOfLink(referral, link);
      const sets = [{ instrument: 'lonely', version: '2020-05', answers: { lonely: 2 } }];
      await addToCase(TABLE, { id, kind: 'MEASURES', key }, { key, at: NOW, point: 'baseline', sets });
    }
    const { statusCode, body = '' } = await request(await handlerOf(answeredBy), {
      route: `${fields ? 'POST' : 'GET'} /${purpose}/{link}`,
      path: { link: token },
      fields: fields ?? {},
      now: NOW,
    });
    return { statusCode, body, looks: await looks(id), link };
  }

  it('opens a door that shows nobody and notes nothing', async () => {
    const { statusCode, body, looks } = await visit();
    expect([statusCode, body.includes(FAMILY_NAME), looks.length]).toEqual([200, false, 0]);
  });

  it.each(MORE[purpose])('notes once, and by which link, that more was seen: %o', async (fields) => {
    const { statusCode, looks, link } = await visit(fields);
    expect([200, 422]).toContain(statusCode);
    expect(looks.map(({ link, by }) => ({ link, by }))).toEqual([{ link, by: undefined }]);
  });
});

/** What is looked at where a page is not called so. */
const SHOWN_AT: Record<string, string> = {
  letters: 'letter',
  questions: 'offer-questions',
  data: 'data-rights',
};

/** Every page of one referral for people who are signed in, as the API has them: a new one is among them by itself. */
const pages = ROUTES.filter(([path]) => path.startsWith('/referrals/{reference}')).flatMap(
  ([path, methods, answeredBy]) => methods.map((method) => ({ route: `${method} ${path}`, answeredBy })),
);

describe.each(pages)('$route', ({ route, answeredBy }) => {
  it.each(['link-worker', 'coordinator', 'auditor'] as const)(
    'notes once that a %s saw the person',
    async (role) => {
      const reference = `SP-0000-${ids.toString(16).toUpperCase()}`;
      const id = await put({ ...inReview(), team: 'camden' }, reference);
      const nothing = {
        path: {},
        query: {},
        fields: {},
        cookies: [],
        client: '',
        requestId: '',
        address: '/',
      };
      const visit: Visit = { ...nothing, now: NOW, secure: false };
      const person = { sub: role, name: 'Amina', email: '', roles: [role], teams: ['camden'] };
      const cookies = [(await beginSession(visit, person)).split(';')[0] ?? ''];
      const csrf = (await whoIsSignedIn({ ...visit, cookies }))?.csrf ?? '';
      const { statusCode = 0, body = '' } = await request(await handlerOf(answeredBy), {
        ...{ route, path: { reference }, cookies, fields: { csrf }, now: NOW },
      });
      // A page of the person tells of them even where their name is not on it.
      const isShown = statusCode === 200 || statusCode === 422 || body.includes(FAMILY_NAME);
      const part = route.split('/')[3] ?? 'overview';
      const page = SHOWN_AT[part] ?? part;
      const seen = isShown ? [{ by: role, name: 'Amina', page, roles: [role], teams: ['camden'] }] : [];
      const entries = await newestOfCase(TABLE, { id, kind: 'AUDIT', limit: 9 }, auditEntrySchema);
      expect(entries.map(({ at: _at, requestId: _id, link: _link, ...entry }) => entry)).toEqual(seen);
    },
  );
});
