import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { districtsSchema } from '../../../functions/shared/directory/districts.ts';
import { type Criterion, type CriterionResult, criteriaOf, type Known } from '../../../workflows/criteria.ts';
import { NEEDS, type Programme, TIMES_OF_WEEK } from '../../../workflows/directory.ts';
import { kilometresBetween } from '../../../workflows/distance.ts';
import {
  byRank,
  type Match,
  matchProgramme,
  needsConfirming,
  rankEverything,
  recommended,
} from '../../../workflows/matching.ts';
import { type CriterionName, MATCHING_POLICY } from '../../../workflows/matching-policy.ts';
import type { Outlook } from '../../../workflows/places.ts';
import { agreedKey, recordPreferences } from '../../../workflows/preferences.ts';
import type { Offer, Referral } from '../../../workflows/referral.ts';
import { COMMUNICATION_NEEDS, type Person } from '../../../workflows/request.ts';
import { daysWaited, type Measured, MOST_MEASURED, waitOf, withMeasured } from '../../../workflows/waits.ts';
import { accepted, inReview, NOW, offered, stored, submitted } from './builders.ts';

const BASE: Programme = {
  id: 'choir',
  name: 'A choir',
  kind: 'music',
  description: 'Singing together',
  provider: { name: 'Choir', email: 'choir@provider.example' },
  example: false,
  accepting: true,
  eligibility: {},
  sessions: { count: 12, minutes: 60, weekday: 3, time: '11:00', place: 'The hall' },
};
const PERSON: Person = submitted().person;

/** One criterion as it is for this programme, this person and what is known. */
function one(
  name: CriterionName,
  { programme = {}, person = {}, known = {} }: { programme?: object; person?: object; known?: Known } = {},
): [CriterionResult, string] | undefined {
  const criteria = criteriaOf({ ...BASE, ...programme }, { ...PERSON, ...person }, known, NOW);
  const found = criteria.find((criterion) => criterion.name === name);
  return found && [found.result, found.explanation];
}
const looking = (preferences: object): Known => ({ preferences: { needs: [], ...preferences } });

