/** What everybody is told of somebody who waits for a place, and of whom a place is held once it was found. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as api } from '../../../functions/api/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { whatHappened } from '../../../functions/link-worker-review/standing.ts';
import { handler as personPage } from '../../../functions/person-page/handler.ts';
import { handler as status } from '../../../functions/referrer-status/handler.ts';
import { callFromWaitingList, replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { AMINA, inReview, NOW, offered, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { anOffer, readPage } from './provider.ts';
import type { TestTable } from './table.ts';

const LATER = later(NOW, { days: 3 });

let table: TestTable;
let issuer: Issuer;
beforeAll(async () => {
  [table, issuer] = await Promise.all([startEnvironment(), startIssuer()]);
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
});
// Somebody else who waits would be told of as the same person.
afterEach(() => table.clear());
afterAll(async () => {
  issuer.stop();
  await table.stop();
});

const byOurList = stored(
  decideReview(
    inReview(),
    'review-1',
    { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' },
    NOW,
    AMINA,
  ),
);
const byProvider = stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
const call = (referral: Referral) =>
  stored(callFromWaitingList(referral, { offer: 1, cohortId: 'spring' }, LATER));
const called = call(byOurList);
const noRoom = stored(replyToOffer(called, 'offer-1', { reply: 'waitlist' }, LATER));

/** What each of them reads of it. */
async function told(made: Referral): Promise<Record<string, string>> {
  const now = LATER;
  const [forPerson, forReferrer] = await Promise.all(
    ['person', 'status'].map((link) => anOffer(table, { ...made, clientId: 'system-a' }, link)),
  );
  const path = { reference: forReferrer?.reference ?? '' };
  const amina = await atWork('Amina', { now });
  const page = await amina.open(review, { route: '/referrals/{reference}', path });
  const asked = await request(api, {
    ...{ route: 'GET /api/referrals/{reference}', path, now },
    headers: { authorization: await issuer.bearer('system-a', now) },
  });
  const read = async (handler: unknown, route: string, link = '') =>
    (await readPage(handler, { route, path: { link }, now })).text;
  return {
    team: page.body ?? '',
    system: asked.body ?? '',
    person: await read(personPage, 'GET /person/{link}', forPerson?.token),
    referrer: await read(status, 'GET /status/{link}', forReferrer?.token),
  };
}

describe.each([
  ['waits by our list', byOurList, true],
  ['waits by the provider’s', byProvider, true],
  ['waits on, as the provider had no room', noRoom, true],
  ['was called', called, false],
])('somebody who %s', (_, referral, waits) => {
  it('is on a waiting list to everybody or to nobody', async () => {
    for (const [reader, text] of Object.entries(await told(referral))) {
      expect([reader, /on (a|the) waiting list/i.test(text)]).toEqual([reader, waits]);
      expect([reader, /not replied yet|has been asked|have asked a programme/.test(text)]).toEqual([
        reader,
        !waits,
      ]);
    }
  });

  it('is so to whoever was too late to take it back', () => {
    const { what, at } = whatHappened(referral);
    expect([what, at]).toEqual(
      waits
        ? ['The person is on the waiting list', NOW]
        : ['A place was found, and the provider has been asked', LATER],
    );
  });
});
