/**
 * What reports for funders are made of: for each programme that a closed referral was offered to one anonymous item, under the programme's own
 * partition and by month, so that a report reads what it counts and nothing else. Its key is a hash of the referral and the programme: written
 * again it is the same item, and whoever has no referral cannot find whose it was.
 */
import { measurementSchema } from '../../workflows/measures.ts';
import { type Outcome, outcomeSchema, outcomesOf } from '../../workflows/outcome.ts';
import type { Referral } from '../../workflows/referral.ts';
import { newestOfCase } from './case-file.ts';
import { hashOf as hashOfKind, moveRecord, putUnlessOlder, recordsIn } from './nameless.ts';

/** More are not looked at: nobody is asked so often. */
const MOST_MEASURES = 100;

/** A report reads so many pages of up to 1 MB, some 15,000 referrals, and no more. */
const MOST_PAGES = 10;

/**
 * Writes the outcomes of a referral, if it is closed. Whoever writes read the referral before the measures, and each set of answers is noted on it after it
 * was kept: so who comes last knows no less of either, and what was made of an older referral or of fewer measures replaces nothing.
 */
export async function recordOutcomes(TableName: string, referral: Referral): Promise<void> {
  if (referral.stage !== 'closed' || referral.offers.length === 0) return;
  const { id } = referral;
  const measurements = await newestOfCase(
    TableName,
    { id, kind: 'MEASURES', limit: MOST_MEASURES },
    measurementSchema,
  );
  const outcomes = outcomesOf(referral, measurements, hashOf);
  await Promise.all(outcomes.map((outcome) => put(TableName, id, outcomeSchema.parse(outcome))));
}

async function put(TableName: string, referralId: string, outcome: Outcome): Promise<void> {
  const { programmeId, month } = outcome;
  await putUnlessOlder(TableName, keyOf({ referralId, programmeId, month }), outcome, ['taken', 'version']);
}

/**
 * Moves the record of what came of a referral at a programme to a key that nobody can make from the referral: what it says stays, whose it was is
 * known to nobody. `secret`: random, and forgotten afterwards; with the same one it is done once. `own`: cohorts of which the referral was the only
 * one, whose hashes say whose they are too. Without a secret the record goes altogether: what it says is counted already.
 */
export async function forgetWhose(
  TableName: string,
  { referralId, programmeId, month }: { referralId: string; programmeId: string; month: string },
  secret: string | undefined,
  own: readonly string[],
): Promise<void> {
  const theirs = new Set(own.map((cohortId) => hashOf(`${programmeId} ${cohortId}`)));
  const to = secret !== undefined && {
    sk: `${month}#${hashOf(`${secret} ${programmeId}`)}`,
    change: (item: Record<string, unknown>) => {
      const outcome = outcomeSchema.parse(item);
      const groups = outcome.groups.map((each) =>
        theirs.has(each.group) ? { ...each, group: hashOf(`${secret} ${each.group}`) } : each,
      );
      // How often the referral was written says nothing of anybody, but could be held against a copy.
      return { ...outcome, groups, ...(outcome.version === undefined ? {} : { version: 0 }) };
    },
  };
  await moveRecord(TableName, keyOf({ referralId, programmeId, month }), to || undefined);
}

/** The outcomes of a programme in some months (YYYY-MM, both included); `tooMany` where not all of them were read. */
export async function outcomesIn(
  TableName: string,
  programmeId: string,
  { from, to }: { from: string; to: string },
): Promise<{ outcomes: Outcome[]; tooMany: boolean }> {
  // `$` sorts after the `#` that follows a month.
  const range = { pk: `REPORT#${programmeId}`, from, to: `${to}$` };
  const { items, tooMany } = await recordsIn(TableName, range, MOST_PAGES);
  return { outcomes: items.map((item) => outcomeSchema.parse(item)), tooMany };
}

function keyOf({
  referralId,
  programmeId,
  month,
}: {
  referralId: string;
  programmeId: string;
  month: string;
}) {
  return { pk: `REPORT#${programmeId}`, sk: `${month}#${hashOf(`${referralId} ${programmeId}`)}` };
}

function hashOf(name: string): string {
  return hashOfKind('outcome', name);
}
