/** What makes an older stored referral one of today's schema, a step for each version. Applied on reading; the next write stores it. */

type Stored = Record<string, unknown>;

/** By the version that each starts from. */
const MIGRATIONS: Record<number, (stored: Stored) => Stored> = { 1: withStructuredCommunication };

/** The item as the newest schema has it. What is not known here (a version of the future) comes back as it is. */
export function migrate(stored: Stored): Stored {
  const step = MIGRATIONS[Number(stored.schemaVersion)];
  return step ? migrate({ ...step(stored), schemaVersion: Number(stored.schemaVersion) + 1 }) : stored;
}

/** Version 2 knows what somebody needs by codes; what version 1 had in words becomes the detail. */
function withStructuredCommunication(stored: Stored): Stored {
  const { communicationNeeds, ...person } = (stored.person ?? {}) as Stored;
  return communicationNeeds === undefined
    ? stored
    : { ...stored, person: { ...person, communication: { needs: [], detail: communicationNeeds } } };
}
