/** What a link worker records on a referral's page in the person's place, by whom, and when it is too late. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/link-worker-review/handler.ts';
import { handler as personPage } from '../../../functions/person-page/handler.ts';
import { ensureCohort, ownPlan } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import type { Role } from '../../../functions/shared/roles.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { leave } from '../../../workflows/leaving.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after } from '../../../workflows/time.ts';
import {
  AMINA,
  accepted,
  entered,
  FIRST_SESSION,
  inReview,
  NOW,
  offered,
  register,
  stored,
} from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;
type Fields = Record<string, string>;
type Somebody = { name?: string; roles?: Role[]; teams?: string[]; at?: string };

/** Stores a referral, with the group of their own where they are in a programme. */
async function stands(referral: Referral = accepted()) {
  ids += 1;
  const id = `5e11${ids.toString(16).padStart(6, '0')}`.padEnd(32, '0');
  const reference = referenceOf(id);
  const { token, hash } = mintToken(id);
  const { person } = referral.links;
  if (!person) throw new Error('no page of the person');
  const links = { ...referral.links, person: withHash(person, hash, NOW) };
  await table.referrals.create({ ...referral, ...{ id, reference, links, version: 0 } });
  const { programme, offers } = referral;
  if (programme) {
    const plan = { ...ownPlan({ id, offers }, programme), cohortId: programme.cohortId };
    await ensureCohort(TABLE, plan, reference, NOW);
  }
  const now = referral.updatedAt > NOW ? referral.updatedAt : NOW;
  const at = { route: '/referrals/{reference}', path: { reference } };
  const read = ({ statusCode, body = '', headers = {} }: Awaited<ReturnType<typeof request>>) => {
    const page = parse(body);
    const text = page.querySelector('main')?.structuredText.replace(/\s+/g, ' ') ?? '';
    return { status: statusCode, location: headers.location, page, text };
  };
  const somebody = ({ name = 'Amina', roles, teams, at: time = now }: Somebody) =>
    atWork(name, { ...(roles ? { roles } : {}), ...(teams ? { teams } : {}), now: time });
  const open = async (as: Somebody = {}) =>
    read(await (await somebody(as)).open(handler, { ...at, now: as.at ?? now }));
  /** The form with a button, as the page has it, filled in. */
  const fill = ({ page }: Awaited<ReturnType<typeof open>>, action: string, more: Fields = {}): Fields => {
    const button = page.querySelector(`button[value=${action}]`);
    const hidden = button?.closest('form')?.querySelectorAll('input[type=hidden]') ?? [];
    const carried = hidden.map((input) => [input.getAttribute('name'), input.getAttribute('value')]);
    if (!button) throw new Error(`no button ${action}`);
    const { csrf: _of, ...fields } = Object.fromEntries(carried);
    return { action, ...fields, ...more };
  };
  const send = async (fields: Fields, as: Somebody = {}) =>
    read(await (await somebody(as)).send(handler, { ...at, fields, now: as.at ?? now }));
  return {
    ...{ id, reference, now, open, fill, send },
    do: async (action: string, more: Fields = {}, as: Somebody = {}) =>
      send(fill(await open(as), action, more), as),
    stored: async () => (await table.referrals.read(id)) as Referral,
    change: (rule: (referral: Referral) => Referral) => table.referrals.change(id, now, rule),
    ofThePerson: async (method: 'GET' | 'POST', fields: Fields = {}) => {
      const route = `${method} /person/{link}`;
      return read(await request(personPage, { route, path: { link: token }, fields, now }));
    },
  };
}

const LEAVES = ['told-leaves', { leaves: 'yes' }] as const;
const ENDED = ['ended-at-provider', { endedAtProvider: 'yes' }] as const;

