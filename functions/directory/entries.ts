/** Reading and editing the directory. Whoever saves over a version that somebody has changed meanwhile is shown what changed, and loses nothing. */
import { ageOfEntry, openAnswer } from '../../workflows/assurance.ts';
import { clean } from '../../workflows/checks.ts';
import { oddStarts } from '../../workflows/cohort-start.ts';
import { isFoundBy, isOffered, type Programme } from '../../workflows/directory.ts';
import {
  changesBetween,
  EMPTY_ENTRY,
  ENTRY_FIELDS,
  type Entry,
  type EntryChange,
  type EntryField,
  entryOf,
  programmeIdFrom,
  readEntry,
} from '../../workflows/directory-entry.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { brokenPromises, outlookOf, summaryOf, withCohorts } from '../../workflows/places.ts';
import { closeOffersLinks } from '../../workflows/provider.ts';
import { londonDate } from '../../workflows/time.ts';
import { deliverOffers } from '../shared/deliver.ts';
import { deployedProgramme, withEntries } from '../shared/directory/directory.ts';
import { districts } from '../shared/directory/districts.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import {
  earlierVersions,
  type StoredEntry,
  storedAssurance,
  storedAssurances,
  storedEntries,
  storedEntry,
  storeEntry,
} from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import type { Form } from '../shared/pages/page.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { readPlaces } from '../shared/places.ts';
import { changeProvider, providerIdOf } from '../shared/providers.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { begunErrors, boxesOf, entryIn, errorsOf, oddStartsInWords, promiseErrors } from './fields.ts';
import { begunAnew, digestOfMoves, followAll, type GroupMoves, movesOf } from './groups.ts';
import { tellNewAddress } from './new-address.ts';
import { directoryPage, entryPage, formPage } from './pages/views.ts';
import { isOfGroups, startIn, takeOver } from './places.ts';

/** More of an entry's history than this is kept and not shown. */
const SHOWN_VERSIONS = 50;

/** An entry as it is now. Version 0 is what was deployed. */
export type Known = { programme: Programme; version: number; stored: StoredEntry | undefined };

export async function showDirectory({ now, query }: Visit, who: SignedIn): Promise<PageResult> {
  const { TABLE_NAME } = environment('record');
  const [entries, assurances, places] = await Promise.all([
    storedEntries(TABLE_NAME),
    storedAssurances(TABLE_NAME),
    placesOfAll(TABLE_NAME),
  ]);
  const items = withEntries(entries).map((programme) => ({
    programme,
    age: ageOfEntry(programme, now),
    hasOpenAnswer: openAnswer(programme, assurances.get(programme.id)) !== undefined,
    places: outlookOf(programme, places.get(programme.id), now),
  }));
  const find = clean(query.find).slice(0, LIMITS.line);
  const found = find === '' ? items : items.filter(({ programme }) => isFoundBy(programme, find));
  return directoryPage({
    ...siteFor(who),
    now,
    mayEdit: mayEdit(who),
    imported: query.imported === 'yes',
    hasDistances: Object.keys(districts).length > 0,
    ...{ find, all: items.length },
    items: found.filter(({ programme }) => isOffered(programme)),
    ended: found.filter(({ programme }) => !isOffered(programme)),
  });
}

export async function showEntry(visit: Visit, who: SignedIn): Promise<PageResult> {
  const known = await entryAt(visit.path.programme);
  if (!known) return problemPage('not-found', siteFor(who));
  return show(visit, who, known, { form: { values: boxesOf(entryOf(known.programme)) } });
}

