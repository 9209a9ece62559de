/** What somebody sends about a referral that was passed to another team meanwhile: nothing is recorded, lost without a word, or told of the person. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as contacts } from '../../../functions/link-worker-contacts/handler.ts';
import { handler as plan } from '../../../functions/link-worker-plan/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { mintNoteKey, pageOfNotes } from '../../../functions/shared/notes.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

let ids = 0;
type Fields = Record<string, string>;
type Page = 'contacts' | 'plan' | 'measures' | 'summary';
const HANDLERS = { contacts, plan, measures: plan, summary: plan };
const TRANSFER = { action: 'decide', review: 'review-1', decision: 'transfer', team: 'all' };

/** A referral of Camden's team with Amina and Sam of two teams, and Tom, who is of both. */
async function ofCamden() {
  ids += 1;
  const id = ids.toString(16).padStart(10, '0').padEnd(32, '0');
  const reference = referenceOf(id);
  const needs = 'Grieves for her brother';
  const referral = entered(submitted({ ...validFields, needs }), 'review');
  await table.referrals.create({ ...referral, ...{ id, reference, team: 'camden', version: 0 } } as Referral);
  const as = async (name: string, teams: string[]) => {
    const somebody = await atWork(name, { teams });
    return async (fields: Fields, page?: Page) => {
      const answer = await somebody.send(page ? HANDLERS[page] : review, {
        route: `/referrals/{reference}${page ? `/${page}` : ''}`,
        ...{ path: { reference }, fields },
      });
      const html = parse(answer.body ?? '');
      const text = html.querySelector('main')?.structuredText.replace(/\s+/g, ' ') ?? '';
      const typed = html.querySelectorAll('textarea[readonly]').map((area) => area.text.trim());
      return { status: answer.statusCode, location: answer.headers?.location, text, typed };
    };
  };
  return {
    ...{ id, reference, needs },
    stored: async () => (await table.referrals.read(id)) as Referral,
    amina: await as('Amina', ['camden']),
    sam: await as('Sam', ['all']),
    tom: await as('Tom', ['camden', 'all']),
  };
}

