/** Does what waits with a cohort: asks its facilitator for registers, and tells each participant's referral of its sessions. */
import { tellThatStuck } from '../../workflows/cohort.ts';
import type { CohortOutboxEntry, CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import { learnOfSession } from '../../workflows/programme.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { mintCohortLink, withCohortLink } from '../shared/cohort-secret.ts';
import { changeCohort, readCohort } from '../shared/cohorts.ts';
import { Message, warn } from '../shared/log.ts';
import { entryKey } from '../shared/log-fields.ts';
import { recordOutcomes } from '../shared/outcomes.ts';
import { participantsOf } from '../shared/participants.ts';
import { writeCohortMail } from './mail.ts';
import { ALERT_AFTER, type Emptied, emptyAll, emptyOutbox, type World } from './outbox.ts';
import { followSessions } from './places.ts';
import { heldBack, post } from './post.ts';
import { claimOf, tryEntry } from './trying.ts';

/** How long a claim keeps others away, by the number of tries; then the next try. */
const RETRY_AFTER: readonly Span[] = [{ minutes: 2 }, { minutes: 10 }, { hours: 1 }, { hours: 6 }];

/** Does what is due in a cohort's outbox. */
export async function emptyCohortOutbox(world: World, id: string, now: string): Promise<Emptied> {
  const token = mintCohortLink(id);
  let claimed: CohortOutboxEntry[] = [];
  const changed = await changeCohort(world.table, id, now, (cohort) => {
    claimed = cohort.outbox.filter((entry) => isDue(entry.notBefore, now));
    return claimed.length === 0 ? { refused: 'not-now' } : withClaims(cohort, claimed, token, now);
  });
  if (changed.state !== 'stored') return { done: 0, failed: 0 };
  const done: string[] = [];
  const held: string[] = [];
  for (const entry of claimed) {
    const doIt = () => act(world, changed.item, entry, token, now);
    const { state } = await tryEntry(world.table, doIt, { cohort: id, key: entryKey(entry) }, now);
    if (state === 'done') done.push(entry.key);
    if (state === 'held') held.push(entry.key);
  }
  if (done.length + held.length > 0) {
    await changeCohort(world.table, id, now, (cohort) => ({
      ...cohort,
      outbox: cohort.outbox
        .filter(({ key }) => !done.includes(key))
        .map((entry) => (held.includes(entry.key) ? heldBack(entry) : entry)),
    }));
  }
  return { done: done.length, failed: claimed.length - done.length };
}

function withClaims(
  cohort: CohortRecord,
  claimed: readonly CohortOutboxEntry[],
  token: string,
  now: string,
): CohortRecord {
  const outbox = cohort.outbox.map((entry) => {
    if (!claimed.includes(entry)) return entry;
    const wait = RETRY_AFTER[Math.min(entry.attempts, RETRY_AFTER.length - 1)] ?? { hours: 6 };
    return { ...claimOf(entry), notBefore: after(now, wait) };
  });
  // Claimed so often, and still not done: as for referrals, once.
  const stuck = claimed.some((entry) => entry.attempts + 1 === ALERT_AFTER && !isAlert(entry));
  const told = stuck ? tellThatStuck({ ...cohort, outbox }, now) : { ...cohort, outbox };
  const sendsLink = claimed.some((entry) => entry.kind === 'email' && entry.to === 'provider');
  return sendsLink ? withCohortLink(told, token, now) : told;
}

function isAlert(entry: CohortOutboxEntry): boolean {
  return entry.kind === 'email' && entry.message === 'group-alert';
}

async function act(
  world: World,
  cohort: CohortRecord,
  entry: CohortOutboxEntry,
  token: string,
  now: string,
): Promise<void> {
  if (entry.kind === 'tell') return tell(world, cohort, entry.session, now);
  const session = cohort.sessions.find(({ number }) => number === entry.session);
  if (!session || isLate(entry, session)) return;
  const mail = await writeCohortMail(cohort, session, entry, token, world.mail, now);
  const { message, to } = entry;
  await post(world, mail, { about: 'cohort', id: cohort.id, message, to }, now);
}

/** Recorded meanwhile: nobody needs to be asked, or told that it is at another time. That it is cancelled its facilitator must hear. */
function isLate(entry: Extract<CohortOutboxEntry, { kind: 'email' }>, { status }: CohortSession): boolean {
  if (isAlert(entry) || entry.message === 'cancelled-often') return false;
  return status === 'held' || (status === 'cancelled' && entry.message !== 'sessions-changed');
}

/**
 * Every participant learns of the session, and whoever the register names; the ledger of places, until when the group can be joined. One who cannot be
 * told now leaves the entry to be tried again.
 */
async function tell(world: World, cohort: CohortRecord, number: number, now: string): Promise<void> {
  const register = cohort.sessions.find((session) => session.number === number)?.register;
  const participants = await participantsOf(world.table, cohort, now);
  const ids = new Set([...participants, ...Object.keys(register?.entries ?? {})]);
  let failed: unknown;
  for (const id of ids) {
    try {
      // Somebody may have corrected it, or changed it again, while the others were told.
      const newest = (await readCohort(world.table, cohort.id)) ?? cohort;
      const changed = await world.referrals.change(id, now, (referral) =>
        learnOfSession(referral, newest, number, now),
      );
      if (changed.state === 'missing') continue;
      if (changed.state === 'stored') await emptyOutbox(world, id, now);
      // Reports are made of what was known when the referral was closed. Who told it before may have been stopped here.
      await recordOutcomes(world.table, changed.referral);
    } catch (error) {
      failed = error;
      warn(Message.outboxEntryFailed, error, { referralId: id, cohort: cohort.id });
    }
  }
  if (cohort.own === undefined) {
    await emptyAll(world, await followSessions(world.table, world.referrals, cohort, now), now);
  }
  if (failed) throw failed;
}
