import { waitsSince } from '../../workflows/figures.ts';

/** The indexes by which referrals are found; each has the name of its attribute. */
export const INDEXED_ATTRIBUTES = [
  'reference',
  'personKey',
  'nhsNumberKey',
  'nameKey',
  'familyNameKey',
] as const;
export type IndexedAttribute = (typeof INDEXED_ATTRIBUTES)[number];

/** The indexes that people are searched in. They sort by this attribute, a team and a time, so that each team's are found apart, the newest first. */
export const SEARCHED = {
  indexes: ['nhsNumberKey', 'nameKey', 'familyNameKey'],
  key: 'searchKey',
} as const satisfies { indexes: readonly IndexedAttribute[]; key: string };
export type SearchedAttribute = (typeof SEARCHED.indexes)[number];

/** The index of what a team has before it, most urgent first. A referral is in it only while it is open. */
export const WORKLIST = { index: 'worklist', team: 'worklistTeam', key: 'worklistKey' } as const;

/** The same for each link worker of a team, and for nobody. */
export const CASELOAD = { index: 'caseload', of: 'caseloadOf', key: 'caseloadKey' } as const;

/**
 * The index of what a provider has before them: by programme, since whose a programme is can change in the directory, the longest asked first. A
 * referral is in it only while an offer that the provider knows of is open, and in another part of it while whom they accepted takes part;
 * in a third one, of the group, once they do no more.
 */
export const OFFERS = { index: 'offers', programme: 'offerProgramme', key: 'offerKey' } as const;

/** The part of that index in which those are whom the provider of a programme accepted, by when they joined. */
export function acceptedBy(programmeId: string): string {
  return `${programmeId}#accepted`;
}

/** The part in which those are who were in a group of a programme until their referral ended, by when it did. */
export function endedIn(programmeId: string, cohortId: string): string {
  return `${programmeId}#ended#${cohortId}`;
}

/** The index by which open referrals are counted: by where they stand, the longest there first. */
export const STANDING = { index: 'standing', at: 'standsAt', since: 'standsSince' } as const;

/** The index of what an outbox holds, by the kind of record that it belongs to: the longest to be done first. */
export const OUTBOX = { index: 'outbox', of: 'outboxOf', since: 'outboxSince' } as const;
export const OUTBOX_OF = ['referral', 'cohort'] as const;

/** The attributes of that index; none while the outbox is empty. */
export function outboxIndex(
  kind: (typeof OUTBOX_OF)[number],
  outbox: Parameters<typeof waitsSince>[0],
): Record<string, string> {
  const since = waitsSince(outbox);
  return since === undefined ? {} : { [OUTBOX.of]: kind, [OUTBOX.since]: since };
}

/** The attributes by which an item is found, which are no part of what it says. */
export const OF_THE_ITEM: ReadonlySet<string> = new Set([
  ...['pk', 'sk', 'dueAt', 'dueShard'],
  ...INDEXED_ATTRIBUTES.filter((attribute) => attribute !== 'reference'),
  ...[WORKLIST.team, WORKLIST.key, CASELOAD.of, CASELOAD.key, SEARCHED.key],
  ...[OFFERS.programme, OFFERS.key],
  ...[STANDING.at, STANDING.since, OUTBOX.of, OUTBOX.since],
]);
