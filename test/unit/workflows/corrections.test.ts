import { describe, expect, it } from 'vitest';
import { historyInWords } from '../../../functions/shared/pages/words.ts';
import { close } from '../../../workflows/closing.ts';
import { correctDetails, correctDetailsFor, correctionsOf } from '../../../workflows/corrections.ts';
import { giveUpOnInformation } from '../../../workflows/information.ts';
import { leave } from '../../../workflows/leaving.ts';
import { checkLink, type LinkCheck, withHash } from '../../../workflows/links.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import {
  answers,
  emailsTo,
  entered,
  inReview,
  NOW,
  stored,
  submitted,
  TOM,
  validFields,
} from './builders.ts';

const KEYS = { details: 'other-details-key' };
const LATER = later(NOW, { hours: 1 });

function corrected(referral: Referral, change: Partial<Person>, at = LATER): Referral {
  return stored(correctDetails(referral, { ...referral.person, ...change }, KEYS, at));
}

/** The person without some of their details. */
function without(person: Person, ...names: (keyof Person)[]): Person {
  return Object.fromEntries(
    Object.entries(person).filter(([name]) => !names.includes(name as keyof Person)),
  ) as Person;
}

/** In the stage in which the person was asked a question, its mail sent. */
function asked(to: 'person' | 'referrer' = 'person', fields = validFields): Referral {
  const review = entered(submitted(fields), 'review');
  const decided = decideReview(
    review,
    'review-1',
    { decision: 'ask-for-more', to, question: 'Which days?' },
    NOW,
  );
  const referral = entered({ ...stored(decided), outbox: [] }, 'information');
  const links = Object.fromEntries(
    Object.entries(referral.links).map(([id, link]) => [
      id,
      link.purpose === 'review' ? link : withHash(link, `hash-of-${id}`, NOW),
    ]),
  );
  return { ...referral, links, outbox: [] };
}

const stateOf = (referral: Referral, purpose: 'person' | 'information', at = LATER): LinkCheck['state'] =>
  checkLink(referral, purpose, `hash-of-${purpose === 'person' ? 'person' : 'information-1'}`, at).state;