describe('what they are looking for', () => {
  it('is met by whoever helps with any of it, and says with what not', () => {
    const known = looking({ needs: ['loneliness', 'housing'] });
    expect(one('need')).toEqual(['unknown', 'Nobody has said yet what they are looking for']);
    expect(one('need', { known })).toEqual(['unknown', 'The directory does not say what it helps with']);
    expect(one('need', { known, programme: { needs: ['loneliness'] } })).toEqual([
      'met',
      'Helps with loneliness and meeting people, not with housing',
    ]);
    expect(one('need', { known, programme: { needs: ['dementia'] } })).toEqual([
      'not-met',
      'Not known to help with loneliness and meeting people or housing',
    ]);
  });

  it.each([
    [1, '11:59', 'weekday-morning'],
    [5, '12:00', 'weekday-afternoon'],
    [5, '16:59', 'weekday-afternoon'],
    [5, '17:00', 'weekday-evening'],
    [6, '11:00', 'weekend'],
    [7, '19:00', 'weekend'],
  ] as const)('has times: day %s at %s is %s', (weekday, time, times) => {
    const programme = { sessions: { ...BASE.sessions, weekday, time } };
    expect(one('time', { programme, known: looking({ times: [times] }) })?.[0]).toBe('met');
    const others = TIMES_OF_WEEK.filter((other) => other !== times);
    expect(one('time', { programme, known: looking({ times: others }) })?.[0]).toBe('not-met');
    expect(one('time', { programme })?.[0]).toBe('met');
  });

  it('has the times of the groups that they could join, of which one is enough', () => {
    const cohorts = [
      // A Thursday at the programme's time, and a Saturday at its own.
      { id: 'january', startsOn: '2027-01-07', capacity: 10 },
      { id: 'april', startsOn: '2027-04-10', capacity: 10, time: '14:00' },
    ];
    const joinable = cohorts.map(({ id, startsOn }) => ({ id, startsOn, free: 0 }));
    const when = (times: string[], groups = joinable) =>
      one('time', {
        programme: { cohorts },
        known: { ...looking({ times }), groups: new Map([['choir', groups]]) },
      });
    expect(when(['weekend'])).toEqual([
      'met',
      'On Saturdays at 14:00; other groups do not suit: Thursdays at 11:00',
    ]);
    expect(when(['weekday-evening'])).toEqual([
      'not-met',
      'On Thursdays at 11:00 or Saturdays at 14:00; this person can come on weekday evenings',
    ]);
    expect(when([])).toEqual(['met', 'On Thursdays at 11:00 or Saturdays at 14:00; no times are asked for']);
    expect(when(['weekday-morning', 'weekend'])?.[1]).toBe('On Thursdays at 11:00 or Saturdays at 14:00');
    // Where there is none to join, the programme says when it is.
    expect(when(['weekday-morning'], [])).toEqual(['met', 'On Wednesdays at 11:00']);
  });

  it('may be only what is free', () => {
    const known = looking({ freeOnly: true });
    const dear = { cost: { free: false, detail: '£5 a session' } };
    expect(one('cost', { known })?.[0]).toBe('unknown');
    expect(one('cost', { known, programme: { cost: { free: true } } })).toEqual(['met', 'Free']);
    expect(one('cost', { known, programme: dear })).toEqual(['not-met', 'Costs something: £5 a session']);
    expect(one('cost', { programme: dear })?.[0]).toBe('met');
  });

  it('is recorded once, by whoever saw what was there before', () => {
    const referral = inReview();
    const first = stored(
      recordPreferences(referral, { preferences: { needs: ['housing'] } }, 'none', NOW, 'Amina'),
    );
    expect(first.history.at(-1)).toMatchObject({ event: 'preferences-recorded', name: 'Amina' });
    expect(recordPreferences(first, { preferences: { needs: ['housing'], times: [] } }, 'none', NOW)).toBe(
      first,
    );
    expect(recordPreferences(first, { preferences: { needs: ['dementia'] } }, 'none', NOW)).toMatchObject({
      refused: 'already-decided',
    });
    const seen = agreedKey(first);
    expect(
      stored(recordPreferences(first, { preferences: { needs: ['dementia'] } }, seen, NOW)).preferences
        ?.needs,
    ).toEqual(['dementia']);
    // What nobody is matched on is kept beside it, and can be taken back.
    const told = stored(
      recordPreferences(first, { preferences: { needs: ['housing'] }, ethnicGroup: 'black' }, seen, NOW),
    );
    expect([told.ethnicGroup, told.preferences]).toEqual(['black', first.preferences]);
    expect(agreedKey(told)).not.toBe(seen);
    const back = stored(
      recordPreferences(told, { preferences: { needs: ['housing'] } }, agreedKey(told), NOW),
    );
    expect(back).not.toHaveProperty('ethnicGroup');
    expect(recordPreferences(offered(), { preferences: { needs: [] } }, 'none', NOW)).toEqual({
      refused: 'not-now',
    });
  });
});

describe('what a person needs of a place', () => {
  const person = { communication: { needs: ['step-free', 'large-print', 'text-relay', 'interpreter'] } };

  it('is there, is not, or nobody knows', () => {
    expect(one('access')?.[0]).toBe('met');
    expect(one('access', { person })?.[0]).toBe('unknown');
    expect(one('access', { person, programme: { access: ['step-free', 'large-print'] } })?.[0]).toBe('met');
    expect(one('access', { person, programme: { access: ['step-free'] } })).toEqual([
      'not-met',
      'This person needs large print, which the directory does not list',
    ]);
  });

  it('has to be confirmed where it is not there, and so has a rule of the programme’s own', () => {
    const confirming = (programme: Partial<Programme>) =>
      rankEverything([{ ...BASE, ...programme }], { ...PERSON, ...person } as Person, {}, NOW).map(
        needsConfirming,
      );
    expect(confirming({ access: [] })).toEqual([true]);
    expect(confirming({ accepting: false })).toEqual([true]);
    expect(confirming({})).toEqual([false]);
  });

  it('may be a language', () => {
    const speaks = (language?: string) => ({ communication: { needs: ['interpreter'], language } });
    expect(one('language')?.[0]).toBe('met');
    expect(one('language', { programme: { languages: ['Bengali'] } })?.[0]).toBe('unknown');
    const person = speaks('bengali or Sylheti');
    expect(one('language', { person })?.[0]).toBe('unknown');
    expect(one('language', { person, programme: { languages: ['English', 'Bengali'] } })).toEqual([
      'met',
      'In Bengali, which this person speaks',
    ]);
    expect(one('language', { person, programme: { languages: ['English'] } })).toEqual([
      'not-met',
      'In English; this person needs bengali or Sylheti',
    ]);
    expect(one('language', { person, programme: { access: ['interpreter'] } })?.[0]).toBe('met');
    expect(one('language', { person: speaks(), programme: { languages: ['English'] } })?.[0]).toBe('unknown');
  });

  it('may be a language that they prefer, and do not need', () => {
    const prefers = (language: string) => ({ person: { communication: { needs: [], language } } });
    const [spoken, english] = [{ languages: ['English', 'Polish'] }, { languages: ['English'] }];
    expect(one('language', { ...prefers('Polish'), programme: spoken })?.[0]).toBe('met');
    expect(one('language', { ...prefers('Polish'), programme: english })).toEqual([
      'unknown',
      'This person prefers Polish; no interpreter has been asked for',
    ]);
    expect(one('language', prefers('English'))?.[0]).toBe('met');
  });
});

