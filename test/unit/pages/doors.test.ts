/** What the handlers themselves open, and note in the audit, at each point of a referral's life. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as letters } from '../../../functions/letters/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { handler as person } from '../../../functions/person-page/handler.ts';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { handler as register } from '../../../functions/session-register/handler.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { CASE_LINK } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { request, startEnvironment } from '../functions/environment.ts';
import { TABLE, type TestTable } from '../functions/table.ts';
import {
  accepted,
  entered,
  NOW,
  offered,
  register as recorded,
  stored,
  submitted,
  validFields,
} from '../workflows/builders.ts';

const RISKY = {
  ...validFields,
  risks: 'known',
  risksDetail: 'Panics at Mum’s',
  'communicationNeeds-large-print': 'yes',
};
const HANDLERS = { review, welfare: review, offer, register, person, letters };
type Kind = keyof typeof HANDLERS;

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xb000;

/** Stores a referral under an id of its own, with a working link. */
async function linked(referral: Referral, linkId: string): Promise<{ token: string; id: string }> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const { token, hash } = mintToken(id);
  const link = referral.links[linkId];
  if (!link) throw new Error(`no link ${linkId}`);
  const links = { ...referral.links, [linkId]: withHash(link, hash, NOW) };
  await table.referrals.create({ ...referral, id, version: 0, links });
  return { token, id };
}

async function ask(kind: Kind, token: string, fields?: Record<string, string>, now = NOW) {
  const route = `${fields ? 'POST' : 'GET'} /${kind}/{link}`;
  const answer = await request(HANDLERS[kind], { route, path: { link: token }, fields: fields ?? {}, now });
  return {
    status: answer.statusCode,
    text: parse(answer.body ?? '').structuredText,
    html: answer.body ?? '',
  };
}

async function looks(id: string): Promise<number> {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: TABLE }));
  return Items.filter(({ pk, sk }) => pk?.S === `REFERRAL#${id}` && sk?.S?.startsWith('AUDIT#')).length;
}

const risky = () => entered(submitted(RISKY), 'review');
const match = { decision: 'match', programmeId: 'hive-music' } as const;

describe('the review', () => {
  it('wants the risks in words for the provider, once there are any, and stores them', async () => {
    const { token, id } = await linked(risky(), 'review-1');
    const without = await ask('review', token, { action: 'decide', ...match });
    expect(without.status).toBe(422);
    expect(without.text).toContain('Enter what the provider must know of the risks');
    const ranking = /name="ranking" value="([^"]+)"/.exec(without.html)?.[1] ?? '';
    const inWords = { ranking, riskSummary: 'Crowds are hard' };
    const done = await ask('review', token, { action: 'decide', ...match, ...inWords });
    expect(done.status).toBe(303);
    expect((await table.referrals.read(id))?.offers[0]?.riskSummary).toBe('Crowds are hard');
  });

  it('opens the case again after the decision, to read', async () => {
    const matched = stored(decideReview(risky(), 'review-1', match, NOW));
    const { token, id } = await linked(matched, 'review-1');
    const door = await ask('review', token);
    expect(door.text).toContain('Open the referral');
    expect(door.text).toContain('The Hive');
    expect(door.text).not.toContain('Brien');
    expect(await looks(id)).toBe(0);
    const opened = await ask('review', token, { action: 'open' });
    expect(opened.text).toContain("Róisín O'Brien");
    expect(opened.text).toContain('Panics at Mum’s');
    expect(opened.html).not.toContain('name="decision"');
    expect(await looks(id)).toBe(1);
  });

  it('is never a form by the link to the case, whatever is sent', async () => {
    const left = stored(leave(accepted(), 'person', NOW));
    const { token, id } = await linked(left, CASE_LINK);
    expect((await ask('review', token)).text).not.toContain('Brien');
    for (const fields of [
      { action: 'open' },
      { action: 'decide', decision: 'decline', declineReason: 'duplicate' },
    ]) {
      const opened = await ask('review', token, fields as Record<string, string>);
      expect(opened.status).toBe(200);
      expect(opened.text).toContain("Róisín O'Brien");
      expect(opened.text).toContain('The person left');
      expect(opened.html).not.toContain('name="decision"');
    }
    expect(await looks(id)).toBe(2);
  });
});

describe('the welfare contact', () => {
  it('can end with nobody reached', async () => {
    const missed = recorded(recorded(accepted(), '3'), '3');
    const { token, id } = await linked(entered(missed, 'welfare'), 'welfare-1');
    const opened = await ask('welfare', token, { action: 'open' });
    expect(opened.text).toContain('I could not reach them; the programme ends');
    expect((await ask('welfare', token, { action: 'decide', outcome: 'toString' })).status).toBe(422);
    const decided = await ask('welfare', token, { action: 'decide', outcome: 'could-not-reach' });
    expect(decided.status).toBe(303);
    expect(await table.referrals.read(id)).toMatchObject({
      stage: 'closing',
      ending: { kind: 'ended-early', reason: 'could-not-reach' },
    });
    expect((await ask('welfare', token)).text).toContain('could not be reached');
  });
});

