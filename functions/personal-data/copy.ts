/** A copy of everything that is kept about a person: of one referral, and of others that are theirs. What only machines use is left out. */
import { mayKnow, readersOf } from '../../workflows/closing.ts';
import type { Referral } from '../../workflows/referral.ts';
import { keptUntil } from '../../workflows/retention.ts';
import { auditEntrySchema } from '../shared/audit-entry.ts';
import { readerOf } from '../shared/looks.ts';
import { itemsOf } from './items.ts';

/** The copy of one referral: plain values, as they are kept. */
export type ReferralCopy = { reference: string } & Record<string, unknown>;

/** `elsewhere`: the references of referrals of the same person that another team looks after, which that team copies. */
export type Copy = { madeAt: string; referrals: ReferralCopy[]; elsewhere: string[] };

/** Everything about a person. Reads each referral's whole partition. */
export async function copyOf(
  table: string,
  referral: Referral,
  others: { ours: readonly Referral[]; elsewhere: readonly Referral[] },
  now: string,
): Promise<Copy> {
  const referrals: ReferralCopy[] = [];
  for (const each of [referral, ...others.ours]) referrals.push(await copyOfOne(table, each));
  return { madeAt: now, referrals, elsewhere: others.elsewhere.map(({ reference }) => reference) };
}

/** What is no part of a copy: it tells of the machine and not of the person, or is a key. */
const OF_THE_MACHINE = [
  ...(['schemaVersion', 'id', 'version', 'personKeys', 'outbox', 'links', 'due', 'execution'] as const),
  ...(['waiting', 'reviews'] as const),
];

async function copyOfOne(table: string, referral: Referral): Promise<ReferralCopy> {
  const items: Record<string, unknown>[] = [];
  for await (const page of itemsOf(table, referral.id)) items.push(...page);
  const kept = Object.fromEntries(
    Object.entries(referral).filter(([name]) => !(OF_THE_MACHINE as readonly string[]).includes(name)),
  );
  const of = (kind: string) =>
    items
      .filter(({ sk }) => String(sk).startsWith(`${kind}#`))
      .map(({ pk: _pk, sk: _sk, key: _key, expiresAt: _at, ...rest }) => rest);
  return {
    ...(kept as { reference: string }),
    notes: of('NOTE'),
    // What they wrote; the referral itself says only that they did.
    feedback: of('FEEDBACK'),
    planVersions: of('PLAN'),
    measures: of('MEASURES'),
    letters: lettersOf(referral),
    whoLooked: of('AUDIT').map((entry) => looked(entry, referral)),
    keptUntil: keptUntil(referral) ?? 'while it is open, and some time after that',
  };
}

/** Who got a letter at the end, and what it may say. */
function lettersOf(referral: Referral) {
  if (referral.stage !== 'closed') return [];
  return readersOf(referral).map((reader) => ({ to: reader, says: mayKnow(reader, referral.referrer) }));
}

function looked(entry: Record<string, unknown>, referral: Referral) {
  const { at, kind, page, link, name, roles, reason } = auditEntrySchema.parse(entry);
  const who = name ?? (link === undefined ? undefined : readerOf(link, referral));
  return { at, who, roles, did: kind ?? 'looked', lookedAt: page, reason };
}
