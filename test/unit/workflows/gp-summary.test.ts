import { describe, expect, it } from 'vitest';
import { close } from '../../../workflows/closing.ts';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import {
  codeInLetter,
  codeInSummary,
  episodeCode,
  giveSummary,
  SNOMED,
} from '../../../workflows/episode-code.ts';
import { gpSummary, type SummarySources } from '../../../workflows/gp-summary.ts';
import { leave } from '../../../workflows/leaving.ts';
import { INSTRUMENTS } from '../../../workflows/measures.ts';
import { callFromWaitingList, replyToOffer } from '../../../workflows/offer.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { Ending, In, Referral } from '../../../workflows/referral.ts';
import { DECLINE_REASONS, type DeclineReason, decideReview } from '../../../workflows/review.ts';
import { endAtProvider } from '../../../workflows/team-ends.ts';
import { after } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import {
  AMINA,
  accepted,
  cohortFor,
  entered,
  FIRST_SESSION,
  inReview,
  NOW,
  offered,
  register,
  stored,
  storedCohort,
  submitted,
  validFields,
} from './builders.ts';

const LATER = after(NOW, { hours: 1 });
/** While a decision can be taken back. */
const SOON = after(NOW, { minutes: 2 });
/** Ended as a review ends it. */
const ended = (ending: Omit<Ending, 'decidedAt'>, referral: Referral = inReview()): Referral => ({
  ...(referral as In<'review'>),
  stage: 'closing',
  ending: { ...ending, decidedAt: LATER },
});
const declined = (reason: DeclineReason, referral?: Referral) =>
  ended({ kind: 'declined', reason }, referral);
const given = (referral: Referral, at = NOW) => stored(giveSummary(referral, 'Amina', at));
const closed = (referral: Referral, at = after(LATER, { hours: 1 })) =>
  stored(close({ ...referral, stage: 'closing' } as Referral, at));
const left = (referral: Referral) => stored(leave(referral, 'person', LATER));

describe('the code of an episode', () => {
  it('is that of the referral while it runs, and at every ending but one', () => {
    for (const referral of [inReview(), offered(), accepted(), register(accepted(), '5'), left(accepted())]) {
      expect(episodeCode(referral)).toBe(SNOMED.referral);
    }
  });

  it('says declined only when it was the person who did not want it', () => {
    for (const reason of DECLINE_REASONS) {
      const expected = reason === 'person-does-not-want-it' ? SNOMED.declined : SNOMED.referral;
      expect(episodeCode(declined(reason)), reason).toBe(expected);
    }
    expect(episodeCode(left(inReview()))).toBe(SNOMED.declined);
    expect(episodeCode(left(offered()))).toBe(SNOMED.declined);
  });

  it('never says declined of somebody who was in a programme, also where that was not right for them', () => {
    const { programme, ...rest } = register(accepted(), '5') as In<'programme'>;
    const back = { ...rest, stage: 'review', earlierProgrammes: [programme] } as unknown as Referral;
    expect(episodeCode(left(back))).toBe(SNOMED.referral);
    expect(episodeCode(declined('person-does-not-want-it', back))).toBe(SNOMED.referral);
  });
});

describe('giving the summary', () => {
  it('is noted once, with who gave it, and the first time stands', () => {
    const first = given(inReview());
    expect(first.summaryGivenAt).toBe(NOW);
    expect(first.history.at(-1)).toEqual({
      at: NOW,
      by: 'link-worker',
      event: 'summary-given',
      detail: SNOMED.referral.code,
      name: 'Amina',
    });
    expect(giveSummary(first, 'Tom', LATER)).toEqual({ refused: 'already-decided', recorded: NOW });
  });
});

describe('a decision that can still be taken back', () => {
  const refused = stored(
    decideReview(inReview(), 'review-1', { decision: 'decline', reason: 'person-does-not-want-it' }, NOW),
  );

  it('is not in the code that the practice is given, and so not after it is taken back', () => {
    expect(codeInSummary(refused)).toEqual(SNOMED.referral);
    const back = stored(undoDecision(given(refused, SOON), 'review-1', SOON));
    expect(codeInSummary(back)).toEqual({ ...SNOMED.referral, givenOn: SOON });
    expect(codeInLetter(closed(declined('duplicate', back)))).toEqual({
      ...SNOMED.referral,
      givenOn: SOON,
    });
  });

  it('is in the letter, once it stands', () => {
    expect(codeInLetter(closed(given(refused)))).toEqual(SNOMED.declined);
  });
});

