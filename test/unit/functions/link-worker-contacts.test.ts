/** Contacts and notes as people enter them: once, twice, at the same time, and late. */
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { type HTMLElement, parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as contacts } from '../../../functions/link-worker-contacts/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { keepNote, pageOfNotes } from '../../../functions/shared/notes.ts';
import { beginSession } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { isRefusal } from '../../../workflows/change.ts';
import { unanswered } from '../../../workflows/contacts.ts';
import { dangerStands } from '../../../workflows/danger.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Contact, Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0xc000;

/** A referral that waits for its review, and the browsers of two people of its team. */
async function waiting(fields: Record<string, string> = {}, change: Partial<Referral> = {}) {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const reference = referenceOf(id.split('').reverse().join(''));
  const referral = entered(submitted({ ...validFields, phone: '07700 900982', ...fields }), 'review');
  await table.referrals.create({
    ...referral,
    ...{ id, reference, version: 0, team: 'camden' },
    ...change,
  } as Referral);
  return {
    id,
    read: async () => (await table.referrals.read(id)) as Referral,
    notes: async () => (await pageOfNotes(TABLE, id)).notes,
    amina: await browser('amina', 'Amina Rahman', reference),
    tom: await browser('tom', 'Tom Wells', reference),
  };
}

async function browser(sub: string, name: string, reference: string, now = NOW) {
  const visit = { now, cookies: [] as string[], secure: false } as unknown as Visit;
  const begun = await beginSession(visit, {
    ...{ sub, name, email: '', roles: ['link-worker'], teams: ['camden'] },
  });
  const sent = { path: { reference }, cookies: [begun.split(';')[0] ?? ''] };
  const page = async (
    handler: unknown,
    route: string,
    fields?: Record<string, string>,
    at = now,
    query = {},
  ) => {
    const method = fields ? 'POST' : 'GET';
    const answer = await request(handler, {
      ...sent,
      route: `${method} /referrals/{reference}${route}`,
      fields: fields ?? {},
      query,
      now: at,
    });
    const html = parse(answer.body ?? '');
    return {
      status: answer.statusCode,
      location: answer.headers?.location,
      html,
      text: html.querySelector('main')?.structuredText ?? '',
    };
  };
  return {
    open: (at?: string) => page(contacts, '/contacts', undefined, at),
    older: (before: string) => page(contacts, '/contacts', undefined, now, { before }),
    send: (fields: Record<string, string>, at?: string) => page(contacts, '/contacts', fields, at),
    referral: (fields?: Record<string, string>, at?: string) => page(review, '', fields, at),
  };
}

/** What the page's form carries, with what somebody enters. */
function filled({ html }: { html: HTMLElement }, fields: Record<string, string>): Record<string, string> {
  const hidden = ['csrf', 'key', 'number'].map((name) => [
    name,
    html.querySelector(`main input[name=${name}]`)?.getAttribute('value') ?? '',
  ]);
  return { ...Object.fromEntries(hidden), when: 'now', ...fields };
}

const CALL = { action: 'contact', channel: 'phone', outcome: 'no-answer' };