describe('who records it', () => {
  it.each(['link-worker', 'coordinator'] as const)('a %s of the team, each of the three', async (role) => {
    const as: Somebody = { name: 'Rosa', roles: [role] };
    const [left, ended, away] = [await stands(), await stands(), await stands()];
    expect(await left.do(...LEAVES, as)).toMatchObject({
      status: 303,
      location: `/referrals/${left.reference}`,
    });
    expect(await left.stored()).toMatchObject({ stage: 'closing', ending: { kind: 'withdrawn' } });
    const { text } = await left.open(as);
    expect(text).toContain('The person left on 23 November 2026');
    expect(text).toContain('Rosa: Recorded that the person leaves (during the programme)');

    expect((await ended.do(...ENDED, as)).status).toBe(303);
    expect(await ended.stored()).toMatchObject({ ending: { kind: 'ended-early', reason: ENDED[0] } });
    const over = (await ended.open(as)).text;
    expect(over).toContain('The programme ended early on 23 November 2026. Its provider holds it no more');
    expect(over).toContain('Rosa: Ended the programme for the person: it has ended at the provider');

    expect((await away.do('told-cannot-come', {}, as)).status).toBe(303);
    const shown = (await away.open(as)).text;
    expect(shown).toContain(
      'Their next session Tuesday 1 December 2026 at 4:00 pm They said that they cannot',
    );
    expect(shown).toContain('Rosa: Recorded that the person cannot come to the next session');
    expect((await away.do('told-comes', {}, as)).status).toBe(303);
    expect((await away.stored()).programme?.sessions[0]?.excusedAt).toBeUndefined();
  });

  it('no auditor, who is shown no form for it, and nobody of another team', async () => {
    const referral = await stands();
    const before = await referral.stored();
    const forms = ['told-leaves', 'ended-at-provider', 'told-cannot-come'].map((action) => ({
      ...{ action, leaves: 'yes', endedAtProvider: 'yes' },
      ...{ offer: '1', session: '1', startsAt: FIRST_SESSION },
    }));
    const auditor: Somebody = { name: 'Alex', roles: ['auditor'] };
    expect((await referral.open(auditor)).text).not.toMatch(/If they leave|They cannot come/);
    const other: Somebody = { name: 'Sam', teams: ['camden'] };
    for (const form of forms) {
      expect((await referral.send(form, auditor)).status).toBe(200);
      const refused = await referral.send(form, other);
      expect([refused.status, refused.text]).toEqual([
        409,
        expect.stringContaining('Another team looks after it'),
      ]);
      expect(refused.text).not.toContain('Róisín');
    }
    expect(await referral.stored()).toEqual(before);
  });

  it('nobody for the team that it was passed to in the same moment', async () => {
    const referral = await stands();
    const form = referral.fill(await referral.open(), ...LEAVES);
    await referral.change((current) => ({ ...current, team: 'camden' }));
    const late = await referral.send(form);
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('Another team looks after it')]);
    expect((await referral.stored()).stage).toBe('programme');
  });
});

describe('where it can be recorded', () => {
  it('while it is offered and while a link worker is asked how they are; not in a review, nor after the end', async () => {
    const waits = await stands(offered());
    const { text } = await waits.open();
    expect(text).toContain('If they leave');
    expect(text).not.toMatch(/The programme has ended at the provider|Their next session/);
    expect((await waits.do(...LEAVES)).status).toBe(303);
    expect((await waits.stored()).offers.at(-1)).toMatchObject({ result: 'withdrawn' });
    expect((await waits.open()).text).not.toContain('They told me that they leave');

    const missed = await stands(entered(register(register(accepted(), '3'), '3'), 'welfare'));
    expect((await missed.open()).text).toContain('Contact a person who missed two sessions in a row');
    expect((await missed.do(...ENDED)).status).toBe(303);
    expect(await missed.stored()).toMatchObject({ stage: 'closing', ending: { reason: ENDED[0] } });

    const inDecision = await stands(inReview());
    expect((await inDecision.open()).text).not.toContain('They told me that they leave');
    const refused = await inDecision.send({ action: LEAVES[0], ...LEAVES[1] });
    expect(refused.status).toBe(409);
  });

  it('names the next session of their group while a contact waits, and marks that one', async () => {
    const missed = await stands(entered(register(register(accepted(), '3'), '3'), 'welfare'));
    expect((await missed.open()).text).toContain('Their next session Tuesday 15 December 2026 at 4:00 pm');
    expect((await missed.do('told-cannot-come')).status).toBe(303);
    const sessions = (await missed.stored()).programme?.sessions ?? [];
    expect(sessions.find(({ number }) => number === 3)).toMatchObject({ excusedAt: missed.now });
  });

  it('says what happens before it does, with what is known of risks', async () => {
    const { text } = await (await stands()).open();
    expect(text).toContain('It cannot be taken back');
    expect(text).toContain('everybody concerned gets a letter');
    expect(text).not.toContain('There is a risk');
    const referral = accepted();
    const risks = { known: true, detail: 'Falls' } as const;
    const atRisk = await stands({ ...referral, request: { ...referral.request, risks } });
    expect((await atRisk.open()).text).toContain('There is a risk');
  });
});

