/** What somebody types on a page of a referral: whichever of its buttons they press, it is saved, or stands on the page that comes next. */
import { type HTMLElement, parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as contacts } from '../../../functions/link-worker-contacts/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { pageOfNotes } from '../../../functions/shared/notes.ts';
import { noteMember } from '../../../functions/shared/team-members.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Contact, Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { noteUndelivered } from '../../../workflows/undelivered.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import {
  AMINA,
  accepted,
  entered,
  inReview,
  NOW,
  register,
  stored,
  submitted,
  TOM,
  validFields,
} from '../workflows/builders.ts';
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
type Path = '' | '/contacts';

/** A referral of the team, and browsers of link workers and of coordinators who open its pages. */
async function referralWith(base: Referral, change: Partial<Referral> = {}) {
  ids += 1;
  const id = `${ids.toString(16).padStart(10, '0')}${'e'.repeat(22)}`;
  const reference = referenceOf(id);
  await table.referrals.create({ ...base, ...change, id, reference, version: 0 } as Referral);
  const stored = async () => (await table.referrals.read(id)) as Referral;
  const change_ = (rule: (referral: Referral) => ReturnType<typeof settleConcern>) =>
    table.referrals.change(id, NOW, rule);
  const as = async (name: string, roles: ('link-worker' | 'coordinator')[] = ['link-worker']) => {
    const somebody = await atWork(name, { roles });
    const at = (path: Path, query: Fields = {}) => ({
      route: `/referrals/{reference}${path}`,
      ...{ path: { reference }, query },
    });
    const handlerOf = (path: Path) => (path === '' ? review : contacts);
    const pageOf = (answer: { statusCode?: number | undefined; body?: string | undefined }, path: Path) => {
      const html = parse(answer.body ?? '');
      return {
        status: answer.statusCode,
        path,
        html,
        text: html.querySelector('main')?.structuredText ?? '',
      };
    };
    const open = async (path: Path = '', query: Fields = {}) =>
      pageOf(await somebody.open(handlerOf(path), at(path, query)), path);
    /** Types on a page, presses one of its buttons, and goes where that leads, as a browser does: only the button's own form is sent. */
    const press = async (page: Awaited<ReturnType<typeof open>>, button: string, typed: Fields = {}) => {
      const fields = { ...sentBy(page.html, button, typed), action: button };
      const to = page.html.querySelector(`button[value=${button}]`)?.closest('form')?.getAttribute('action');
      const path = (to ?? `/referrals/${reference}${page.path}`).endsWith('/contacts') ? '/contacts' : '';
      const answer = await somebody.send(handlerOf(path), { ...at(path), fields });
      if (answer.statusCode !== 303) return pageOf(answer, path);
      const next = new URL(String(answer.headers?.location), 'http://x');
      return open(
        next.pathname.endsWith('/contacts') ? '/contacts' : '',
        Object.fromEntries(next.searchParams),
      );
    };
    return { open, press };
  };
  return {
    id,
    reference,
    stored,
    change: change_,
    as,
    notes: async () => (await pageOfNotes(TABLE, id)).notes,
  };
}

/** What a browser sends for a button: all of its form, with what was typed into the fields of that form, and nothing of another. */
function sentBy(html: HTMLElement, button: string, typed: Fields): Fields {
  const form = html.querySelectorAll(`main button[value=${button}]`).at(-1)?.closest('form');
  if (!form) throw new Error(`no button ${button} on "${html.querySelector('h1')?.text.trim()}"`);
  const fields: Fields = {};
  for (const field of form.querySelectorAll('input, textarea, select')) {
    const name = field.getAttribute('name') ?? '';
    const type = field.getAttribute('type');
    const value = field.getAttribute('value') ?? '';
    if (type === 'radio') {
      if (name in typed ? typed[name] === value : field.hasAttribute('checked')) fields[name] = value;
    } else if (type === 'checkbox') {
      if (name in typed ? typed[name] === 'yes' : field.hasAttribute('checked')) fields[name] = value;
    } else if (field.tagName === 'TEXTAREA') fields[name] = typed[name] ?? field.text.trim();
    else if (field.tagName === 'SELECT') {
      const chosen = field.querySelector('option[selected]') ?? field.querySelector('option');
      fields[name] = typed[name] ?? chosen?.getAttribute('value') ?? '';
    } else fields[name] = typed[name] ?? value;
  }
  return fields;
}

