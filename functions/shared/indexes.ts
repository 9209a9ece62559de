/** The indexes by which referrals are found; each has the name of its attribute. A closed referral is in none but that of references. */
export const INDEXED_ATTRIBUTES = ['reference', 'personKey', 'nhsNumberKey'] as const;
export type IndexedAttribute = (typeof INDEXED_ATTRIBUTES)[number];
