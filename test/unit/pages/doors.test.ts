/** What the handlers themselves open, and note in the audit, at each point of a referral's life. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as letters } from '../../../functions/letters/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { handler as person } from '../../../functions/person-page/handler.ts';
import { handler as offer } from '../../../functions/provider-offer/handler.ts';
import { handler as register } from '../../../functions/session-register/handler.ts';
import { changeCohort, cohortOf } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { close } from '../../../workflows/closing.ts';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import { releaseOffer, replyToOffer } from '../../../workflows/offer.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { atWork } from '../functions/at-work.ts';
import { request, startEnvironment } from '../functions/environment.ts';
import { TABLE, type TestTable } from '../functions/table.ts';
import {
  AMINA,
  accepted,
  cohortFor,
  entered,
  inReview,
  NOW,
  offered,
  register as recorded,
  stored,
  storedCohort,
  submitted,
  validFields,
} from '../workflows/builders.ts';

const RISKY = {
  ...validFields,
  risks: 'known',
  risksDetail: 'Panics at Mum’s',
  'communicationNeeds-large-print': 'yes',
};
const HANDLERS = { offer, register, person };
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

/** Stores a referral and the cohort that it has of its own, with a working link. */
async function group(referral: Referral): Promise<{ token: string; id: string }> {
  const { id } = await linked(referral, 'offer-1');
  const own = { ...referral, id } as Extract<Referral, { stage: 'programme' }>;
  const cohort = await cohortOf(TABLE, own, own.programme, NOW);
  const { token, hash } = mintToken(cohort.id);
  const hashes = [{ hash, expiresAt: '2027-12-01T00:00:00.000Z' }];
  await changeCohort(TABLE, cohort.id, NOW, (each) => ({ ...each, hashes }));
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

/** In a programme, of whose first session its register says that it is not right for them. */
function returned(): Referral {
  const referral = accepted();
  const cohort = cohortFor(referral);
  const entries = { [referral.id]: { attendance: '5', notRight: true } } as const;
  const recordedAt = '2026-12-01T18:00:00.000Z';
  const said = storedCohort(recordGroupRegister(cohort, 1, { held: true, entries }, recordedAt));
  return stored(learnOfSession(referral, said, 1, recordedAt));
}

const looks = async (id: string) => table.looksAt(id).length;

const risky = () => entered(submitted(RISKY), 'review');
const match = { decision: 'match', programmeId: 'hive-music' } as const;

/** Stores a referral, and has somebody of its team open and send its page. */
async function opened(referral: Referral) {
  ids += 1;
  const id = `${ids.toString(16).padStart(10, '0')}${'c'.repeat(22)}`;
  const path = { reference: referenceOf(id) };
  await table.referrals.create({ ...referral, id, reference: path.reference, version: 0 });
  const read = ({ statusCode, body = '' }: Awaited<ReturnType<typeof request>>) => {
    return { status: statusCode, text: parse(body).structuredText, html: body };
  };
  const by = async (name: string, now = NOW) => {
    const somebody = await atWork(name, { now });
    const at = { route: '/referrals/{reference}', path };
    return {
      open: async () => read(await somebody.open(review, at)),
      send: async (fields: Record<string, string>) => read(await somebody.send(review, { ...at, fields })),
    };
  };
  return { id, by };
}

describe('the review', () => {
  it('wants the risks in words for the provider, once there are any, and stores them', async () => {
    const { id, by } = await opened(risky());
    const { send } = await by('Amina');
    const without = await send({ action: 'decide', review: 'review-1', ...match });
    expect(without.status).toBe(422);
    expect(without.text).toContain('Enter what the provider must know of the risks');
    const ranking = /name="ranking" value="([^"]+)"/.exec(without.html)?.[1] ?? '';
    const inWords = { review: 'review-1', ranking, riskSummary: 'Crowds are hard' };
    expect((await send({ action: 'decide', ...match, ...inWords })).status).toBe(303);
    expect((await table.referrals.read(id))?.offers[0]?.riskSummary).toBe('Crowds are hard');
  });

  it.each<[string, Referral]>([
    ['somebody is in danger', entered(submitted({ ...validFields, danger: 'yes' }), 'review')],
    ['the person does not feel safe', raiseConcern(entered(submitted(), 'review'), 'unsafe', NOW)],
  ])(
    'wants them in words also where it is said that %s, and says nowhere that none are known',
    async (_, said) => {
      const { id, by } = await opened(said);
      const { open, send } = await by('Amina');
      const page = await open();
      expect(page.text).not.toMatch(/no known risks/i);
      expect(page.html).toContain('id="riskSummary"');
      const without = await send({ action: 'decide', review: 'review-1', ...match });
      expect([without.status, without.text]).toEqual([
        422,
        expect.stringContaining('Enter what the provider must know of the risks'),
      ]);
      const ranking = /name="ranking" value="([^"]+)"/.exec(without.html)?.[1] ?? '';
      const inWords = { review: 'review-1', ranking, riskSummary: 'Ring us before each visit' };
      expect((await send({ action: 'decide', ...match, ...inWords })).status).toBe(303);
      expect((await table.referrals.read(id))?.offers[0]?.riskSummary).toBe('Ring us before each visit');
      const later = await open();
      expect(later.text).not.toMatch(/no known risks/i);
      expect(later.text).not.toContain('says that somebody is in danger now');
    },
  );

  it('lets nobody say that somebody in danger does not want it, whom nobody has spoken with', async () => {
    const danger = entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    const decline = {
      ...{ action: 'decide', review: 'review-1', decision: 'decline' },
      declineReason: 'person-does-not-want-it',
    };
    const { send } = await (await opened(danger)).by('Amina');
    const refused = await send(decline);
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('Speak with them first, and record it'),
    ]);
    const call = { channel: 'phone', outcome: 'reached' } as const;
    const reached = await (await opened(stored(recordContact(danger, 1, call, AMINA, NOW)))).by('Amina');
    expect((await reached.send(decline)).status).toBe(303);
  });

  it('puts nobody on hold who may be in danger and whom nobody has spoken with', async () => {
    const danger = entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    const hold = {
      ...{ action: 'decide', review: 'review-1', decision: 'hold', holdReason: 'person-asked' },
      ...{ 'holdUntil-day': '1', 'holdUntil-month': '2', 'holdUntil-year': '2027' },
    };
    const { send, open } = await (await opened(danger)).by('Amina');
    const refused = await send(hold);
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('Speak with them first, and record it'),
    ]);
    expect((await open()).text).toContain('somebody is in danger now');
    const call = { channel: 'phone', outcome: 'reached' } as const;
    const reached = await (await opened(stored(recordContact(danger, 1, call, AMINA, NOW)))).by('Amina');
    const page = await reached.open();
    expect(page.text).not.toContain('says that somebody is in danger now');
    expect(page.text).toMatch(
      /Known risks\s+The referral said on 23 November 2026 that somebody was in danger/,
    );
    expect((await reached.send(hold)).status).toBe(303);
  });

  it('opens the case again after the decision, to read', async () => {
    const matched = stored(decideReview(risky(), 'review-1', match, NOW));
    const { id, by } = await opened(matched);
    const page = await (await by('Amina')).open();
    expect(page.text).toContain("Róisín O'Brien");
    expect(page.text).toContain('Panics at Mum’s');
    expect(page.html).not.toContain('name="decision"');
    expect(await looks(id)).toBe(1);
  });

  it('is no form once there is nothing to decide, whatever is sent', async () => {
    const { id, by } = await opened(stored(leave(accepted(), 'person', NOW)));
    const { open, send } = await by('Amina');
    const page = await open();
    expect(page.text).toContain('The person left');
    expect(page.html).not.toContain('name="decision"');
    const decline = { action: 'decide', decision: 'decline', declineReason: 'duplicate' };
    for (const fields of [
      decline,
      { ...decline, review: 'review-1' },
      { action: 'welfare', outcome: 'close' },
    ])
      expect((await send(fields)).status).toBe(409);
    expect((await table.referrals.read(id))?.stage).toBe('closing');
  });
});