describe('what is asked first', () => {
  it('a tick for what cannot be taken back, with the form open where it is missing', async () => {
    for (const [action, field] of [
      ['told-leaves', 'leaves'],
      ['ended-at-provider', 'endedAtProvider'],
    ] as const) {
      const referral = await stands();
      const asked = await referral.do(action);
      expect(asked.status).toBe(422);
      expect(asked.text).toContain('Tick the box to confirm');
      expect(asked.page.querySelector(`#${field}`)?.closest('details')?.hasAttribute('open')).toBe(true);
      expect((await referral.stored()).stage).toBe('programme');
    }
  });

  it('that somebody has seen to what the person said, before their programme is ended; they may leave all the same', async () => {
    const referral = await stands(raiseConcern(accepted(), 'unsafe', NOW));
    const early = await referral.do(...ENDED);
    expect([early.status, early.text]).toEqual([
      422,
      expect.stringContaining('Somebody has to see first to what they said'),
    ]);
    await referral.change((current) => stored(settleConcern(current, 1, AMINA, NOW)));
    expect((await referral.do(...ENDED)).status).toBe(303);
    const leaves = await stands(raiseConcern(accepted(), 'unsafe', NOW));
    expect((await leaves.do(...LEAVES)).status).toBe(303);
    expect((await leaves.open()).text).toMatch(/danger|safe/i);
  });
});

describe('sent again, and too late', () => {
  it('changes nothing when it is sent twice, one after the other or at once', async () => {
    for (const [action, more] of [LEAVES, ENDED, ['told-cannot-come', {}] as const]) {
      const referral = await stands();
      const form = referral.fill(await referral.open(), action, more);
      const both = await Promise.all([referral.send(form), referral.send(form)]);
      expect(both.map(({ status }) => status)).toEqual([303, 303]);
      const once = await referral.stored();
      expect((await referral.send(form)).status).toBe(303);
      expect(await referral.stored()).toEqual(once);
      const told = once.outbox.filter(({ key }) => key.includes('offer-withdrawn'));
      expect(told.length).toBeLessThanOrEqual(1);
    }
  });

  it('tells whoever is slower that the person left, when, and by whom it was recorded', async () => {
    const referral = await stands();
    const form = referral.fill(await referral.open(), ...LEAVES);
    const ended = referral.fill(await referral.open(), ...ENDED);
    const away = referral.fill(await referral.open(), 'told-cannot-come');
    await referral.change((current) => stored(leave(current, 'person', NOW)));
    const before = await referral.stored();
    for (const late of [form, ended, away, { ...form, leaves: '' }]) {
      const { status, text } = await referral.send(late);
      expect([status, text]).toEqual([
        409,
        expect.stringContaining('The person left Monday 23 November 2026'),
      ]);
      expect(text).toContain('This was not recorded');
      expect(text).not.toContain('By ');
    }
    expect(await referral.stored()).toEqual(before);

    const byTom = await stands();
    const slow = byTom.fill(await byTom.open(), ...LEAVES);
    await byTom.do(...ENDED, { name: 'Tom' });
    const { status, text } = await byTom.send(slow);
    expect([status, text]).toEqual([409, expect.stringContaining('The programme ended early')]);
    expect(text).toContain('By Tom');
  });

  it('tells of a session that has begun, was moved, or is another programme’s', async () => {
    const referral = await stands();
    const form = referral.fill(await referral.open(), 'told-cannot-come');
    const begun = await referral.send(form, { at: after(FIRST_SESSION, { minutes: 1 }) });
    expect([begun.status, begun.text]).toEqual([
      409,
      expect.stringContaining('That session has begun, was moved, or is no longer their next one'),
    ]);
    for (const other of [{ session: '2' }, { offer: '2' }, { startsAt: NOW }])
      expect((await referral.send({ ...form, ...other })).status).toBe(409);
    expect((await referral.stored()).programme?.sessions[0]?.excusedAt).toBeUndefined();
    const moved = await stands();
    const old = moved.fill(await moved.open(), ...ENDED);
    expect((await moved.send({ ...old, offer: '2' })).status).toBe(409);
    expect((await moved.stored()).stage).toBe('programme');
  });
});

describe('what the person’s page says afterwards', () => {
  it('that they have left, also where they then press the button themself', async () => {
    const referral = await stands();
    await referral.do(...LEAVES);
    const shown = await referral.ofThePerson('GET');
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining('You have left')]);
    const pressed = await referral.ofThePerson('POST', { action: 'leave', confirm: 'yes' });
    expect(pressed.status).toBe(303);
  });

  it('that the programme has ended for them, and not that they left', async () => {
    const referral = await stands();
    await referral.do(...ENDED);
    const { text } = await referral.ofThePerson('GET');
    expect(text).toContain('The programme has ended for you');
    expect(text).not.toMatch(/You have left|If you want to leave|To come|Your next session/);
    expect((await referral.open()).text).not.toMatch(/To come|Their next session|1 December/);
  });

  it('that they told us that they cannot come, which they may take back, and the link worker sees', async () => {
    const referral = await stands();
    await referral.do('told-cannot-come');
    expect((await referral.ofThePerson('GET')).text).toContain('You told us that you cannot come');
    await referral.ofThePerson('POST', { action: 'comes', session: '1' });
    expect((await referral.open()).text).toContain('If they tell you that they cannot come');
  });
});