describe('the code goes to the practice once', () => {
  it('with the letter, when no summary was given', () => {
    const referral = closed(declined('not-eligible'));
    expect(codeInLetter(referral)).toEqual(SNOMED.referral);
    // Afterwards the summary does not bring it again, and given all the same it does not take it out of the letter.
    expect(codeInSummary(referral).givenOn).toBe('closedAt' in referral && referral.closedAt);
    expect(codeInLetter(given(referral, after(NOW, { days: 30 })))).toEqual(SNOMED.referral);
  });

  it('with the summary, when that was given before', () => {
    expect(codeInSummary(inReview())).toEqual(SNOMED.referral);
    const referral = given(inReview());
    expect(codeInSummary(referral)).toEqual({ ...SNOMED.referral, givenOn: NOW });
    const after = closed(declined('not-eligible', referral));
    expect(codeInLetter(after)).toEqual({ ...SNOMED.referral, givenOn: NOW });
    expect(codeInSummary(after)).toEqual({ ...SNOMED.referral, givenOn: NOW });
  });

  it('with the summary only, where there is no practice to write to', () => {
    const referral = closed(declined('not-eligible'));
    const person = { ...referral.person, gpPracticeCode: 'V81997', gpPracticeEmail: undefined };
    expect(codeInSummary({ ...referral, person } as Referral)).toEqual(SNOMED.referral);
  });

  it('and the letter says that the person declined, whatever the summary said before they did', () => {
    const letter = codeInLetter(closed(declined('person-does-not-want-it', given(inReview()))));
    expect(letter).toEqual(SNOMED.declined);
    // What was given after they declined is not told again.
    const toldAfter = closed(given(declined('person-does-not-want-it'), LATER));
    expect(codeInLetter(toldAfter)).toEqual({ ...SNOMED.declined, givenOn: LATER });
  });
});