describe('a correction', () => {
  it('keeps what was recorded before, of what changed and nothing else', () => {
    const after = corrected(inReview(), { familyName: 'Byrne', postcode: 'NW5 1TL', phone: '07700 900982' });
    expect(after.corrections).toEqual([
      {
        at: LATER,
        fields: ['familyName', 'phone', 'postcode'],
        before: { familyName: "O'Brien", postcode: 'NW1 8AB' },
      },
    ]);
    expect(referralSchema.safeParse(after).error).toBeUndefined();
  });

  it('says in the history which of the details it was, in a code and in words', () => {
    const detailOf = (change: Partial<Person>) => {
      const entry = corrected(inReview(), change).history.at(-1);
      return [entry?.detail, entry && historyInWords(entry)];
    };
    expect(detailOf({ firstName: 'Rosie', familyName: 'Byrne' })).toEqual([
      'name',
      'Person: Corrected their details (name)',
    ]);
    expect(detailOf({ phone: '07700 900982', contact: { leaveMessage: true } })[0]).toBe('contact');
    expect(detailOf({ dateOfBirth: '2007-04-03' })[1]).toContain('(date of birth)');
    expect(detailOf({ firstName: 'Rosie', dateOfBirth: '2007-04-03' })).toEqual([
      'several',
      'Person: Corrected their details (several of them)',
    ]);
  });

  it('of nothing changes nothing, in whatever order the details stand', () => {
    const contact = { preferred: 'text', leaveMessage: false } as const;
    const referral = corrected(inReview(), { contact });
    const turned = { leaveMessage: false, preferred: 'text' } as const;
    expect(correctDetails(referral, { ...referral.person, contact: turned }, KEYS, LATER)).toBe(referral);
  });

  it('is shown with who the person was before it and after it, the newest first', () => {
    const first = corrected(inReview(), { postcode: 'NW5 1TL' });
    const second = corrected(
      first,
      { postcode: 'N1C 4AA', phone: '07700 900982' },
      later(LATER, { days: 1 }),
    );
    const shown = correctionsOf(second).map(({ at, was, is }) => [
      at,
      [was.postcode, was.phone],
      [is.postcode, is.phone],
    ]);
    expect(shown).toEqual([
      [later(LATER, { days: 1 }), ['NW5 1TL', undefined], ['N1C 4AA', '07700 900982']],
      [LATER, ['NW1 8AB', undefined], ['NW5 1TL', undefined]],
    ]);
  });

  it('made often keeps the newest, and what there was in the beginning', () => {
    let referral = inReview();
    for (let i = 0; i < 60; i++) {
      const note = `${i}${'x'.repeat(3990)}`;
      referral = corrected(
        referral,
        { familyName: `Name ${i}`, contact: { note } },
        later(LATER, { days: i }),
      );
    }
    const { corrections = [] } = referral;
    expect(corrections.length).toBeGreaterThan(1);
    expect(corrections.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(corrections).length).toBeLessThan(50_000);
    expect(corrections[0]?.before.familyName).toBe("O'Brien");
    expect(corrections.at(-1)?.before.familyName).toBe('Name 58');
    expect(correctionsOf(referral).at(-1)?.was.familyName).toBe("O'Brien");
    expect(referralSchema.safeParse(referral).error).toBeUndefined();
    for (let i = 0; i < 30; i++) referral = corrected(referral, { familyName: `Short ${i}` });
    expect(referral.corrections).toHaveLength(20);
    expect(referral.corrections?.[0]?.before.familyName).toBe("O'Brien");
  });

  it('of the GP practice forgets the address of the one before', () => {
    const referral = submitted({ ...validFields, gpPracticeEmail: 'practice@surgery.example' });
    expect(corrected(referral, { gpPracticeCode: 'F83011' }).person.gpPracticeEmail).toBeUndefined();
    expect(corrected(referral, { phone: '07700 900982' }).person.gpPracticeEmail).toBe(
      'practice@surgery.example',
    );
  });
});

describe('the link workers', () => {
  /** When they are told, if somebody corrects their details at these minutes, and each mail is sent when it is due. */
  function toldAt(...minutes: number[]): number[] {
    const told: number[] = [];
    let referral = inReview();
    for (const minute of minutes) {
      const now = later(NOW, { minutes: minute });
      const sent = referral.outbox.filter(({ notBefore }) => Date.parse(notBefore) <= Date.parse(now));
      referral = { ...referral, outbox: referral.outbox.filter((entry) => !sent.includes(entry)) };
      const before = new Set(referral.outbox.map(({ key }) => key));
      referral = corrected(referral, { familyName: `Name ${minute}` }, now);
      for (const entry of referral.outbox) {
        if (before.has(entry.key) || !entry.key.includes('details-corrected:link-worker')) continue;
        told.push((Date.parse(entry.notBefore) - Date.parse(NOW)) / 60_000);
      }
    }
    return told;
  }

  it('hear of a correction at once, and of those that follow once an hour, missing none', () => {
    expect(toldAt(0)).toEqual([0]);
    expect(toldAt(0, 1, 2, 30, 59)).toEqual([0, 60]);
    expect(toldAt(0, 30, 61, 90, 125)).toEqual([0, 60, 120, 180]);
    expect(toldAt(0, 60, 121, 300)).toEqual([0, 60, 121, 300]);
    const often = toldAt(...Array.from({ length: 200 }, (_, i) => i));
    expect(often.length).toBeLessThanOrEqual(5);
    expect(often.at(-1)).toBeGreaterThanOrEqual(199);
  });
});