export async function editEntry(visit: Visit, who: SignedIn): Promise<PageResult> {
  const { now, fields } = visit;
  const known = await entryAt(visit.path.programme);
  if (!known) return problemPage('not-found', siteFor(who));
  const { id } = known.programme;
  const [action, group] = (fields.action ?? '').split(' ');
  if (action === 'offer-again') {
    await takeOver(id, now, group);
    return redirect(`/directory/${id}?again=yes`);
  }
  if (action === 'close-links') {
    await closeLinksOf(known.programme, now);
    return redirect(`/directory/${id}?closed=yes`);
  }
  const current = entryOf(known.programme);
  const read = readForm(id, fields, known.programme, now);
  if ('errors' in read) {
    const version = /^\d{1,9}$/.test(fields.version ?? '') ? Number(fields.version) : known.version;
    return show(visit, who, { ...known, version }, { form: { values: fields, errors: read.errors } });
  }
  const saved = redirect(`/directory/${id}?saved=yes`);
  const wanted = entryOf(read.programme);
  const changes = changesBetween(current, wanted);
  const programme = read.programme;
  const { cohorts = [] } = programme;
  // Sent twice, or nothing was changed; but what was stored may not have been taken over, where somebody was stopped.
  if (changes.length === 0) {
    if (cohorts.length > 0) {
      await takeOver(id, now);
      const since = (await versionsOf(known)).find(({ version }) => String(version) === fields.version);
      if (since) await followAll(since.programme, programme, now);
    }
    return saved;
  }
  if (fields.version !== String(known.version)) return showChangedMeanwhile(visit, who, known, wanted);
  const { TABLE_NAME } = environment('record');
  if (changes.some(({ field }) => field === 'cohorts')) {
    const ledger = summaryOf(await readPlaces(TABLE_NAME, id, now));
    const broken = brokenPromises(ledger, programme);
    const begun = await begunAnew(known.programme, programme, now);
    const errors = {
      ...promiseErrors(fields, cohorts, broken, startIn(ledger.cohorts)),
      ...begunErrors(fields, cohorts, begun),
    };
    if (broken.length + begun.length > 0)
      return show(visit, who, known, { form: { values: fields, errors } });
  }
  const moves = await movesOf(known.programme, programme, changes, now);
  if (moves.length > 0 && fields.moves !== digestOfMoves(moves)) {
    return show(visit, who, known, { form: { values: fields }, moves });
  }
  const change = { programme, at: now, how: 'edited', name: who.name, changes } as const;
  await tellNewAddress(programme, changes, now);
  if (await storeEntry(TABLE_NAME, known.stored, change)) {
    note(Message.directoryChanged, { programmeId: id });
    if (isOfGroups(programme, changes)) await takeOver(id, now);
    await followAll(known.programme, programme, now);
    return keepsOn(changes) ? redirect(`/directory/${id}?saved=yes&kept=yes`) : saved;
  }
  // Somebody was faster by a moment: what they did is read, and shown.
  const newer = await entryAt(id);
  return newer ? showChangedMeanwhile(visit, who, newer, wanted) : problemPage('try-again', siteFor(who));
}

/** Closes every link to a provider's offers that was sent to them, to one or to all, and has a fresh one sent to the address that the directory has. */
async function closeLinksOf({ provider }: Programme, now: string): Promise<void> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const id = providerIdOf(provider.email);
  await changeProvider(TABLE_NAME, id, now, (before) => closeOffersLinks(before, now));
  await deliverOffers(OUTBOX_FUNCTION, id, 'links', now);
}

/** Whether something changed that people who have begun keep as it was. */
function keepsOn(changes: readonly EntryChange[]): boolean {
  const kept = ['weekday', 'time', 'sessionMinutes', 'sessionCount', 'place'];
  return changes.some(({ field }) => kept.includes(field));
}

/** What was typed, over what others have changed since: each field of the one who changed it; of both, what was typed here. */
async function showChangedMeanwhile(
  visit: Visit,
  who: SignedIn,
  known: Known,
  mine: Entry,
): Promise<PageResult> {
  const { id } = known.programme;
  const since = Number(visit.fields.version);
  const versions = await versionsOf(known);
  const theirs = entryOf(known.programme);
  const started =
    since === 0 ? deployedProgramme(id) : versions.find(({ version }) => version === since)?.programme;
  const base = started ? entryOf(started) : theirs;
  const merged = Object.fromEntries(
    ENTRY_FIELDS.map((field) => [field, mine[field] === base[field] ? theirs[field] : mine[field]]),
  ) as Entry;
  const both = ENTRY_FIELDS.filter(
    (field) => mine[field] !== base[field] && theirs[field] !== base[field] && mine[field] !== theirs[field],
  );
  return show(visit, who, known, {
    form: { values: { ...boxesOf(merged), ...(visit.fields.confirmed ? { confirmed: 'yes' } : {}) } },
    meanwhile: { versions: versions.filter(({ version }) => version > since), both },
  });
}

