/** What the person says on their own page, by HTTP: kept once however often it is sent, and seen to by the team. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as contacts } from '../../../functions/link-worker-contacts/handler.ts';
import { handler as page } from '../../../functions/person-page/handler.ts';
import { handler as voice } from '../../../functions/person-voice/handler.ts';
import { newestFeedback } from '../../../functions/shared/feedback.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { documents } from '../../../functions/shared/table.ts';
import { openConcern } from '../../../workflows/concerns.ts';
import { withHash } from '../../../workflows/links.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { placeInWorklist } from '../../../workflows/worklist.ts';
import { accepted, FIRST_SESSION, inReview, NOW, offered, stored as outcome } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const LATER = later(NOW, { minutes: 5 });

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xc000;

/** A stored referral, and the link of the person's page. */
async function stored(referral: Referral): Promise<{ id: string; token: string; reference: string }> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const reference = `SP-VVVV-${ids.toString(16).toUpperCase().padStart(4, 'X')}`;
  const { token, hash } = mintToken(id);
  const { person: link, ...others } = referral.links;
  if (!link) throw new Error('no link for the person');
  const links = { ...others, person: withHash(link, hash, NOW) };
  await table.referrals.create({ ...referral, id, reference, links, outbox: [], version: 0 });
  return { id, token, reference };
}

async function read(id: string): Promise<Referral> {
  const referral = await table.referrals.read(id);
  if (!referral) throw new Error('not there');
  return referral;
}

const emails = ({ outbox }: Referral) =>
  outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : []));

const get = (path: string, token: string, now = LATER, query: Record<string, string> = {}) =>
  request(path === '' ? page : voice, {
    route: `GET /person/{link}${path}`,
    path: { link: token },
    query,
    now,
  });
const post = (path: string, token: string, fields: Record<string, string>, now = LATER) =>
  request(path === '' ? page : voice, {
    route: `POST /person/{link}${path}`,
    path: { link: token },
    fields,
    now,
  });
const titleOf = (body = '') => parse(body).querySelector('h1')?.text.split('–').at(-1)?.trim();
const errorsIn = (body = '') =>
  parse(body)
    .querySelectorAll('.nhsuk-error-summary__list a')
    .map((a) => a.text.trim());

/** The form of a page, as its own fields are. */
async function keyOf(path: string, token: string, now = LATER): Promise<string> {
  const { body = '' } = await get(path, token, now);
  return parse(body).querySelector('input[name=key]')?.getAttribute('value') ?? '';
}

