/** Intake: the referral that a valid submission becomes. What a submission must hold is in submission.ts. */

import { addLink, dueAfter, email, happened, startExecution } from './change.ts';
import { notToReferrer } from './inbox.ts';
import { emailOf } from './person.ts';
import { type PersonKeys, type Referral, SCHEMA_VERSION } from './referral.ts';
import type { Request } from './request.ts';
import type { Submission } from './submission.ts';

/** What a referral is given besides what its submission says. */
export type Intake = {
  /** 32 hexadecimal digits, made from the submission's key: the same key makes the same referral. */
  id: string;
  now: string;
  lawfulBasis: NonNullable<Request['lawfulBasis']>;
  personKeys: PersonKeys;
  /** The team of link workers that looks after it. */
  team: string;
  /** The referring system that sent it, where one did. */
  clientId?: string;
};

/** The new referral of a submission: recorded, acknowledged, and about to enter the workflow. */
export function newReferral(
  submission: Submission,
  { id, now, lawfulBasis, personKeys, team, clientId }: Intake,
): Referral {
  const referral: Referral = {
    schemaVersion: SCHEMA_VERSION,
    id,
    reference: referenceOf(id),
    version: 0,
    createdAt: now,
    updatedAt: now,
    stage: 'intake',
    ...submission,
    person: notToReferrer(submission.person, submission.referrer),
    request: { ...submission.request, lawfulBasis },
    personKeys,
    team,
    ...(clientId === undefined ? {} : { clientId }),
    history: [],
    outbox: [],
    links: {},
    execution: { number: 1, name: `${id}-1`, startedAt: now },
    reviews: 0,
    questions: [],
    offers: [],
  };
  const received = addLink(happened(referral, now, 'referrer', 'submitted'), 'person', 'person');
  const started = dueAfter(startExecution(received, now), now, 'workflow');
  return acknowledged(submission.request.danger ? alarmed(started, now) : started, now);
}

/** The coordinator hears at once that somebody may be in danger. */
function alarmed(referral: Referral, now: string): Referral {
  return email(happened(referral, now, 'referrer', 'danger-reported'), now, {
    message: 'danger-alert',
    to: 'coordinator',
    cause: 'submitted',
  });
}

/** The person and whoever referred them hear that it has arrived, each with the link of a page that says where it is. */
function acknowledged(referral: Referral, now: string): Referral {
  const toPerson =
    emailOf(referral.person) === undefined
      ? referral
      : email(referral, now, {
          message: 'acknowledgement-person',
          to: 'person',
          cause: 'submitted',
          link: 'person',
        });
  return referral.referrer.kind === 'self'
    ? toPerson
    : email(addLink(toPerson, 'status', 'status'), now, {
        message: 'acknowledgement-referrer',
        to: 'referrer',
        cause: 'submitted',
        link: 'status',
      });
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The reference that people quote: "SP-7K4M-2Q9X", 40 bits of the id in Crockford's base 32. */
export function referenceOf(id: string): string {
  let bits = BigInt(`0x${id.slice(0, 10)}`);
  let text = '';
  for (let i = 0; i < 8; i++) {
    text = CROCKFORD[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `SP-${text.slice(0, 4)}-${text.slice(4)}`;
}