describe('a referral that is passed to another team', () => {
  it('is passed once, by the same form sent twice, for who sees it afterwards and for who does not', async () => {
    for (const who of ['amina', 'tom'] as const) {
      const referral = await ofCamden();
      expect((await referral[who](TRANSFER)).status).toBe(303);
      const { version } = await referral.stored();
      const again = await referral[who](TRANSFER);
      expect([again.status, again.location]).toEqual([303, `/referrals/${referral.reference}`]);
      expect((await referral.stored()).version).toBe(version);
    }
  });

  it('says to whom to whoever decides after that, and keeps what they typed on the page', async () => {
    const { amina, tom, needs, reference, stored } = await ofCamden();
    await tom(TRANSFER);
    const before = await stored();
    const question = 'Which days suit you?\nAnd which evenings?';
    const forms: Fields[] = [
      { action: 'decide', decision: 'ask-for-more', question },
      { action: 'signpost', signpost: question },
      { action: 'welfare', contact: 'welfare-1', note: question },
    ];
    for (const form of forms) {
      const { status, text, typed } = await amina({ review: 'review-1', ...form });
      expect([status, typed]).toEqual([409, [question]]);
      expect(text).toContain('Somebody was faster');
      expect(text).toContain('The referral was passed to another team: Everywhere else');
      expect(text).toContain('By Tom');
      expect(text).toContain('give it to the team that looks after the person now');
      expect(text).not.toContain('Enter why');
      expect(text.replaceAll(question, '')).not.toContain(needs);
      expect(text).toContain(reference);
    }
    const takenOn = await amina({ action: 'assign', from: '', to: 'amina' });
    expect([takenOn.status, takenOn.typed]).toEqual([409, []]);
    expect(takenOn.text).not.toContain('What you chose');
    expect(await stored()).toEqual(before);
  });

  it('says who has taken it to whoever takes it back too late, and no more once the other team has decided', async () => {
    const { amina, sam, stored } = await ofCamden();
    await amina(TRANSFER);
    await sam({ action: 'assign', from: '', to: 'sam' });
    const undo = { action: 'undo', review: 'review-1' };
    const late = await amina(undo);
    expect(late.status).toBe(409);
    expect(late.text).toMatch(/This can no longer be taken back.*Sam looks after it now/);
    await sam({ action: 'decide', review: 'review-2', decision: 'decline', declineReason: 'duplicate' });
    const before = await stored();
    // Neither theirs, nor the other team's decision.
    for (const reviewed of ['review-1', 'review-2']) {
      const { status, text } = await amina({ ...undo, review: reviewed });
      expect([status, text]).toEqual([
        409,
        expect.stringContaining('passed to another team: Everywhere else'),
      ]);
      expect(text).not.toMatch(/declined|\bSam\b|letters/);
    }
    expect(await stored()).toEqual(before);
  });

  it.each<[string, Page, Fields]>([
    ['a note', 'contacts', { action: 'note', note: 'I visit her at 3 tomorrow' }],
    ['a plan', 'plan', { action: 'save', version: '0', strengths: 'Sings', 'goal-1': '' }],
  ])(
    'is not taken back once the other team has saved %s, and whoever tries is told so',
    async (_, page, fields) => {
      const { amina, sam, stored } = await ofCamden();
      await amina(TRANSFER);
      const { version } = await stored();
      expect((await sam({ key: mintNoteKey(NOW), ...fields }, page)).status).toBe(303);
      const before = await stored();
      const offered = await amina({ action: 'open', reason: '' });
      expect(offered.text).not.toContain('Take it back');
      const late = await amina({ action: 'undo', review: 'review-1' });
      expect([late.status, late.text]).toEqual([
        409,
        expect.stringMatching(
          /This can no longer be taken back.*Somebody of the other team has begun to work on it/,
        ),
      ]);
      expect(await stored()).toEqual(before);
      // It costs a write once.
      await sam({ key: mintNoteKey(NOW), ...fields, note: 'Another one', version: '1' }, page);
      expect([before.version, before.team]).toEqual([version + (page === 'plan' ? 2 : 1), 'all']);
    },
  );

  it('is taken back, or worked on by the other team, and never both, whoever is faster', async () => {
    for (let i = 0; i < 12; i++) {
      const { amina, sam, stored, id } = await ofCamden();
      await amina(TRANSFER);
      const note = 'I visit her at 3 tomorrow';
      const undo = async () => {
        for (let wait = 0; wait < i; wait++) await new Promise((resolve) => setImmediate(resolve));
        return amina({ action: 'undo', review: 'review-1' });
      };
      const [back, late] = await Promise.all([
        undo(),
        sam({ action: 'note', key: mintNoteKey(NOW), note }, 'contacts'),
      ]);
      const { notes } = await pageOfNotes(TABLE, id);
      const isBack = (await stored()).team === 'camden';
      expect([back.status, late.status, notes.length, isBack]).toEqual(
        isBack ? [303, 409, 0, true] : [409, 303, 1, false],
      );
      if (isBack) expect(late.typed).toEqual([note]);
    }
  });

  it('takes nothing for its other pages, and shows what was typed there', async () => {
    const { amina, stored, needs } = await ofCamden();
    await amina(TRANSFER);
    const before = await stored();
    const text = 'She sang in a choir.\nHer sister drives her.';
    const forms: [Page | undefined, Fields][] = [
      ['contacts', { action: 'note', key: 'key', note: text }],
      ['contacts', { action: 'contact', number: '1', outcome: 'reached', contactNote: text }],
      ['plan', { action: 'save', version: '0', strengths: text, 'goal-1': 'Sing' }],
      ['measures', { action: 'save', key: 'key', 'ons4-satisfied': '7' }],
      [undefined, { action: 'preferences', preferencesSeen: 'none', 'need-housing': 'yes' }],
      ['summary', { action: 'given' }],
    ];
    for (const [page, fields] of forms) {
      const answer = await amina(fields, page);
      expect(answer.status, page ?? 'review').toBe(409);
      expect(answer.text).toContain('passed to another team: Everywhere else');
      expect(answer.text).not.toContain(needs);
      const entered = answer.typed.concat(answer.text).join('\n');
      if (Object.values(fields).includes(text)) expect(answer.typed, page).toContain(text);
      if (page === 'plan') expect(answer.typed).toContain('Sing');
      if (page === 'measures') expect(entered).toMatch(/Ons4 satisfied\s+7/);
      if (page === undefined) expect(entered).toMatch(/Need housing\s+Yes/);
    }
    expect(await stored()).toEqual(before);
  });

  it('asks for a reason only whoever sends one', async () => {
    const { sam, amina, needs } = await ofCamden();
    // It never was of Sam's team.
    const never = await sam({ action: 'decide', review: 'review-1', decision: 'hold' });
    expect([never.status, never.text]).toEqual([409, expect.stringContaining('Another team looks after it')]);
    await amina(TRANSFER);
    const without = await amina({ action: 'open', reason: '' });
    expect([without.status, without.text]).toEqual([422, expect.stringContaining('Enter why')]);
    const opened = await amina({ action: 'open', reason: 'They called me about their first visit' });
    expect([opened.status, opened.text]).toEqual([200, expect.stringContaining(needs)]);
  });

  it('is told apart from one that came back', async () => {
    const { sam, amina } = await ofCamden();
    await amina(TRANSFER);
    await amina({ action: 'undo', review: 'review-1' });
    const { status, text } = await sam({ action: 'decide', review: 'review-2', decision: 'hold' });
    expect([status, text]).toEqual([409, expect.stringContaining('Another team looks after it now')]);
    expect(text).not.toContain('Camden');
  });
});

describe('somebody who was not the fastest of their own team', () => {
  it('sees what they typed, too', async () => {
    const { amina, tom } = await ofCamden();
    await tom({ action: 'decide', review: 'review-1', decision: 'decline', declineReason: 'duplicate' });
    const question = 'Which days suit you, and which do not at all?';
    const late = await amina({
      ...{ action: 'decide', review: 'review-1', decision: 'ask-for-more' },
      ...{ askWhom: 'person', question },
    });
    expect([late.status, late.typed]).toEqual([409, [question]]);
    expect(late.text).toContain('copy it and add it as a note');
    expect(late.text).toContain('The referral was declined');
  });
});