describe('feedback', () => {
  it('is kept once, whether it is sent twice, at once or again later', async () => {
    const { id, token } = await stored(accepted());
    const key = await keyOf('/feedback', token);
    const fields = { key, about: 'programme', rating: 'good', text: 'The room is cold' };
    const answers = await Promise.all([post('/feedback', token, fields), post('/feedback', token, fields)]);
    answers.push(await post('/feedback', token, fields, later(LATER, { hours: 3 })));
    for (const { statusCode, headers } of answers) {
      expect([statusCode, headers?.location]).toEqual([303, `/person/${token}/feedback?sent=yes`]);
    }
    expect((await newestFeedback(TABLE, id)).map(({ text, rating, about }) => [text, rating, about])).toEqual(
      [['The room is cold', 'good', 'programme']],
    );
    const referral = await read(id);
    expect(referral.feedback).toHaveLength(1);
    expect(JSON.stringify(referral)).not.toContain('cold');
    expect(emails(referral)).toEqual(['feedback → link-worker']);
    expect(titleOf((await get('/feedback', token, LATER, { sent: 'yes' })).body)).toBe(
      'Thank you for telling us',
    );
  });

  it('with something else under the same key is shown again, with what was typed', async () => {
    const { id, token } = await stored(inReview());
    const key = await keyOf('/feedback', token);
    await post('/feedback', token, { key, text: 'One' });
    const { statusCode, body = '' } = await post('/feedback', token, { key, text: 'Another' });
    expect([statusCode, errorsIn(body).length]).toEqual([422, 1]);
    expect(body).toContain('Another');
    const fresh = parse(body).querySelector('input[name=key]')?.getAttribute('value') ?? '';
    expect(fresh).not.toBe(key);
    expect((await post('/feedback', token, { key: fresh, text: 'Another' })).statusCode).toBe(303);
    expect((await newestFeedback(TABLE, id)).map(({ text }) => text).sort()).toEqual(['Another', 'One']);
  });

  it('that says nothing, is too long, or comes with an old form, says what to do', async () => {
    const { id, token } = await stored(inReview());
    const key = await keyOf('/feedback', token);
    expect(errorsIn((await post('/feedback', token, { key, text: '  ' })).body)).toEqual([
      'Write a few words, or select how it was, or tick a box',
    ]);
    expect((await post('/feedback', token, { key, text: 'x'.repeat(4001) })).statusCode).toBe(422);
    const late = await post('/feedback', token, { key, text: 'Hello' }, later(NOW, { days: 3 }));
    expect([late.statusCode, errorsIn(late.body)[0]]).toEqual([
      422,
      'This page had been open for too long, or was sent before with something else. Check what you entered, and send it again',
    ]);
    expect((await read(id)).version).toBe(0);
  });

  it('is taken so often in an hour, and then says whom to call', async () => {
    const { token } = await stored(inReview());
    const codes: (number | undefined)[] = [];
    for (let n = 0; n < 31; n++) {
      const key = await keyOf('/feedback', token);
      vi.stubEnv('FORMS_PER_TEN_MINUTES', '1000');
      const { statusCode, body } = await post('/feedback', token, { key, text: String(n) });
      codes.push(statusCode);
      if (statusCode === 429) expect(body).toContain('999');
    }
    expect([codes.filter((code) => code === 303).length, codes.at(-1)]).toEqual([30, 429]);
  });

  it('with a concern shows whom to call at once, and is first in the worklist until somebody has seen to it', async () => {
    const { id, token, reference } = await stored(accepted());
    const key = await keyOf('/feedback', token);
    const sent = await post('/feedback', token, { key, contactMe: 'yes', unsafe: 'yes', text: 'Help' });
    expect(sent.headers?.location).toBe(`/person/${token}/feedback?sent=concern`);
    const { body = '' } = await get('/feedback', token, LATER, { sent: 'concern' });
    expect(parse(body).querySelector('.osp-danger a[href="tel:999"]')).not.toBeNull();
    const referral = await read(id);
    expect(placeInWorklist(referral)).toMatchObject({ task: 'concern', urgency: 'danger' });
    expect(emails(referral).slice(0, 2)).toEqual([
      'concern-urgent → link-worker',
      'concern-urgent → coordinator',
    ]);

    const amina = await atWork('Amina');
    const at = { route: '/referrals/{reference}/contacts', path: { reference }, now: LATER };
    const ask = (fields?: Record<string, string>) =>
      fields ? amina.send(contacts, { ...at, fields }) : amina.open(contacts, at);
    const seen = parse((await ask()).body ?? '');
    const form = seen.querySelector('button[value=settle]')?.closest('form');
    expect(seen.querySelector('blockquote')?.text).toBe('Help');
    const fieldsOf = Object.fromEntries(
      (form?.querySelectorAll('input[type=hidden]') ?? []).map((input) => [
        input.getAttribute('name') ?? '',
        input.getAttribute('value') ?? '',
      ]),
    );
    expect((await ask({ ...fieldsOf, action: 'settle' })).statusCode).toBe(422);
    expect(openConcern(await read(id))).toBeDefined();
    const settle = { ...fieldsOf, action: 'settle', settled: 'Called her; she is with her sister' };
    for (const answer of [await ask(settle), await ask(settle)]) {
      expect(answer.headers?.location).toBe(`/referrals/${reference}/contacts?done=settled`);
    }
    const after = await read(id);
    expect([openConcern(after), after.assignee?.id]).toEqual([undefined, 'amina']);
    expect(emails(after)).not.toContain('concern-waiting → coordinator');
    const { body: now = '' } = await ask();
    expect(now).toContain('Called her; she is with her sister');
    expect(parse(now).querySelector('button[value=settle]')).toBeNull();
  });
});

