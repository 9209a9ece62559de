/**
 * Erases a referral: everything about the person goes; what reports count stays, under names that nobody can make again. Begun by one item
 * (shared/erasures.ts), and done step by step, each of which may be done again.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type WhyKept, whyKept, withoutPerson } from '../../workflows/data-rights.ts';
import { callNext, NOTHING, settle } from '../../workflows/places.ts';
import { isOwn, type Referral } from '../../workflows/referral.ts';
import { isOverdue } from '../../workflows/retention.ts';
import { after, isDue, londonDate, type Span } from '../../workflows/time.ts';
import { addressIdOf } from '../shared/addresses.ts';
import { COHORT_PREFIX, changeCohort, cohortItemId } from '../shared/cohorts.ts';
import { deliverPlaces, deliverStop } from '../shared/deliver.ts';
import { forgetWaits } from '../shared/directory/waits.ts';
import { environment } from '../shared/environment.ts';
import { forgetEpisode, recordEpisode } from '../shared/episodes.ts';
import { beginErasure, changeErasure, type Erasure, erasureKind, readErasure } from '../shared/erasures.ts';
import { Message, note } from '../shared/log.ts';
import { forgetWhose, recordOutcomes } from '../shared/outcomes.ts';
import { changePlaces, readPlaces } from '../shared/places.ts';
import { ContendedReferralError, keyOf, type Referrals } from '../shared/record.ts';
import { documents } from '../shared/table.ts';
import { itemsOf } from './items.ts';
import { newSecret, strangerOf } from './secret.ts';

/** Longer than any function runs: who was writing when it was erased has finished by then. */
const ONCE_MORE_AFTER: Span = { minutes: 15 };
const PASSES = 2;

/** So many items are taken away at once. */
const AT_ONCE = 10;

/** How often it is looked again whether a referral may be erased, where somebody changes it meanwhile. */
const ATTEMPTS = 8;

export type Erased =
  | { state: 'erased'; at: string }
  | { state: 'refused'; why: WhyKept }
  | { state: 'missing' };

/** The table, the referrals in it, and what time it is. */
export type At = { table: string; referrals: Referrals; now: string };

/** Erases a referral, unless something keeps it. Done already: the same again. */
export function erase(at: At, id: string, why: Erasure['why']): Promise<Erased> {
  return eraseUnless(
    at,
    { id, why },
    (referral) =>
      whyKept(referral) ?? (why === 'retention' && !isOverdue(referral, at.now) ? 'not-due' : undefined),
  );
}

/**
 * Erases what was erased after a backup was taken and has come back with it. That was decided: no stage and no hold that the backup knows of
 * keeps it. `why`: of the erasure then, where this table knows nothing of it.
 */
export async function eraseAgain(at: At, id: string, why: Erasure['why']): Promise<Erased> {
  return eraseUnless(at, { id, why, regardless: true }, () => undefined);
}

async function eraseUnless(
  at: At,
  { id, why, regardless }: { id: string; why: Erasure['why']; regardless?: true },
  whatKeeps: (referral: Referral) => WhyKept | undefined,
): Promise<Erased> {
  const { table, referrals, now } = at;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const referral = await referrals.read(id);
    if (!referral) return { state: 'missing' };
    const { reference } = referral;
    const kept = whatKeeps(referral);
    if (kept !== undefined) {
      // Begun before, and something keeps it since. That somebody was erased once stays known.
      if (!(await readErasure(table, reference))?.doneAt) {
        await takeAway(table, erasureKind(table, reference));
      }
      note(Message.erasureRefused, { referralId: id, reason: kept });
      return { state: 'refused', why: kept };
    }
    const plan = await planOf(at, referral, why);
    await beginErasure(table, regardless ? { ...plan, left: { ...plan.left, regardless } } : plan, now);
    // What came of it is counted, whatever was left undone before.
    await recordOutcomes(table, referral);
    await recordEpisode(table, referral);
    if (!(await deleteUnchanged(table, referral))) continue;
    return goOn(at, reference);
  }
  throw new ContendedReferralError(`referral ${id} is changed by too many at once`);
}

/** Goes on with an erasure that was begun. */
export async function goOn(at: At, reference: string): Promise<Erased> {
  const { table, referrals, now } = at;
  const erasure = await readErasure(table, reference);
  if (!erasure) return { state: 'missing' };
  const { referralId, why, left } = erasure;
  if (!left || (left.passes > 0 && !isDue(left.nextAt, now))) return { state: 'erased', at: erasure.at };
  if (await referrals.read(referralId)) {
    return left.regardless ? eraseAgain(at, referralId, why) : erase(at, referralId, why);
  }
  const count = await pass(at, erasure, left);
  await changeErasure(table, reference, now, (current) => afterPass(current, left.passes, now));
  note(Message.erasureDone, { referralId, count });
  return { state: 'erased', at: erasure.at };
}

type Left = NonNullable<Erasure['left']>;

function afterPass(erasure: Erasure, before: number, now: string): Erasure {
  const { left, ...rest } = erasure;
  // Somebody else went through it meanwhile.
  if (!left || left.passes > before) return erasure;
  const passes = left.passes + 1;
  if (passes === PASSES) return { ...rest, doneAt: now };
  return { ...rest, left: { ...left, passes, nextAt: after(now, ONCE_MORE_AFTER) } };
}