/** The form as it would be stored, or its errors by their boxes. `known`: the entry as it is. */
function readForm(id: string, fields: Visit['fields'], known: Programme | undefined, now: string) {
  const today = londonDate(now);
  const { entry, errors } = entryIn(fields, known ? entryOf(known) : EMPTY_ENTRY, today);
  const read = readEntry(id, entry, today);
  const all = { ...('errors' in read ? errorsOf(read.errors) : {}), ...errors };
  if ('errors' in read || Object.keys(errors).length > 0) return { errors: all };
  const { programme } = read;
  const odd = fields.anyDay === 'yes' ? [] : oddStarts(programme, known, now);
  if (odd.length === 0) return { programme };
  const anyDay = `${oddStartsInWords(odd, programme).join('. ')}. Tick the box if that is meant, or enter another date`;
  return { errors: { anyDay } };
}

export async function showNewEntry(_: Visit, who: SignedIn): Promise<PageResult> {
  return formPage({ ...siteFor(who), form: { values: boxesOf(EMPTY_ENTRY) } });
}

export async function addEntry({ fields, now }: Visit, who: SignedIn): Promise<PageResult> {
  const id = programmeIdFrom(fields.name ?? '');
  const read = readForm(id, fields, undefined, now);
  const again = (errors: Form['errors'] & object) =>
    formPage({ ...siteFor(who), form: { values: fields, errors } });
  if ('errors' in read) return again(read.errors);
  const { programme } = read;
  const added = redirect(`/directory/${id}?saved=yes`);
  const isThere = async () => {
    const there = await entryAt(id);
    return there && (isSame(there.programme, programme) ? added : again({ name: TAKEN }));
  };
  const before = await isThere();
  if (before) return before;
  const { TABLE_NAME } = environment('record');
  const change = { programme, at: now, how: 'added', name: who.name, changes: [] } as const;
  if (await storeEntry(TABLE_NAME, undefined, change)) {
    note(Message.directoryChanged, { programmeId: id });
    return added;
  }
  return (await isThere()) ?? problemPage('try-again', siteFor(who));
}

const TAKEN =
  'The directory has an entry of this name already: change that one, or say in the name what differs';

function isSame(a: Programme, b: Programme): boolean {
  return changesBetween(entryOf(a), entryOf(b)).length === 0;
}

/** The newest version of an entry; undefined when there is none. */
export async function entryAt(id: string | undefined): Promise<Known | undefined> {
  if (id === undefined) return undefined;
  const stored = await storedEntry(environment('record').TABLE_NAME, id);
  const programme = stored?.programme ?? deployedProgramme(id);
  return programme && { programme, stored, version: stored?.version ?? 0 };
}

/** The versions of an entry, the newest first. */
async function versionsOf({
  programme,
  stored,
}: Pick<Known, 'programme' | 'stored'>): Promise<StoredEntry[]> {
  if (!stored) return [];
  const earlier = await earlierVersions(environment('record').TABLE_NAME, programme.id, SHOWN_VERSIONS);
  // The newest may have been kept already by somebody who then did not get to write over it.
  return [stored, ...earlier.filter(({ version }) => version < stored.version)];
}

/** What was changed since somebody began to edit, and which fields they changed too. */
export type Meanwhile = { versions: readonly StoredEntry[]; both: readonly EntryField[] };

async function show(
  { now, query }: Visit,
  who: SignedIn,
  { programme, version, stored }: Known,
  { form, meanwhile, moves }: { form: Form; meanwhile?: Meanwhile; moves?: GroupMoves[] },
): Promise<PageResult> {
  const { TABLE_NAME } = environment('record');
  const [versions, assurance, ledger] = await Promise.all([
    versionsOf({ programme, stored }),
    storedAssurance(TABLE_NAME, programme.id),
    readPlaces(TABLE_NAME, programme.id, now),
  ]);
  return entryPage({
    ...siteFor(who),
    now,
    programme,
    version,
    versions,
    assurance,
    places: summaryOf(withCohorts(ledger, programme, 'new', now)),
    mayEdit: mayEdit(who),
    saved: query.saved === 'yes',
    again: query.again === 'yes',
    kept: query.kept === 'yes',
    linksClosed: query.closed === 'yes',
    form,
    meanwhile,
    ...(moves ? { moves: { groups: moves, digest: digestOfMoves(moves) } } : {}),
  });
}

function mayEdit({ roles }: SignedIn): boolean {
  return roles.includes('coordinator');
}