describe('who waits', () => {
  it('still wants this, says so as often as they like, and is told that they go on waiting', async () => {
    const { id, token } = await stored(inReview());
    for (let n = 0; n < 2; n++) {
      const { headers } = await post('/check-in', token, { answer: 'still-want' });
      expect(headers?.location).toBe(`/person/${token}/check-in?sent=waiting`);
    }
    const referral = await read(id);
    expect(referral.history.filter(({ event }) => event === 'check-in-answered')).toHaveLength(1);
    expect(titleOf((await get('/check-in', token, LATER, { sent: 'waiting' })).body)).toBe(
      'Thank you: you go on waiting',
    );
  });

  it('reads that they keep their place only where there is one', async () => {
    const listed = outcome(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
    for (const [referral, has] of [
      [inReview(), false],
      [offered(), false],
      [listed, true],
    ] as const) {
      const { token } = await stored(referral);
      const pages = [
        await get('/check-in', token),
        await get('/check-in', token, LATER, { sent: 'waiting' }),
      ];
      expect(pages.map(({ body = '' }) => /you keep your place/i.test(body))).toEqual([has, has]);
      expect(pages.map(({ body = '' }) => /we have not forgotten you/i.test(body))).toEqual([!has, !has]);
    }
  });

  it('is worried, which is a concern with whatever they write', async () => {
    const { id, token } = await stored(inReview());
    const fields = { key: await keyOf('/check-in', token), answer: 'worried', text: 'I may lose my home' };
    for (let n = 0; n < 2; n++) {
      expect((await post('/check-in', token, fields)).headers?.location).toBe(
        `/person/${token}/check-in?sent=concern`,
      );
    }
    const referral = await read(id);
    expect([openConcern(referral)?.kind, referral.checkIn?.answer, referral.concerns?.length]).toEqual([
      'contact',
      'worried',
      1,
    ]);
    expect(await newestFeedback(TABLE, id)).toMatchObject([{ about: 'waiting', text: 'I may lose my home' }]);
  });

  it('no longer wants it: after saying so twice, they have left', async () => {
    const { id, token } = await stored(inReview());
    const asked = await post('/check-in', token, { answer: 'no-longer' });
    expect([asked.statusCode, (await read(id)).stage]).toEqual([422, 'review']);
    for (let n = 0; n < 2; n++) {
      const done = await post('/check-in', token, { answer: 'no-longer', confirm: 'yes' });
      expect(done.headers?.location).toBe(`/person/${token}`);
    }
    expect(await read(id)).toMatchObject({ stage: 'closing', ending: { kind: 'withdrawn' } });
    expect(titleOf((await get('', token)).body)).toBe('You have left');
  });

  it('waits no more: is told so, and nothing is changed', async () => {
    const { id, token } = await stored(accepted());
    expect(titleOf((await get('/check-in', token)).body)).toBe('You are not waiting any more');
    await post('/check-in', token, { answer: 'still-want' });
    expect((await read(id)).version).toBe(0);
    expect((await post('/check-in', token, {})).statusCode).toBe(200);
  });
});

describe('how to reach somebody', () => {
  it('is shown only after it was asked for, with an entry in the audit for each look', async () => {
    const { id, token } = await stored(accepted());
    const { body: door = '' } = await get('/contact', token);
    expect(door).not.toContain('English');
    const looks = async () => {
      const { Count } = await documents().send(
        new QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
          ExpressionAttributeValues: { ':pk': `REFERRAL#${id}`, ':audit': 'AUDIT#' },
        }),
      );
      return Count;
    };
    expect(await looks()).toBe(0);
    expect((await post('/contact', token, { action: 'open' })).statusCode).toBe(200);
    expect(await looks()).toBe(1);
  });

  it('is a correction, keeps all else, and the same again changes nothing', async () => {
    const { id, token } = await stored(accepted());
    const before = await read(id);
    const fields = {
      action: 'save',
      reminders: 'none',
      contactPreferred: 'email',
      contactNote: 'Only after 4 pm',
      'communicationNeeds-interpreter': 'yes',
      communicationLanguage: 'Somali',
    };
    for (let n = 0; n < 3; n++) {
      expect((await post('/contact', token, fields)).headers?.location).toBe(
        `/person/${token}/contact?saved=yes`,
      );
    }
    const after = await read(id);
    expect(after.person).toEqual({
      ...before.person,
      contact: { mayEmail: true, preferred: 'email', note: 'Only after 4 pm', reminders: 'none' },
      communication: { needs: ['interpreter'], language: 'Somali' },
    });
    expect(after.corrections).toHaveLength(1);
    expect(emails(after)).toEqual(['details-corrected → link-worker']);
    // The form of all details leaves the choice as it is.
    const details = await post('', token, { action: 'correct' });
    const form = parse(details.body ?? '');
    const values: Record<string, string> = {};
    for (const input of form.querySelectorAll('input')) {
      const off =
        ['radio', 'checkbox'].includes(input.getAttribute('type') ?? '') && !input.hasAttribute('checked');
      if (!off) values[input.getAttribute('name') ?? ''] = input.getAttribute('value') ?? '';
    }
    for (const area of form.querySelectorAll('textarea')) values[area.getAttribute('name') ?? ''] = area.text;
    expect((await post('', token, { ...values, action: 'save-details' })).statusCode).toBe(303);
    expect((await read(id)).person.contact?.reminders).toBe('none');
  });

  it('keeps a language that is written down without an interpreter', async () => {
    const { token } = await stored(accepted());
    const fields = { action: 'save', reminders: 'none', communicationLanguage: 'Polish' };
    expect((await post('/contact', token, fields)).statusCode).toBe(303);
    const { body = '' } = await post('/contact', token, { action: 'open' });
    expect(parse(body).querySelector('[name=communicationLanguage]')?.getAttribute('value')).toBe('Polish');
  });

  it('says what is wrong beside what was entered, and has nothing to change once it has ended', async () => {
    const { id, token } = await stored(inReview());
    const wrong = await post('/contact', token, {
      action: 'save',
      contactPreferred: 'phone',
      contactNote: 'Mornings',
    });
    expect(errorsIn(wrong.body)).toEqual([
      'Select how you want to be reminded',
      'Enter a phone number, or select another way to make contact',
    ]);
    expect(wrong.body).toContain('Mornings');
    expect((await read(id)).version).toBe(0);
    await post('', token, { action: 'leave', confirm: 'yes' });
    const ended = await post('/contact', token, { action: 'save', reminders: 'none' });
    expect([ended.statusCode, ended.body?.includes('Your referral has ended')]).toEqual([200, true]);
  });
});