describe('the welfare contact', () => {
  const missed = () => entered(recorded(recorded(accepted(), '3'), '3'), 'welfare');
  const LATER = '2027-01-11T10:00:00.000Z';
  const tried = (referral: Referral): Referral => ({
    ...referral,
    contacts: (['phone', 'text', 'phone'] as const).map((channel, i) => ({
      ...{ number: i + 1, at: `2026-12-1${i}T10:00:00.000Z`, channel },
      ...{ outcome: 'no-answer' as const, by: { id: 'amina', name: 'Amina' } },
    })),
  });
  const sent = { action: 'welfare', contact: 'welfare-1' };

  it('leads to where the programme can be ended once nobody answers, and nowhere else', async () => {
    const { by } = await opened(tried(missed()));
    const { text, html } = await (await by('Amina', LATER)).open();
    expect(text).toContain('Nobody has answered 3 attempts to make contact');
    expect(text).toContain('You can end the programme for them');
    expect(html).toMatch(/href="\/referrals\/SP-[^"]*#outcome"/);
    expect(text).not.toContain('This one does not at the moment');
  });

  it('is asked for where the referral is, is recorded with the name, and leads back there', async () => {
    const { id, by } = await opened(missed());
    const { open, send } = await by('Amina');
    const page = await open();
    expect(page.text).toContain('Contact a person who missed two sessions');
    expect(page.text).toContain('The next session is planned');
    expect(page.html).toContain('/contacts"');
    expect((await send({ ...sent, outcome: 'toString' })).status).toBe(422);
    const wrong = await send({ ...sent, note: 'Was ill' });
    expect([wrong.status, wrong.text.includes('Was ill')]).toEqual([422, true]);
    for (let i = 0; i < 2; i++) {
      expect((await send({ ...sent, outcome: 'continue', note: 'Was ill' })).status).toBe(303);
    }
    const after = await table.referrals.read(id);
    expect(after?.history.filter(({ event }) => event === 'welfare-contact')).toEqual([
      expect.objectContaining({ detail: 'continue', name: 'Amina' }),
    ]);
    expect((await open()).text).toContain('Was ill');
  });

  it('is decided once: whoever is slower hears of whom and when, and keeps what they wrote', async () => {
    const { by } = await opened(missed());
    const [amina, tom] = [await by('Amina'), await by('Tom', '2026-11-23T09:05:00.000Z')];
    expect((await amina.send({ ...sent, outcome: 'continue' })).status).toBe(303);
    for (const outcome of ['close', '']) {
      const late = await tom.send({ ...sent, outcome, note: 'She wants to stop' });
      expect(late.status).toBe(409);
      for (const words of ['Somebody was faster', 'By Amina', '9:00 am', 'She wants to stop']) {
        expect(late.text).toContain(words);
      }
    }
  });

  it('ends with nobody reached only after enough attempts, and never while a risk is open', async () => {
    const could = { ...sent, outcome: 'could-not-reach', note: 'Phone is off' };
    const early = await (await by(missed())).send(could);
    expect(early.status).toBe(422);
    expect(early.text).toContain('first record 3 attempts that nobody answered');
    expect(early.text).toContain('Phone is off');
    const danger = await (await by(tried({ ...missed(), request: risky().request }))).send(could);
    expect(danger.status).toBe(422);
    expect(danger.text).toContain('There is a known risk: do not close it because nobody answers');
    const { id, by: of } = await opened(tried(missed()));
    expect((await (await of('Amina', LATER)).send(could)).status).toBe(303);
    expect(await table.referrals.read(id)).toMatchObject({
      stage: 'closing',
      ending: { kind: 'ended-early', reason: 'could-not-reach' },
    });

    async function by(referral: Referral) {
      return (await opened(referral)).by('Amina', LATER);
    }
  });
});

