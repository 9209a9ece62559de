import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { isOffered, type Programme, programmeSchema } from '../../../workflows/directory.ts';
import {
  changesBetween,
  EMPTY_ENTRY,
  type Entry,
  entryOf,
  programmeIdFrom,
  readEntry,
} from '../../../workflows/directory-entry.ts';
import { aProgramme } from './programmes.ts';

const TODAY = '2026-11-24';

const valid: Entry = {
  ...EMPTY_ENTRY,
  name: 'Walking football',
  kind: 'physical-activity',
  description: 'Football without running.',
  providerName: 'Example Football Club',
  providerEmail: 'walking@provider.example',
  sessionCount: '12',
  sessionMinutes: '60',
  weekday: 'Monday',
  time: '10:30',
  place: 'Example Park',
};
const read = (change: Partial<Entry> = {}) => readEntry('walking-football', { ...valid, ...change }, TODAY);
const errorsIn = (change: Partial<Entry>) => {
  const result = read(change);
  return 'errors' in result ? result.errors : {};
};

describe('an entry', () => {
  it('says the same when it is read and written again, for every programme that we are deployed with', () => {
    for (const programme of allProgrammes()) {
      const read = readEntry(programme.id, entryOf(programme), TODAY);
      expect('programme' in read && entryOf(read.programme)).toEqual(entryOf(programme));
    }
  });

  it('is the programme that it was made of, whatever that is', () => {
    fc.assert(
      fc.property(aProgramme(TODAY), (programme) => {
        expect(readEntry(programme.id, entryOf(programme), TODAY)).toEqual({ programme });
      }),
      { numRuns: 300 },
    );
  });

  it('is read or refused with words, never thrown back, whatever somebody types', () => {
    const typed = fc.record(
      Object.fromEntries(
        Object.keys(valid).map((field) => [
          field,
          fc.oneof(
            fc.string({ unit: 'grapheme', maxLength: 30 }),
            fc.constantFrom(valid[field as 'name'], ''),
          ),
        ]),
      ),
    );
    fc.assert(
      fc.property(typed, (entry) => {
        const result = readEntry('walking-football', entry as Entry, TODAY);
        if ('errors' in result)
          expect(Object.values(result.errors).every((words) => words.length > 5)).toBe(true);
        else expect(programmeSchema.safeParse(result.programme).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes what spreadsheets make of it: dates the British way, times without a nought, other spaces', () => {
    expect(
      read({
        time: '9:30',
        startsOn: '12/01/2027',
        postcodeDistricts: 'nw1, NW3;nw5',
        areaName: 'Camden',
        status: 'Temporarily Closed',
        needs: 'mental-health loneliness',
        languages: 'English;  Welsh ',
        postcode: 'nw18ab',
        cohorts:
          '12/01/2027: 10 places, no session 16/02/2027 to 20/02/2027, no session 2027-03-02; 2027-04-13: 1 place [spring]',
      }),
    ).toMatchObject({
      programme: {
        accepting: false,
        sessions: { time: '09:30', startsOn: '2027-01-12' },
        eligibility: { area: { postcodeDistricts: ['NW1', 'NW3', 'NW5'] } },
        needs: ['loneliness', 'mental-health'],
        languages: ['English', 'Welsh'],
        postcode: 'NW1 8AB',
        cohorts: [
          {
            ...{ id: '2027-01-12', startsOn: '2027-01-12', capacity: 10 },
            breaks: [
              { from: '2027-02-16', to: '2027-02-20' },
              { from: '2027-03-02', to: '2027-03-02' },
            ],
          },
          { id: 'spring', startsOn: '2027-04-13', capacity: 1 },
        ],
      },
    });
  });

  it('takes a cohort that is at another time or place than the others, and writes it as it was', () => {
    const cohorts =
      '2027-01-12 18:30: 10 places, no session 2027-02-16, place: Room 2, Kentish Town Library [evening]; 2027-04-13: 1 place, place: The barn; 2027-06-08 09:00: 4 places';
    const result = read({ cohorts });
    if ('errors' in result) throw new Error(JSON.stringify(result.errors));
    const { programme } = result;
    expect(programme.cohorts).toEqual([
      {
        ...{ id: 'evening', startsOn: '2027-01-12', time: '18:30', capacity: 10 },
        ...{ place: 'Room 2, Kentish Town Library', breaks: [{ from: '2027-02-16', to: '2027-02-16' }] },
      },
      { id: '2027-04-13', startsOn: '2027-04-13', capacity: 1, place: 'The barn' },
      { id: '2027-06-08', startsOn: '2027-06-08', time: '09:00', capacity: 4 },
    ]);
    expect(entryOf(programme).cohorts).toBe(cohorts);
    expect(errorsIn({ cohorts: '2027-01-12 25:30: 10 places' }).cohorts).toMatch(/time like 16:00/);
  });

  it('says field by field what is wrong', () => {
    const nothing = Object.fromEntries(Object.keys(valid).map((field) => [field, ''])) as Entry;
    expect(Object.keys(errorsIn(nothing)).sort()).toEqual(
      [
        'name',
        'kind',
        'description',
        'providerName',
        'providerEmail',
        'status',
        'sessionCount',
        'sessionMinutes',
      ]
        .concat(['weekday', 'time', 'place'])
        .sort(),
    );
    const wrong: [Partial<Entry>, keyof Entry, RegExp][] = [
      [{ providerEmail: 'nobody' }, 'providerEmail', /correct format/],
      [{ minimumAge: '30', maximumAge: '20' }, 'maximumAge', /not below/],
      [{ minimumAge: '-1' }, 'minimumAge', /whole number/],
      [{ areaName: 'Camden' }, 'postcodeDistricts', /postcode districts or the GP practices/],
      [{ postcodeDistricts: 'NW1' }, 'areaName', /call the area/],
      [{ areaName: 'Camden', postcodeDistricts: 'NW1 8AB' }, 'postcodeDistricts', /first halves/],
      [{ areaName: 'Camden', gpPracticeCodes: 'F-1' }, 'gpPracticeCodes', /ODS/],
      [{ needs: 'loneliness, love' }, 'needs', /not love/],
      [{ costDetail: '£3' }, 'cost', /free/],
      [{ postcode: 'NW1' }, 'postcode', /full UK postcode/],
      [{ startsOn: '31/02/2027' }, 'startsOn', /real date/],
      [{ assuredOn: '2026-11-25' }, 'assuredOn', /not to come/],
      [{ time: '25:00' }, 'time', /16:00/],
      [{ description: 'x'.repeat(1001) }, 'description', /1000/],
      [{ cohorts: 'soon' }, 'cohorts', /2027-01-12/],
      [{ cohorts: '2027-01-12: 4 places, 2 free' }, 'cohorts', /Write each cohort like/],
      [{ cohorts: '2027-01-12: 4 places, no session 2027-02-30' }, 'cohorts', /real dates/],
      [{ cohorts: '2027-01-12: 4 places, no session 2027-02-20 to 2027-02-16' }, 'cohorts', /real dates/],
      [{ cohorts: '2027-01-12: 4 places, no session 2027-01-13 to 2029-01-13' }, 'cohorts', /no week/],
      [{ cohorts: '2027-01-12: 4 places; 2027-01-12: 5 places' }, 'cohorts', /the same/],
      [{ cohorts: '2027-01-12: 0 places' }, 'cohorts', /1 to 100 /],
      [{ cohorts: '2027-01-12: 101 places' }, 'cohorts', /1 to 100 /],
    ];
    for (const [change, field, words] of wrong) expect(errorsIn(change)[field]).toMatch(words);
  });

  it('differs from another in the fields that differ', () => {
    expect(changesBetween(valid, valid)).toEqual([]);
    expect(changesBetween(valid, { ...valid, time: '11:00', languages: 'Welsh' })).toEqual([
      { field: 'languages', before: '', after: 'Welsh' },
      { field: 'time', before: '10:30', after: '11:00' },
    ]);
  });
});

describe('a status', () => {
  const withStatus = (status: string) => (read({ status }) as { programme: Programme }).programme;

  it('says whether referrals are taken, and whether anybody is shown the programme', () => {
    const said = ['active', 'temporarily closed', 'inactive', 'defunct'].map((status) => {
      const programme = withStatus(status);
      return [programme.accepting, isOffered(programme), entryOf(programme).status];
    });
    expect(said).toEqual([
      [true, true, 'active'],
      [false, true, 'temporarily closed'],
      [false, false, 'inactive'],
      [false, false, 'defunct'],
    ]);
  });
});

describe('an id', () => {
  it('is made of a name, and is never one of our own pages', () => {
    expect(['Café & Chat!', 'New', 'import', '???', '123'].map(programmeIdFrom)).toEqual([
      'cafe-chat',
      'programme-new',
      'programme-import',
      'programme',
      '123',
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        const id = programmeIdFrom(name);
        expect(programmeSchema.shape.id.safeParse(id).success).toBe(true);
      }),
    );
  });
});
