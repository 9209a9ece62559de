/** The one-time code before a person's details: right, wrong, late, again, guessed, and from a link that was passed on. */

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { newestLooks } from '../../../functions/shared/looks.ts';
import { documents } from '../../../functions/shared/table.ts';
import {
  type CohortOutcome,
  cancelSession,
  changeSession,
  recordGroupRegister,
} from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import {
  acceptance,
  accepted,
  cohortFor,
  entered,
  FIRST_SESSION,
  NOW,
  offered,
  stored,
  storedCohort,
} from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { storedGroup } from './group.ts';
import { anOffer, listening, readPage } from './provider.ts';
import { TABLE, type TestTable } from './table.ts';

const NAME = 'Brien';
const minutes = (n: number) => later(NOW, { minutes: n });

let table: TestTable;
let outbox: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  table = await startEnvironment();
  outbox = await listening();
});
beforeEach(() => {
  outbox.heard.length = 0;
  outbox.state.fails = false;
});
afterAll(async () => {
  outbox.stop();
  await table.stop();
});

type Code = { digits: string; until: string; programmeId: string; reference: string };

async function anAcceptedOffer(change: (accepted: Referral) => Referral = (referral) => referral) {
  const made = await anOffer(table, change(accepted(offered())));
  const path = { link: made.token };
  return {
    ...made,
    see: ({ now = NOW, cookies = [] as string[], query = {} } = {}) =>
      readPage(offer, { route: 'GET /offer/{link}', path, query, cookies, now }),
    send: (fields: Record<string, string>, now = NOW, cookies: string[] = []) =>
      readPage(offer, { route: 'POST /offer/{link}', path, fields, cookies, now }),
    looks: async () => (await newestLooks(TABLE, await made.read())).flatMap(({ pages }) => pages),
  };
}

function newestCode(): Code {
  const [newest] = outbox.heard.toReversed();
  expect(newest?.waits).toBe(true);
  return newest?.payload.code as Code;
}

/** Six digits that are not the code. */
function wrong({ digits }: Code, by = 1): string {
  return String((Number(digits) + by) % 1_000_000).padStart(6, '0');
}

const cookieOf = ({ cookies }: { cookies: string[] }) => [cookies[0]?.split(';')[0] ?? ''];