describe('the letters, signed in', () => {
  const route = '/referrals/{reference}/letters/{reader}';
  const letter = async (referral: Referral, reader: string) => {
    const id = `${(++ids).toString(16).padStart(10, '0')}${'d'.repeat(22)}`;
    const reference = referenceOf(id);
    await table.referrals.create({ ...referral, id, reference, version: 0 });
    const somebody = await atWork('Amina', { now: NOW });
    const { statusCode, body = '' } = await somebody.open(letters, { route, path: { reference, reader } });
    return { id, status: statusCode, text: parse(body).structuredText };
  };
  const closed = (referral: Referral) => stored(close(stored(leave(referral, 'person', NOW)), NOW));

  it('are read by the team once they were sent, and each look is noted', async () => {
    const early = await letter(inReview(), 'person');
    expect([early.status, await looks(early.id)]).toEqual([404, 0]);
    for (const reader of ['person', 'referrer', 'gp']) {
      const { id, status, text } = await letter(closed(inReview()), reader);
      expect([status, await looks(id)]).toEqual([200, 1]);
      expect(text).toContain('Yours sincerely');
      expect(text).not.toContain('The link works for a limited time');
    }
    expect((await letter(closed(inReview()), 'mother')).status).toBe(404);
    const self = entered(submitted({ ...validFields, referrerKind: 'self' }), 'review');
    expect((await letter(closed(self), 'referrer')).status).toBe(404);
  });

  it('say how to print the one of a person without an address, and what to know before it is posted', async () => {
    const { email: _none, ...fields } = { ...validFields, phone: '07700 900982' };
    const { text } = await letter(closed(entered(submitted(fields), 'review')), 'person');
    expect(text).toContain('please print this letter');
    expect(text).toContain('07700 900982');
  });
});