describe('“I can’t make this one”', () => {
  it('is recorded once, and taken back until the session begins', async () => {
    const { id, token } = await stored(accepted());
    const say = (action: string, session = '1', now = LATER) => post('', token, { action, session }, now);
    const excusedAt = async () => (await read(id)).programme?.sessions[0]?.excusedAt;
    const { body: first = '' } = await get('', token);
    expect(parse(first).querySelector('button[value=cannot-come]')).not.toBeNull();
    for (let n = 0; n < 2; n++) {
      expect((await say('cannot-come')).headers?.location).toBe(`/person/${token}?done=cannot-come`);
    }
    expect([await excusedAt(), (await read(id)).version]).toEqual([LATER, 1]);
    const { body: excused = '' } = await get('', token, LATER, { done: 'cannot-come' });
    expect(parse(excused).querySelector('button[value=comes]')).not.toBeNull();
    expect(excused).toContain('You told us you cannot come');
    expect((await say('comes')).headers?.location).toBe(`/person/${token}?done=comes`);
    expect(await excusedAt()).toBeUndefined();
    for (const late of [
      await say('cannot-come', '2'),
      await say('cannot-come', 'x'),
      await say('cannot-come', '1', FIRST_SESSION),
    ]) {
      expect(late.headers?.location).toBe(`/person/${token}?done=too-late`);
    }
    expect(await excusedAt()).toBeUndefined();
  });
});

it('the person’s own pages cost the same however much there is, and reading by link changes nothing', async () => {
  const counts: number[][] = [];
  const few = await stored(accepted());
  const many = await stored(accepted());
  for (let n = 0; n < 30; n++) {
    await post('/feedback', many.token, { key: await keyOf('/feedback', many.token), text: String(n) });
    await post('', many.token, { action: 'open' }, later(LATER, { days: n }));
  }
  for (const { id, token } of [few, many]) {
    const { version } = await read(id);
    const cost: number[] = [];
    for (const path of ['', '/feedback', '/check-in', '/contact']) {
      cost.push(await counted(() => get(path, token)));
    }
    expect((await read(id)).version).toBe(version);
    cost.push(await counted(() => post('', token, { action: 'open' })));
    counts.push(cost);
  }
  expect(counts[1]).toEqual(counts[0]);
  // Their own page reads the referral and the cohort; opened, it also notes the look and lists who looked, and who for a reason.
  expect(counts[0]).toEqual([2, 1, 1, 1, 5]);
});

/** How many requests to the table something makes, besides the directory's, which is read once in a while. */
async function counted(what: () => Promise<unknown>): Promise<number> {
  await what();
  const counts = await table.counted(what);
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
