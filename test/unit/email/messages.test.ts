import { describe, expect, it } from 'vitest';
import { htmlOf, textOf } from '../../../functions/shared/email/compose.ts';
import { assuranceMessage, draftMessage, message } from '../../../functions/shared/email/messages.ts';
import type { MessageFacts } from '../../../functions/shared/email/wordings.ts';
import { ASSURANCE_MESSAGES } from '../../../workflows/assurance.ts';
import { MESSAGE_KINDS, RECIPIENTS } from '../../../workflows/outbox-entry.ts';

const crisisContacts = [
  { when: 'Life in danger', call: '112', note: 'or go to A&E' },
  { when: 'If you would rather text', text: '85258', word: 'SHOUT' },
  { when: 'Someone to listen', call: '116 123' },
];
const facts: MessageFacts = {
  reference: 'SP-7K4M-2Q9X',
  serviceName: 'Open Social Prescribing',
  crisisContacts,
  url: 'https://example.org/offer/token-1',
  by: '24 November 2026',
};

describe.each(MESSAGE_KINDS)('the message %s, whoever reads it,', (kind) => {
  it('is built from the reference, the time, the link and the service alone', () => {
    for (const to of RECIPIENTS) {
      const other = { ...facts, reference: 'R', serviceName: 'S', url: 'U', by: 'B', to };
      const replaced = everythingIn(message(kind, { ...facts, to }))
        .replaceAll(facts.reference, 'R')
        .replaceAll(facts.serviceName, 'S')
        .replaceAll(facts.url ?? '', 'U')
        .replaceAll(facts.by ?? '', 'B');
      expect(replaced).toBe(everythingIn(message(kind, other)));
    }
  });

  it('names the reference in subject and text, and says what it is about', () => {
    for (const to of RECIPIENTS) {
      const { subject, ...body } = message(kind, { ...facts, to });
      expect(subject).toContain(facts.reference);
      expect(subject.length).toBeLessThan(90);
      expect(textOf(body, facts.serviceName)).toContain(facts.reference);
      expect(body.paragraphs.length).toBeGreaterThan(0);
    }
  });

  it('tells nothing of a person’s health, need or whereabouts', () => {
    for (const to of RECIPIENTS) {
      const words = everythingIn(message(kind, { reference: 'R', serviceName: 'S', crisisContacts, to }));
      // Who to call in danger is the same for everyone and tells nothing of anyone.
      const own = words.replace(/This is not an emergency service\.[^"]*/g, '');
      expect(own).not.toMatch(/lonel|dementia|mental|music|health|diagnos|postcode|diary|birth|anxi/i);
    }
  });
});

describe.each(ASSURANCE_MESSAGES)('the message %s about the directory', (kind) => {
  it('is built from the link and the service alone, and has one thing to do', () => {
    const words = everythingIn(assuranceMessage(kind, { serviceName: 'S-1', url: 'https://x.example/u-1' }));
    const other = everythingIn(assuranceMessage(kind, { serviceName: 'S-2', url: 'https://x.example/u-2' }));
    expect(words.replaceAll('S-1', 'S-2').replaceAll('u-1', 'u-2')).toBe(other);
    expect(words).not.toMatch(/lonel|dementia|mental|music|health|diagnos|postcode/i);
    const { action, subject } = assuranceMessage(kind, { serviceName: 'S', url: 'https://x.example/u' });
    expect(action?.url).toBe('https://x.example/u');
    expect(subject.length).toBeLessThan(90);
  });
});

describe('a message', () => {
  it('leaves out a button without a link, and a date without a time', () => {
    const { action, facts: shown } = message('offer', { reference: 'R', serviceName: 'S', crisisContacts });
    expect(action).toBeUndefined();
    expect(shown).toEqual([{ label: 'Reference', value: 'R' }]);
  });

  it('tells of a session its time and nothing else', () => {
    const { facts: shown } = message('session-reminder', {
      ...facts,
      by: 'Tuesday 24 November 2026 at 4:00 pm',
    });
    expect(shown).toContainEqual({ label: 'When', value: 'Tuesday 24 November 2026 at 4:00 pm' });
  });

  it('asks the link worker to print a letter for which there is no address', () => {
    expect(message('letter-gp', { ...facts, to: 'link-worker' }).subject).toMatch(/print/);
    expect(message('letter-gp', { ...facts, to: 'gp-practice' }).subject).toMatch(/patient/);
    const toPerson = message('letter-person', { ...facts, to: 'link-worker' }).paragraphs.join(' ');
    expect(toPerson).toContain('Before you post it, read on the page how to make contact');
  });

  it('says whom to turn to in danger, as the service is configured: the first two, and no number of its own', () => {
    const words =
      'This is not an emergency service. Life in danger: call 112 or go to A&E. If you would rather text: text SHOUT to 85258.';
    for (const [kind, to] of [
      ['acknowledgement-referrer', 'referrer'],
      ['acknowledgement-person', 'person'],
      ['waitlisted', 'person'],
    ] as const) {
      expect(message(kind, { ...facts, to }).paragraphs).toContain(words);
    }
    const draft = draftMessage({ serviceName: 'S', url: 'U', until: 'tomorrow', crisisContacts });
    expect(draft.paragraphs).toContain(words);
    const everything = MESSAGE_KINDS.flatMap((kind) =>
      RECIPIENTS.map((to) => everythingIn(message(kind, { ...facts, to, crisisContacts: [] }))),
    );
    expect(everything.join()).not.toMatch(/\b(999|111)\b/);
  });

  it('says URGENT when somebody in danger waits too long, and lets the coordinator open the referral', () => {
    const urgent = message('review-escalation', { ...facts, to: 'coordinator', danger: true });
    expect(urgent.subject).toBe('URGENT: nobody has reviewed a referral yet (SP-7K4M-2Q9X)');
    expect(urgent.action?.label).toBe('Open the referral');
    expect(urgent.paragraphs.join(' ')).toContain('somebody is in danger');
    const other = message('review-escalation', { ...facts, to: 'coordinator' });
    expect(other.subject).not.toContain('URGENT');
    expect(other.paragraphs.join(' ')).not.toContain('danger');
  });

  it('says URGENT of an answer about somebody in danger', () => {
    const asked = { ...facts, to: 'link-worker' } as const;
    expect(message('information-answered', { ...asked, danger: true }).subject).toMatch(
      /^URGENT: your question/,
    );
    expect(message('information-answered', asked).subject).not.toContain('URGENT');
  });

  it('has the link worker look at what a person corrected', () => {
    const { paragraphs, action } = message('details-corrected', { ...facts, to: 'link-worker' });
    expect(paragraphs.join(' ')).toContain('what it was and what it is now');
    expect(action?.label).toBe('Open the referral');
  });

  it('speaks to each reader of an acceptance in their own way', () => {
    const subjects = (['person', 'referrer', 'link-worker'] as const).map(
      (to) => message('offer-accepted', { ...facts, to }).heading,
    );
    expect(new Set(subjects).size).toBe(3);
  });

  it('promises a person with a place no reminder, which they may not want', () => {
    const words = everythingIn(message('offer-accepted', { ...facts, to: 'person' }));
    expect(words).toContain('Your page shows when your sessions are, and how we remind you.');
    expect(words).not.toContain('we send you a reminder');
  });

  it('leads the link worker to the case, whatever it tells them', () => {
    for (const kind of ['person-left', 'register-missing', 'offer-accepted', 'waitlisted'] as const) {
      expect(message(kind, { ...facts, to: 'link-worker' }).action?.label).toBe('Open the referral');
    }
    for (const kind of ['review-request', 'welfare-request', 'danger-alert', 'welfare-escalation'] as const) {
      const words = everythingIn(message(kind, { ...facts, to: 'link-worker' }));
      expect(words).toContain('You sign in to open the page');
      expect(words).not.toMatch(/do not need an account|fresh link|The link is for you alone/);
    }
  });

  it('says of a session that nobody recorded that the programme can be ended, where it is held no more', () => {
    const { paragraphs } = message('register-missing', { ...facts, to: 'link-worker' });
    expect(paragraphs.join(' ')).toContain(
      'If they hold the programme no more, you can end it for the person on the page of the referral',
    );
  });

  it('tells a person on a waiting list that they need do nothing', () => {
    const { paragraphs, action } = message('waitlisted', { ...facts, to: 'person' });
    expect(paragraphs.join(' ')).toContain('you do not need to do anything');
    expect(action?.label).toBe('Open your page');
  });
});

function everythingIn({ subject, ...body }: ReturnType<typeof message>): string {
  return JSON.stringify([subject, body]) + textOf(body, '') + htmlOf(body, '');
}

it('tells somebody who waits that they keep a place only where they have one', () => {
  const said = (keepsPlace: boolean) =>
    everythingIn(message('check-in', { ...facts, to: 'person', keepsPlace }));
  expect(said(true)).toContain('You keep your place.');
  expect(said(false)).not.toMatch(/place/);
  expect(said(false)).toContain('we have not forgotten you');
});

it('says of a session that was missed that it was one of theirs: its register may come days later', () => {
  for (const kind of ['session-missed', 'session-missed-by-hand'] as const) {
    const said = everythingIn(message(kind, { ...facts, to: 'person' }));
    expect(said).toContain('one of ');
    expect(said).not.toContain('last session');
  }
});