describe('places and waits', () => {
  const cohort = (startsOn: string) => ({ id: startsOn, startsOn, capacity: 10 });

  it('are free, or there is a line, as it was counted', () => {
    const cohorts = [cohort('2027-01-04')];
    const places = (outlook: Outlook) =>
      one('places', { programme: { cohorts }, known: { places: new Map([['choir', outlook]]) } });
    expect(one('places')).toEqual(['unknown', 'The directory knows of no coming group']);
    expect(one('places', { programme: { cohorts } })?.[0]).toBe('unknown');
    expect(places({ next: 'place', cohortId: 'a', startsOn: '2027-01-04', free: 1 })).toEqual([
      'met',
      '1 place free in the group that starts on 4 January 2027',
    ]);
    expect(places({ next: 'place', cohortId: 'a', startsOn: '2026-11-03', free: 3 })?.[1]).toBe(
      '3 places free in the group that started on 3 November 2026',
    );
    const waiting = { next: 'waiting-list', open: true } as const;
    expect(places({ ...waiting, waiting: 0 })).toEqual([
      'not-met',
      'Full: goes on the waiting list, nobody waits yet',
    ]);
    expect(places({ ...waiting, waiting: 4 })?.[1]).toBe('Full: goes on the waiting list, 4 people wait');
    expect(places({ ...waiting, waiting: 1, open: false })?.[1]).toBe(
      'No group is planned that could be joined: goes on the waiting list, 1 person waits',
    );
  });

  it('are measured from the median of the last', () => {
    const wait = (days: number, people: number) =>
      one('wait', { known: { waits: new Map([['choir', { days, people }]]) } });
    expect(one('wait')?.[0]).toBe('unknown');
    expect(wait(35, 8)).toEqual(['met', 'About 5 weeks, measured from the last 8 people']);
    expect(wait(43, 3)).toEqual(['not-met', 'About 6 weeks, measured from the last 3 people: a long wait']);
    expect(wait(8, 1)).toEqual([
      'unknown',
      'About 8 days, measured from the last person, which is too few to tell',
    ]);
    expect(waitOf([])).toBeUndefined();
    expect(waitOf([{ days: 9 }, { days: 1 }, { days: 2 }])).toEqual({ days: 2, people: 3 });
    expect(waitOf([{ days: 9 }, { days: 1 }])).toEqual({ days: 5, people: 2 });
    expect(daysWaited('2026-11-23T09:00:00.000Z', '2026-12-01T16:00:00.000Z')).toBe(8);
  });

  it('keep the newest few, and each person once, in whatever order they come', () => {
    const measured = fc.record({
      key: fc.stringMatching(/^[a-f]{1,3}$/),
      at: fc
        .date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true })
        .map((at) => at.toISOString()),
      days: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.uniqueArray(measured, { selector: ({ key }) => key, maxLength: 60 }), (all) => {
        const add = (list: readonly Measured[]) => list.reduce<readonly Measured[]>(withMeasured, []);
        const kept = add(all);
        expect(kept).toHaveLength(Math.min(all.length, MOST_MEASURED));
        expect(add([...all].reverse())).toEqual(kept);
        for (const again of all) expect(withMeasured(kept, again)).toBe(kept);
      }),
    );
  });
});

