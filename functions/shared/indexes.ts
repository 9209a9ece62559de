/** The indexes by which referrals are found; each has the name of its attribute. */
export const INDEXED_ATTRIBUTES = [
  'reference',
  'personKey',
  'nhsNumberKey',
  'nameKey',
  'familyNameKey',
] as const;
export type IndexedAttribute = (typeof INDEXED_ATTRIBUTES)[number];

/** The index of what waits for link workers: by team, most urgent first. A referral is in it only while it waits for them. */
export const WORKLIST = { index: 'worklist', team: 'worklistTeam', key: 'worklistKey' } as const;

/** The index of whose open referrals are whose: by team and link worker, or nobody; what waits comes first, most urgent first. */
export const CASELOAD = { index: 'caseload', of: 'caseloadOf', key: 'caseloadKey' } as const;