describe('a contact', () => {
  it('is made by somebody who has seen what to mind before the phone number', async () => {
    const { amina } = await waiting({
      'communicationNeeds-large-print': 'yes',
      contactPreferred: 'text',
      risks: 'known',
      risksDetail: 'Panics in crowds',
    });
    const { text } = await amina.open();
    const places = ['Large print', 'Do not leave a message', 'Panics in crowds', '07700 900982'].map(
      (words) => text.indexOf(words),
    );
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it.each(['reached', 'no-answer'] as const)(
    'in the minute in which the referral arrived counts, since people enter the minute: %s',
    async (outcome) => {
      const createdAt = later(NOW, { minutes: -20 });
      const arrived = new Date(Date.parse(createdAt) + 30_000).toISOString();
      const { amina, read } = await waiting({ danger: 'yes' }, { createdAt: arrived });
      const when = {
        ...{ when: 'earlier', contactTime: '08:40' },
        ...{ 'contactDate-day': '23', 'contactDate-month': '11', 'contactDate-year': '2026' },
      };
      const form = filled(await amina.open(), { ...CALL, outcome, ...when });
      for (let i = 0; i < 2; i++) expect((await amina.send(form)).status).toBe(303);
      const stored = await read();
      expect(stored.contacts).toMatchObject([{ at: arrived, outcome }]);
      expect(dangerStands(stored)).toBe(outcome !== 'reached');
      expect(unanswered(stored)).toHaveLength(outcome === 'reached' ? 0 : 1);
    },
  );

  it('clicked twice is one, with one note', async () => {
    const { amina, read, notes } = await waiting();
    const form = filled(await amina.open(), { ...CALL, contactNote: 'Engaged all day' });
    const answers = await Promise.all([amina.send(form), amina.send(form)]);
    answers.push(await amina.send(form, later(NOW, { minutes: 3 })));
    for (const { status, location } of answers) {
      expect([status, location]).toEqual([303, expect.stringMatching(/\/contacts\?done=contact$/)]);
    }
    const { contacts: kept, history } = await read();
    expect(kept).toHaveLength(1);
    expect(history.filter(({ event }) => event === 'contact-tried')).toHaveLength(1);
    expect((await notes()).map(({ text, contact }) => [text, contact])).toEqual([['Engaged all day', 1]]);
    const { text } = await amina.open();
    expect(text).toContain('Engaged all day');
    expect(text).toContain('Amina Rahman, Monday 23 November 2026 at 9:00 am');
  });

  it('is asked for no next try where nothing would remind of it, and says what to do instead', async () => {
    const { amina, id, read } = await waiting();
    const page = await amina.open();
    const next = { 'nextDate-day': '1', 'nextDate-month': '12', 'nextDate-year': '2026' };
    const form = filled(page, { ...CALL, ...next, contactNote: 'She is at her sister’s' });
    const until = '2027-01-20T08:00:00.000Z';
    const hold = { decision: 'hold', until, reason: 'person-asked' } as const;
    await table.referrals.change(id, NOW, (each) => decideReview(each, 'review-1', hold, NOW));
    const refused = await amina.send(form);
    expect([refused.status, refused.html.querySelector('#nextDate-error')?.text]).toEqual([
      422,
      expect.stringContaining('add an action with that day to the plan'),
    ]);
    expect(refused.html.querySelector('#contactNote')?.text).toBe('She is at her sister’s');
    expect((await read()).contacts).toBeUndefined();
    const without = Object.keys(next).map((name) => [name, '']);
    const again = filled(refused, { ...form, ...Object.fromEntries(without) });
    expect((await amina.send(again)).status).toBe(303);
    const { html, text } = await amina.open();
    expect(html.querySelector('#nextDate-day')).toBeNull();
    expect(text).toContain('add an action with that day to the plan');
  });

  it('is asked for no next try where it ends what kept them before the team', async () => {
    const { amina, id, read } = await waiting({ danger: 'yes' });
    const ask = { decision: 'ask-for-more', to: 'referrer', question: 'Which number works?' } as const;
    await table.referrals.change(id, NOW, (each) => {
      const asked = decideReview(each, 'review-1', ask, NOW);
      return isRefusal(asked) ? asked : entered(asked, 'information');
    });
    const next = { 'nextDate-day': '1', 'nextDate-month': '12', 'nextDate-year': '2026' };
    const refused = await amina.send(filled(await amina.open(), { ...CALL, ...next, outcome: 'reached' }));
    expect([refused.status, refused.html.querySelector('#nextDate-error')?.text]).toEqual([
      422,
      expect.stringContaining('add an action with that day to the plan'),
    ]);
    expect((await read()).contacts).toBeUndefined();
    const without = Object.fromEntries(Object.keys(next).map((name) => [name, '']));
    expect((await amina.send(filled(refused, { ...CALL, ...without, outcome: 'reached' }))).status).toBe(303);
    expect((await read()).contacts).toHaveLength(1);
  });

  it('is recorded, and takes nobody, where the referral is passed on in between', async () => {
    const { amina, id, read } = await waiting();
    const form = filled(await amina.open(), CALL);
    const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<unknown>;
    const spy = vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(async function (
      this: unknown,
      command: unknown,
    ) {
      if (command instanceof PutCommand) {
        spy.mockRestore();
        const passOn = { decision: 'transfer', team: 'all' } as const;
        await table.referrals.change(id, NOW, (each) => decideReview(each, 'review-1', passOn, NOW));
      }
      return send.call(this, command);
    } as never);
    expect((await amina.send(form)).status).toBe(303);
    const { team, assignee, contacts: kept } = await read();
    expect([team, assignee, kept?.length]).toEqual(['all', undefined, 1]);
  });

  it('by two people at once is told to the slower one, who keeps what they typed and can add it', async () => {
    const { amina, tom, read, notes } = await waiting();
    const [first, second] = [await amina.open(), await tom.open()];
    const typed = { action: 'contact', channel: 'text', outcome: 'sent', contactNote: 'Asked her to call' };
    expect((await amina.send(filled(first, CALL))).status).toBe(303);
    const refused = await tom.send(filled(second, typed));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Amina Rahman has recorded a contact since you opened this page');
    expect(refused.html.querySelector('textarea[name=contactNote]')?.text.trim()).toBe('Asked her to call');
    expect(refused.html.querySelector('input[value=text]')?.hasAttribute('checked')).toBe(true);
    expect((await read()).contacts).toHaveLength(1);
    expect(await notes()).toEqual([]);
    expect((await tom.send(filled(refused, typed))).status).toBe(303);
    expect((await read()).contacts?.map(({ by }) => by.name)).toEqual(['Amina Rahman', 'Tom Wells']);
    expect((await notes()).map(({ text, contact }) => [text, contact])).toEqual([['Asked her to call', 2]]);
  });

  it('by two people in the same moment is recorded for one, and told to the other', async () => {
    const { amina, tom, read } = await waiting();
    const [first, second] = await Promise.all([amina.open(), tom.open()]);
    const answers = await Promise.all([
      amina.send(filled(first, CALL)),
      tom.send(filled(second, { ...CALL, outcome: 'left-message' })),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const { contacts: kept = [], history } = await read();
    expect(kept).toHaveLength(1);
    expect(history.filter(({ event }) => event === 'contact-tried').map(({ name }) => name)).toEqual([
      kept[0]?.by.name,
    ]);
  });

  it('of an hour ago, from the page of then, is another one', async () => {
    const { amina, read } = await waiting();
    const form = filled(await amina.open(), CALL);
    await amina.send(form);
    const again = await amina.send(form, later(NOW, { minutes: 11 }));
    expect(again.status).toBe(422);
    expect((await read()).contacts).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', { channel: '', outcome: '', when: '' }, 'Select how you tried to make contact'],
    ['a message left by letter', { channel: 'letter', outcome: 'left-message' }, 'does not go with'],
    ['a call that is sent', { outcome: 'sent' }, 'a text message, an email or a letter only'],
    ['no time', { when: 'earlier' }, 'Enter a real date'],
    [
      'tomorrow',
      {
        when: 'earlier',
        ...{ 'contactDate-day': '24', 'contactDate-month': '11', 'contactDate-year': '2026' },
        contactTime: '9:00',
      },
      'The date must be today or earlier',
    ],
    [
      'later today',
      {
        when: 'earlier',
        ...{ 'contactDate-day': '23', 'contactDate-month': '11', 'contactDate-year': '2026' },
        contactTime: '09:01',
      },
      'The time must be in the past',
    ],
    [
      'a next try yesterday',
      { 'nextDate-day': '22', 'nextDate-month': '11', 'nextDate-year': '2026' },
      'The next try must be today or later',
    ],
    [
      'a next try on no day',
      { 'nextDate-day': '31', 'nextDate-month': '11' },
      'Enter a real date for the next',
    ],
    ['too long a note', { contactNote: 'x'.repeat(4001) }, 'Use 4000 characters or fewer'],
    ['a key of their own', { key: '9999-01-01T00:00:00.000Z.aaaaaaaaaaaa' }, 'open for too long'],
    ['no number', { number: '' }, 'open for too long'],
  ])('refuses %s, and keeps what was typed', async (_, fields, error) => {
    const { amina, read } = await waiting();
    const form = filled(await amina.open(), { ...CALL, contactNote: 'Typed', ...fields });
    const { status, text, html } = await amina.send(form);
    expect([status, text]).toEqual([422, expect.stringContaining(error)]);
    expect(html.querySelector('textarea[name=contactNote]')?.text.trim()).toBe(form.contactNote);
    expect((await read()).contacts).toBeUndefined();
  });

  it('of earlier is kept with its own time', async () => {
    const { amina, read } = await waiting({}, { createdAt: later(NOW, { days: -5 }) });
    const date = { 'contactDate-day': '20', 'contactDate-month': '11', 'contactDate-year': '2026' };
    const next = { 'nextDate-day': '25', 'nextDate-month': '11', 'nextDate-year': '2026' };
    const form = filled(await amina.open(), {
      ...CALL,
      when: 'earlier',
      contactTime: '9:30',
      ...date,
      ...next,
    });
    expect((await amina.send(form)).status).toBe(303);
    expect((await read()).contacts).toMatchObject([{ at: '2026-11-20T09:30:00.000Z', next: '2026-11-25' }]);
  });
});

describe('a note', () => {
  it('clicked twice is one; changed and sent again, it is told that there are two', async () => {
    const { amina, notes } = await waiting();
    const form = filled(await amina.open(), { action: 'note', note: 'Likes to sing' });
    const answers = await Promise.all([amina.send(form), amina.send(form)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    const told = await amina.send({ ...form, note: 'Likes to sing in a choir' });
    expect([told.status, told.text]).toEqual([422, expect.stringContaining('another note, which is saved')]);
    const again = filled(told, {
      action: 'note',
      note: told.html.querySelector('textarea[name=note]')?.text.trim() ?? '',
    });
    expect((await amina.send(again)).status).toBe(303);
    expect((await notes()).map(({ text }) => text).sort()).toEqual([
      'Likes to sing',
      'Likes to sing in a choir',
    ]);
  });

  it('stands first that was saved last, whenever its form was opened', async () => {
    const { amina, tom } = await waiting();
    const first = await amina.open();
    const at = (minutes: number) => later(NOW, { minutes });
    const second = await tom.open(at(5));
    await tom.send(filled(second, { action: 'note', note: 'Saved first' }), at(6));
    await amina.send(filled(first, { action: 'note', note: 'Saved last' }), at(7));
    const { html } = await amina.open(at(8));
    expect(html.querySelectorAll('blockquote').map(({ text }) => text)).toEqual([
      'Saved last',
      'Saved first',
    ]);
  });

  it('is wanted, and can be long, but not longer', async () => {
    const { amina, notes } = await waiting();
    const page = await amina.open();
    expect((await amina.send(filled(page, { action: 'note', note: ' ' }))).text).toContain('Enter a note');
    const most = 'x'.repeat(4000);
    expect((await amina.send(filled(page, { action: 'note', note: `${most}x` }))).status).toBe(422);
    expect((await amina.send(filled(page, { action: 'note', note: most }))).status).toBe(303);
    expect((await notes())[0]?.text).toBe(most);
  });

  it('is taken after the referral has ended, when there are no contacts any more', async () => {
    const ending = { kind: 'declined', decidedAt: NOW } as const;
    const { amina, notes } = await waiting({}, { stage: 'closing', ending } as Partial<Referral>);
    const page = await amina.open();
    expect(page.html.querySelector('input[name=channel]')).toBeNull();
    expect((await amina.send(filled(page, { action: 'note', note: 'She called' }))).status).toBe(303);
    expect(await notes()).toHaveLength(1);
    const late = await amina.send(filled(page, { ...CALL, number: '1' }));
    expect([late.status, late.text]).toEqual([422, expect.stringContaining('no more contacts')]);
  });
});

it('costs the same however much there is', async () => {
  const few = await waiting();
  const many = await waiting();
  for (let i = 0; i < 60; i++) {
    const key = `2026-11-2${i % 3}T09:00:00.000Z.${String(i).padStart(12, '0')}`;
    await keepNote(TABLE, many.id, key, { at: NOW, by: { id: 'x', name: 'X' }, text: `Note ${i}` });
  }
  const send = vi.spyOn(DynamoDBDocumentClient.prototype, 'send');
  const costOf = async (open: () => Promise<{ status: unknown }>) => {
    send.mockClear();
    expect((await open()).status).toBe(200);
    return send.mock.calls.length;
  };
  expect(await costOf(many.amina.open)).toBe(await costOf(few.amina.open));
  expect(await costOf(() => many.amina.referral())).toBe(await costOf(() => few.amina.referral()));
  send.mockRestore();
});

it('has every note on some page, once, and those of a page in the order in which they were saved', async () => {
  const { id } = await waiting();
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(600), { minLength: 1, maxLength: 45 }), async (opened) => {
      ids += 1;
      const other = `${id.slice(0, 20)}${ids.toString(16).padStart(12, '0')}`;
      for (const [i, minutes] of opened.entries()) {
        const key = `${later(NOW, { minutes: minutes - 600 })}.aaaaaaaaaaaa`;
        const saved = later(NOW, { minutes: i });
        await keepNote(TABLE, other, key, { at: saved, by: { id: 'x', name: 'X' }, text: `Note ${i}.` });
      }
      const seen: string[] = [];
      let before: string | undefined;
      do {
        const { notes, older } = await pageOfNotes(TABLE, other, before);
        const times = notes.map(({ at }) => at);
        expect(times).toEqual([...times].sort().reverse());
        seen.push(...notes.map(({ text }) => text));
        before = older;
      } while (before !== undefined);
      expect(seen.sort()).toEqual(opened.map((_, i) => `Note ${i}.`).sort());
    }),
    { numRuns: 20 },
  );
});

it('has every note on some page, once', async () => {
  const { id, amina } = await waiting();
  for (let i = 0; i < 45; i++) {
    const at = later(NOW, { minutes: i - 60 });
    await keepNote(TABLE, id, `${at}.aaaaaaaaaaaa`, { at, by: { id: 'x', name: 'X' }, text: `Note ${i}.` });
  }
  const seen: string[] = [];
  let page = await amina.open();
  for (;;) {
    seen.push(...page.html.querySelectorAll('blockquote').map(({ text }) => text));
    const next = page.html.querySelectorAll('a').find(({ text }) => text === 'Older notes');
    if (!next) break;
    const href = new URL(next.getAttribute('href') ?? '', 'http://x');
    page = await amina.older(href.searchParams.get('before') ?? '');
    expect(page.text).toContain('Newest notes');
  }
  expect(seen).toEqual(Array.from({ length: 45 }, (_, i) => `Note ${44 - i}.`));
  expect((await amina.older('x')).text).toContain('Note 44.');
});

describe('whoever nobody reaches', () => {
  const by = { id: 'amina', name: 'Amina Rahman' };
  const tried = ['phone', 'text', 'phone'].map((channel, i) => ({
    ...{ number: i + 1, at: later(NOW, { days: i - 20 }), channel, by },
    outcome: channel === 'text' ? 'sent' : 'no-answer',
  })) as Contact[];
  const DECLINE = {
    ...{ action: 'decide', review: 'review-1' },
    ...{ decision: 'decline', declineReason: 'could-not-reach' },
  };
  const createdAt = later(NOW, { days: -30 });
  /** What the button that closes with a letter sends, of what the page carries. */
  const carried = ({ html }: { html: HTMLElement }): Record<string, string> => {
    const button = html.querySelector('button[value=close]');
    expect(button?.text).toBe('Close with a letter');
    const hidden = button?.closest('form')?.querySelectorAll('input[type=hidden]') ?? [];
    return {
      ...Object.fromEntries(
        hidden.map((input) => [input.getAttribute('name'), input.getAttribute('value')] as const),
      ),
      action: 'close',
    };
  };

  it('is offered to be closed with a letter, on both pages, and is closed once', async () => {
    const { amina, read } = await waiting({}, { createdAt, contacts: tried });
    for (const page of [await amina.referral(), await amina.open()]) {
      expect(page.text).toContain('Nobody has answered 3 attempts to make contact');
    }
    const link = (await amina.open()).html.querySelector('section[aria-labelledby=close-with-letter] a');
    expect(link?.getAttribute('href')).toMatch(/^\/referrals\/SP-.*#close-with-letter$/);
    const close = carried(await amina.referral());
    expect((await amina.referral(close)).status).toBe(303);
    expect((await amina.referral(close)).status).toBe(303);
    const { stage, history } = await read();
    expect(stage).toBe('closing');
    expect(history.filter(({ event, detail }) => event === 'reviewed' && detail === 'decline')).toHaveLength(
      1,
    );
  });

  it('is not closed over what a colleague has decided since the page was opened', async () => {
    const { amina, tom, read } = await waiting({}, { createdAt, contacts: tried });
    const stale = carried(await amina.referral());
    const { csrf = '' } = filled(await tom.open(), {});
    const hold = {
      ...{ csrf, action: 'decide', review: 'review-1', decision: 'hold', holdReason: 'person-asked' },
      ...{ 'holdUntil-day': '7', 'holdUntil-month': '12', 'holdUntil-year': '2026' },
    };
    expect((await tom.referral(hold)).status).toBe(303);
    const told = await amina.referral(stale);
    expect([told.status, told.text]).toEqual([409, expect.stringContaining('By Tom Wells')]);
    const { review: _, ...without } = stale;
    expect((await amina.referral(without)).status).toBe(409);
    expect((await read()).stage).toBe('review');
    const fresh = await amina.referral();
    expect(fresh.text).toContain('It is on hold until 7 December 2026');
    expect((await amina.referral(carried(fresh))).status).toBe(303);
    expect((await read()).stage).toBe('closing');
  });

  it('is not closed by attempts of before it arrived: nobody can enter them, and none counts', async () => {
    const { amina } = await waiting({}, { contacts: tried });
    const page = await amina.open();
    expect(page.text).not.toContain('Close with a letter');
    const yesterday = { 'contactDate-day': '22', 'contactDate-month': '11', 'contactDate-year': '2026' };
    const today = { ...yesterday, 'contactDate-day': '23' };
    for (const [when, field] of [
      [{ ...yesterday, contactTime: '12:00' }, 'contactDate'],
      [{ ...today, contactTime: '00:01' }, 'contactTime'],
    ] as const) {
      const refused = await amina.send(filled(page, { ...CALL, number: '4', ...when, when: 'earlier' }));
      expect(refused.status).toBe(422);
      expect(refused.html.querySelector(`#${field}-error`)?.text).toContain(
        'The referral arrived on Monday 23 November 2026 at 9:00 am',
      );
    }
  });

  it('is not closed before enough was tried, and the page says what is missing', async () => {
    const { amina, read } = await waiting({}, { createdAt, contacts: tried.slice(0, 2) });
    const page = await amina.open();
    expect(page.text).toContain('Before it can be closed with a letter: 1 more attempt');
    const refused = await amina.referral({ ...DECLINE, csrf: filled(page, {}).csrf ?? '' });
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('first record 3 attempts that nobody answered'),
    ]);
    expect((await read()).stage).toBe('review');
  });

  it.each([{ risks: 'known', risksDetail: 'Panics in crowds' }, { danger: 'yes' }])(
    'is never closed while a risk is open, and the page says what to do: %o',
    async (fields) => {
      const entered = fields as unknown as Record<string, string>;
      const { amina, read } = await waiting(entered, { createdAt, contacts: tried });
      for (const page of [await amina.referral(), await amina.open()]) {
        expect(page.text).toContain('Do not close this referral because nobody answers');
        expect(page.text).toContain('talk to your coordinator today');
        expect(page.text).not.toContain('Close with a letter');
      }
      const csrf = filled(await amina.open(), {}).csrf ?? '';
      const refused = await amina.referral({ ...DECLINE, csrf });
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('There is a known risk')]);
      expect((await read()).stage).toBe('review');
    },
  );
});

it('tells on the page of the referral what happened and who looked, the newest first', async () => {
  const { amina, tom } = await waiting();
  await amina.send(filled(await amina.open(), { ...CALL, contactNote: 'Engaged' }));
  await tom.open(later(NOW, { minutes: 20 }));
  await tom.open(later(NOW, { minutes: 21 }));
  const { html } = await amina.referral(undefined, later(NOW, { minutes: 22 }));
  const lines = html
    .querySelectorAll('.osp-timeline li')
    .map(({ structuredText }) => structuredText.replace(/\s+/g, ' '));
  expect(lines).toEqual([
    expect.stringMatching(
      /^23 November 2026 Amina Rahman, link worker, looked at the referral and contacts and notes, 2 times$/,
    ),
    expect.stringMatching(/^23 November 2026 Tom Wells, [^:]*, looked at contacts and notes, 2 times$/),
    expect.stringContaining('Amina Rahman: Wrote a note Engaged'),
    expect.stringContaining('Amina Rahman: Phone call: no answer'),
    expect.stringContaining('System: Asked the link workers to review it'),
    expect.stringContaining('Referrer: Sent the referral'),
  ]);
});