describe('distance and the age of an entry', () => {
  const NW5 = { programme: { postcode: 'NW5 1PQ' } };

  it('is known for the same district, and where the middles of both are known', () => {
    expect(one('distance')?.[0]).toBe('unknown');
    expect(one('distance', { ...NW5, person: { postcode: 'NW5 2AB' } })).toEqual([
      'met',
      'In NW5, where this person lives',
    ]);
    expect(one('distance', NW5)).toEqual([
      'unknown',
      'In NW5; this person lives in NW1, in the same postcode area. The distance is not known',
    ]);
    expect(one('distance', { ...NW5, person: { postcode: 'ZZ99 3VZ' } })?.[0]).toBe('unknown');
    const far = { NW5: [51.55, -0.14], NW1: [51.55, 0.86] } as const;
    expect(kilometresBetween(far, 'NW1', 'NW5')).toBeCloseTo(69.1, 1);
    expect(one('distance', { ...NW5, known: { districts: far } })).toEqual([
      'not-met',
      'About 69 km from NW1 to NW5',
    ]);
    const near = { ...far, NW1: [51.53, -0.14] } as const;
    expect(one('distance', { ...NW5, known: { districts: near } })).toEqual([
      'met',
      'About 2 km from NW1 to NW5',
    ]);
  });

  it.each([{ nw1: [51, 0] }, { NW1: [51] }, { NW1: ['51', '0'] }, { 'NW1 8AB': [51, 0] }, { NW1: [510, 0] }])(
    'takes no file of districts that says %j',
    (file) => {
      expect(districtsSchema.safeParse(file).success).toBe(false);
      expect(districtsSchema.safeParse({ NW1: [51.53, -0.14], WC1E: [51.52, -0.13] }).success).toBe(true);
    },
  );

  it('flags an entry that nobody has confirmed for a year', () => {
    expect(one('entry')?.[0]).toBe('unknown');
    expect(one('entry', { programme: { assuredOn: '2025-11-23' } })?.[0]).toBe('met');
    expect(one('entry', { programme: { assuredOn: '2025-11-22' } })?.[0]).toBe('unknown');
  });
});

describe('an offer made before', () => {
  it('counts against the programme that it came to nothing with', () => {
    const offer = { number: 1, programmeId: 'choir', offeredAt: '2026-11-03T10:00:00.000Z' };
    const following = (result: Offer['result']) =>
      one('earlier', { known: { offers: [{ ...offer, result } as Offer] } });
    expect(following('declined')).toEqual(['not-met', 'Declined the offer of 3 November 2026']);
    expect(following('silence')).toEqual(['not-met', 'Did not reply to the offer of 3 November 2026']);
    expect(following('withdrawn')).toBeUndefined();
    expect(one('earlier', { known: { offers: (accepted() as Referral).offers } })).toBeUndefined();
  });

  it('puts it below examples too, while those who are not eligible stay last', () => {
    const offers = [{ number: 1, programmeId: 'choir', offeredAt: NOW, result: 'declined' }] as Offer[];
    const list = [BASE, { ...BASE, id: 'example', example: true }, { ...BASE, id: 'shut', accepting: false }];
    const ids = (known: Known) =>
      rankEverything(list, PERSON, known, NOW).map(({ programme }) => programme.id);
    expect(ids({})).toEqual(['choir', 'example', 'shut']);
    expect(ids({ offers })).toEqual(['example', 'choir', 'shut']);
  });
});

