/**
 * The directory of programmes as Open Referral UK 3.0 has it: open to everybody. A page also says its figures in the words of version 1,
 * which most programs that read such directories still go by.
 */
import type { Programme } from '../../workflows/directory.ts';
import { allProgrammes, everyProgramme } from '../shared/directory/directory.ts';
import { type Service, serviceIdOf, serviceOf } from '../shared/directory/service.ts';
import { environment } from '../shared/environment.ts';
import { type Answer, type Call, open } from './answers.ts';
import { Problem } from './problems.ts';
import type { Metadata, ServicePage } from './schemas.ts';

/** What is asked for by default, as version 1 says, and at most. */
export const PER_PAGE = { standard: 50, most: 100 } as const;
/** No directory has more pages. */
export const MOST_PAGES = 1_000_000;

/** What this API is. */
export async function about(): Promise<Answer> {
  return open({
    version: 'HSDS-UK-3.0',
    profile: 'https://docs.openreferraluk.org/en/latest/',
    openapi_url: `${environment('api').BASE_URL}/api/openapi.json`,
  } satisfies Metadata);
}

/** One page of the directory. */
export async function listServices({ query }: Call): Promise<Answer> {
  const perPage = numberIn(query.per_page, { standard: PER_PAGE.standard, most: PER_PAGE.most });
  const page = numberIn(query.page, { standard: 1, most: MOST_PAGES });
  const all = allProgrammes();
  const contents = all.slice((page - 1) * perPage, page * perPage).map(ofThisDirectory);
  const pages = Math.max(1, Math.ceil(all.length / perPage));
  const figures = { total: all.length, pages, first: page === 1, last: page >= pages };
  return open({
    total_items: figures.total,
    total_pages: figures.pages,
    page_number: page,
    size: contents.length,
    first_page: figures.first,
    last_page: figures.last,
    empty: contents.length === 0,
    contents,
    totalElements: figures.total,
    totalPages: figures.pages,
    number: page,
    first: figures.first,
    last: figures.last,
    content: contents,
  } satisfies ServicePage);
}

/** One service, by its id. */
export async function showService({ path }: Call): Promise<Answer> {
  const id = path.id?.toLowerCase();
  const programme = everyProgramme().find((each) => serviceIdOf(each.id) === id);
  if (!programme) throw new Problem('not-found', 'The directory has no service with this id.');
  return open(ofThisDirectory(programme));
}

function ofThisDirectory(programme: Programme): Service {
  return serviceOf(programme, allProgrammes(), environment('api').BASE_URL);
}

/** A whole number from 1 in a query, or the standard where there is none. */
function numberIn(text: string | undefined, { standard, most }: { standard: number; most: number }): number {
  if (text === undefined) return standard;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Problem(
    'not-a-page',
    `page is a whole number from 1, and per_page one from 1 to ${PER_PAGE.most}.`,
  );
}