describe('the offer', () => {
  it('shows the person’s situation only when it is opened, and that is noted', async () => {
    const { token, id } = await linked(offered(risky()), 'offer-1');
    const door = await ask('offer', token);
    expect(door.text).toContain('See the referral');
    expect(door.text).not.toMatch(/18 to 24|\bNW1\b|Large print|risk/i);
    const opened = await ask('offer', token, { action: 'open' });
    expect(opened.text).toMatch(/18 to 24/);
    expect(opened.text).toContain('There may be risks: ask the link worker');
    expect(opened.text).not.toContain('Panics');
    const wrong = await ask('offer', token, { action: 'reply', reply: 'decline' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toMatch(/18 to 24/);
    expect(await looks(id)).toBe(2);
  });

  it('never says that no risks are known while somebody may be in danger, or has said that they are not safe', async () => {
    const danger = offered(entered(submitted({ ...validFields, danger: 'yes' }), 'review'));
    const unsafe = raiseConcern(offered(), 'unsafe', NOW);
    for (const referral of [danger, unsafe]) {
      const { token } = await linked(referral, 'offer-1');
      const { text } = await ask('offer', token, { action: 'open' });
      expect(text).toContain('There may be risks: ask the link worker before you accept');
      expect(text).not.toMatch(/no known risks/i);
    }
    // Once somebody has seen to it, what the link worker wrote of it stays.
    const [offer] = unsafe.offers;
    const said = { ...unsafe, offers: [{ ...offer, riskSummary: 'Ring us before each visit' }] } as Referral;
    const settled = stored(settleConcern(said, 1, AMINA, NOW));
    const { token } = await linked(settled, 'offer-1');
    expect((await ask('offer', token, { action: 'open' })).text).toContain('Ring us before each visit');
  });

  it('tells before acceptance which needs they have, and not what was written about them', async () => {
    const known = offered(risky());
    const detail = 'Ask her mother Maureen on 020 7946 0958';
    const communication = { needs: ['interpreter' as const], language: 'Polish', detail };
    const { token } = await linked({ ...known, person: { ...known.person, communication } }, 'offer-1');
    const { text } = await ask('offer', token, { action: 'open' });
    expect(text).toContain('An interpreter: Polish');
    expect(text).not.toMatch(/Maureen|7946/);
    const prefers = { ...known.person, communication: { needs: [], language: 'Polish' } };
    const other = await linked({ ...known, person: prefers }, 'offer-1');
    const without = await ask('offer', other.token, { action: 'open' });
    expect(without.text).toContain('Preferred language: Polish');
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

  it('tells also after accepting nobody who it is without a code', async () => {
    const { token, id } = await linked(accepted(offered(risky())), 'offer-1');
    expect((await ask('offer', token)).text).not.toContain('Brien');
    const opened = await ask('offer', token, { action: 'open' });
    // Behind a code: test/unit/functions/offer-code.test.ts.
    expect(opened.status).toBe(303);
    expect(await looks(id)).toBe(0);
  });
});

describe('the register', () => {
  it('names the person beside the form when it is opened, and when something is wrong', async () => {
    const { token, id } = await group(accepted());
    const now = '2026-12-01T18:00:00.000Z';
    expect((await ask('register', token, undefined, now)).text).not.toContain('Brien');
    const opened = await ask('register', token, { action: 'open' }, now);
    expect(opened.text).toContain("Róisín O'Brien");
    expect(opened.text).toContain('The session was not held');
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

  it('says that they are off a waiting list, and that something else is looked for', async () => {
    const listed = stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
    for (const off of [
      stored(replyToOffer(listed, 'offer-1', { reply: 'decline', reason: 'no-capacity' }, NOW)),
      stored(releaseOffer(listed, NOW)),
    ]) {
      const { text } = await ask('person', (await linked(off, 'person')).token);
      expect(text).toContain('You are not on the waiting list any more');
      expect(text).toContain('looks for something else');
    }
    const never = stored(releaseOffer(offered(), NOW));
    const { text } = await ask('person', (await linked(never, 'person')).token);
    expect(text).toContain('A link worker is reading your referral');
  });

  it('says whom to ask how to get there where the directory does not', async () => {
    const { token } = await linked(accepted(), 'person');
    const { text } = await ask('person', token, { action: 'open' });
    expect(text).toMatch(
      /How to get there\s*Please ask The Hive with Nordoff and Robbins by email, or a link worker/,
    );
  });

  it('says that their place has ended where it was not right for them, and keeps what they came to', async () => {
    const { token } = await linked(returned(), 'person');
    const now = '2026-12-02T10:00:00.000Z';
    const page = await ask('person', token, undefined, now);
    expect(page.text).toContain('Your place in the programme has ended');
    expect(page.text).toContain('A link worker will contact you');
    expect(page.text).toMatch(/Your earlier sessions[\s\S]*Session 1[\s\S]*You came/);
    expect(page.text).not.toContain('Session 2');
    const matched = stored(decideReview(entered(returned(), 'review', now), 'review-2', match, now));
    const next = await ask('person', (await linked(matched, 'person')).token, undefined, now);
    expect(next.text).toContain('We have asked a programme whether they have a place for you');
    expect(next.text).toMatch(/Your earlier sessions[\s\S]*You came/);
    const declined = stored(
      replyToOffer(
        entered(matched, 'provider', now),
        'offer-2',
        { reply: 'decline', reason: 'no-capacity' },
        now,
      ),
    );
    const again = await ask('person', (await linked(declined, 'person')).token, undefined, now);
    expect(again.text).toContain('A link worker is reading your referral');
  });

  it('shows who has looked also to somebody who has left, who is noted as having looked only then', async () => {
    const { token, id } = await linked(stored(leave(accepted(), 'person', NOW)), 'person');
    await table.referrals.audit(id, {
      ...{ at: NOW, requestId: 'before', page: 'overview', by: 'amina' },
      ...{ name: 'Amina Rahman', roles: ['link-worker'], teams: ['camden'] },
    });
    const left = await ask('person', token);
    expect(left.text).toContain('You have left');
    expect(left.text).not.toContain('Amina');
    expect(parse(left.html).querySelector('button[value=open]')?.text).toContain('Show who has looked');
    expect(await looks(id)).toBe(1);
    const opened = await ask('person', token, { action: 'open' });
    expect(opened.text).toContain('You have left');
    expect(opened.text).toContain('Amina Rahman, link worker');
    expect(parse(opened.html).querySelector('button[value=open]')).toBeNull();
    expect(await looks(id)).toBe(2);
  });
});

describe('a referral that cannot be read', () => {
  it('is not acted upon, and the page says so without saying what is stored', async () => {
    const id = 'c'.repeat(32);
    await table.put({ pk: `REFERRAL#${id}`, sk: 'REFERRAL', id, stage: 'lost-in-space', schemaVersion: '1' });
    const { token } = mintToken(id);
    for (const fields of [undefined, { action: 'decide', ...match }]) {
      const answer = await ask('offer', token, fields);
      expect(answer.status).toBe(500);
      expect(answer.text).toMatch(/problem with the service/i);
      expect(answer.html).not.toContain('lost-in-space');
    }
    expect(await looks(id)).toBe(0);
  });
});