describe('who the person is', () => {
  it('is shown for the code that went to the registered address, and a while longer in that browser', async () => {
    const { see, send, looks, reference } = await anAcceptedOffer();
    expect((await see()).text).toContain('Email me a code');
    expect((await send({ action: 'open' })).status).toBe(303);
    const asked = await send({ action: 'code' });
    expect(asked.location).toMatch(/\?code=sent$/);
    const code = newestCode();
    expect(code).toEqual({
      ...{ digits: expect.stringMatching(/^\d{6}$/), until: minutes(10) },
      ...{ programmeId: 'hive-music', reference },
    });
    const entering = await see({ query: { code: 'sent' } });
    expect(entering.text).toContain('•••@');
    expect(entering.text).not.toContain(findProgramme('hive-music')?.provider.email);
    expect(entering.text).not.toContain(NAME);
    const [start, end] = [code.digits.slice(0, 3), code.digits.slice(3)];
    const shown = await send({ action: 'enter', code: ` ${start} ${end} ` }, minutes(9));
    expect([shown.status, shown.text.includes(NAME)]).toEqual([200, true]);
    expect(shown.cookies[0]).toMatch(/^provider=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/);
    expect(shown.headers['cache-control']).toBe('no-store');
    const cookies = cookieOf(shown);
    expect((await see({ now: minutes(20), cookies })).text).toContain('Show contact details');
    expect((await send({ action: 'open' }, minutes(38), cookies)).text).toContain(NAME);
    // A reload sends the code again.
    const again = await send({ action: 'enter', code: code.digits }, minutes(38), cookies);
    expect(again.text).toContain(NAME);
    expect(await looks()).toEqual(['contact-details']);
    expect(
      (await newestLooks(TABLE, { ...(await table.referrals.read(await idOf(reference))) } as never))[0]
        ?.count,
    ).toBe(3);
    expect((await send({ action: 'open' }, minutes(39), cookies)).status).toBe(303);
  });

  it('is shown by no other browser, and by no cookie that somebody made up', async () => {
    const { send } = await anAcceptedOffer();
    const far = Math.floor(Date.parse(minutes(600)) / 1000);
    for (const cookies of [[], ['provider=x'], [`provider=${far}.${'x'.repeat(43)}`]]) {
      expect((await send({ action: 'open' }, NOW, cookies)).status).toBe(303);
    }
    await send({ action: 'code' });
    const [name, value = ''] =
      cookieOf(await send({ action: 'enter', code: newestCode().digits }))[0]?.split('=') ?? [];
    const longer = `${name}=${far}.${value.split('.')[1]}`;
    expect((await send({ action: 'open' }, minutes(40), [longer])).status).toBe(303);
  });

  it('is shown for one code once, also to two at the same moment', async () => {
    const { send } = await anAcceptedOffer();
    await send({ action: 'code' });
    const { digits } = newestCode();
    const both = await Promise.all([1, 2].map(() => send({ action: 'enter', code: digits })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect((await send({ action: 'enter', code: digits })).text).toContain('has been used');
  });

  it('is not shown for a code that is ten minutes old, nor for the one before the newest', async () => {
    const { send } = await anAcceptedOffer();
    expect((await send({ action: 'enter', code: '123456' })).text).toContain('There is no code');
    await send({ action: 'code' });
    const first = newestCode();
    const late = await send({ action: 'enter', code: first.digits }, minutes(10));
    expect([late.status, late.text.includes('works no more')]).toEqual([422, true]);
    await send({ action: 'code' }, minutes(11));
    const second = newestCode();
    if (first.digits !== second.digits) {
      const old = await send({ action: 'enter', code: first.digits }, minutes(12));
      expect(old.text).toContain('That is not the code');
    }
    expect((await send({ action: 'enter', code: second.digits }, minutes(12))).text).toContain(NAME);
  });

  it('is not shown to a former provider once somebody else has accepted the person', async () => {
    const before = await anAcceptedOffer();
    const first = await before.send({ action: 'code' });
    expect(first.location).toMatch(/code=sent$/);
    const cookies = cookieOf(await before.send({ action: 'enter', code: newestCode().digits }));
    await table.referrals.change(await idOf(before.reference), NOW, elsewhere);
    const now = await table.referrals.read(await idOf(before.reference));
    expect([now?.stage, now?.offers.length, now?.programme?.firstSessionAt]).toEqual([
      'programme',
      2,
      ELSEWHERE_AT,
    ]);
    outbox.heard.length = 0;
    const seen = await before.see({ cookies });
    expect(seen.text).not.toMatch(/code|contact details|December 2026|January 2027/);
    expect((await before.see({ query: { code: 'sent' } })).text).not.toContain('Enter the code');
    for (const action of ['open', 'code', 'enter', 'ask']) {
      const sent = await before.send({ action, code: '123456', question: 'Who?', number: '1' }, NOW, cookies);
      expect(sent.text).not.toContain(NAME);
    }
    expect(outbox.heard).toEqual([]);
  });

  it('is not shown to who guesses: five tries, however they are sent, and so many codes an hour', async () => {
    const { send, looks } = await anAcceptedOffer();
    await send({ action: 'code' });
    const code = newestCode();
    const tries = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((by) => send({ action: 'enter', code: wrong(code, by) })),
    );
    expect(tries.filter(({ text }) => text.includes('not the code'))).toHaveLength(4);
    expect((await send({ action: 'enter', code: code.digits })).text).toContain('tried too often');
    for (let i = 0; i < 6; i++) await send({ action: 'code' });
    expect(outbox.heard).toHaveLength(5);
    const refused = await send({ action: 'code' });
    expect([refused.status, refused.text.includes('Please wait 60 minutes')]).toEqual([422, true]);
    expect((await send({ action: 'code' }, minutes(60))).status).toBe(303);
    expect(await looks()).toEqual([]);
  });

  it('is not shown where the person has left, and no code is sent', async () => {
    const { id, send, see } = await anAcceptedOffer();
    await send({ action: 'code' });
    const { digits } = newestCode();
    await table.referrals.change(id, NOW, (referral) => stored(leave(referral, 'person', NOW)));
    const over = [await send({ action: 'enter', code: digits }), await send({ action: 'code' }), await see()];
    for (const { text } of over) expect(text).not.toContain(NAME);
    expect(outbox.heard.filter(({ payload }) => 'code' in payload)).toHaveLength(1);
  });

  it('needs a code of its own offer', async () => {
    const [one, other] = [await anAcceptedOffer(), await anAcceptedOffer()];
    await one.send({ action: 'code' });
    const { digits } = newestCode();
    await other.send({ action: 'code' });
    if (newestCode().digits === digits) return;
    expect((await other.send({ action: 'enter', code: digits })).status).toBe(422);
  });
});

describe('when whom they accepted comes', () => {
  it('is the session of their group that is next by now, and not the one that was first when they accepted', async () => {
    const group = await storedGroup(table, 0);
    const { cohortId } = await group.cohort();
    const { see, send } = await anAcceptedOffer((referral) => {
      if (!referral.programme) throw new Error('not in a programme');
      return { ...referral, programme: { ...referral.programme, cohortId, joinedAt: NOW, sessions: [] } };
    });
    const change = (rule: (cohort: CohortRecord) => CohortOutcome) =>
      changeCohort(TABLE, group.id, NOW, rule);
    expect((await see()).text).toContain('First session Tuesday 1 December 2026 at 4:00 pm');
    const moved = { startsAt: '2026-12-03T18:00:00.000Z', minutes: 90 };
    await change((cohort) => changeSession(cohort, 1, moved, NOW));
    expect((await see()).text).toContain('First session Thursday 3 December 2026 at 6:00 pm');
    await send({ action: 'code' });
    const { text } = await send({ action: 'enter', code: newestCode().digits });
    expect(text).toContain('First session Thursday 3 December 2026 at 6:00 pm');
    expect(text).toContain('welcome them before the first session');
    await change((cohort) => cancelSession(cohort, 1, NOW));
    expect((await see()).text).toContain('First session Tuesday 8 December 2026 at 4:00 pm');
  });

  it('is the next one once they have come, or none', async () => {
    const group = await storedGroup(table, 0);
    const { cohortId } = await group.cohort();
    const session = { number: 1, startsAt: FIRST_SESSION, endsAt: later(FIRST_SESSION, { minutes: 90 }) };
    const { see, send } = await anAcceptedOffer((referral) => {
      if (!referral.programme) throw new Error('not in a programme');
      const sessions = [{ ...session, status: 'held' as const, attendance: '5' as const }];
      return { ...referral, programme: { ...referral.programme, cohortId, joinedAt: NOW, sessions } };
    });
    const now = later(FIRST_SESSION, { days: 1 });
    expect((await see({ now })).text).toContain('Next session Tuesday 8 December 2026 at 4:00 pm');
    await send({ action: 'code' }, now);
    const { text } = await send({ action: 'enter', code: newestCode().digits }, now);
    expect(text).not.toContain('welcome them');
    expect((await see({ now: '2027-03-30T09:00:00.000Z' })).text).toContain('Next session None is to come');
  });
});

describe('a code', () => {
  it('is kept as a keyed hash, for as long as it works', async () => {
    const { send } = await anAcceptedOffer();
    await send({ action: 'code' });
    const { digits } = newestCode();
    const codes = table.items().filter(({ pk }) => String(pk).startsWith('CODE#'));
    expect(codes.length).toBeGreaterThan(0);
    expect(JSON.stringify(codes)).not.toContain(`"${digits}"`);
    const key = { pk: codes.at(-1)?.pk, sk: 'CODE' };
    const { Item } = await documents().send(new GetCommand({ TableName: TABLE, Key: key }));
    expect(Object.keys(Item ?? {}).sort()).toEqual(
      expect.arrayContaining(['codeHash', 'expiresAt', 'pk', 'sk', 'tries', 'validUntil']),
    );
  });

  it('that could not be sent does not count, and is said so', async () => {
    const { send } = await anAcceptedOffer();
    outbox.state.fails = true;
    for (let i = 0; i < 7; i++) {
      const failed = await send({ action: 'code' });
      expect([failed.status, failed.text.includes('could not send')]).toEqual([422, true]);
    }
    outbox.state.fails = false;
    expect((await send({ action: 'code' })).status).toBe(303);
  });

  it('is asked for only with digits', async () => {
    const { send } = await anAcceptedOffer();
    for (const code of ['', '12345', '12345a', '1234567']) {
      expect((await send({ action: 'enter', code })).text).toContain('Enter the 6 digits');
    }
  });
});

const ELSEWHERE_AT = '2027-01-05T16:00:00.000Z';

/** It is not right for the person, and another provider accepts them, later. */
function elsewhere(referral: Referral): Referral {
  const after1 = later(FIRST_SESSION, { hours: 3 });
  const entries = { [referral.id]: { attendance: '5', notRight: true } } as const;
  const cohort = storedCohort(recordGroupRegister(cohortFor(referral), 1, { held: true, entries }, after1));
  const returned = entered(stored(learnOfSession(referral, cohort, 1, after1)), 'review', after1);
  const match = { decision: 'match', programmeId: 'example-dementia-choir' } as const;
  const link = `review-${returned.reviews}`;
  const matched = entered(stored(decideReview(returned, link, match, after1)), 'provider', after1);
  const reply = acceptance(matched, ELSEWHERE_AT);
  return stored(replyToOffer(matched, 'offer-2', reply, after1));
}

async function idOf(reference: string): Promise<string> {
  return (await table.referrals.byReference(reference))[0]?.id ?? '';
}
