import { parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { contactsPage } from '../../../functions/link-worker-contacts/pages/views.ts';
import {
  type CaseView,
  casePage,
  reviewPage,
  welfarePage,
} from '../../../functions/link-worker-review/pages/views.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { correctDetails, correctDetailsFor } from '../../../workflows/corrections.ts';
import type { Referral } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW, stored, TOM } from '../workflows/builders.ts';

type Extra = Partial<CaseView>;

function viewOf(referral: Referral, extra: Extra = {}): CaseView {
  return {
    ...referral,
    serviceName: 'Open Social Prescribing',
    crisisContacts: [],
    nhsIdentity: false,
    programmes: allProgrammes(),
    happened: { notes: [], plans: [], looks: [], more: false },
    programme: undefined,
    ending: undefined,
    now: NOW,
    ...extra,
  };
}
const review = (referral: Referral = inReview(), extra: Extra = {}) =>
  parse(reviewPage({ ...viewOf(referral, extra), review: 'review-1' }).body ?? '');
const caseOf = (referral: Referral = inReview(), extra: Extra = {}) =>
  parse(casePage(viewOf(referral, extra)).body ?? '');

describe('what was corrected', () => {
  const LATER = later(NOW, { days: 1 });
  const corrected = (change: Partial<Person>, referral = inReview(), at = LATER) =>
    stored(correctDetails(referral, { ...referral.person, ...change }, { details: 'x' }, at));
  const linesOf = (referral: Referral) =>
    [review, caseOf].map((page) =>
      page(referral)
        .querySelector('section[aria-labelledby=corrected]')
        ?.structuredText.split('\n')
        .map((line) => line.trim()),
    );

  it('is shown on review and case, with what it was and what it is now', () => {
    const referral = corrected({
      familyName: 'Byrne',
      dateOfBirth: '2007-04-03',
      phone: '07700 900982',
      nhsNumber: '9990000018',
    });
    const expected = [
      'Corrected details',
      'Corrected by the person, Tuesday 24 November 2026 at 9:00 am:',
      "Name: was Róisín O'Brien, is now Róisín Byrne",
      'Date of birth: was 3 April 2008, is now 3 April 2007',
      'NHS number: was 943 476 5919, is now 999 000 0018',
      'Phone: was not given, is now 07700 900982',
      'How to make contact: was not given, is now Do not leave a message; Somebody else may answer the phone or read its messages',
    ];
    expect(linesOf(referral)).toEqual([expected, expected]);
  });

  it('is shown correction by correction, the newest first, with who made each', () => {
    const first = corrected({ address: '12 Example Street', postcode: 'NW5 1TL' });
    const person = { ...first.person, address: '3 Other Road' };
    const second = correctDetailsFor(first, person, { details: 'x' }, TOM, later(LATER, { days: 1 }));
    const [lines] = linesOf(second);
    expect(lines?.slice(1)).toEqual([
      'Corrected by Tom Wells, Wednesday 25 November 2026 at 9:00 am:',
      'Address: was 12 Example Street, NW5 1TL, is now 3 Other Road, NW5 1TL',
      'Corrected by the person, Tuesday 24 November 2026 at 9:00 am:',
      'Address: was NW1 8AB, is now 12 Example Street, NW5 1TL',
    ]);
  });

  it('is not spoken of when nothing was corrected', () => {
    expect(linesOf(inReview())).toEqual([undefined, undefined]);
  });
});

describe('the review', () => {
  it('says that consent was given, and when', () => {
    expect(review().structuredText).toContain('They agreed to this referral on 23 November 2026');
    const { request, ...rest } = inReview();
    const consent = { given: false, reason: 'best-interests', detail: 'Advanced dementia', at: NOW } as const;
    const without = review({ ...rest, request: { ...request, consent } } as Referral).structuredText;
    expect(without).not.toContain('They agreed');
    expect(without).toContain('Referred in their best interests, without their consent, on 23 November 2026');
  });

  it('says who knew that they may not be eligible, and only then', () => {
    const { request, referrer, ...rest } = inReview();
    const known = (kind: 'self' | 'professional') =>
      review({
        ...rest,
        request: { ...request, knownNotEligible: true },
        referrer: { ...referrer, kind },
      } as Referral).structuredText;
    expect(known('self')).toContain(
      'They know that they are not, or may not be, eligible for what they ask for, and ask you all the same.',
    );
    expect(known('professional')).toContain(
      'Whoever referred them knows that they are not, or may not be, eligible',
    );
    expect(review().structuredText).not.toContain('may not be, eligible');
  });
});

describe('whose it is', () => {
  const closed = (change: Partial<Referral>) =>
    ({
      ...inReview(),
      ...{ stage: 'closed', closedAt: NOW, ending: { kind: 'withdrawn', decidedAt: NOW } },
      ...change,
    }) as Referral;
  const asked = (referral: Referral) => {
    const standing = { referral, who: { sub: 'tom' }, colleagues: [], now: NOW };
    return caseOf(referral, { stage: 'closed', nav: true, standing }).querySelector('button[value=assign]');
  };

  it('can be changed after it is closed while somebody has to see to a concern, and not when that is done', () => {
    const concern = { number: 1, at: NOW, kind: 'left-at-risk' as const };
    expect(asked(closed({}))).toBeNull();
    expect(asked(closed({ concerns: [concern] }))?.text).toBe('Take it on');
    expect(asked(closed({ concerns: [{ ...concern, settledAt: NOW, settledBy: TOM }] }))).toBeNull();
  });
});

