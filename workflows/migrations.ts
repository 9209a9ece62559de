/** What makes an older stored referral one of today's schema, a step for each version. Applied on reading; the next write stores it. */

import { ownCohortId } from './referral.ts';

type Stored = Record<string, unknown>;

/** By the version that each starts from. */
const MIGRATIONS: Record<number, (stored: Stored) => Stored> = {
  1: withStructuredCommunication,
  2: withCohort,
};

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

/**
 * Version 3 has the sessions of a programme in a cohort, whose register is asked for by its own link: who started before has one of their own, made
 * when the execution next comes to it. What was to be sent about a register of one person is not sent.
 */
function withCohort(stored: Stored): Stored {
  const { due, links, outbox, sent } = stored as {
    due?: { step: string };
    links?: Record<string, { purpose: string }>;
    outbox?: { message?: string }[];
    sent?: { message: string }[];
  };
  const programme = stored.programme as Stored | undefined;
  const offers = (stored.offers ?? []) as unknown[];
  const isGone = (message: string | undefined) => message?.startsWith('register-') === true;
  return {
    ...stored,
    ...(programme
      ? { programme: { ...programme, cohortId: ownCohortId(String(stored.id), offers.length) } }
      : {}),
    ...(due?.step.startsWith('register') ? { due: { ...due, step: 'register-missing', count: 0 } } : {}),
    ...(links
      ? {
          links: Object.fromEntries(
            Object.entries(links).filter(([, { purpose }]) => purpose !== 'register'),
          ),
        }
      : {}),
    ...(outbox ? { outbox: outbox.filter(({ message }) => !isGone(message)) } : {}),
    ...(sent ? { sent: sent.filter(({ message }) => !isGone(message)) } : {}),
  };
}
