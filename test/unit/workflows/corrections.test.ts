import { describe, expect, it } from 'vitest';
import { historyInWords } from '../../../functions/shared/pages/words.ts';
import { close } from '../../../workflows/closing.ts';
import {
  correctAddress,
  correctDetails,
  correctDetailsFor,
  correctionsOf,
} from '../../../workflows/corrections.ts';
import { giveUpOnInformation } from '../../../workflows/information.ts';
import { leave } from '../../../workflows/leaving.ts';
import { checkLink, type LinkCheck, withHash } from '../../../workflows/links.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { noteUndelivered } from '../../../workflows/undelivered.ts';
import {
  accepted,
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
  return sent(referral);
}

/** Every email of it has gone out, with its link. */
function sent(referral: Referral, at = NOW): Referral {
  const links = Object.fromEntries(
    Object.entries(referral.links).map(([id, link]) => [
      id,
      link.purpose === 'review' || link.purpose === 'welfare' ? link : withHash(link, `hash-of-${id}`, at),
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
    const newer = { email: 'newer@people.example' };
    const keysOf = ({ outbox }: Referral) =>
      outbox.map(({ key }) => key).filter((key) => key.includes('information-request'));
    expect(new Set([...keysOf(once), ...keysOf(corrected(sent(once), newer))]).size).toBe(2);
    // What had not gone out yet goes to the newer one alone.
    const toThem = (referral: Referral) => emailsTo(referral).filter((mail) => mail.endsWith('→ person'));
    expect(toThem(corrected(once, newer)).sort()).toEqual(toThem(once).sort());
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

describe('what was sent to the address before and is not answered or read', () => {
  const NEW = { email: 'new@people.example' };
  const LINK = 'measures-baseline-1';

  /** The ids of links of which a secret still opens something. */
  const open = ({ links }: Referral, at = LATER) =>
    Object.keys(links).filter((id) => links[id]?.hashes.some(({ expiresAt }) => expiresAt > at));
  const mailsOf = ({ outbox }: Referral, message: string) =>
    outbox.flatMap((entry) =>
      entry.kind === 'email' && entry.message === message ? [`${entry.link} → ${entry.to}`] : [],
    );
  const ended = (fields = validFields) => {
    const left = stored(leave({ ...accepted(), ...pickOf(submitted(fields)) }, 'person', NOW));
    return sent(stored(close(left, NOW)));
  };
  const pickOf = ({ person, referrer }: Referral) => ({ person, referrer });
  const PRACTICE = { ...validFields, gpPracticeEmail: 'practice@surgery.example' };
  const byCoordinator = (referral: Referral, change: Partial<Person>, at = LATER) =>
    correctDetailsFor(referral, { ...referral.person, ...change }, KEYS, TOM, at);

  it('are questions that open nothing there any more, and are asked once at the new one', () => {
    const before = sent(accepted());
    expect(open(before)).toEqual(expect.arrayContaining(['person', LINK]));
    const after = corrected(before, NEW);
    expect(open(after)).not.toContain('person');
    expect(open(after)).not.toContain(LINK);
    expect(mailsOf(after, 'measures-request')).toEqual([`${LINK} → person`]);
    // A correction that is not of the address, and the programme as it goes on, ask nothing again.
    expect(mailsOf(corrected(sent(after), { phone: '07700 900982' }), 'measures-request')).toEqual([]);
    expect(mailsOf(corrected(after, { email: 'newer@people.example' }), 'measures-request')).toHaveLength(1);
  });

  it('are questions that had not gone out yet, which go to the new one alone', () => {
    expect(mailsOf(corrected(accepted(), NEW), 'measures-request')).toEqual([`${LINK} → person`]);
  });

  it('are no questions that are answered, taken back or too old: those are asked of nobody, and open nothing', () => {
    const before = sent(accepted());
    const link = before.links[LINK];
    if (!link) throw new Error('no link');
    const answered = {
      ...before,
      links: { ...before.links, [LINK]: { ...link, recorded: { at: NOW, decision: 'baseline' } } },
    };
    const back = { ...before, links: { ...before.links, [LINK]: { ...link, revokedAt: NOW } } };
    for (const referral of [answered, back]) {
      const after = corrected(referral, NEW);
      expect([open(after).includes(LINK), mailsOf(after, 'measures-request')]).toEqual([false, []]);
    }
    expect(mailsOf(corrected(before, NEW, later(NOW, { days: 43 })), 'measures-request')).toEqual([]);
  });

  it('are asked when there is an address again, where there was none for a time', () => {
    const before = sent(accepted());
    const gone = corrected(before, { phone: '07700 900982', contact: { mayEmail: false } });
    expect([open(gone).includes(LINK), mailsOf(gone, 'measures-request')]).toEqual([false, []]);
    const again = corrected({ ...gone, outbox: [] }, { ...NEW, contact: { mayEmail: true } });
    expect(mailsOf(again, 'measures-request')).toEqual([`${LINK} → person`]);
  });

  it('is the letter, which opens nothing there any more, and comes once to the new one', () => {
    const before = ended();
    expect(open(before)).toContain('letter-person');
    const after = byCoordinator(before, NEW);
    expect(open(after)).toEqual(open(before).filter((id) => !/^(person|letter-person|measures)/.test(id)));
    expect(mailsOf(after, 'letter-person')).toEqual(['letter-person → person']);
    expect(referralSchema.safeParse(after).error).toBeUndefined();
    expect(mailsOf(byCoordinator(sent(after), { phone: '07700 900982' }), 'letter-person')).toEqual([]);
    // Its link had run out: nobody waits for it.
    expect(mailsOf(byCoordinator(before, NEW, later(NOW, { days: 91 })), 'letter-person')).toEqual([]);
  });

  it('is the letter to the GP practice, where its address changes', () => {
    const before = ended(PRACTICE);
    expect(open(before)).toContain('letter-gp');
    const other = byCoordinator(before, { gpPracticeEmail: 'right@surgery.example' });
    expect(open(other)).not.toContain('letter-gp');
    expect(open(other)).toContain('letter-person');
    expect(mailsOf(other, 'letter-gp')).toEqual(['letter-gp → gp-practice']);
    const moved = byCoordinator(before, { gpPracticeCode: 'F83011' });
    expect([open(moved).includes('letter-gp'), mailsOf(moved, 'letter-gp')]).toEqual([false, []]);
    expect(open(byCoordinator(before, { phone: '07700 900982' }))).toContain('letter-gp');
  });

  it.each(['person', 'gp-practice'] as const)(
    'comes once to the address that a link worker puts right for the %s, also where it had come back',
    (to) => {
      const message = to === 'person' ? 'letter-person' : 'letter-gp';
      const missed = { id: 'ses-1', message, to, link: message } as const;
      const back = noteUndelivered(ended(PRACTICE), { to, why: 'bounced', missed }, NOW);
      const right = correctAddress(back, { to, address: 'right@example.com' }, TOM, LATER);
      expect(open(right)).not.toContain(message);
      expect(mailsOf(right, message)).toEqual([`${message} → ${to}`]);
    },
  );

  it('comes once where the question itself had come back', () => {
    const missed = { id: 'm', message: 'information-request', to: 'person', link: 'information-1' } as const;
    const back = noteUndelivered(asked(), { to: 'person', why: 'bounced', missed }, NOW);
    const right = correctAddress(back, { to: 'person', address: 'right@example.com' }, TOM, LATER);
    expect(mailsOf(right, 'information-request')).toEqual(['information-1 → person']);
    expect(right.outbox.find(({ key }) => key.includes('information-request'))).toMatchObject({
      by: expect.any(String),
    });
  });
});

describe('the address of a family member or friend who referred', () => {
  const FAMILY = {
    ...{ ...validFields, referrerKind: 'family-or-friend', referrerEmail: 'Mother@example.com' },
    phone: '07700 900982',
  };

  it('given as the person’s is none to which we write, whoever gives it', () => {
    const before = asked('person', FAMILY);
    const own = corrected(before, { email: 'mother@example.com', contact: { mayEmail: true } });
    const theirs = correctDetailsFor(
      before,
      { ...before.person, email: 'MOTHER+me@example.com', contact: { mayEmail: true } },
      KEYS,
      TOM,
      LATER,
    );
    for (const after of [own, theirs]) {
      expect(after.person.contact?.mayEmail).toBe(false);
      expect(stateOf(after, 'person')).toBe('expired');
      expect(emailsTo(after).filter((mail) => mail.endsWith('→ person'))).toEqual([]);
    }
    expect(
      correctDetails(own, { ...own.person, contact: { mayEmail: true } }, KEYS, later(LATER, { hours: 1 })),
    ).toBe(own);
    const right = corrected(own, { email: 'own@people.example', contact: { mayEmail: true } });
    expect(emailsTo(right)).toContain('details-corrected → person');
  });

  it('is none either where it turns out to be the person’s when theirs is put right', () => {
    const missed = { id: 'm', message: 'acknowledgement-referrer', to: 'referrer', link: 'status' } as const;
    const before = noteUndelivered(asked('person', FAMILY), { to: 'referrer', why: 'bounced', missed }, NOW);
    const after = correctAddress(before, { to: 'referrer', address: 'roisin@example.com' }, TOM, LATER);
    expect(after.person.contact?.mayEmail).toBe(false);
    expect(stateOf(after, 'person')).toBe('expired');
    expect(stateOf(after, 'information')).not.toBe('open');
    expect(after.stage).toBe('review');
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
    expect(emailsTo(after).sort()).toEqual([
      'details-corrected → link-worker',
      'details-corrected → person',
      'letter-person → person',
    ]);
    expect(referralSchema.safeParse(after).error).toBeUndefined();
  });
});
