/** A coordinator puts a person's details right for them: once, told and on record, and never over what somebody else changed meanwhile. */
import { parse } from 'node-html-parser';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { handler as pages } from '../../../functions/data-rights/handler.ts';
import { handler as personalData } from '../../../functions/personal-data/handler.ts';
import { episodesIn, recordEpisode } from '../../../functions/shared/episodes.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { close } from '../../../workflows/closing.ts';
import { correctDetails } from '../../../workflows/corrections.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { noteUndelivered } from '../../../workflows/undelivered.ts';
import { inReview, NOW, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { startLambdas } from './lambdas.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let lambdas: Awaited<ReturnType<typeof startLambdas>>;
beforeAll(async () => {
  table = await startEnvironment();
  lambdas = await startLambdas({ 'personal-data': personalData });
});
afterEach(() => {
  lambdas.events.length = 0;
});
afterAll(async () => {
  lambdas.stop();
  await table.stop();
});

let ids = 0xc0;

/** Somebody whom no email reaches. */
async function person(referral: Referral = inReview()): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(10, '0').padEnd(32, 'b');
  const { email: _none, ...known } = referral.person;
  const made = { ...referral, id, reference: referenceOf(id), team: 'all', version: 0, outbox: [] };
  const theirs = { ...made, person: { ...known, phone: '07700 900001' } } as Referral;
  await table.referrals.create(theirs);
  return theirs;
}

const CORRECT = '/referrals/{reference}/data/correct';
const tom = () => atWork('Tom', { roles: ['coordinator'] });

async function read({ id }: Referral): Promise<Referral> {
  const referral = await table.referrals.read(id);
  if (!referral) throw new Error('not there');
  return referral;
}

/** What a browser would send of a form. */
function fieldsIn(body = ''): Record<string, string> {
  const form = parse(body).querySelector('main form');
  const text = form?.querySelectorAll('input:not([type=radio]):not([type=checkbox]), textarea') ?? [];
  const ticked = form?.querySelectorAll('input[checked]') ?? [];
  return Object.fromEntries(
    [...text, ...ticked].map((field) => [
      field.getAttribute('name') ?? '',
      field.tagName === 'TEXTAREA' ? field.textContent.trim() : (field.getAttribute('value') ?? ''),
    ]),
  );
}

/** A coordinator opens the form, and sends it with some of it changed. */
async function form(referral: Referral) {
  const boss = await tom();
  const at = { route: CORRECT, path: { reference: referral.reference } };
  const opened = await boss.open(pages, at);
  expect(opened.statusCode).toBe(200);
  let fields = fieldsIn(opened.body);
  return {
    async save(change: Record<string, string>) {
      const { csrf: _own, ...typed } = { ...fields, ...change };
      const { statusCode, headers = {}, body } = await boss.send(pages, { ...at, fields: typed });
      if (body !== undefined) fields = fieldsIn(body);
      const text = parse(body ?? '').querySelector('main')?.structuredText ?? '';
      return { statusCode, location: headers.location, text, fields };
    },
  };
}

const kindsOf = ({ id }: Referral) => table.looksAt(id).flatMap(({ kind }) => kind ?? []);
const toldOf = ({ outbox }: Referral) =>
  outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : []));

