/** Brings the places of a programme to what referrals stand for, and gives those that are free to whoever waits. */
import { callFromWaitingList } from '../../workflows/offer.ts';
import {
  callNext,
  type PlaceEntry,
  type Places,
  settle,
  standingOf,
  unsettled,
  withCohorts,
} from '../../workflows/places.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { Message, note } from '../shared/log.ts';
import { changePlaces, readPlaces } from '../shared/places.ts';
import type { Referrals } from '../shared/record.ts';

/** Settles one referral's place, and calls whoever is next. Returns the referrals that have something in their outbox because of it. */
export async function settlePlace(
  table: string,
  referrals: Referrals,
  { programmeId, referralId }: { programmeId: string; referralId: string },
  now: string,
): Promise<string[]> {
  const referral = await referrals.read(referralId);
  if (!referral) return [];
  const standing = standingOf(referral, programmeId);
  const { item } = await changePlaces(table, programmeId, now, (places) =>
    callNext(settle(known(places), referralId, standing, now), now),
  );
  return tellCalled(table, referrals, item, now);
}

/** Settles every place of a programme whose time for it has come. */
export async function settleDuePlaces(
  table: string,
  referrals: Referrals,
  programmeId: string,
  now: string,
): Promise<string[]> {
  const places = await readPlaces(table, programmeId, now);
  const told = await tellCalled(table, referrals, places, now);
  for (const { referralId, called } of unsettled(places, now)) {
    if (!called) told.push(...(await settlePlace(table, referrals, { programmeId, referralId }, now)));
  }
  return told;
}

/** The referrals of those who are next are told that a place is held for them; who waits no more gives it back. */
async function tellCalled(
  table: string,
  referrals: Referrals,
  places: Places,
  now: string,
): Promise<string[]> {
  const called = unsettled(places, now).filter((entry) => entry.called);
  const told = await Promise.all(
    called.map((entry) => tellOne(table, referrals, places.programmeId, entry, now)),
  );
  return told.flat();
}

async function tellOne(
  table: string,
  referrals: Referrals,
  programmeId: string,
  entry: PlaceEntry,
  now: string,
): Promise<string[]> {
  const { referralId } = entry;
  const changed = await referrals.change(referralId, now, (referral) =>
    callFromWaitingList(referral, entry, now),
  );
  if (changed.state === 'stored') {
    note(Message.placeFound, { referralId, programmeId });
    return [referralId];
  }
  // Gone, or told already: what the referral says now is what counts.
  if (changed.state === 'refused') return settlePlace(table, referrals, { programmeId, referralId }, now);
  await changePlaces(table, programmeId, now, (current) =>
    settle(current, referralId, { state: 'none' }, now),
  );
  return [];
}

function known(places: Places): Places {
  const programme = findProgramme(places.programmeId);
  return programme ? withCohorts(places, programme, 'new') : places;
}
