/** The directory's pages, with entries as they come in life. */

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { boxesOf } from '../../../functions/directory/fields.ts';
import { importPage, planPage } from '../../../functions/directory/pages/import-views.ts';
import {
  assurancePage,
  assuredPage,
  directoryPage,
  entryPage,
  formPage,
} from '../../../functions/directory/pages/views.ts';
import { MISSING, type PlannedRow } from '../../../functions/directory/plan.ts';
import type { StoredEntry } from '../../../functions/shared/directory/store.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { type Assurance, ageOfEntry } from '../../../workflows/assurance.ts';
import { newCohort } from '../../../workflows/cohort.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { EMPTY_ENTRY, entryOf } from '../../../workflows/directory-entry.ts';
import { after } from '../../../workflows/time.ts';

/** The pages by name. `mark` is put into everything that people write themselves. */
export function directorySamples(
  outside: Site,
  programmes: readonly Programme[],
  now: string,
  mark: string,
): Record<string, () => APIGatewayProxyStructuredResultV2> {
  const site: Site = { ...outside, signedIn: { name: `Tom${mark}`, csrf: 'csrf' } };
  const [first, second, third] = programmes;
  if (!first || !second || !third) throw new Error('the directory is empty');
  const programme: Programme = {
    ...first,
    description: `${first.description}${mark}`,
    provider: { ...first.provider, name: `${first.provider.name}${mark}` },
    needs: ['loneliness', 'mental-health'],
    access: ['step-free', 'more-time'],
    languages: ['English', `Bengali${mark}`],
    cost: { free: true, detail: `Travel is paid${mark}` },
    cohorts: [
      {
        id: '2027-01-12',
        startsOn: '2027-01-12',
        capacity: 10,
        breaks: [{ from: '2027-02-16', to: '2027-02-20' }],
      },
      { id: 'spring', startsOn: '2027-04-13', capacity: 10 },
    ],
    assuredOn: '2025-10-02',
  };
  const versions: StoredEntry[] = [
    {
      version: 2,
      programme,
      at: after(now, { days: -3 }),
      how: 'edited',
      name: `Tom Ellis${mark}`,
      changes: [
        { field: 'languages', before: '', after: `English, Bengali${mark}` },
        { field: 'time', before: '15:00', after: '16:00' },
      ],
    },
    { version: 1, programme, at: after(now, { days: -400 }), how: 'confirmed', changes: [] },
  ];
  const assurance: Assurance = {
    version: 3,
    round: '2025-10-02',
    askedAt: [after(now, { days: -20 })],
    hashes: [],
    pending: [],
  };
  const changed: Assurance = {
    ...assurance,
    answer: {
      at: after(now, { days: -1 }),
      result: 'changed',
      text: `We moved to Thursdays.\nFrom January.${mark}`,
    },
  };
  const entry = {
    ...site,
    now,
    places: {
      ...{ programmeId: programme.id, version: 7, waiting: 4 },
      cohorts: [
        {
          ...{ id: '2027-01-12', startsOn: '2027-01-12', joinUntil: '2027-02-16T16:00:00.000Z' },
          ...{ said: 10, capacity: 10, held: 2, taken: 5 },
        },
        {
          ...{ id: 'spring', startsOn: '2027-04-13', joinUntil: '2027-05-18T16:00:00.000Z' },
          ...{ said: 10, capacity: 8, held: 1, taken: 7 },
        },
      ],
    },
    programme,
    version: 2,
    versions,
    assurance,
    mayEdit: true,
    saved: false,
    form: { values: boxesOf(entryOf(programme)) },
  };
  const item = (programme: Programme, hasOpenAnswer = false) => ({
    programme,
    age: ageOfEntry(programme, now),
    hasOpenAnswer,
    ...(hasOpenAnswer ? { places: { next: 'waiting-list', waiting: 4, open: true } as const } : {}),
  });
  const recent = { ...third, example: false, assuredOn: '2026-09-30' };
  const rows: PlannedRow[] = [
    {
      row: 'Row 2',
      name: `Walking football${mark}`,
      state: 'new',
      programme: recent,
      odd: ['The group of 28 December 2026 starts on a bank holiday'],
    },
    {
      row: 'Row 3',
      name: programme.name,
      state: 'changed',
      programme,
      before: versions[0],
      changes: versions[0]?.changes ?? [],
    },
    { row: 'Row 4', name: second.name, state: 'unchanged' },
    {
      row: 'Row 5',
      name: `Tea and talk${mark}`,
      state: 'error',
      errors: ['Time it begins: Enter a time like 16:00', 'Kind: Choose one of: music, dementia'],
    },
  ];
  const list = {
    ...site,
    now,
    mayEdit: true,
    imported: false,
    ...{ hasDistances: true, find: '', all: 5 },
    items: [item(programme, true), item(second), item(recent), item({ ...third, accepting: false })],
    ended: [item({ ...second, accepting: false, status: 'defunct' as const })],
  };
  const slot = (day: string, hour: number) => ({
    startsAt: `2027-02-${day}T${hour}:00:00.000Z`,
    endsAt: `2027-02-${day}T${hour + 1}:00:00.000Z`,
  });
  const planned = { programmeId: programme.id, cohortId: 'spring', firstAt: slot('02', 16).startsAt };
  const moves = {
    cohort: newCohort(
      { ...planned, count: 3, minutes: 60 },
      { id: '0'.repeat(32), reference: 'GR-7K4M-2Q9X', now },
    ),
    moved: [
      { number: 2, before: slot('09', 16), after: slot('11', 17), elsewhere: false },
      { number: 3, before: slot('16', 16), after: slot('16', 16), elsewhere: true },
    ],
  };
  const plan = {
    ...{ ...site, file: `id,name${mark}`, rows, defaults: {}, changed: false },
    shown: ['digest', 'another'],
  };
  const toCheck = [
    { field: 'kind', note: MISSING },
    { field: 'sessionCount', note: MISSING },
    { field: 'weekday', note: MISSING },
    { field: 'areaName', note: `the file says “Oakfield${mark}”, and no postcode districts` },
  ] as const;
  const theirs: PlannedRow[] = [
    { row: 'Service 1', name: `Lunch club${mark}`, state: 'error', errors: [], toCheck },
    { row: 'Service 2', name: `Chair yoga${mark}`, state: 'new', programme: recent, toCheck },
  ];
  const page = { ...outside, programme, version: 2, changed: false };
  const answer = (answered: Assurance) => answered.answer as NonNullable<Assurance['answer']>;
  return {
    directory: () => directoryPage(list),
    'directory-found': () =>
      directoryPage({ ...list, hasDistances: false, find: `yoga${mark}`, all: 40, ended: [] }),
    'directory-read': () => directoryPage({ ...list, mayEdit: false, imported: true, ended: [] }),
    'directory-entry': () => entryPage({ ...entry, saved: true }),
    'directory-entry-changed': () => entryPage({ ...entry, assurance: changed, versions: [] }),
    'directory-entry-to-check': () =>
      entryPage({
        ...entry,
        programme: { ...programme, accepting: false },
        versions: versions.slice(1).map((version) => ({ ...version, toCheck: [...toCheck] })),
      }),
    'directory-entry-read': () => entryPage({ ...entry, mayEdit: false }),
    'directory-entry-errors': () =>
      entryPage({
        ...entry,
        form: {
          values: { ...entry.form.values, time: 'four', 'cohort-1-capacity': '6', minimumAge: '60' },
          errors: {
            time: 'Enter a time like 16:00',
            maximumAge: 'Enter an age that is not below the youngest age',
            'cohort-1-capacity': 'Enter 7 or more: 7 places are held or taken',
            'cohort-2-startsOn': 'Enter a real date',
            needs: 'Use only: loneliness',
          },
        },
      }),
    'directory-entry-meanwhile': () =>
      entryPage({ ...entry, meanwhile: { versions, both: ['time', 'place'] } }),
    'directory-entry-moves': () =>
      entryPage({ ...entry, kept: true, again: true, moves: { groups: [moves], digest: 'digest' } }),
    'directory-new': () => formPage({ ...site, form: { values: boxesOf(EMPTY_ENTRY) } }),
    'directory-new-errors': () =>
      formPage({
        ...site,
        form: {
          values: {},
          errors: {
            name: 'Enter the name of the programme',
            anyDay:
              'The group of 28 December 2026 starts on a bank holiday. Tick the box if that is meant, or enter another date',
          },
        },
      }),
    'directory-import': () => importPage(site),
    'directory-import-errors': () =>
      importPage({
        ...site,
        form: { values: { file: `id;nam${mark}` }, errors: { file: 'There is no column nam' } },
      }),
    'directory-plan': () => planPage(plan),
    'directory-plan-meanwhile': () => planPage({ ...plan, changed: true }),
    'directory-plan-theirs': () => planPage({ ...plan, rows: theirs }),
    'directory-plan-theirs-errors': () =>
      planPage({
        ...{ ...plan, rows: theirs, defaults: { kind: 'arts', sessionCount: `few${mark}` } },
        errors: { 'default-sessionCount': 'Enter a whole number from 1 to 100' },
      }),
    'directory-plan-nothing': () => planPage({ ...plan, rows: rows.slice(2, 3) }),
    assurance: () => assurancePage(page),
    'assurance-errors': () =>
      assurancePage({ ...page, form: { values: {}, errors: { text: 'Enter what has changed' } } }),
    'assurance-meanwhile': () => assurancePage({ ...page, changed: true }),
    'assurance-right': () => assuredPage({ ...outside, programme, answer: { at: now, result: 'right' } }),
    'assurance-changed': () => assuredPage({ ...outside, programme, answer: answer(changed) }),
    'assurance-late': () =>
      assuredPage({ ...outside, programme, answer: answer(changed), late: true, typed: `Fridays!${mark}` }),
  };
}
