/** The indexes by which referrals are found; each has the name of its attribute. A closed referral is in none but that of references. */
export const INDEXED_ATTRIBUTES = ['reference', 'personKey', 'nhsNumberKey'] as const;
/** The index of what waits for link workers: by team, most urgent first. A referral is in it only while it waits for them. */
export const WORKLIST = { index: 'worklist', team: 'worklistTeam', key: 'worklistKey' } as const;

export type IndexedAttribute = (typeof INDEXED_ATTRIBUTES)[number];
