/** Brings the places of a programme to what referrals stand for, and gives those that are free to whoever waits. */
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { callFromWaitingList, tellOfNoGroup } from '../../workflows/offer.ts';
import {
  callNext,
  hasGroup,
  NOTHING,
  type PlaceEntry,
  type Places,
  settle,
  standingOf,
  unsettled,
  withCohorts,
  withSessions,
} from '../../workflows/places.ts';
import { readCohort } from '../shared/cohorts.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { storeSummary } from '../shared/directory/places.ts';
import { Message, note } from '../shared/log.ts';
import { changePlacesBy, readPlaces } from '../shared/places.ts';
import type { Referrals } from '../shared/record.ts';

/** Where the places of a programme are kept, and what they are settled by. */
type At = { table: string; referrals: Referrals; programmeId: string; now: string };

/** Settles one referral's place, and calls whoever is next. Returns the referrals that have something in their outbox because of it. */
export async function settlePlace(
  table: string,
  referrals: Referrals,
  { programmeId, referralId }: { programmeId: string; referralId: string },
  now: string,
): Promise<string[]> {
  const at = { table, referrals, programmeId, now };
  const told = await settleOne(at, referralId);
  await showPlaces(at);
  return told;
}

/** Settles every place of a programme whose time for it has come. */
export async function settleDuePlaces(
  table: string,
  referrals: Referrals,
  programmeId: string,
  now: string,
): Promise<string[]> {
  const at = { table, referrals, programmeId, now };
  const places = await readPlaces(table, programmeId, now);
  const told = await tellCalled(at, places);
  for (const { referralId, called } of unsettled(places, now)) {
    if (!called) told.push(...(await settleOne(at, referralId)));
  }
  told.push(...(await tellWhoWaits(at, places)));
  await showPlaces(at);
  return told;
}

/**
 * Takes over until when a group can be joined, as its sessions are now, and calls whoever is next. Returns the referrals that have something in their outbox
 * because of it. Where nothing is another, only the ledger is read.
 */
export async function followSessions(
  table: string,
  referrals: Referrals,
  cohort: CohortRecord,
  now: string,
): Promise<string[]> {
  const { id, programmeId } = cohort;
  const before = await readPlaces(table, programmeId, now);
  if (withSessions(before, cohort) === before) return [];
  const at = { table, referrals, programmeId, now };
  const followed = await changePlacesBy(table, programmeId, now, {
    read: async () => (await readCohort(table, id)) ?? cohort,
    rule: (places, newest) => callNext(withSessions(known(places, now), newest), now),
  });
  const told = await tellCalled(at, followed);
  await showPlaces(at);
  return told;
}

async function settleOne(at: At, referralId: string): Promise<string[]> {
  const { table, referrals, programmeId, now } = at;
  const settled = await changePlacesBy(table, programmeId, now, {
    read: async () => {
      const referral = await referrals.read(referralId);
      return referral ? standingOf(referral, programmeId) : NOTHING;
    },
    rule: (places, standing) => callNext(settle(known(places, now), referralId, standing, now), now),
  });
  return tellCalled(at, settled);
}

/** The referrals of those who are next are told that a place is held for them; who waits no more gives it back. */
async function tellCalled(at: At, places: Places): Promise<string[]> {
  const called = unsettled(places, at.now).filter((entry) => entry.called);
  const told = await Promise.all(called.map((entry) => tellOne(at, entry)));
  return told.flat();
}

/** Where a programme has no group any more, the link workers of those who wait for it hear of it, each once. */
async function tellWhoWaits({ referrals, programmeId, now }: At, places: Places): Promise<string[]> {
  if (hasGroup(places)) return [];
  const { waiting } = places;
  const told: string[] = [];
  for (const { referralId } of waiting) {
    const changed = await referrals.change(referralId, now, (referral) =>
      tellOfNoGroup(referral, programmeId, now),
    );
    if (changed.state === 'stored') told.push(referralId);
  }
  return told;
}

async function tellOne(at: At, entry: PlaceEntry): Promise<string[]> {
  const { referrals, programmeId, now } = at;
  const { referralId } = entry;
  const changed = await referrals.change(referralId, now, (referral) =>
    callFromWaitingList(referral, entry, now),
  );
  if (changed.state === 'stored') {
    note(Message.placeFound, { referralId, programmeId });
    return [referralId];
  }
  // Gone, or told already: what the referral says now is what counts.
  return settleOne(at, referralId);
}

/** The numbers of the ledger, for whoever chooses a programme. */
async function showPlaces({ table, programmeId, now }: At): Promise<void> {
  await storeSummary(table, await readPlaces(table, programmeId, now));
}

function known(places: Places, now: string): Places {
  const programme = findProgramme(places.programmeId);
  return programme ? withCohorts(places, programme, 'new', now) : places;
}