describe('what must be seen first', () => {
  const { person, request, ...rest } = inReview();
  const flagged = {
    ...rest,
    person: {
      ...person,
      phone: '07700 900982',
      dateOfBirth: '2010-04-03',
      communication: { needs: ['audio'] },
    },
    request: {
      ...request,
      danger: true,
      risks: { known: true, detail: 'Panics in crowds' },
      consent: { given: false, reason: 'best-interests', detail: 'Advanced dementia', at: NOW },
    },
    concerns: [{ number: 1, at: NOW, kind: 'unsafe' }],
    undelivered: [{ number: 1, at: NOW, to: 'gp-practice', address: 'x', why: 'bounced', missed: [] }],
  } as unknown as Referral;
  const duplicates = [
    { reference: 'SP-0000-0001', createdAt: NOW, stage: 'review' as const, ours: undefined },
  ];
  const details = { ...flagged.person, address: '3 Other Road' };
  const referral = stored(correctDetailsFor(flagged, details, { details: 'x' }, TOM, NOW));
  const site = { serviceName: 'x', crisisContacts: [], nhsIdentity: false };
  const pages = {
    review: () => review(referral, { duplicates }),
    case: () => caseOf(referral, { duplicates }),
    welfare: () =>
      parse(
        welfarePage({
          ...viewOf(referral, { duplicates }),
          ...{ programme: undefined, sessions: [], contact: 'welfare-1' },
          ...{ missed: 2, mustSayWhy: false, concerned: true },
        }).body ?? '',
      ),
    contacts: () =>
      parse(
        contactsPage({
          ...{ ...site, referral, now: NOW, notes: [], feedback: [], older: undefined, newest: true },
          ...{ number: 1, key: 'k', form: { values: {}, errors: {} } },
        }).body ?? '',
      ),
  };

  it.each(Object.entries(pages))(
    'is danger, then how to communicate and make contact, then risks, then all else (%s)',
    (name, page) => {
      const text = page().querySelector('main')?.structuredText ?? '';
      const order = [
        'somebody is in danger now',
        'How to communicate with this person',
        'Before you make contact',
        'Do not leave a message',
        'Known risks',
        'Under 18',
        'without their consent',
        ...(name === 'contacts' ? [] : ['Email does not reach', 'Possibly the same person']),
        'Corrected details',
        '07700 900982',
      ].map((words) => text.indexOf(words));
      expect(order).not.toContain(-1);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    },
  );

  it.each(Object.entries(pages))('is above a number that can be called by a tap (%s)', (_name, page) => {
    expect(page().querySelector('main a[href="tel:07700900982"]')?.text).toBe('07700 900982');
  });
});

it.each(['review', 'welfare'] as const)('the page of a %s lists what was sent and leads to it', (name) => {
  const view = { ...viewOf(inReview(), { summaryGivenAt: NOW }), nav: true };
  const { body = '' } =
    name === 'review'
      ? reviewPage({ ...view, review: 'review-1' })
      : welfarePage({
          ...{ ...view, programme: undefined, sessions: [], contact: 'welfare-1' },
          ...{ missed: 2, mustSayWhy: false, concerned: false },
        });
  const page = parse(body);
  expect(page.structuredText).toContain('Given on 23 November 2026');
  const links = page.querySelectorAll('main a[href$="/summary"]').map(({ text }) => text);
  expect(links).toContain('Summary for the GP practice');
});

describe('the contact with somebody in a programme', () => {
  it.each([
    [{ missed: 2 }, 'Contact a person who missed two sessions in a row', 'They go on with the programme'],
    [{ missed: 1 }, 'Contact a person who missed one session', 'They go on with the programme'],
    [
      { missed: undefined, excused: 3 },
      'Ask a person who could not come to three sessions in a row whether it still suits them',
      'They go on with the programme',
    ],
    [
      { missed: undefined, excused: 1, isOver: true },
      'Contact a person who could not come to the last session',
      'the programme is complete',
    ],
    [
      { missed: undefined, excused: 2, isOver: true },
      'Contact a person who could not come to the last two sessions',
      'the programme is complete',
    ],
    [{ missed: 1, isOver: true }, 'Contact a person who missed one session', 'the programme is complete'],
    [{ missed: undefined }, 'Contact a person before their programme ends', 'the programme is complete'],
    [{ missed: 0, corrected: true }, 'Contact a person whose register was corrected', 'how it is now'],
    [{ missed: 2, corrected: true }, 'Contact a person who missed two sessions in a row', 'how it is now'],
  ])('says why: %o', (why, heading, goesOn) => {
    const view = { ...viewOf(inReview()), programme: undefined, sessions: [], contact: 'welfare-1' };
    const { body = '' } = welfarePage({ ...view, ...why, mustSayWhy: false, concerned: false });
    expect(parse(body).querySelector('h1')?.text).toContain(heading);
    expect(body).toContain(goesOn);
  });
});