describe('the offer', () => {
  it('shows the person’s situation only when it is opened, and that is noted', async () => {
    const { token, id } = await linked(offered(risky()), 'offer-1');
    const door = await ask('offer', token);
    expect(door.text).toContain('See the referral');
    expect(door.text).not.toMatch(/18 to 24|NW1|Large print|risk/i);
    const opened = await ask('offer', token, { action: 'open' });
    expect(opened.text).toMatch(/18 to 24/);
    expect(opened.text).toContain('There are known risks: ask the link worker');
    expect(opened.text).not.toContain('Panics');
    const wrong = await ask('offer', token, { action: 'reply', reply: 'decline' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toMatch(/18 to 24/);
    expect(await looks(id)).toBe(2);
  });

  it('on the waiting list, says so, and takes "still waiting" as often as it is said', async () => {
    const waiting = stored(replyToOffer(offered(risky()), 'offer-1', { reply: 'waitlist' }, NOW));
    const { token } = await linked(entered(waiting, 'place'), 'offer-1');
    const listed = await ask('offer', token);
    expect(listed.text).toContain('Recorded: on your waiting list since 23 November 2026');
    expect(listed.text).not.toMatch(/18 to 24|Large print/);
    for (const day of ['01', '02']) {
      const now = `2026-12-${day}T10:00:00.000Z`;
      expect((await ask('offer', token, { action: 'reply', reply: 'waitlist' }, now)).status).toBe(303);
    }
    expect((await ask('offer', token)).text).toContain('You said on 2 December 2026');
  });

  it('tells after accepting who it is and how old', async () => {
    const { token, id } = await linked(accepted(offered(risky())), 'offer-1');
    expect((await ask('offer', token)).text).not.toContain('Brien');
    const opened = await ask('offer', token, { action: 'open' });
    expect(opened.text).toContain('3 April 2008 (age 18)');
    expect(await looks(id)).toBe(1);
  });
});

describe('the register', () => {
  it('names the person beside the form when it is opened, and when something is wrong', async () => {
    const { token, id } = await linked(accepted(), 'register-1');
    const now = '2026-12-01T18:00:00.000Z';
    expect((await ask('register', token, undefined, now)).text).not.toContain('Brien');
    const opened = await ask('register', token, { action: 'open' }, now);
    expect(opened.text).toContain("Róisín O'Brien");
    expect(opened.text).toContain('Was the session held?');
    const wrong = await ask('register', token, { action: 'record', held: 'yes' }, now);
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain("Róisín O'Brien");
    expect(await looks(id)).toBe(2);
  });
});

describe('the person’s page', () => {
  it('lists all twelve sessions, and the next of them', async () => {
    const { token } = await linked(recorded(accepted(), '5'), 'person');
    const page = await ask('person', token, undefined, '2026-12-02T10:00:00.000Z');
    expect(page.text).toContain('Your next session: Tuesday 8 December 2026 at 4:00 pm');
    expect(page.text).toContain('Session 12');
    expect(page.text).not.toContain('Session 13');
    const late = await ask('person', token, undefined, '2026-12-10T10:00:00.000Z');
    expect(late.text).toContain('Your next session: Tuesday 15 December 2026 at 4:00 pm');
  });
});

describe('a letter without an email address', () => {
  it('tells the link worker to print it', async () => {
    const { email: _none, ...fields } = { ...validFields, phone: '07700 900982' };
    const left = stored(leave(entered(submitted(fields), 'review'), 'person', NOW));
    const { token } = await linked(stored(close(left, NOW)), 'letter-person');
    expect((await ask('letters', token)).text).toContain('what to know before you post it');
    expect((await ask('letters', token, { action: 'open' })).text).toContain('07700 900982');
  });
});

describe('a referral that cannot be read', () => {
  it('is not acted upon, and the page says so without saying what is stored', async () => {
    const id = 'c'.repeat(32);
    await table.put({ pk: `REFERRAL#${id}`, sk: 'REFERRAL', id, stage: 'lost-in-space', schemaVersion: '1' });
    const { token } = mintToken(id);
    for (const fields of [undefined, { action: 'decide', ...match }]) {
      const answer = await ask('review', token, fields);
      expect(answer.status).toBe(500);
      expect(answer.text).toMatch(/problem with the service/i);
      expect(answer.html).not.toContain('lost-in-space');
    }
    expect(await looks(id)).toBe(0);
  });
});
