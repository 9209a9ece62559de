/** Records a referral that comes in, whichever way: once for each key, however often it is sent. */
import { isDeepStrictEqual } from 'node:util';
import { correctionsOf } from '../../workflows/corrections.ts';
import { newReferral } from '../../workflows/intake.ts';
import type { Referral } from '../../workflows/referral.ts';
import type { Submission } from '../../workflows/submission.ts';
import { teamFor } from '../../workflows/teams.ts';
import { deliver } from './deliver.ts';
import { environment } from './environment.ts';
import { referralIdOf } from './links.ts';
import { Message, note } from './log.ts';
import { personKeysOf } from './person-index.ts';
import { referrals } from './record.ts';

/** What became of a submission. `conflict`: something else was sent with the same key before. */
export type Recorded = { state: 'created' | 'repeated' | 'conflict'; referral: Referral };

/**
 * Records a submission and wakes the outbox. The key makes the referral's id, so that a second click, a reload or a retry by the network
 * finds the first one.
 */
export async function recordReferral(
  submission: Submission,
  { key, now, clientId }: { key: string; now: string; clientId?: string },
): Promise<Recorded> {
  const { TABLE_NAME, OUTBOX_FUNCTION, LAWFUL_BASIS, TEAMS } = environment('intake');
  const { created, referral } = await referrals(TABLE_NAME).create(
    newReferral(submission, {
      // Two clients may well use the same key, whatever their ids and keys are made of.
      id: referralIdOf(clientId === undefined ? key : JSON.stringify([clientId, key])),
      now,
      lawfulBasis: LAWFUL_BASIS,
      team: teamFor(submission.person.postcode, TEAMS),
      personKeys: await personKeysOf(submission.person),
      ...(clientId === undefined ? {} : { clientId }),
    }),
  );
  if (created) note(Message.referralCreated, { referralId: referral.id, stage: referral.stage });
  else if (!saysTheSame(referral, submission)) return { state: 'conflict', referral };
  await deliver(OUTBOX_FUNCTION, referral, now);
  return { state: created ? 'created' : 'repeated', referral };
}

/** True when a submission repeats what was sent before, whatever the person has corrected since. The moment of consent is each time another. */
function saysTheSame(referral: Referral, { person, referrer, request }: Submission): boolean {
  const { lawfulBasis: _basis, ...recorded } = referral.request;
  const consent = { ...request.consent, at: recorded.consent.at };
  const sent = correctionsOf(referral).at(-1)?.was ?? referral.person;
  // Who refers themself is what their details say.
  const by = (each: Referral['referrer']) => (each.kind === 'self' ? each.kind : each);
  return isDeepStrictEqual(
    [sent, by(referral.referrer), recorded],
    [person, by(referrer), { ...request, consent }],
  );
}
