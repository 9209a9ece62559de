import { type HTMLElement, parse } from 'node-html-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/link-worker-review/handler.ts';
import { settleDuePlaces } from '../../../functions/outbox/places.ts';
import { takeOverCohorts } from '../../../functions/shared/directory/cohorts.ts';
import { deployedProgramme } from '../../../functions/shared/directory/directory.ts';
import { storeSummary } from '../../../functions/shared/directory/places.ts';
import { storedEntry, storeEntry } from '../../../functions/shared/directory/store.ts';
import { recordWait } from '../../../functions/shared/directory/waits.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { changePlaces, readPlaces } from '../../../functions/shared/places.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import type { Cohort } from '../../../workflows/directory.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { NOTHING, placeOf, settle } from '../../../workflows/places.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { AMINA, entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { type request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeEach(async () => {
  table = await startEnvironment();
});
afterEach(() => table.stop());

let ids = 0;

/** Fifty, and so no case for The Hive: the examples are ranked by what is known. */
const FIFTY = { ...validFields, 'dateOfBirth-year': '1976' };

type Fields = Record<string, string>;

/** A referral that waits for its review, for somebody of its team to open. */
async function waiting(fields: Fields = FIFTY, change: Partial<Referral> = {}) {
  ids += 1;
  const id = `${ids.toString(16).padStart(10, '0')}${'a'.repeat(22)}`;
  const referral = entered(submitted(fields), 'review');
  const reference = referenceOf(id);
  await table.referrals.create({ ...referral, id, reference, version: 0, ...change } as Referral);
  const at = { route: '/referrals/{reference}', path: { reference } };
  const read = ({ statusCode, headers, body = '' }: Awaited<ReturnType<typeof request>>) => {
    const page = parse(body);
    const text = page.structuredText.replace(/\s+/g, ' ');
    const fieldOf = (name: string) =>
      page.querySelector(`input[name="${name}"]`)?.getAttribute('value') ?? '';
    const ranked = page.querySelectorAll('.osp-programme h3').map((heading) => heading.text.trim());
    return { status: statusCode, location: headers?.location, page, text, fieldOf, ranked };
  };
  const signedIn = async (name = 'Amina') => {
    const somebody = await atWork(name);
    return {
      open: async () => read(await somebody.open(handler, at)),
      send: async (fields: Fields) => read(await somebody.send(handler, { ...at, fields })),
      save: async (fields: Fields) =>
        read(await somebody.send(handler, { ...at, fields: { action: 'preferences', ...fields } })),
    };
  };
  const open = async () => (await signedIn()).open();
  const decide = async (programmeId: string, more: Fields = {}) =>
    (await signedIn()).send({
      ...{ action: 'decide', review: 'review-1', decision: 'match', programmeId },
      ...more,
    });
  return {
    ...{ id, reference, open, decide, signedIn },
    stored: async () => (await table.referrals.read(id)) as Referral,
    /** Matches, with the ranking that the page shows now. */
    match: async (programmeId: string, more: Fields = {}) =>
      decide(programmeId, { ranking: (await open()).fieldOf('ranking'), ...more }),
  };
}

describe('what the provider is to know', () => {
  it('names nobody, and says how to reach nobody: the word is named, and all that was typed stays', async () => {
    const review = await waiting({ ...FIFTY, risks: 'known', risksDetail: 'Falls' });
    const typed = {
      summary: 'Roisin loves to sing, ring her on roisin@example.com',
      riskSummary: 'Ms O’Brien falls',
    };
    const refused = await review.match('example-crafts', typed);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('This has their email address and “Roisin”. The provider reads');
    expect(refused.text).toContain('This has “O’Brien”. The provider reads');
    for (const [name, value] of Object.entries(typed)) {
      expect(refused.page.querySelector(`#${name}`)?.text.trim()).toBe(value);
    }
    expect((await review.stored()).offers).toEqual([]);
    // Their address is theirs, whatever the words are.
    const ticked = await review.match('example-crafts', { ...typed, namesNobody: 'yes' });
    expect([ticked.status, ticked.text.includes('This has their email address. The provider')]).toEqual([
      ...[422, true],
    ]);
  });

  it('has names that are words too, once it is said that they name nobody; sent twice is sent once', async () => {
    const review = await waiting({ ...FIFTY, firstName: 'Will' });
    const summary = 'They hope that it will not be loud';
    expect((await review.match('example-crafts', { summary })).text).toContain(
      'These words do not name the person: “will”',
    );
    const { fieldOf } = await review.open();
    const fields = { summary, namesNobody: 'yes', matchAnyway: 'yes', ranking: fieldOf('ranking') };
    const more = { rankingReason: 'Near', seenFull: fieldOf('seenFull') };
    for (let i = 0; i < 2; i++) {
      const sent = await review.decide('example-crafts', { ...fields, ...more });
      expect([sent.status, sent.location]).toEqual([303, `/referrals/${review.reference}`]);
    }
    expect((await review.stored()).offers.map((offer) => offer.summary)).toEqual([summary]);
  });
});

describe('what they are looking for', () => {
  const HOUSING = { 'need-housing': 'yes', 'time-weekday-afternoon': 'yes', freeOnly: 'yes' };

  it('is saved under the name of whoever does it, and the programmes are ranked anew', async () => {
    const review = await waiting();
    const amina = await review.signedIn();
    const before = await amina.open();
    expect(before.ranked[0]).not.toContain('advice');
    const preferencesSeen = before.fieldOf('preferencesSeen');
    const saved = await amina.save({ preferencesSeen, ...HOUSING, ethnicGroup: 'asian' });
    expect([saved.status, saved.location]).toEqual([303, `/referrals/${review.reference}#programmes`]);
    const { preferences, ethnicGroup, history, version } = await review.stored();
    expect(ethnicGroup).toBe('asian');
    expect(preferences).toEqual({ needs: ['housing'], times: ['weekday-afternoon'], freeOnly: true });
    expect(history.at(-1)).toMatchObject({
      ...{ by: 'link-worker', event: 'preferences-recorded', name: 'Amina' },
    });
    const after = await amina.open();
    expect(after.ranked[0]).toContain('advice');
    expect(after.fieldOf('ranking')).not.toBe(before.fieldOf('ranking'));
    expect(after.page.querySelector('input[name=need-housing]')?.hasAttribute('checked')).toBe(true);
    // The same again is the same.
    expect((await amina.save({ preferencesSeen, ...HOUSING, ethnicGroup: 'asian' })).status).toBe(303);
    expect((await review.stored()).version).toBe(version);
  });

  it('is not written over by whoever did not see it: they are told, and what they ticked stays', async () => {
    const review = await waiting();
    const [amina, tom] = await Promise.all([review.signedIn('Amina'), review.signedIn('Tom')]);
    const preferencesSeen = 'none';
    const answers = await Promise.all([
      amina.save({ preferencesSeen, 'need-housing': 'yes' }),
      tom.save({ preferencesSeen, 'need-dementia': 'yes' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const late = answers.find(({ status }) => status === 422);
    const won = (await review.stored()).preferences?.needs[0];
    expect(late?.text).toContain(
      `It says now: ${won === 'housing' ? 'housing' : 'dementia or memory problems'}`,
    );
    const theirs = won === 'housing' ? 'dementia' : 'housing';
    expect(late?.page.querySelector(`input[name=need-${theirs}]`)?.hasAttribute('checked')).toBe(true);
    expect(late?.page.querySelector('.nhsuk-error-summary a')?.getAttribute('href')).toBe('#need');
    const again = { preferencesSeen: late?.fieldOf('preferencesSeen') ?? '', [`need-${theirs}`]: 'yes' };
    expect((await tom.save(again)).status).toBe(303);
    expect((await review.stored()).preferences?.needs).toEqual([theirs]);
  });

  it('is shown as it is now to whoever ticked nothing else than what they saw, and stays so', async () => {
    const review = await waiting();
    const [amina, tom] = await Promise.all([review.signedIn('Amina'), review.signedIn('Tom')]);
    await amina.save({ preferencesSeen: 'none', 'need-housing': 'yes' });
    expect((await tom.save({ preferencesSeen: 'none' })).status).toBe(303);
    expect((await review.stored()).preferences?.needs).toEqual(['housing']);
  });

  it('is too late once it is decided', async () => {
    const review = await waiting();
    const amina = await review.signedIn();
    await amina.save({ preferencesSeen: 'none', 'need-housing': 'yes' });
    expect((await review.match('example-advice')).status).toBe(303);
    const late = await amina.save({ preferencesSeen: 'none', 'need-dementia': 'yes' });
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('By Amina')]);
    expect((await review.stored()).preferences?.needs).toEqual(['housing']);
  });
});

describe('a place', () => {
  const NEXT = '2027-01-12';
  const CHOIR = 'example-crafts';
  const REASON = { rankingReason: 'She knows people there', matchAnyway: 'yes' };
  let minutes = 0;

  /** The programme has one group of so many places from now on, and those others. */
  async function places(capacity: number, ...others: Cohort[]): Promise<void> {
    const stored = await storedEntry(TABLE, CHOIR);
    const programme = stored?.programme ?? deployedProgramme(CHOIR);
    if (!programme) throw new Error('no programme');
    const cohorts = [{ id: NEXT, startsOn: NEXT, capacity }, ...others];
    await storeEntry(TABLE, stored, {
      ...{ programme: { ...programme, cohorts }, at: NOW, how: 'edited', changes: [] },
    });
    await takeOverCohorts(TABLE, CHOIR, NOW);
    minutes += 2;
    await freshen(later(NOW, { days: 30, minutes }));
    await freshen(NOW);
    await shown();
  }
  /** What the outbox does after a match. */
  const shown = async () => storeSummary(TABLE, await readPlaces(TABLE, CHOIR, NOW));
  const seen = (page: Awaited<ReturnType<Awaited<ReturnType<typeof waiting>>['open']>>) => ({
    ...{ ranking: page.fieldOf('ranking'), seenFull: page.fieldOf('seenFull') },
    ...REASON,
  });
  const hintOf = ({ page }: { page: { querySelectorAll(selector: string): { text: string }[] } }) =>
    page
      .querySelectorAll('.nhsuk-radios__item')
      .find(({ text }) => text.includes('crafts'))
      ?.text.replace(/\s+/g, ' ');

  it('is shown before, held for whoever is matched, and the same however often the button is clicked', async () => {
    await places(2);
    const review = await waiting();
    const page = await review.open();
    expect(hintOf(page)).toContain('2 places free in the group that starts on 12 January 2027');
    const [one, two] = await Promise.all([
      review.decide(CHOIR, seen(page)),
      review.decide(CHOIR, seen(page)),
    ]);
    await shown();
    const third = await review.decide(CHOIR, seen(page));
    expect([one.status, two.status, third.status]).toEqual([303, 303, 303]);
    expect((await review.stored()).offers.map(({ cohortId }) => cohortId)).toEqual([NEXT]);
    const ledger = await readPlaces(TABLE, CHOIR, NOW);
    expect(ledger.places.map(({ referralId }) => referralId)).toEqual([review.id]);
    expect(hintOf(await (await waiting()).open())).toContain('1 place free');
  });

  it('that goes while the page is open is said so, and nothing is decided before it is sent again', async () => {
    await places(1);
    const [review, faster] = [await waiting(), await waiting()];
    const ledger = await readPlaces(TABLE, CHOIR, NOW);
    for (const { referralId } of ledger.places) {
      await changePlaces(TABLE, CHOIR, NOW, (all) => settle(all, referralId, NOTHING, NOW));
    }
    await shown();
    const [page, theirs] = [await review.open(), await faster.open()];
    expect((await faster.decide(CHOIR, seen(theirs))).status).toBe(303);
    // Once before the numbers beside the directory say so, and once after.
    for (let i = 0; i < 2; i++) {
      const told = await review.decide(CHOIR, { ...seen(page), summary: 'Likes to knit' });
      expect([told.status, told.text]).toEqual([422, expect.stringContaining('The last place of')]);
      expect(told.page.querySelector('#summary')?.text).toBe('Likes to knit');
      expect(told.page.querySelector(`input[type=radio][value=${CHOIR}]`)?.hasAttribute('checked')).toBe(
        true,
      );
      expect(hintOf(told)).toContain('Full: goes on the waiting list, nobody waits yet');
      expect((await review.stored()).stage).toBe('review');
      if (i === 0) await shown();
    }
    const again = await review.decide(CHOIR, seen(await review.open()));
    expect(again.status).toBe(303);
    expect((await review.stored()).offers[0]).toMatchObject({ waitlistedAt: NOW });
    expect((await review.stored()).offers[0]).not.toHaveProperty('cohortId');
    expect((await review.open()).text).toContain('On the waiting list');
  });

  it('that is none keeps nobody waiting who may be in danger and whom nobody has spoken with', async () => {
    await places(1);
    const ledger = await readPlaces(TABLE, CHOIR, NOW);
    for (const { referralId } of ledger.places) {
      await changePlaces(TABLE, CHOIR, NOW, (all) => settle(all, referralId, NOTHING, NOW));
    }
    await shown();
    const review = await waiting({ ...FIFTY, danger: 'yes' });
    const page = await review.open();
    const whole = { ...seen(page), riskSummary: 'Ring us before each visit' };
    const faster = await waiting();
    expect((await faster.decide(CHOIR, seen(await faster.open()))).status).toBe(303);
    // Once before the numbers beside the directory say so, and once after; also where the page had said that they wait.
    for (const seenFull of ['', CHOIR]) {
      for (let i = 0; i < 2; i++) {
        const told = await review.decide(CHOIR, { ...whole, seenFull });
        expect([told.status, told.text]).toEqual([422, expect.stringContaining('somebody may be in danger')]);
        expect(told.text).not.toContain('The last place of');
        await shown();
      }
    }
    expect((await review.stored()).stage).toBe('review');
    const call = { channel: 'phone', outcome: 'reached' } as const;
    await table.referrals.change(review.id, NOW, (referral) => recordContact(referral, 1, call, AMINA, NOW));
    const again = { ...seen(await review.open()), riskSummary: 'Ring us before each visit' };
    expect((await review.decide(CHOIR, again)).status).toBe(303);
    expect((await review.stored()).offers[0]).toMatchObject({ waitlistedAt: NOW });
  });

  describe('in one of several groups', () => {
    // A Saturday, at a time and a place of its own.
    const SPRING = {
      ...{ id: 'spring', startsOn: '2027-04-10', capacity: 1 },
      ...{ time: '10:30', place: 'The garden room' },
    };
    const IN_SPRING = `${CHOIR}/spring`;
    const choicesOf = ({ page }: { page: HTMLElement }) =>
      page
        .querySelectorAll('input[name=programmeId]')
        .map((each) => each.getAttribute('value') ?? '')
        .filter((value) => value.startsWith(CHOIR));

    it('is chosen, held there and nowhere else, and said so', async () => {
      await places(5, SPRING);
      const review = await waiting();
      const page = await review.open();
      expect(choicesOf(page)).toEqual([CHOIR, `${CHOIR}/${NEXT}`, IN_SPRING]);
      expect(page.text).toContain(
        'the group of 10 April 2027 Saturdays at 10:30, The garden room. 1 place free.',
      );
      const [one, two] = await Promise.all([
        review.decide(IN_SPRING, seen(page)),
        review.decide(IN_SPRING, seen(page)),
      ]);
      expect([one.status, two.status]).toEqual([303, 303]);
      // To have chosen another group would have been another decision.
      expect((await review.decide(CHOIR, seen(page))).status).toBe(409);
      expect((await review.stored()).offers).toMatchObject([
        { chosenCohortId: 'spring', cohortId: 'spring' },
      ]);

      // The next one waits for it, once the page has said so, whatever is free elsewhere.
      await shown();
      const next = await waiting();
      const full = await next.open();
      expect(full.text).toContain(
        'The garden room. No place is free: they wait for one here, or in any group',
      );
      const stale = await next.decide(IN_SPRING, { ...seen(full), seenFull: '' });
      expect([stale.status, stale.text]).toEqual([422, expect.stringContaining('The last place of')]);
      expect(stale.page.querySelector('input[name=programmeId][checked]')?.getAttribute('value')).toBe(
        IN_SPRING,
      );
      expect((await next.decide(IN_SPRING, seen(full))).status).toBe(303);
      const [offer] = (await next.stored()).offers;
      expect(offer).toMatchObject({ chosenCohortId: 'spring', waitlistedAt: NOW });
      expect((await next.open()).text).toContain('for the group of 10 April 2027');
    });

    it('that is over, or never was, is not chosen', async () => {
      await places(5, SPRING);
      const review = await waiting();
      const page = await review.open();
      for (const value of [`${CHOIR}/autumn`, `${CHOIR}/`, `${CHOIR}/../spring`]) {
        const refused = await review.decide(value, seen(page));
        expect([refused.status, refused.text]).toEqual([
          422,
          expect.stringContaining('Nobody can join this group'),
        ]);
      }
      await places(5);
      expect(choicesOf(await review.open())).toEqual([CHOIR]);
      expect((await review.decide(IN_SPRING, seen(page))).status).toBe(422);
      expect((await review.stored()).offers).toEqual([]);
    });
  });

  it('held for a decision that did not stand is let go', async () => {
    await places(3);
    const review = await waiting();
    const page = await review.open();
    const [amina, tom] = await Promise.all([review.signedIn('Amina'), review.signedIn('Tom')]);
    const about = { action: 'decide', review: 'review-1' };
    const answers = await Promise.all([
      amina.send({ ...about, decision: 'match', programmeId: CHOIR, ...seen(page) }),
      tom.send({ ...about, decision: 'decline', declineReason: 'duplicate' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const { stage } = await review.stored();
    await settleDuePlaces(TABLE, table.referrals, CHOIR, later(NOW, { minutes: 16 }));
    const held = placeOf(await readPlaces(TABLE, CHOIR, NOW), review.id);
    expect(held?.state).toBe(stage === 'offer' ? 'held' : undefined);
  });
});

describe('a choice', () => {
  const looking = (needs: string[]) => ({ preferences: { needs } }) as Partial<Referral>;

  it('of the best match needs no reason', async () => {
    const review = await waiting(FIFTY, looking(['housing']));
    expect((await review.match('example-advice')).status).toBe(303);
    const [offer] = (await review.stored()).offers;
    expect(offer).not.toHaveProperty('againstRanking');
    expect((await review.stored()).history.map(({ event }) => event)).toContain('matched');
  });

  it('against the ranking asks for a reason, keeps what was written, and is recorded with its rank', async () => {
    const review = await waiting(FIFTY, looking(['housing']));
    const refused = await review.match('example-crafts', { summary: 'Likes to knit' });
    expect(refused.status).toBe(422);
    expect(refused.page.querySelector('.nhsuk-error-summary a')?.getAttribute('href')).toBe('#rankingReason');
    expect(refused.text).toContain(
      'Enter why you choose this one: Example: debt and legal advice ranks first',
    );
    expect(refused.page.querySelector('#summary')?.text).toBe('Likes to knit');
    const reason = 'She knows two people there';
    const sent = { rankingReason: reason, ranking: refused.fieldOf('ranking') };
    for (let i = 0; i < 2; i++) {
      expect((await review.decide('example-crafts', sent)).status).toBe(303);
    }
    const { offers, history } = await review.stored();
    expect(offers).toHaveLength(1);
    expect(offers[0]?.againstRanking).toEqual({ rank: expect.any(Number), reason });
    expect(offers[0]?.againstRanking?.rank).toBeGreaterThan(1);
    expect(history.find(({ event }) => event === 'matched-against-ranking')?.detail).toBe('example-crafts');
    const { text } = await review.open();
    expect(text).toContain(`Chosen against the ranking Ranked ${offers[0]?.againstRanking?.rank}. ${reason}`);
    expect(text).toContain('Matched the person to a programme that others ranked above');
    const other = { ...sent, rankingReason: 'Another reason' };
    expect((await review.decide('example-crafts', other)).status).toBe(409);
  });

  it('against the ranking asks for a reason also where they are eligible for nothing', async () => {
    const review = await waiting({ ...FIFTY, 'dateOfBirth-year': '2022' });
    expect((await review.open()).text).not.toContain('Best match.');
    const refused = await review.match('example-gardening', { matchAnyway: 'yes' });
    const why = expect.stringMatching(/Enter why you choose this one: .* ranks first/);
    expect([refused.status, refused.text]).toEqual([422, why]);
    const sent = { matchAnyway: 'yes', rankingReason: 'Her mother grows beans' };
    expect((await review.match('example-gardening', sent)).status).toBe(303);
    const [offer] = (await review.stored()).offers;
    expect(offer).toMatchObject({
      againstRanking: { rank: 5, reason: 'Her mother grows beans' },
      // What was confirmed, for whoever asks later.
      confirmed: ['age'],
    });
    expect((await review.open()).text).toContain('Offered all the same Not met: age');
    // The same again is the same; without the tick it is another decision.
    expect((await review.match('example-gardening', sent)).status).toBe(303);
  });

  it('of what they asked for is reason enough', async () => {
    const review = await waiting({ ...FIFTY, programmeId: 'example-crafts' }, looking(['housing']));
    expect((await review.match('example-crafts')).status).toBe(303);
    expect((await review.stored()).offers[0]?.againstRanking?.reason).toBe('It is what they asked for');
  });

  it('is of the ranking that was seen: where it has changed since, that is said and nothing is recorded', async () => {
    const review = await waiting(FIFTY, looking(['housing']));
    const seen = (await review.open()).fieldOf('ranking');
    // Three people waited a year for the best match.
    for (const key of ['x', 'y', 'z']) await recordWait(TABLE, 'example-advice', { key, at: NOW, days: 365 });
    for (const key of ['x', 'y', 'z']) await recordWait(TABLE, 'example-crafts', { key, at: NOW, days: 7 });
    for (const ranking of [seen, 'made-up', '']) {
      const refused = await review.decide('example-advice', { summary: 'Rent', ranking });
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('ranked anew since')]);
      expect(refused.page.querySelector('#summary')?.text).toBe('Rent');
      expect(refused.text).toContain('About 52 weeks, measured from the last 3 people: a long wait');
    }
    expect((await review.stored()).stage).toBe('review');
    expect((await review.match('example-advice')).status).toBe(303);
  });

  it('of somebody who is not eligible, or whom the place cannot take, has to be confirmed', async () => {
    const review = await waiting(
      { ...FIFTY, 'communicationNeeds-step-free': 'yes' },
      looking(['mental-health']),
    );
    const reason = { rankingReason: 'She loves gardens' };
    for (const programmeId of ['hive-music', 'example-gardening']) {
      const refused = await review.match(programmeId, reason);
      expect([refused.status, refused.text]).toEqual([
        422,
        expect.stringContaining('confirm that you offer it'),
      ]);
    }
    expect((await review.match('example-gardening', { ...reason, matchAnyway: 'yes' })).status).toBe(303);
  });

  it('shows each look in the audit once', async () => {
    const review = await waiting();
    await review.open();
    await (await review.signedIn()).save({ preferencesSeen: 'none', 'need-housing': 'yes' });
    await review.decide('example-crafts');
    expect(table.looksAt(review.id)).toHaveLength(2);
  });
});