/** What the fields of a page hold, of those that were filled in: all of it, where nothing was lost. */
function heldBy(html: HTMLElement, typed: Fields): Fields {
  return Object.fromEntries(
    Object.keys(typed).flatMap((name) => {
      const fields = html.querySelectorAll(`main [name="${name}"]`);
      const one = fields.find((field) => field.hasAttribute('checked')) ?? fields[0];
      if (!one) return [];
      const isBox = ['radio', 'checkbox'].includes(one.getAttribute('type') ?? '');
      if (isBox && !one.hasAttribute('checked')) return [];
      return [[name, one.tagName === 'TEXTAREA' ? one.text.trim() : (one.getAttribute('value') ?? '')]];
    }),
  );
}

const without = (fields: Fields, pattern: RegExp) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !pattern.test(name)));

/** An offer of which a page keeps the words for the next one. */
const OFFER = { decision: 'match', programmeId: 'hive-music', summary: 'Sang in a choir once' } as const;

/** Nobody's yet, with a group of programmes for somebody of fifty. */
const waiting = () => entered(submitted({ ...validFields, 'dateOfBirth-year': '1976' }), 'review');

const ON_THE_REVIEW: Fields = {
  signpost: 'The drop-in at the library',
  ...{ 'need-housing': 'yes', 'time-weekend': 'yes', freeOnly: 'yes', ethnicGroup: 'white' },
  decision: 'match',
  programmeId: 'example-crafts',
  rankingReason: 'She knows people there',
  summary: 'Two hundred words for the provider',
  question: 'Which evenings are you free?',
  signpostedTo: 'Age UK Camden',
  ...{ 'holdUntil-day': '7', 'holdUntil-month': '12', 'holdUntil-year': '2026' },
};

