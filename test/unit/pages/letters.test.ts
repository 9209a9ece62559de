import { parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { type LetterView, letterPage } from '../../../functions/letters/pages/views.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import type { Reader } from '../../../workflows/closing.ts';
import type { Measurement } from '../../../workflows/measures.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { NOW, submitted, validFields } from '../workflows/builders.ts';
import { sampleAnswers, sampleLetter } from './measures-samples.ts';

const referral = submitted({ ...validFields, gpPracticeEmail: 'practice@surgery.example' });

/** The page of a letter about a referral that was declined as a duplicate, as one reader sees it. */
function letter(reader: Reader, { person, referrer }: Referral = referral, view: Partial<LetterView> = {}) {
  const { body = '' } = letterPage({
    serviceName: 'Open Social Prescribing',
    crisisContacts: [],
    nhsIdentity: false,
    reference: 'SP-7K4M-2Q9X',
    reader,
    date: NOW,
    createdAt: NOW,
    person,
    referrer,
    ending: { kind: 'declined', decidedAt: NOW, reason: 'duplicate' },
    ...view,
  });
  return parse(body);
}
const textOf = (...args: Parameters<typeof letter>) =>
  letter(...args).querySelector('.osp-letter')?.structuredText ?? '';

describe('letters about a duplicate', () => {
  const OTHER = /another|other referral|duplicate|already/i;

  it('tell the person and their GP practice of the other referral', () => {
    expect(textOf('person')).toContain('You already have another referral with us, which goes on.');
    expect(textOf('gp')).toContain('The person already has another referral with us, which goes on.');
  });

  it('tell the referrer nothing of it', () => {
    expect(textOf('referrer')).toContain('A link worker read the referral and could not take it further.');
    expect(textOf('referrer')).not.toMatch(OTHER);
  });

  it('tell nothing of it at an address of the referrer’s, whoever is said to read there', () => {
    const theirs = (person: object, referrer: object = {}): Referral => ({
      ...referral,
      person: { ...referral.person, ...person },
      referrer: { ...referral.referrer, ...referrer },
    });
    const same = { email: 'A.Okafor@practice.example', gpPracticeEmail: 'a.okafor@practice.example' };
    expect(textOf('person', theirs(same))).not.toMatch(OTHER);
    expect(textOf('gp', theirs(same))).not.toMatch(OTHER);
    const respondTo = { respondTo: { name: 'Ward 7', email: 'practice@surgery.example' } };
    expect(textOf('gp', theirs({}, respondTo))).not.toMatch(OTHER);
  });

  it('tell a person who referred themself', () => {
    const self = submitted({ ...validFields, referrerKind: 'self' });
    expect(textOf('person', self)).toContain('another referral with us');
  });
});

describe('a letter to be printed', () => {
  const withContact = (contact: object): Referral => ({
    ...referral,
    person: { ...referral.person, contact },
  });
  const box = (...args: Parameters<typeof letter>) =>
    letter(args[0], args[1], { toPrint: true }).querySelector('.osp-flag');

  it('shows the link worker how to make contact, before phone and address', () => {
    const rows = box('person', withContact({ preferred: 'letter' }))?.querySelectorAll('dt');
    expect(rows?.map(({ text }) => text)).toEqual(['How to make contact', 'Phone', 'Address', 'GP practice']);
    expect(box('person')?.structuredText).toContain('print this letter and send it by post');
  });

  it.each([
    ['another way is preferred', { preferred: 'text' }, 'Text message first'],
    ['somebody wrote how', { note: 'Nothing by post: my brother opens it' }, 'my brother opens it'],
    ['somebody else reads their email', { mayEmail: false }, 'Do not write to the email address'],
    ['both', { preferred: 'letter', note: 'Only to the hostel' }, 'Only to the hostel'],
  ])('is not to be posted before that is known to be safe when %s', (_, contact, words) => {
    const text = box('person', withContact(contact))?.structuredText ?? '';
    expect(text).toContain('Do not post it before you know that it is safe');
    expect(text).toContain(words);
    expect(text).not.toContain('and send it by post');
  });

  it('goes to the GP practice whatever is safe for the person', () => {
    const text = box('gp', withContact({ note: 'Nothing by post' }))?.structuredText ?? '';
    expect(text).toContain('send it by post');
    expect(text).not.toContain('Nothing by post');
  });
});

describe('a letter about somebody whose GP practice nobody knows', () => {
  it('promises none to the practice', () => {
    const unknown = submitted({ ...validFields, gpPracticeCode: '', gpPractice: 'unknown' });
    expect(textOf('person', unknown)).not.toMatch(/\bGP\b/);
    expect(textOf('referrer', unknown)).toContain('The person gets a letter too.');
  });
});

describe('what letters say of a programme', () => {
  const view: Partial<LetterView> = {
    ...sampleLetter(),
    ending: { kind: 'completed', decidedAt: NOW },
    sessions: { planned: 12, held: 12, attended: 9 },
    snomed: { code: '871731000000106', words: 'referral to social prescribing service' },
  };
  const of = (reader: Reader) => textOf(reader, referral, view);

  it('is each session by its code and what changed, to the person and the practice', () => {
    for (const reader of ['person', 'gp'] as const) {
      expect(of(reader)).toMatch(/Life satisfaction\s+.*3 \(low\)[\s\S]*7 \(high\)[\s\S]*Better/);
      expect(of(reader)).toContain('Total, of 9');
      expect(of(reader).match(/Total/g)).toHaveLength(1);
    }
    expect(of('gp')).toMatch(/Did not attend and gave no notice[\s\S]*NHS code\s*3[\s\S]*1/);
    expect(of('person')).toMatch(/You did not come\s*Sessions1/);
    expect(of('person').match(/^You came$/gm)).toHaveLength(1);
    expect(of('gp')).toContain('871731000000106');
    expect(of('person')).not.toContain('871731000000106');
  });

  it('is how many sessions there were, to whoever referred, and nothing that the person said of themself', () => {
    expect(of('referrer')).toContain('12 sessions were held');
    expect(of('referrer')).not.toMatch(/satisf|lonel|\blow\b|\bhigh\b|Did not attend|871731/i);
  });
});

describe('a letter about somebody who was in another programme before', () => {
  const earlier = [{ programme: 'Garden mornings', held: 3, attended: 2 }];
  const endings: LetterView['ending'][] = [
    { kind: 'completed', decidedAt: NOW },
    { kind: 'declined', decidedAt: NOW, reason: 'person-does-not-want-it' },
    { kind: 'signposted', decidedAt: NOW, signpostedTo: 'The debt advice line' },
    { kind: 'withdrawn', decidedAt: NOW },
    { kind: 'ended-early', decidedAt: NOW, reason: 'could-not-reach' },
  ];

  it.each(endings)('says how often they came there, whoever reads it: %o', (ending) => {
    const sessions = { planned: 12, held: 12, attended: 9 };
    for (const reader of ['person', 'referrer', 'gp'] as const) {
      const text = textOf(reader, referral, { ending, earlier, sessions });
      expect(text).toMatch(/Before that, 3 sessions of Garden mornings were held, of which .* attended 2\./);
    }
    const none = { ending, sessions, earlier: [{ programme: 'Garden mornings', held: 0, attended: 0 }] };
    expect(textOf('referrer', referral, none)).not.toContain('Garden mornings');
  });
});

describe('a letter about a programme that nobody finished', () => {
  const programme = findProgramme('hive-music');
  const completed = { kind: 'completed', decidedAt: NOW } as const;

  it.each([
    ['who came to no session', completed, { planned: 12, held: 12, attended: 0 }, /12 sessions .* none of/],
    [
      'whose sessions ran out',
      { ...completed, reason: 'no-session-left' },
      { planned: 12, held: 4, attended: 3 },
      /4 of 12 sessions were held, and .* came to 3 of them/,
    ],
  ])('says that it has ended, and congratulates nobody: %s', (_, ending, sessions, words) => {
    for (const reader of ['person', 'referrer', 'gp'] as const) {
      const text = textOf(reader, referral, { programme, ending, sessions });
      expect(text).toMatch(/, run by .*, has ended\./);
      expect(text).toMatch(words);
      expect(text).not.toMatch(/Congratulations|finished| completed/);
    }
  });
});

describe('a letter about a programme that ended early', () => {
  const ending = (reason: string): LetterView['ending'] => ({ kind: 'ended-early', decidedAt: NOW, reason });

  it.each([
    ['after-welfare-contact', { person: /As you agreed, your programme/, gp: /As agreed with them/ }],
    ['could-not-reach', { person: /^We tried to reach you and could not/m, gp: /^A link worker tried to/m }],
  ] as const)('speaks of missed sessions only where they missed some: %s', (reason, words) => {
    for (const reader of ['person', 'gp', 'referrer'] as const) {
      const text = textOf(reader, referral, { ending: ending(reason), missed: false });
      expect(text).not.toMatch(/missed/i);
      expect(text).toMatch(words[reader === 'person' ? 'person' : 'gp']);
      expect(textOf(reader, referral, { ending: ending(reason), missed: true })).toMatch(/missed/i);
    }
  });
});

describe('a letter about a programme that has ended at its provider', () => {
  const programme = findProgramme('hive-music');
  const ending = { kind: 'ended-early', decidedAt: NOW, reason: 'ended-at-provider' } as const;
  const view = { programme, ending, sessions: { planned: 12, held: 3, attended: 2 } };

  it('says that it is none of the person’s doing, and how many sessions are recorded', () => {
    for (const reader of ['person', 'referrer', 'gp'] as const) {
      const text = textOf(reader, referral, view);
      expect(text).toMatch(/run by .*, has ended: it is not held any more\./);
      expect(text).toMatch(
        reader === 'person' ? /That is not your doing, and we are sorry/ : /no decision of Róisín O'Brien/,
      );
      // Some registers may never have come.
      expect(text).toContain('As far as it is recorded, 3 of 12 sessions were held');
      expect(text).not.toMatch(/missed|agreed|spoke with|tried to reach|leave/i);
    }
    expect(textOf('person', referral, view)).toContain('tell us if something else could help you');
  });

  it('says nothing of it to family or a friend who referred', () => {
    const theirs = submitted({ ...validFields, referrerKind: 'family-or-friend' });
    const text = textOf('referrer', theirs, view);
    expect(text).toContain('please ask them');
    expect(text).not.toContain('not held any more');
  });
});

describe('a letter about somebody who may not be safe', () => {
  it('says to the practice who follows it up and whom to contact, and not that there is nothing to do', () => {
    const contact = { linkWorkers: 'team@service.example' };
    const followed = textOf('gp', referral, { ...contact, risk: 'followed-up' });
    expect(followed).toMatch(
      /a link worker is following it up\. .* please contact us: team@service\.example/,
    );
    const named = textOf('gp', referral, { ...contact, risk: 'named' });
    expect(named).toMatch(/A risk was named when .* please contact us: team@service\.example/);
    expect(named).not.toContain('following it up');
    for (const text of [followed, named]) expect(text).not.toContain('No action is asked');
    expect(textOf('gp')).toContain('No action is asked of the practice');
    for (const reader of ['person', 'referrer'] as const) {
      expect(textOf(reader, referral, { risk: 'followed-up' })).not.toMatch(/concern|risk/i);
    }
  });
});

describe('a letter before the questions at the end are answered', () => {
  const [start, end] = sampleAnswers();
  if (!start || !end) throw new Error('no answers');
  const measurements: Measurement[] = [start, { ...end, point: 'middle' }];
  const view: Partial<LetterView> = {
    ...{ ...sampleLetter(), measurements },
    ending: { kind: 'completed', decidedAt: NOW },
    sessions: { planned: 12, held: 12, attended: 9 },
    measuresDue: { point: 'end', link: 'measures-end-1', askedAt: '2027-02-08T09:00:00.000Z' },
    until: '2027-02-14T15:00:00.000Z',
  };

  it('says that they are not, until when answers can be read, and that the middle is not the outcome', () => {
    for (const reader of ['person', 'gp'] as const) {
      const text = textOf(reader, referral, view);
      expect(text).toMatch(
        /questions at the end were sent to .* on 8 February 2027; they are not answered yet/,
      );
      expect(text).toContain('not what came of the programme');
      expect(text).toContain('appear under this link until 14 February 2027');
      expect(text).toContain('So far: In the middle');
      expect(text).not.toMatch(/^Change$/m);
    }
    const printed = textOf('gp', referral, { ...view, until: undefined });
    expect(printed).not.toContain('this link');
    expect(textOf('referrer', referral, view)).not.toMatch(/questions|answered/);
  });

  it('says nothing of them once they are', () => {
    const text = textOf('gp', referral, { ...view, measuresDue: undefined });
    expect(text).not.toMatch(/answered yet|So far/);
  });
});

describe('a letter to family or a friend who referred', () => {
  const theirs = submitted({ ...validFields, referrerKind: 'family-or-friend' });
  const endings: LetterView['ending'][] = [
    { kind: 'completed', decidedAt: NOW },
    { kind: 'declined', decidedAt: NOW, reason: 'could-not-reach' },
    { kind: 'signposted', decidedAt: NOW, signpostedTo: 'The debt advice line' },
    { kind: 'withdrawn', decidedAt: NOW },
    { kind: 'ended-early', decidedAt: NOW, reason: 'could-not-reach' },
  ];

  it.each(endings)('says that it has ended and to ask them, and not how: %o', (ending) => {
    const programme = findProgramme('hive-music');
    const view = { ...sampleLetter(), programme, ending, sessions: { planned: 12, held: 12, attended: 9 } };
    const text = textOf('referrer', theirs, view);
    expect(text).toMatch(/has ended, and we have closed it\. .*please ask them/);
    expect(text).not.toContain(programme?.name);
    expect(text).not.toContain(programme?.provider.name);
    expect(text).not.toMatch(/session|attend|reach|leave|declin|further|complet|debt|programme/i);
    if (ending.kind === 'completed')
      expect(textOf('referrer', referral, view)).toContain('12 sessions were held');
    if (ending.kind === 'completed')
      expect(textOf('person', theirs, view)).toContain('12 sessions were held');
  });
});