const programmes: fc.Arbitrary<Programme[]> = fc.uniqueArray(
  fc.record(
    {
      id: fc.stringMatching(/^[a-z]{1,6}$/),
      name: fc.constantFrom('A choir', 'Gardening', 'Arts'),
      kind: fc.constant('music' as const),
      description: fc.constant('Together'),
      provider: fc.constant(BASE.provider),
      example: fc.boolean(),
      accepting: fc.boolean(),
      eligibility: fc.constantFrom({}, { minimumAge: 18 }, { minimumAge: 60 }, { maximumAge: 30 }),
      sessions: fc.record({
        count: fc.constant(12),
        minutes: fc.constant(60),
        weekday: fc.integer({ min: 1, max: 7 }),
        time: fc.constantFrom('09:00', '14:00', '18:30'),
        place: fc.constant('The hall'),
      }),
      needs: fc.subarray([...NEEDS]),
      access: fc.subarray(Object.keys(COMMUNICATION_NEEDS)),
      languages: fc.subarray(['English', 'Bengali', 'Irish']),
      cost: fc.record({ free: fc.boolean() }),
      postcode: fc.constantFrom('NW1 8AB', 'NW5 1PQ', 'M1 1AE'),
      assuredOn: fc.constantFrom('2026-01-01', '2024-01-01'),
      cohorts: fc.array(
        fc.record({
          id: fc.constant('one'),
          startsOn: fc.constantFrom('2026-01-01', '2027-01-01'),
          capacity: fc.constant(10),
        }),
        { maxLength: 2 },
      ),
    },
    {
      requiredKeys: [
        'id',
        'name',
        'kind',
        'description',
        'provider',
        'example',
        'accepting',
        'eligibility',
        'sessions',
      ],
    },
  ),
  { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
);
const outlook: fc.Arbitrary<Outlook> = fc.oneof(
  fc.record({
    next: fc.constant('place' as const),
    cohortId: fc.constant('a'),
    startsOn: fc.constant('2027-01-01'),
    free: fc.nat(2),
  }),
  fc.record({ next: fc.constant('waiting-list' as const), waiting: fc.nat(2), open: fc.boolean() }),
);
const known: fc.Arbitrary<Known> = fc.record({
  places: fc.dictionary(fc.constantFrom('a', 'b', 'c'), outlook).map((all) => new Map(Object.entries(all))),
  preferences: fc.option(
    fc.record({
      needs: fc.subarray([...NEEDS]),
      times: fc.subarray([...TIMES_OF_WEEK]),
      freeOnly: fc.boolean(),
    }),
    { nil: undefined },
  ),
});

describe('the ranking', () => {
  it('is one and the same order, whatever order the directory is in', () => {
    fc.assert(
      fc.property(programmes, known, fc.nat(), (list, knows, seed) => {
        const ranked = rankEverything(list, PERSON, knows, NOW);
        const turned = seed % list.length;
        const again = rankEverything(
          [...list.slice(turned), ...list.slice(0, turned)].reverse(),
          PERSON,
          knows,
          NOW,
        );
        expect(again).toEqual(ranked);
        for (const [i, match] of ranked.entries()) {
          expect(match.rank).toBeLessThanOrEqual(i + 1);
          expect(match.rank).toBeGreaterThanOrEqual(ranked[i - 1]?.rank ?? 1);
          for (const later of ranked.slice(i + 1)) {
            expect(byRank(match, later)).toBeLessThan(0);
            expect(byRank(later, match)).toBeGreaterThan(0);
          }
        }
        // Nobody who is eligible stands below somebody who is not, and the first of them is recommended.
        const eligible = ranked.map((match) => match.eligible);
        expect(eligible.lastIndexOf(true)).toBeLessThan(
          eligible.includes(false) ? eligible.indexOf(false) : Infinity,
        );
        expect(recommended(ranked)).toBe(eligible[0] ? ranked[0] : undefined);
      }),
    );
  });

  it('never lowers a programme for a criterion that is better met, and puts unknown between met and not met', () => {
    const results: CriterionResult[] = ['not-met', 'unknown', 'met'];
    const names = Object.keys(MATCHING_POLICY) as CriterionName[];
    const with_ = (match: Match, name: CriterionName, result: CriterionResult): Match => ({
      ...match,
      criteria: [
        ...match.criteria.filter((criterion) => criterion.name !== name),
        { name, result, explanation: '' } as Criterion,
      ],
    });
    fc.assert(
      fc.property(programmes, known, fc.constantFrom(...names), fc.nat(), (list, knows, name, pick) => {
        const ranked = rankEverything(list, PERSON, knows, NOW);
        const chosen = ranked[pick % ranked.length] as Match;
        const others = ranked.filter((match) => match !== chosen);
        const places = results.map((result) => {
          const changed = with_(chosen, name, result);
          return others.filter((other) => byRank(other, changed) < 0).length;
        });
        const [worst = 0, middle = 0, best = 0] = places;
        expect(best).toBeLessThanOrEqual(middle);
        expect(middle).toBeLessThanOrEqual(worst);
        // Against itself it is strictly so.
        const [no, unknown, yes] = results.map((result) => with_(chosen, name, result)) as [
          Match,
          Match,
          Match,
        ];
        expect(byRank(yes, unknown)).toBeLessThan(0);
        expect(byRank(unknown, no)).toBeLessThan(0);
      }),
    );
  });

  it('agrees with what is told when a referral comes in', () => {
    fc.assert(
      fc.property(programmes, known, (list, knows) => {
        for (const { programme, eligible, criteria } of rankEverything(list, PERSON, knows, NOW)) {
          const told = matchProgramme(programme, PERSON, NOW);
          expect([eligible, criteria.slice(0, 3)]).toEqual([told.eligible, told.criteria]);
        }
      }),
    );
  });

  it('gives those the same rank that only their names tell apart', () => {
    const ranked = rankEverything(
      [BASE, { ...BASE, id: 'band', name: 'A band' }, { ...BASE, id: 'z', accepting: false }],
      PERSON,
      {},
      NOW,
    );
    expect(ranked.map(({ programme, rank }) => [programme.id, rank])).toEqual([
      ['band', 1],
      ['choir', 1],
      ['z', 3],
    ]);
  });
});