describe('what is typed on the page of a review', () => {
  it('stays when the referral is taken on, which is recorded', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const after = await amina.press(await amina.open(), 'assign', ON_THE_REVIEW);
    expect(after.text).toContain('Looked after by Amina');
    expect(after.text).toContain('is still here, and not saved yet');
    expect(heldBy(after.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
    // And it can still be saved from there.
    const saved = await amina.press(after, 'preferences');
    expect(heldBy(saved.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
    expect((await referral.stored()).preferences?.needs).toEqual(['housing']);
  });

  it('stays when a coordinator gives it to somebody, and what they chose stays when they do something else', async () => {
    await noteMember(
      TABLE,
      { ...{ sub: 'amina', name: 'Amina', email: '' }, ...{ roles: ['link-worker'], teams: ['all'] } },
      NOW,
    );
    const referral = await referralWith(waiting());
    const tom = await referral.as('Tom', ['coordinator']);
    const given = await tom.press(await tom.open(), 'assign', { ...ON_THE_REVIEW, to: 'amina' });
    expect(given.text).toContain('Looked after by Amina');
    expect(heldBy(given.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
    const other = await referralWith(waiting());
    const again = await other.as('Tom', ['coordinator']);
    const typed = { signpost: 'Age UK', summary: 'Sings', to: 'amina' };
    const saved = await again.press(await again.open(), 'signpost', typed);
    expect(saved.html.querySelector('select[name=to] option[selected]')?.getAttribute('value')).toBe('amina');
  });

  it('stays when what they look for is saved, by which the programmes are ranked anew', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const before = await amina.open();
    const after = await amina.press(before, 'preferences', ON_THE_REVIEW);
    expect(heldBy(after.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
    const keyOf = ({ html }: typeof before) => html.querySelector('[name=ranking]')?.getAttribute('value');
    expect(keyOf(after)).not.toBe(keyOf(before));
    expect((await referral.stored()).preferences).toEqual({
      ...{ needs: ['housing'], times: ['weekend'], freeOnly: true },
    });
  });

  it('stays when others looked for a programme, ticks that are not saved yet too', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const after = await amina.press(await amina.open(), 'find', ON_THE_REVIEW);
    expect(heldBy(after.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
    expect((await referral.stored()).preferences).toBeUndefined();
  });

  it('stays when a service that they were told about is recorded', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const after = await amina.press(await amina.open(), 'signpost', ON_THE_REVIEW);
    const rest = without(ON_THE_REVIEW, /^signpost$/);
    expect(heldBy(after.html, rest)).toEqual(rest);
    expect(after.html.querySelector('textarea[name=signpost]')?.text.trim()).toBe('');
    expect((await referral.stored()).signposts).toMatchObject([{ to: ON_THE_REVIEW.signpost }]);
  });

  it('stays when a hold is ended', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const hold = { ...ON_THE_REVIEW, decision: 'hold', holdReason: 'person-asked' };
    const held = await amina.press(await amina.open(), 'decide', hold);
    expect(held.text).toContain('On hold until 7 December 2026');
    const typed = without(ON_THE_REVIEW, /^signpost$/);
    const after = await amina.press(held, 'undo', typed);
    expect(after.text).not.toContain('On hold until');
    expect(heldBy(after.html, typed)).toEqual(typed);
  });

  it('stays on the page that says that a colleague was faster', async () => {
    const referral = await referralWith(waiting());
    const [amina, tom] = [await referral.as('Amina'), await referral.as('Tom')];
    const page = await tom.open();
    await amina.press(await amina.open(), 'assign');
    const late = await tom.press(page, 'assign', ON_THE_REVIEW);
    expect(late.text).toContain('Amina looks after it now');
    for (const words of [ON_THE_REVIEW.summary, ON_THE_REVIEW.question, ON_THE_REVIEW.signpost])
      expect(late.text).toContain(words);
  });

  it('stays when a colleague saved other ticks meanwhile, which are not written over', async () => {
    for (const button of ['preferences', 'decide']) {
      const referral = await referralWith(waiting());
      const [amina, tom] = [await referral.as('Amina'), await referral.as('Tom')];
      const page = await tom.open();
      await amina.press(await amina.open(), 'preferences', { 'need-dementia': 'yes' });
      const late = await tom.press(page, button, ON_THE_REVIEW);
      expect([button, late.status]).toEqual([button, 422]);
      expect(late.text).toContain('It says now: dementia or memory problems');
      expect(heldBy(late.html, ON_THE_REVIEW)).toEqual(ON_THE_REVIEW);
      const { preferences, stage } = await referral.stored();
      expect([preferences?.needs, stage]).toEqual([['dementia'], 'review']);
    }
  });

  it('is not decided against a ranking that does not know what was ticked: that is saved first, and the choice asked for again', async () => {
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const typed = without(ON_THE_REVIEW, /^signpost$/);
    const asked = await amina.press(await amina.open(), 'decide', typed);
    expect([asked.status, asked.text]).toEqual([
      422,
      expect.stringContaining('What they are looking for is saved, and the programmes are ranked anew by it'),
    ]);
    expect(heldBy(asked.html, typed)).toEqual(typed);
    expect(await referral.stored()).toMatchObject({
      stage: 'review',
      preferences: { needs: ['housing'], times: ['weekend'], freeOnly: true },
    });
    await amina.press(asked, 'decide', { matchAnyway: 'yes' });
    expect((await referral.stored()).offers).toMatchObject([
      { programmeId: 'example-crafts', summary: typed.summary },
    ]);
  });

  it.each([
    ['hold', { holdReason: 'person-asked' }],
    ['ask-for-more', { askWhom: 'person' }],
    ['signpost', {}],
    ['decline', { declineReason: 'duplicate' }],
    ['transfer', { team: 'camden' }],
  ])(
    'is saved with a decision to %s: what they look for, and the service that they were told about',
    async (decision, more) => {
      const referral = await referralWith(waiting());
      const amina = await referral.as('Amina');
      await amina.press(await amina.open(), 'decide', { ...ON_THE_REVIEW, decision, ...more } as Fields);
      const { preferences, signposts, links, ethnicGroup } = await referral.stored();
      expect(links['review-1']?.recorded?.decision).toBe(decision);
      expect([preferences?.needs, ethnicGroup]).toEqual([['housing'], 'white']);
      expect(signposts?.map(({ to }) => to)).toContain(ON_THE_REVIEW.signpost);
    },
  );

  const DECISIONS: [string, Fields, RegExp][] = [
    ['hold', { holdReason: 'person-asked' }, /^hold/],
    ['ask-for-more', { askWhom: 'person' }, /^(question|askWhom)$/],
    ['signpost', {}, /^signpostedTo$/],
    ['decline', { declineReason: 'duplicate' }, /^declineReason$/],
    ['transfer', { team: 'camden' }, /^team$/],
    ['match', { matchAnyway: 'yes' }, /^(summary|rankingReason|programmeId|matchAnyway)$/],
  ];
  const TEXTS = ['rankingReason', 'summary', 'question', 'signpostedTo'] as const;

  it.each(DECISIONS)(
    'stays when it is decided to %s, beside what that decision recorded, also where the button is clicked twice',
    async (decision, more, recorded) => {
      const referral = await referralWith(waiting());
      const amina = await referral.as('Amina');
      // For a match, what was ticked has to be saved before.
      const ranked = await amina.press(await amina.open(), 'preferences', ON_THE_REVIEW);
      const typed: Fields = { ...without(ON_THE_REVIEW, /^decision$/), decision, ...more };
      for (const after of [
        await amina.press(ranked, 'decide', typed),
        await amina.press(ranked, 'decide', typed),
      ]) {
        expect([after.status, (await referral.stored()).links['review-1']?.recorded?.decision]).toEqual([
          200,
          decision,
        ]);
        const left = TEXTS.filter((name) => !recorded.test(name)).map((name) => ON_THE_REVIEW[name]);
        const isAgain = decision === 'hold';
        expect(after.text).toContain(isAgain ? 'is still here, and not saved yet' : 'you typed was not kept');
        const areas = after.html.querySelectorAll(isAgain ? 'main textarea' : 'textarea[readonly]');
        expect(areas.map(({ text }) => text.trim()).filter((text) => text !== '')).toEqual(left);
        if (isAgain) {
          expect(heldBy(after.html, { 'holdUntil-day': '' })).toEqual({ 'holdUntil-day': '' });
          expect(after.html.querySelector('input[name=decision][checked]')).toBeNull();
        }
      }
    },
  );

  it('is nothing to speak of where nothing was typed that the decision did not record, though the page brought words and something else was chosen', async () => {
    const offered = stored(decideReview(waiting(), 'review-1', OFFER, NOW, AMINA));
    const back = undoDecision(offered, 'review-1', NOW, AMINA) as Referral;
    const chosen = { programmeId: 'hive-music', askWhom: 'person', team: 'camden' };
    for (const [decision, more] of DECISIONS.filter(([decision]) => decision !== 'match')) {
      const referral = await referralWith(back);
      const amina = await referral.as('Amina');
      const page = await amina.open();
      expect(heldBy(page.html, { summary: '' })).toEqual({ summary: OFFER.summary });
      const own = { question: 'Which days?', signpostedTo: 'Age UK' };
      const date = { 'holdUntil-day': '7', 'holdUntil-month': '12', 'holdUntil-year': '2026' };
      const typed = Object.entries({ ...own, ...date }).filter(([name]) =>
        DECISIONS.find(([each]) => each === decision)?.[2].test(name),
      );
      const fields = { ...chosen, decision, ...more, ...Object.fromEntries(typed) } as Fields;
      const after = await amina.press(page, 'decide', fields);
      const { links, reviews } = await referral.stored();
      expect(links['review-2']?.recorded?.decision, `${reviews}`).toBe(decision);
      expect(after.text).not.toMatch(/not saved yet|not kept/);
    }
  });

  it('records nothing of what they look for where nobody ticked anything, and once where the button is clicked twice', async () => {
    const plain = await referralWith(waiting());
    const decline = { decision: 'decline', declineReason: 'duplicate' };
    await (await plain.as('Amina')).press(await (await plain.as('Amina')).open(), 'decide', decline);
    expect((await plain.stored()).preferences).toBeUndefined();
    const referral = await referralWith(waiting());
    const amina = await referral.as('Amina');
    const page = await amina.open();
    const typed = { ...without(ON_THE_REVIEW, /^find$/), ...decline };
    const [one, two] = await Promise.all([
      amina.press(page, 'decide', typed),
      amina.press(page, 'decide', typed),
    ]);
    expect([one.status, two.status]).toEqual([200, 200]);
    const { history, signposts } = await referral.stored();
    const counted = (event: string) => history.filter((entry) => entry.event === event).length;
    expect([counted('reviewed'), counted('preferences-recorded'), counted('signposted')]).toEqual([1, 1, 1]);
    expect(signposts).toHaveLength(1);
  });

  it('is told of when the decision comes too late', async () => {
    const referral = await referralWith(waiting());
    const [amina, tom] = [await referral.as('Amina'), await referral.as('Tom')];
    const page = await tom.open();
    await amina.press(await amina.open(), 'decide', { decision: 'decline', declineReason: 'duplicate' });
    for (const button of ['preferences', 'decide', 'find', 'signpost']) {
      const late = await tom.press(page, button, ON_THE_REVIEW);
      const { signposts = [] } = await referral.stored();
      for (const words of [ON_THE_REVIEW.summary, ON_THE_REVIEW.question]) expect(late.text).toContain(words);
      if (button === 'signpost') expect(signposts).toHaveLength(1);
      else expect([button, late.status]).toEqual([button, 409]);
    }
  });

  it('is not sent by a key that goes to the first button: that one only shows it again', async () => {
    const amina = await (await referralWith(waiting())).as('Amina');
    const { html } = await amina.open();
    const forms = html.querySelectorAll('main form').filter((form) => form.querySelector('textarea'));
    expect(forms.map((form) => form.querySelector('button')?.getAttribute('value'))).toEqual(['find']);
  });
});

describe('what is typed on the page of a welfare contact', () => {
  const missing = () =>
    entered(
      ['3', '3'].reduce((each) => register(each, '3'), accepted()),
      'welfare',
    );
  const NOTE = { outcome: 'continue', note: 'She was at her sister’s', signpost: 'Age UK Camden' };

  it('stays when the referral is taken on or a service is recorded, and all of it is saved at the end', async () => {
    const referral = await referralWith(missing());
    const amina = await referral.as('Amina');
    const taken = await amina.press(await amina.open(), 'assign', NOTE);
    expect(taken.text).toContain('Looked after by Amina');
    expect(heldBy(taken.html, NOTE)).toEqual(NOTE);
    const told = await amina.press(taken, 'signpost');
    const { signpost: _told, ...left } = NOTE;
    expect(heldBy(told.html, left)).toEqual(left);
    await amina.press(told, 'welfare', { signpost: 'The drop-in' });
    const { signposts, programme } = await referral.stored();
    expect(signposts?.map(({ to }) => to)).toEqual([NOTE.signpost, 'The drop-in']);
    expect(programme?.welfare.at(-1)?.note).toBe(NOTE.note);
  });

  it('stays where the same outcome is sent again with a service that was not recorded', async () => {
    const referral = await referralWith(missing());
    const amina = await referral.as('Amina');
    const page = await amina.open();
    const { signpost, ...outcome } = NOTE;
    const done = await amina.press(page, 'welfare', outcome);
    expect(done.text).not.toMatch(/not saved yet|not kept/);
    const again = await amina.press(page, 'welfare', NOTE);
    expect(again.text).toContain('is still here, and not saved yet');
    expect(heldBy(again.html, { signpost })).toEqual({ signpost });
  });

  it('is shown to be copied where they leave, and there is nothing more to record', async () => {
    const referral = await referralWith(missing());
    const amina = await referral.as('Amina');
    const left = await amina.press(await amina.open(), 'told-leaves', { ...NOTE, leaves: 'yes' });
    expect(await referral.stored()).toMatchObject({ ending: { kind: 'withdrawn' } });
    expect(left.text).toContain('What else you typed was not kept');
    expect(left.html.querySelectorAll('textarea[readonly]').map(({ text }) => text.trim())).toContain(
      NOTE.note,
    );
  });
});

describe('what is typed on the page of a referral that waits for others', () => {
  const TOLD = { signpost: 'The drop-in at the library' };

  it('stays when it is taken on, or it is recorded that they cannot come', async () => {
    const referral = await referralWith(accepted());
    const amina = await referral.as('Amina');
    const taken = await amina.press(await amina.open(), 'assign', TOLD);
    expect(taken.text).toContain('Looked after by Amina');
    const excused = await amina.press(taken, 'told-cannot-come');
    expect(excused.text).toContain('They said that they cannot come');
    expect(heldBy(excused.html, TOLD)).toEqual(TOLD);
    const told = await amina.press(excused, 'signpost');
    expect(told.text).not.toContain('not saved yet');
    expect((await referral.stored()).signposts).toMatchObject([{ to: TOLD.signpost }]);
  });

  it('stays when a decision is taken back, or a tick is missing', async () => {
    const referral = await referralWith(inReview());
    const amina = await referral.as('Amina');
    const ask = { decision: 'ask-for-more', askWhom: 'person', question: 'Which evenings?' };
    const asked = await amina.press(await amina.open(), 'decide', ask);
    const missing = await amina.press(asked, 'told-leaves', TOLD);
    expect([missing.status, heldBy(missing.html, TOLD)]).toEqual([422, TOLD]);
    const back = await amina.press(missing, 'undo');
    expect(back.text).toContain('What do you decide?');
    expect(heldBy(back.html, TOLD)).toEqual(TOLD);
  });
});

const WHEN = {
  when: 'earlier',
  ...{ 'contactDate-day': '22', 'contactDate-month': '11', 'contactDate-year': '2026' },
  contactTime: '16:00',
};
const CONTACT: Fields = {
  ...{ channel: 'phone', outcome: 'reached', ...WHEN },
  ...{ 'nextDate-day': '25', 'nextDate-month': '11', 'nextDate-year': '2026' },
  contactNote: 'Half an hour on the phone, all of it typed here',
};
const REST: Fields = {
  settled: 'Spoke with her sister',
  newEmail: 'works@people.example',
  reached: 'Phoned her, she has it now',
  note: 'And a short note',
};
const ALL = { ...CONTACT, ...REST };

/** Somebody who asked to be contacted, and whom email does not reach. */
function concerned(): Referral {
  const missed = { id: 'm1', message: 'acknowledgement-person' as const, to: 'person' as const, at: NOW };
  const raised = raiseConcern(inReview(), 'contact', NOW);
  return noteUndelivered(raised, { to: 'person', why: 'bounced', missed } as never, NOW);
}

describe('what is typed on the page of contacts and notes', () => {
  const createdAt = later(NOW, { days: -30 });
  const FIELDS_OF: Record<string, RegExp> = {
    contact: /^(channel|outcome|when|contactDate|contactTime|nextDate|contactNote)/,
    note: /^note$/,
    settle: /^settled$/,
    reach: /^(newEmail|reached)$/,
  };

  it.each(Object.keys(FIELDS_OF))('stays when the button %s has saved its part', async (button) => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    const after = await amina.press(await amina.open('/contacts'), button, ALL);
    expect(after.status).toBe(200);
    expect(after.text).toContain('What else you have entered is still here, and not saved yet');
    const rest = without(ALL, FIELDS_OF[button] ?? /^$/);
    expect(heldBy(after.html, rest)).toEqual(rest);
    const gone = Object.keys(ALL).filter((name) => FIELDS_OF[button]?.test(name) && name !== 'when');
    expect(heldBy(after.html, Object.fromEntries(gone.map((name) => [name, ''])))).toEqual(
      Object.fromEntries(
        gone
          .filter(
            (name) => !['channel', 'outcome'].includes(name) && after.html.querySelector(`[name="${name}"]`),
          )
          .map((name) => [name, '']),
      ),
    );
  });

  it('is saved by one button after the other, each part once, and nothing is left then', async () => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    let page = await amina.press(await amina.open('/contacts'), 'note', ALL);
    for (const button of ['contact', 'settle', 'reach']) page = await amina.press(page, button);
    expect(page.text).not.toContain('not saved yet');
    const { contacts: tried, concerns, undelivered, person } = await referral.stored();
    expect(tried).toMatchObject([{ channel: 'phone', outcome: 'reached' }]);
    expect(concerns?.[0]?.settledBy?.name).toBe('Amina');
    expect(undelivered?.[0]?.settledBy?.name).toBe('Amina');
    expect(person.email).toBe(REST.newEmail);
    expect((await referral.notes()).map(({ text }) => text).sort()).toEqual(
      [CONTACT.contactNote, REST.settled, REST.reached, REST.note].sort(),
    );
  });

  it('stays when one part of it is wrong', async () => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    for (const [button, wrong] of [
      ['contact', { channel: '' }],
      ['note', { note: ' ' }],
      ['settle', { settled: '' }],
      ['reach', { newEmail: 'nobody' }],
    ] as [string, Fields][]) {
      const typed = { ...ALL, ...wrong };
      const after = await amina.press(await amina.open('/contacts'), button, typed);
      expect([button, after.status]).toEqual([button, 422]);
      const rest = without(typed, new RegExp(`^(${Object.keys(wrong).join('|')})$`));
      expect(heldBy(after.html, rest)).toEqual(rest);
    }
    expect((await referral.stored()).contacts).toBeUndefined();
  });

  it('stays where the address that is to work is that of the family who referred them', async () => {
    const base = concerned();
    const family = {
      kind: 'family-or-friend',
      name: 'Their mother',
      email: 'mother@people.example',
    } as const;
    const referral = await referralWith({ ...base, referrer: family } as Referral, { createdAt });
    const amina = await referral.as('Amina');
    const typed = { ...ALL, newEmail: 'Mother@people.example' };
    const after = await amina.press(await amina.open('/contacts'), 'reach', typed);
    expect([after.status, heldBy(after.html, typed)]).toEqual([422, typed]);
    expect(after.text).toContain('This is the address of whoever referred them');
    const { person, undelivered } = await referral.stored();
    expect([person.email, undelivered?.[0]?.settledAt]).toEqual([base.person.email, undefined]);
  });

  it('becomes part of the note where what it was about is over meanwhile', async () => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    const page = await amina.open('/contacts');
    await referral.change((each) => settleConcern(each, 1, TOM, NOW));
    const ending = { kind: 'declined', decidedAt: NOW } as const;
    await referral.change((each) => ({ ...each, stage: 'closing', ending }) as Referral);
    const after = await amina.press(page, 'reach', ALL);
    const note = after.html.querySelector('textarea[name=note]')?.text ?? '';
    for (const words of [REST.note, REST.settled, CONTACT.contactNote]) expect(note).toContain(words);
    const late = await amina.press(page, 'settle', ALL);
    const kept = late.html.querySelector('textarea[name=note]')?.text ?? '';
    for (const words of [REST.note, REST.settled, CONTACT.contactNote]) expect(kept).toContain(words);
    expect(late.text).toContain('Tom Wells has recorded before you');
  });

  it('stays where a form had been sent before with another text', async () => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    const page = await amina.open('/contacts');
    await amina.press(page, 'note', { note: 'The first' });
    const note = await amina.press(page, 'note', ALL);
    expect([note.status, heldBy(note.html, ALL)]).toEqual([422, ALL]);
    const contact = await amina.press(page, 'contact', ALL);
    expect(contact.status).toBe(422);
    const kept = contact.html.querySelector('textarea[name=note]')?.text ?? '';
    for (const words of [REST.note, CONTACT.contactNote]) expect(kept).toContain(words);
    expect(heldBy(contact.html, { settled: '', newEmail: '', reached: '' })).toEqual(without(REST, /^note$/));
  });

  it('is not sent by a key that goes to the first button: that one only shows it again', async () => {
    const referral = await referralWith(concerned(), { createdAt });
    const amina = await referral.as('Amina');
    const page = await amina.open('/contacts');
    const forms = page.html.querySelectorAll('main form').filter((form) => form.querySelector('textarea'));
    expect(forms.map((form) => form.querySelector('button')?.getAttribute('value'))).toEqual(['stay']);
    const after = await amina.press(page, 'stay', ALL);
    expect([after.status, heldBy(after.html, ALL)]).toEqual([200, ALL]);
    expect(after.text).toContain('Nothing is saved yet');
    expect(await referral.notes()).toEqual([]);
  });

  it('has no button beside it by which it would be lost', async () => {
    const tried = ['phone', 'text', 'phone'].map((channel, i) => ({
      ...{ number: i + 1, at: later(NOW, { days: i - 20 }), channel, by: AMINA },
      outcome: channel === 'text' ? 'sent' : 'no-answer',
    })) as Contact[];
    const referral = await referralWith(inReview(), { createdAt, contacts: tried });
    const amina = await referral.as('Amina');
    for (const path of ['/contacts', ''] as const) {
      const { html, text } = await amina.open(path);
      expect(text).toMatch(/clos\w+ (the referral|it) with a letter/i);
      expect(html.querySelectorAll('main form')).toHaveLength(1);
    }
    await amina.press(await amina.open(), 'close', ON_THE_REVIEW);
    expect(await referral.stored()).toMatchObject({
      ...{ stage: 'closing', ending: { reason: 'could-not-reach' } },
      ...{ preferences: { needs: ['housing'] }, signposts: [{ to: ON_THE_REVIEW.signpost }] },
    });
  });
});