describe('the summary', () => {
  const by = { id: 'amina', name: 'Amina Rahman' };
  const sources: SummarySources = {
    plan: {
      version: 2,
      at: NOW,
      by,
      strengths: 'Sings',
      needs: 'Company\n\nSleep',
      goals: [
        {
          goal: 'Sing with others',
          importance: 9,
          actions: [{ what: 'Visit the choir', confidence: 6, status: 'under-way', reviewOn: '2027-01-15' }],
          outcome: 'Went twice',
        },
      ],
    },
    measurements: [
      {
        key: 'key',
        at: NOW,
        point: 'baseline',
        by,
        sets: [
          { instrument: 'ons4', version: '2020-05', answers: { satisfied: 3, anxious: 7 } },
          {
            instrument: 'ucla3',
            version: '2020-05',
            answers: { companionship: 3, 'left-out': 2, isolated: 3 },
          },
          { instrument: 'swemwbs', version: '1', answers: { one: 3 } },
        ],
      },
    ],
    instruments: INSTRUMENTS,
    programmeName: (id) => `The programme ${id}`,
    words: {
      name: "Róisín O'Brien",
      nhsNumber: '943 476 5919',
      communication: 'Large print\nPrefers text messages',
      gpPractice: 'F83010',
      referrer: 'Dr Amara Okafor, GP, Example Practice',
      declineReason: undefined,
    },
    serviceName: 'Open Social Prescribing',
    contact: 'link-workers@service.example',
    now: NOW,
  };

  it('says who, why, what was agreed, what came of it, and whom to contact', () => {
    const text = gpSummary({ ...register(accepted(), '5'), assignee: { ...by, since: NOW } }, sources);
    expect(text).toMatch(
      /^Social prescribing summary\nOpen Social Prescribing, 23 November 2026\nReference SP-/,
    );
    for (const line of [
      'NHS number: 943 476 5919',
      'Date of birth: 3 April 2008',
      'How to communicate: Large print; Prefers text messages',
      'Referred by: Dr Amara Okafor, GP, Example Practice',
      'Needs: Lonely since moving here; used to sing',
      'No known risks.',
      'Strengths: Sings',
      'Needs: Company',
      'Sleep',
      'Goal 1: Sing with others (importance 9 of 10)',
      '- Visit the choir (under way, confidence 6 of 10, to be reviewed on 15 January 2027)',
      'What came of it: Went twice',
      'Programme: The programme hive-music',
      'Sessions: 1 of 12 held, 1 attended',
      'At the start, 23 November 2026:',
      '- ONS4 personal wellbeing. Life satisfaction: 3 (low); Worthwhile: not answered; Happiness: not answered; Anxiety: 7 (high)',
      '- UCLA-3 loneliness. Lacks companionship: Often; Left out: Some of the time; Isolated: Often; total 8',
      '- swemwbs 1: recorded, and no longer in use here',
      'SNOMED CT code, to be recorded once for this episode: 871731000000106 (referral to social prescribing service)',
      'Link worker: Amina Rahman',
      'Email: link-workers@service.example',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toMatch(/undefined|\[object/);
  });

  it('tells each programme that they were in, how often they came, and that one was not right for them', () => {
    const inIt = accepted();
    const now = after(FIRST_SESSION, { hours: 3 });
    const entries = { [inIt.id]: { attendance: '5', notRight: true } } as const;
    const cohort = storedCohort(recordGroupRegister(cohortFor(inIt), 1, { held: true, entries }, now));
    const back = stored(learnOfSession(inIt, cohort, 1, now));
    expect(back.stage).toBe('review');
    const first =
      'Programme: The programme hive-music\nSessions: 1 of 12 held, 1 attended\nEnded: it was not right for them';
    const arranged = (referral: Referral) =>
      /^WHAT WAS ARRANGED\n([\s\S]*?)\n\n/m.exec(gpSummary(referral, sources))?.[1];
    expect(arranged(back)).toBe(first);
    const again = offered(entered(back, 'review', now));
    expect(arranged(again)).toBe(
      `${first}\nOffered: The programme hive-music: the provider has not replied yet`,
    );
    expect(arranged(accepted(again))).toBe(
      `${first}\nProgramme: The programme hive-music\nSessions: 0 of 12 held, 0 attended`,
    );
  });

  it('tells who waits for a place apart from whose provider is to reply', () => {
    const match = { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' } as const;
    const byOurList = stored(decideReview(inReview(), 'review-1', match, NOW, AMINA));
    const byProvider = stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
    const said = (referral: Referral) => /^Offered: .*: (.*)$/m.exec(gpSummary(referral, sources))?.[1];
    for (const referral of [byOurList, byProvider]) {
      expect(said(referral)).toBe('on the waiting list since 23 November 2026');
      const called = stored(callFromWaitingList(referral, { offer: 1, cohortId: 'spring' }, LATER));
      expect(said(called)).toBe('the provider has not replied yet');
    }
    expect(said(left(byOurList))).toBe('the offer was taken back');
  });

  it('does not ask again for a code that was given', () => {
    const text = gpSummary(given(inReview()), sources);
    expect(text).toContain(
      'SNOMED CT code 871731000000106 (referral to social prescribing service) was given to the practice on 23 November 2026. Please do not record it again.',
    );
    expect(text).not.toContain('to be recorded once');
  });

  it('leaves out what there is not', () => {
    const text = gpSummary(inReview(), { ...sources, plan: undefined, measurements: [] });
    expect(text).not.toMatch(/^(PLAN|MEASURES|WHAT WAS ARRANGED)$/m);
    expect(text).toMatch(/^RISKS\nNo known risks\.$/m);
  });

  it('never says that no risks are known where the referral spoke of danger, or while a concern is open', () => {
    const risks = (referral: Referral) => /^RISKS\n([\s\S]*?)\n\n/m.exec(gpSummary(referral, sources))?.[1];
    const danger = offered(entered(submitted({ ...validFields, danger: 'yes' }), 'review'));
    expect(risks(danger)).toBe('The referral said on 23 November 2026 that somebody was in danger.');
    const unsafe = raiseConcern(inReview(), 'unsafe', LATER);
    const words =
      'It was said that they may not be safe, on 23 November 2026. Nobody has recorded yet that it is seen to.';
    expect(risks(unsafe)).toBe(words);
    const request = { ...unsafe.request, risks: { known: true, detail: 'Falls' } as const };
    expect(risks({ ...unsafe, request })).toBe(`Falls\n${words}`);
    expect(risks(stored(settleConcern(unsafe, 1, by, LATER)))).toBe('No known risks.');
    expect(risks(raiseConcern(inReview(), 'contact', LATER))).toMatch(
      /^They asked to be contacted, on 23 November/,
    );
  });

  it('says nothing of a decision that can still be taken back', () => {
    for (const decision of [
      { decision: 'decline', reason: 'duplicate' },
      { decision: 'signpost', signpostedTo: 'The library' },
    ] as const) {
      const heldBack = stored(decideReview(inReview(), 'review-1', decision, NOW));
      const back = stored(undoDecision(heldBack, 'review-1', SOON));
      for (const referral of [heldBack, back]) {
        expect(gpSummary(referral, sources)).not.toMatch(/Outcome|Told about|library/);
      }
    }
  });

  it('tells each ending', () => {
    const ending = (referral: Referral, declineReason?: string) =>
      gpSummary(referral, { ...sources, words: { ...sources.words, declineReason } });
    expect(ending(declined('duplicate'), 'There is another referral')).toContain(
      'Outcome: The referral was declined on 23 November 2026. There is another referral.',
    );
    expect(ending(left(offered()))).toContain('Outcome: They decided to leave on 23 November 2026.');
    const heldNoMore = stored(endAtProvider(accepted(), 1, AMINA, LATER));
    expect(ending(heldNoMore)).toContain(
      'The programme ended early on 23 November 2026: its provider holds it no more.',
    );
    const signposted = ended({ kind: 'signposted', signpostedTo: 'The library' });
    expect(ending(signposted)).toContain('(this is no referral): The library');
  });
});