async function planOf(
  { referrals, now }: At,
  referral: Referral,
  why: Erasure['why'],
): Promise<Omit<Erasure, 'version' | 'updatedAt' | 'left'> & { left: Left }> {
  const { id, reference, team, execution } = referral;
  const endedAt = referral.stage === 'closed' ? referral.ending.decidedAt : now;
  return {
    ...{ reference, referralId: id, why, at: now },
    ...(team === undefined ? {} : { team }),
    left: {
      nextAt: after(now, { minutes: 5 }),
      passes: 0,
      secret: newSecret(),
      execution: execution.name,
      month: londonDate(endedAt).slice(0, 7),
      received: londonDate(referral.createdAt).slice(0, 7),
      programmeIds: [...new Set(referral.offers.map(({ programmeId }) => programmeId))],
      cohorts: cohortsOf(referral),
      // What is known of an address is kept while another referral of the same person writes there.
      addressIds: (await referrals.samePerson(referral)).length > 0 ? [] : addressesOf(referral),
    },
  };
}

function cohortsOf({ offers, programme, earlierProgrammes = [] }: Referral): Left['cohorts'] {
  const all = [
    ...offers.flatMap(({ programmeId, cohortId }) =>
      cohortId === undefined ? [] : [{ programmeId, cohortId }],
    ),
    ...[...earlierProgrammes, ...(programme ? [programme] : [])].map(({ programmeId, cohortId }) => ({
      programmeId,
      cohortId,
    })),
  ];
  return [...new Map(all.map((each) => [`${each.programmeId} ${each.cohortId}`, each])).values()];
}

/** Of the person; also those that they had before they corrected them. */
function addressesOf({ person, referrer, corrections = [] }: Referral): string[] {
  const known = [
    person.email,
    ...corrections.map(({ before }) => before.email),
    referrer.kind === 'self' ? referrer.email : undefined,
  ];
  return [...new Set(known.flatMap((address) => (address === undefined ? [] : addressIdOf(address))))];
}

/** Takes away all that is left, once. Gives how many items. */
async function pass(at: At, { referralId }: Erasure, left: Left): Promise<number> {
  const { table, now } = at;
  const { OUTBOX_FUNCTION } = environment('writer');
  await deliverStop(OUTBOX_FUNCTION, left.execution, now);
  const secret = left.again ? undefined : left.secret;
  if (left.received !== undefined) await forgetEpisode(table, { referralId, month: left.received }, secret);
  const own = left.cohorts.filter(({ cohortId }) => isOwn(cohortId));
  for (const programmeId of left.programmeIds) {
    const theirs = own.filter((each) => each.programmeId === programmeId).map(({ cohortId }) => cohortId);
    const outcome = { referralId, programmeId, month: left.month };
    await forgetWhose(table, outcome, secret, theirs);
    await forgetWaits(table, programmeId, referralId, strangerOf(left.secret, programmeId));
    await leavePlaces(at, referralId, programmeId, OUTBOX_FUNCTION);
  }
  for (const { programmeId, cohortId } of left.cohorts) {
    const id = cohortItemId(programmeId, cohortId);
    if (isOwn(cohortId)) await takeAway(table, { pk: `${COHORT_PREFIX}${id}`, sk: 'COHORT' });
    else {
      const stranger = strangerOf(left.secret, id);
      await changeCohort(table, id, now, (cohort) => withoutPerson(cohort, referralId, stranger));
    }
  }
  for (const id of left.addressIds) await takeAway(table, { pk: `ADDRESS#${id}`, sk: 'ADDRESS' });
  return emptyCase(table, referralId);
}

/** Nobody waits for a place, or has one, who is not there. */
async function leavePlaces(
  { table, now }: At,
  referralId: string,
  programmeId: string,
  outboxFunction: string,
): Promise<void> {
  const { places, waiting } = await readPlaces(table, programmeId, now);
  if (![...places, ...waiting].some((entry) => entry.referralId === referralId)) return;
  await changePlaces(table, programmeId, now, (ledger) =>
    callNext(settle(ledger, referralId, NOTHING, now), now),
  );
  await deliverPlaces(outboxFunction, programmeId, now);
}

/** Deletes the referral, and with it its outbox and links, if it is as it was read. */
async function deleteUnchanged(TableName: string, { id, version }: Referral): Promise<boolean> {
  try {
    await documents().send(
      new DeleteCommand({
        TableName,
        Key: keyOf(id),
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': version },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Deletes what belongs to a referral, but for the audit, of which stays what account looked at what, and when. Gives how many items. */
async function emptyCase(TableName: string, id: string): Promise<number> {
  let count = 0;
  for await (const items of itemsOf(TableName, id)) {
    for (let i = 0; i < items.length; i += AT_ONCE) {
      await Promise.all(items.slice(i, i + AT_ONCE).map((item) => emptyItem(TableName, item)));
    }
    count += items.length;
  }
  return count;
}

/** What an entry of the audit keeps: no name, and no words. */
const KEPT_OF_AUDIT = ['pk', 'sk', 'at', 'requestId', 'kind', 'page', 'link', 'by', 'roles', 'teams'];

async function emptyItem(TableName: string, item: Record<string, unknown>): Promise<void> {
  const { pk, sk } = item;
  if (!String(sk).startsWith('AUDIT#')) return takeAway(TableName, { pk: String(pk), sk: String(sk) });
  if (Object.keys(item).every((name) => KEPT_OF_AUDIT.includes(name))) return;
  const Item = Object.fromEntries(KEPT_OF_AUDIT.map((name) => [name, item[name]]));
  await documents().send(new PutCommand({ TableName, Item }));
}

async function takeAway(TableName: string, { pk, sk }: { pk: string; sk: string }): Promise<void> {
  await documents().send(new DeleteCommand({ TableName, Key: { pk, sk } }));
}