describe('a coordinator', () => {
  it('puts right the details of somebody who has no email, and it is stored, told, on record and found again', async () => {
    const referral = await person();
    const { save } = await form(referral);
    const saved = await save({
      familyName: 'Byrne',
      postcode: 'nw5 1tl',
      email: 'new@people.example',
      contactMayEmail: 'yes',
    });
    expect(saved).toMatchObject({
      statusCode: 303,
      location: `/referrals/${referral.reference}/data?done=corrected`,
    });
    const after = await read(referral);
    expect(after.person).toEqual({
      ...{ ...referral.person, familyName: 'Byrne', postcode: 'NW5 1TL', email: 'new@people.example' },
      contact: { mayEmail: true },
    });
    expect(after.personKeys).toEqual(await personKeysOf(after.person));
    expect(after.history.at(-1)).toMatchObject({
      by: 'link-worker',
      name: 'Tom',
      event: 'details-corrected',
    });
    expect(toldOf(after)).toEqual(['details-corrected → link-worker', 'details-corrected → person']);
    expect(lambdas.events).toMatchObject([{ name: 'outbox', payload: { referralId: referral.id } }]);
    expect(table.looksAt(referral.id)).toContainEqual(
      expect.objectContaining({ kind: 'corrected', by: 'tom', name: 'Tom', roles: ['coordinator'] }),
    );
  });

  it('who sends it again changes nothing and tells nobody again', async () => {
    const referral = await person();
    const { save } = await form(referral);
    const both = await Promise.all([save({ phone: '07700 900982' }), save({ phone: '07700 900982' })]);
    expect(both.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    const after = await read(referral);
    expect((await save({ phone: '07700 900982' })).statusCode).toBe(303);
    expect(await read(referral)).toEqual(after);
    expect(after.corrections).toHaveLength(1);
    expect(toldOf(after)).toEqual(['details-corrected → link-worker']);
    expect(kindsOf(referral)).toEqual(['corrected']);
  });

  it('is told what is wrong, by the rules of the person’s own page, and nothing is stored', async () => {
    const referral = await person();
    const { save } = await form(referral);
    const wrong = await save({ postcode: 'NW1', familyName: '' });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.text).toMatch(/There is a problem\s+Enter [^\n]*\s+Enter [^\n]*postcode/);
    expect(wrong.fields.postcode).toBe('NW1');
    expect(await read(referral)).toEqual(referral);
    expect(kindsOf(referral)).toEqual([]);
    expect((await save({ postcode: 'NW5 1TL', familyName: 'Byrne' })).statusCode).toBe(303);
  });

  it('is told what somebody else changed meanwhile, and can save over it knowingly', async () => {
    const referral = await person();
    const { save } = await form(referral);
    const keys = { details: 'other' };
    await table.referrals.change(referral.id, NOW, (now) =>
      correctDetails(now, { ...now.person, phone: '07700 900555' }, keys, NOW),
    );
    const late = await save({ familyName: 'Byrne' });
    expect(late.statusCode).toBe(409);
    expect(late.text).toContain('Somebody changed these details since you opened the page');
    expect(late.text).toContain('Phone: recorded now is 07700 900555, you entered 07700 900001');
    expect(late.text).toContain("Name: recorded now is Róisín O'Brien, you entered Róisín Byrne");
    expect((await read(referral)).person).toMatchObject({ phone: '07700 900555', familyName: "O'Brien" });
    expect(kindsOf(referral)).toEqual([]);
    expect((await save({ phone: '07700 900555' })).statusCode).toBe(303);
    expect((await read(referral)).person).toMatchObject({ phone: '07700 900555', familyName: 'Byrne' });
  });

  it('does not allow again by an old form what the person’s mail server has refused since', async () => {
    const base = inReview();
    const referral = await person({
      ...base,
      person: { ...base.person, contact: { mayEmail: true } },
    } as Referral);
    const address = { email: 'theirs@people.example', contact: { mayEmail: true } };
    await table.referrals.change(referral.id, NOW, (now) => ({
      ...now,
      person: { ...now.person, ...address },
    }));
    const { save } = await form(referral);
    const missed = { id: 'm', message: 'acknowledgement-person', to: 'person', at: NOW } as const;
    await table.referrals.change(referral.id, NOW, (now) =>
      noteUndelivered(now, { to: 'person', why: 'complained', missed }, NOW),
    );
    expect((await save({ familyName: 'Byrne' })).statusCode).toBe(409);
    expect((await read(referral)).person.contact?.mayEmail).toBe(false);
  });

  it('can do it after the end, and what figures are made of is right, too', async () => {
    const ended = stored(close(stored(leave(inReview(), 'person', NOW)), NOW));
    const referral = await person(ended);
    await recordEpisode(TABLE, referral);
    const areas = async () =>
      (await episodesIn(TABLE, ['2026-11'], ['all'])).episodes.map(({ area }) => area);
    expect(await areas()).toEqual(['NW1']);
    const { save } = await form(referral);
    expect((await save({ postcode: 'NW5 1TL' })).statusCode).toBe(303);
    expect(await read(referral)).toMatchObject({ stage: 'closed', person: { postcode: 'NW5 1TL' } });
    expect(await areas()).toEqual(['NW5']);
  });

  it('leaves as it is what the form does not ask', async () => {
    const base = inReview();
    const contact = { reminders: 'team' } as const;
    const referral = await person({ ...base, person: { ...base.person, contact } } as Referral);
    const { save } = await form(referral);
    await save({ phone: '07700 900982' });
    const { person: after } = await read(referral);
    expect(after).toEqual({ ...referral.person, phone: '07700 900982' });
  });
});