describe('a corrected email address', () => {
  const NEW = { email: 'new@people.example' };

  it('lets links that were sent before open nothing, and the open question is asked at the new one', () => {
    const before = asked();
    expect([stateOf(before, 'person'), stateOf(before, 'information')]).toEqual(['open', 'open']);
    const after = corrected(before, NEW);
    expect([stateOf(after, 'person'), stateOf(after, 'information')]).toEqual(['expired', 'expired']);
    expect(emailsTo(after).sort()).toEqual([
      'details-corrected → link-worker',
      'details-corrected → person',
      'information-request → person',
    ]);
    const again = after.outbox.find(
      (entry) => entry.kind === 'email' && entry.message === 'information-request',
    );
    expect(again).toMatchObject({ link: 'information-1', by: '2026-11-30T09:00:00.000Z' });
    expect(after.stage).toBe('information');
  });

  it('asks again after each change, and tells the address before of none', () => {
    const once = corrected(asked(), NEW);
    const twice = corrected(once, { email: 'newer@people.example' });
    const keys = twice.outbox.map(({ key }) => key).filter((key) => key.includes('information-request'));
    expect(new Set(keys).size).toBe(2);
    expect(emailsTo(once).filter((mail) => mail.startsWith('details-corrected → person'))).toHaveLength(1);
  });

  it('leaves a question to the referrer as it is', () => {
    const after = corrected(asked('referrer'), NEW);
    expect(stateOf(after, 'information')).toBe('open');
    expect(emailsTo(after)).not.toContain('information-request → referrer');
  });

  it('of who referred themself is their own referrer’s too', () => {
    const after = corrected(asked('referrer', { ...validFields, referrerKind: 'self' }), NEW);
    expect(stateOf(after, 'information')).toBe('expired');
    expect(emailsTo(after)).toContain('information-request → referrer');
    expect(after.referrer.email).toBe('new@people.example');
  });

  it('taken away, or said to be read by others, gives the open question back to the link worker', () => {
    const before = asked();
    const gone = stored(
      correctDetails(before, { ...without(before.person, 'email'), phone: '07700 900982' }, KEYS, LATER),
    );
    const unsafe = corrected(before, { phone: '07700 900982', contact: { mayEmail: false } });
    for (const after of [gone, unsafe]) {
      expect(after.stage).toBe('review');
      expect(answers(after)).toContain('no-answer');
      expect(emailsTo(after)).toEqual(['details-corrected → link-worker']);
      expect(stateOf(after, 'person')).toBe('expired');
      expect(giveUpOnInformation(after, LATER)).toMatchObject({ refused: 'not-now' });
    }
  });
});

describe('a correction that a coordinator makes for them', () => {
  const change = { familyName: 'Byrne', email: 'new@people.example' };
  const made = (referral: Referral) =>
    correctDetailsFor(referral, { ...referral.person, ...change }, KEYS, TOM, LATER);

  it('is the one that the person would make, under the name of the coordinator', () => {
    const before = asked();
    const [theirs, own] = [made(before), corrected(before, change)];
    expect({ ...theirs, history: [] }).toEqual({ ...own, history: [] });
    expect(theirs.history.slice(-1).map((entry) => historyInWords(entry))).toEqual([
      'Tom Wells: Corrected their details (several of them)',
    ]);
    expect(correctionsOf(theirs)[0]?.by).toBe('Tom Wells');
    expect(correctionsOf(own)[0]?.by).toBeUndefined();
  });

  it('made again is the same', () => {
    const once = made(asked());
    expect(made(once)).toBe(once);
  });

  it('can be made after the end, when the person cannot any more', () => {
    const ended = { ...stored(close(stored(leave(inReview(), 'person', NOW)), NOW)), outbox: [] };
    expect(correctDetails(ended, { ...ended.person, ...change }, KEYS, LATER)).toEqual({
      refused: 'not-now',
    });
    const after = made(ended);
    expect(after).toMatchObject({ stage: 'closed', person: change, personKeys: KEYS });
    expect(emailsTo(after).sort()).toEqual(['details-corrected → link-worker', 'details-corrected → person']);
    expect(referralSchema.safeParse(after).error).toBeUndefined();
  });
});
