/** Who looked at a person's details: the entries of the audit, put together by day. */
import { emailOf } from '../../workflows/person.ts';
import type { Referral } from '../../workflows/referral.ts';
import { londonDate } from '../../workflows/time.ts';
import { type AuditEntry, auditEntrySchema, type LookedAt } from './audit-entry.ts';
import { newestOfCase } from './case-file.ts';
import type { Role } from './roles.ts';

/** More are not read for a page, of all looks and of those for a reason; all of them stay in the table. */
const NEWEST_LOOKS = { AUDIT: 200, REASON: 100 } as const;

/** Whom a link is sent to. */
export type Reader = 'link-worker' | 'provider' | 'person' | 'referrer' | 'gp-practice';

/** The looks of one reader on one day. */
export type Looks = {
  /** The last of them. */
  at: string;
  count: number;
  /** Older ones of that day may not have been read. */
  atLeast?: boolean;
  /** Who, and what they were, where they were signed in; otherwise whom the link was sent to. */
  name?: string | undefined;
  roles?: readonly Role[] | undefined;
  reader?: Reader | undefined;
  /** What they looked at, each once, the last first; nothing where it was not kept. */
  pages: readonly LookedAt[];
  /** Somebody who is not of the team, for a reason that is on record. Only auditors and coordinators read it: functions/audit. */
  forAReason: boolean;
};

/** Who looked, the newest first, in two requests: no number of ordinary looks hides one for a reason. */
export async function newestLooks(
  table: string,
  referral: Pick<Referral, 'id' | 'person' | 'questions'>,
): Promise<Looks[]> {
  const read = (kind: keyof typeof NEWEST_LOOKS) =>
    newestOfCase(table, { id: referral.id, kind, limit: NEWEST_LOOKS[kind] }, auditEntrySchema);
  const [newest, forAReason] = await Promise.all([read('AUDIT'), read('REASON')]);
  const cut = {
    ordinary: cutOn(newest.filter(isOrdinary), newest.length === NEWEST_LOOKS.AUDIT),
    forAReason: cutOn(forAReason, forAReason.length === NEWEST_LOOKS.REASON),
  };
  // Those of before they were kept apart are among the newest only.
  const entries = new Map(
    [...newest, ...forAReason].map((entry) => [`${entry.at}#${entry.requestId}`, entry]),
  );
  const sorted = [...entries.values()].sort((a, b) => b.at.localeCompare(a.at));
  return foldLooks(sorted, referral).map((looks) =>
    londonDate(looks.at) === (looks.forAReason ? cut.forAReason : cut.ordinary)
      ? { ...looks, atLeast: true }
      : looks,
  );
}

function isOrdinary({ kind, reason }: AuditEntry): boolean {
  return kind === undefined && reason === undefined;
}

/** The day of which there may be more than was read; undefined where all were. */
function cutOn(read: readonly AuditEntry[], isCut: boolean): string | undefined {
  const last = isCut ? read.at(-1) : undefined;
  return last && londonDate(last.at);
}

/** Looks, the newest first, put together by who looked, as what, on which day, and whether for a reason. Whoever read the audit saw nothing of the person. */
export function foldLooks(
  entries: readonly Omit<AuditEntry, 'requestId'>[],
  referral: Pick<Referral, 'person' | 'questions'>,
): Looks[] {
  const folded = new Map<string, Looks>();
  for (const { kind, at, by, name, roles, link, page, reason } of entries) {
    if (kind !== undefined) continue;
    const reader = by !== undefined || link === undefined ? undefined : readerOf(link, referral);
    const forAReason = reason !== undefined;
    const key = JSON.stringify([londonDate(at), by ?? reader, roles, forAReason]);
    const looks = folded.get(key) ?? { at, count: 0, name, roles, reader, pages: [], forAReason };
    const pages = page === undefined || looks.pages.includes(page) ? looks.pages : [...looks.pages, page];
    folded.set(key, { ...looks, count: looks.count + 1, pages });
  }
  return [...folded.values()];
}

/**
 * Whom a link was sent to, by its id ("offer-2"; "review-1 of SP-…" while another referral was looked at). Of a referral that was erased it is whom such a
 * link is for.
 */
export function readerOf(link: string, referral: Pick<Referral, 'person' | 'questions'> | undefined): Reader {
  const [purpose = '', which = ''] = link.split(/[- ]/);
  switch (purpose) {
    case 'person':
    case 'measures':
      return 'person';
    case 'status':
      return 'referrer';
    case 'offer':
    case 'register':
      return 'provider';
    case 'information':
      return referral?.questions.find(({ number }) => String(number) === which)?.to ?? 'referrer';
    case 'letter':
      // Where we have no address, a link worker prints it: workflows/closing.ts.
      if (which === 'person') return referral && !emailOf(referral.person) ? 'link-worker' : 'person';
      if (which === 'gp') return referral && !referral.person.gpPracticeEmail ? 'link-worker' : 'gp-practice';
      return 'referrer';
    default:
      return 'link-worker';
  }
}
