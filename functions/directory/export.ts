/** The whole directory to take away: as CSV, and as services of Open Referral UK with what a referral needs besides. */
import { ENTRY_FIELDS, entryOf } from '../../workflows/directory-entry.ts';
import { londonDate } from '../../workflows/time.ts';
import { CSV, csvOf, download } from '../shared/csv.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { serviceOf } from '../shared/directory/service.ts';
import { storedEntries } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { COLUMNS } from './formats.ts';
import { OWN_FIELDS } from './open-referral.ts';

export async function exportCsv({ now }: Visit): Promise<PageResult> {
  const rows = (await directory()).map((programme) => {
    const entry = entryOf(programme);
    return [programme.id, ...ENTRY_FIELDS.map((field) => entry[field])];
  });
  const text = csvOf([['id', ...ENTRY_FIELDS.map((field) => COLUMNS[field])], ...rows]);
  return download(text, CSV, `directory-${londonDate(now)}.csv`);
}

export async function exportJson({ now }: Visit): Promise<PageResult> {
  const { BASE_URL } = environment('directory');
  const all = await directory();
  const contents = all.map((programme) => {
    const entry = entryOf(programme);
    return {
      ...serviceOf(programme, all, BASE_URL),
      email: programme.provider.email,
      // What is empty too: whoever brings it in where the entry says more has it as it is here.
      referralProgramme: Object.fromEntries(OWN_FIELDS.map((field) => [field, entry[field]])),
    };
  });
  const page = {
    total_items: contents.length,
    total_pages: 1,
    page_number: 1,
    size: contents.length,
    first_page: true,
    last_page: true,
    empty: contents.length === 0,
  };
  // A service on each line, so that a large file can be taken apart by hand.
  const lines = contents.map((service) => JSON.stringify(service)).join(',\n');
  const text = `${JSON.stringify(page).slice(0, -1)},"contents":[\n${lines}\n]}`;
  return download(text, 'application/json', `directory-${londonDate(now)}.json`);
}

async function directory() {
  return withEntries(await storedEntries(environment('record').TABLE_NAME));
}
