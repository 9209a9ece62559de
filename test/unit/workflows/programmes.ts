/** Programmes as a directory may hold them, whatever they say. */
import fc from 'fast-check';
import { clean } from '../../../workflows/checks.ts';
import { KINDS, NEEDS, type Programme } from '../../../workflows/directory.ts';
import { COMMUNICATION_NEEDS } from '../../../workflows/request.ts';
import { after, londonDate } from '../../../workflows/time.ts';

/** Beginnings that spreadsheets would run, and what else has a meaning to those who read files. */
const AWKWARD = ['=1+1', '+44', '-', '@me', "'=x", "''", '"', '",', ';', '\t', '{', '[1]', 'a, b; c', '＝x'];

function text(lines = false) {
  return fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 12 }),
        fc.constantFrom(...AWKWARD),
        fc.constantFrom('Singing', 'in the park', lines ? '\n' : ' '),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => clean(parts.join(' ')))
    .map((joined) => (lines ? joined : joined.replace(/\s+/g, ' ').trim()))
    .filter((joined) => joined !== '' && clean(joined) === joined);
}

const day = (min: string, max: string) =>
  fc
    .date({ min: new Date(`${min}T00:00:00Z`), max: new Date(`${max}T00:00:00Z`), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

/** A programme as it is when it has been entered. @param today the newest day on which it may have been confirmed. */
export function aProgramme(today: string): fc.Arbitrary<Programme> {
  const optional = { requiredKeys: [] as never[] };
  const ages = fc
    .tuple(fc.option(fc.nat(60)), fc.option(fc.integer({ min: 60, max: 120 })))
    .map(([minimumAge, maximumAge]) => ({
      ...(minimumAge === null ? {} : { minimumAge }),
      ...(maximumAge === null ? {} : { maximumAge }),
    }));
  const area = fc.record({
    name: text(),
    postcodeDistricts: fc.subarray(['NW1', 'N1C', 'WC2A', 'SW1A', 'M1'], { minLength: 1 }),
    gpPracticeCodes: fc.subarray(['F83010', 'Y02345']),
  });
  const eligibility = fc
    .tuple(ages, fc.option(area))
    .map(([ages, area]) => ({ ...ages, ...(area === null ? {} : { area }) }));
  const status = fc.constantFrom(
    { accepting: true },
    { accepting: false },
    { accepting: false, status: 'inactive' as const },
    { accepting: false, status: 'defunct' as const },
  );
  const cohorts = fc.uniqueArray(
    fc
      .record({ startsOn: day('2026-01-01', '2030-12-31'), capacity: fc.integer({ min: 1, max: 100 }) })
      .chain((cohort) =>
        fc.record({
          cohort: fc.constant(cohort),
          id: fc.constantFrom(cohort.startsOn, `run-${cohort.capacity}`),
          breaks: fc.array(
            fc
              .tuple(day('2026-01-01', '2030-12-31'), fc.nat(20))
              .map(([from, days]) => ({ from, to: londonDate(after(`${from}T12:00:00.000Z`, { days })) })),
            { maxLength: 3 },
          ),
        }),
      )
      .map(({ cohort, id, breaks }) => ({ id, ...cohort, ...(breaks.length === 0 ? {} : { breaks }) })),
    { selector: ({ id }) => id, minLength: 1, maxLength: 5 },
  );
  const languages = fc.uniqueArray(fc.constantFrom('English', 'Bengali', 'British Sign Language', 'Welsh'), {
    minLength: 1,
  });
  const known = fc.record(
    {
      needs: fc.subarray([...NEEDS], { minLength: 1 }),
      access: fc.subarray(Object.keys(COMMUNICATION_NEEDS), { minLength: 1 }),
      languages,
      cost: fc.oneof(fc.record({ free: fc.boolean() }), fc.record({ free: fc.boolean(), detail: text() })),
      postcode: fc.constantFrom('NW1 8AB', 'WC2A 1AA'),
      cohorts,
      assuredOn: day('2020-01-01', today),
    },
    optional,
  );
  return fc
    .record({
      id: fc
        .stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/)
        .filter((id) => !['new', 'import'].includes(id)),
      name: text(),
      kind: fc.constantFrom(...KINDS),
      description: text(true),
      provider: fc.record({
        name: text(),
        email: fc.constantFrom('a@provider.example', "o'brien+x@provider.example"),
      }),
      example: fc.boolean(),
      eligibility,
      sessions: fc.record(
        {
          count: fc.integer({ min: 1, max: 100 }),
          minutes: fc.integer({ min: 5, max: 1000 }),
          weekday: fc.integer({ min: 1, max: 7 }),
          time: fc
            .tuple(fc.nat(23), fc.nat(59))
            .map((parts) => parts.map((p) => String(p).padStart(2, '0')).join(':')),
          place: text(),
          directions: text(true),
          bring: text(true),
          startsOn: day('2026-01-01', '2030-12-31'),
        },
        { requiredKeys: ['count', 'minutes', 'weekday', 'time', 'place'] },
      ),
    })
    .chain((base) => fc.tuple(fc.constant(base), status, known))
    .map(([base, status, known]): Programme => ({ ...base, ...status, ...known }));
}
