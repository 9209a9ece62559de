/** The directory: the team reads and edits it, takes it out and brings it in, and providers confirm what it says of them. */
import { guarded } from '../shared/session.ts';
import { pages } from '../shared/web.ts';
import { answerAssurance, showAssurance } from './assurance.ts';
import { addEntry, editEntry, showDirectory, showEntry, showNewEntry } from './entries.ts';
import { exportCsv, exportJson } from './export.ts';
import { importFile, showImport } from './import.ts';

const READERS = ['link-worker', 'coordinator', 'auditor'] as const;
const EDITORS = ['coordinator'] as const;

/** As much as Lambda is handed: 6 MB of what API Gateway makes of a form, four characters of three bytes. A file (formats.ts) is less than half of it. */
const FILES = { most: 4_400_000, tooLarge: 'file-too-large' } as const;

export const handler = pages(
  {
    ...guarded({
      'GET /directory': { roles: READERS, answer: showDirectory },
      'GET /directory/export.json': { roles: READERS, answer: exportJson },
      'GET /directory/export.csv': { roles: READERS, answer: exportCsv },
      'GET /directory/import': { roles: EDITORS, answer: showImport },
      'POST /directory/import': { roles: EDITORS, answer: importFile },
      'GET /directory/new': { roles: EDITORS, answer: showNewEntry },
      'POST /directory/new': { roles: EDITORS, answer: addEntry },
      'GET /directory/{programme}': { roles: READERS, answer: showEntry },
      'POST /directory/{programme}': { roles: EDITORS, answer: editEntry },
    }),
    'GET /assurance/{link}': showAssurance,
    'POST /assurance/{link}': answerAssurance,
  },
  { 'POST /directory/import': FILES },
);
