/** Who looked at a referral, for auditors and for the coordinators of its team. It shows neither the person nor what is written of them. */
import { clean } from '../../workflows/checks.ts';
import type { Referral } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { auditFile, cursorOf, newestEntries } from '../shared/audit-file.ts';
import { CSV, download } from '../shared/csv.ts';
import { environment } from '../shared/environment.ts';
import { readErasure } from '../shared/erasures.ts';
import { referrals } from '../shared/record.ts';
import { referenceIn } from '../shared/reference.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { auditPage } from './pages/views.ts';

export const handler = workspace({
  'GET /audit': { roles: ['coordinator', 'auditor'], answer: showAudit },
});

/** So many entries stand on a page. */
const ON_PAGE = 50;

/** When an entry was written, and in which request. */
const CURSOR = /^\d{4}-\d\d-\d\dT[\d:.]+Z#[\w.=+/-]{1,64}$/;

async function showAudit(visit: Visit, who: SignedIn): Promise<PageResult> {
  const asked = clean(visit.query.reference);
  if (visit.query.reference === undefined) return auditPage({ ...siteFor(who), asked });
  const found = await find(asked, who);
  if ('error' in found) return auditPage({ ...siteFor(who), asked, error: found.error });
  await noteRead(visit, who, found);
  const { before } = visit.query;
  const cursor = before !== undefined && CURSOR.test(before) ? before : undefined;
  const { TABLE_NAME, TEAMS: teams } = environment('audit');
  if (visit.query.format === 'csv') {
    return download(await auditFile(TABLE_NAME, found.id), CSV, `audit-${found.reference}.csv`);
  }
  const entries = await newestEntries(TABLE_NAME, found.id, ON_PAGE + 1, cursor);
  const shown = entries.slice(0, ON_PAGE);
  const last = shown.at(-1);
  return auditPage({
    ...siteFor(who),
    asked: found.reference,
    found: {
      ...found,
      teams,
      entries: shown,
      first: cursor === undefined,
      older: entries.length > ON_PAGE && last ? cursorOf(last) : undefined,
    },
  });
}

/** A referral, or one that was erased, as far as its audit needs to know of it. */
type Found = {
  id: string;
  reference: string;
  team: string | undefined;
  referral: Referral | undefined;
  erasedAt?: string | undefined;
};

/** The referral with a reference that somebody may read the audit of. */
async function find(asked: string, who: SignedIn): Promise<Found | { error: string }> {
  const reference = referenceIn(asked);
  if (reference === undefined) return { error: 'Enter a reference, like SP-7K4M-2Q9X' };
  const found = await withReference(reference);
  if (!found) return { error: `There is no referral ${reference}` };
  if (!who.roles.includes('auditor') && !who.teams.includes(found.team ?? ANY_TEAM)) {
    return { error: `${reference} is with another team: its coordinator or an auditor can read its audit` };
  }
  return found;
}

async function withReference(reference: string): Promise<Found | undefined> {
  const { TABLE_NAME } = environment('audit');
  const [referral] = await referrals(TABLE_NAME).byReference(reference);
  if (referral) return { id: referral.id, reference, team: referral.team, referral };
  const erasure = await readErasure(TABLE_NAME, reference);
  return (
    erasure && {
      ...{ id: erasure.referralId, reference, team: erasure.team, referral: undefined },
      erasedAt: erasure.at,
    }
  );
}

async function noteRead({ now, requestId }: Visit, who: SignedIn, { id }: Found): Promise<void> {
  const { sub: by, name, roles, teams } = who;
  const entry = { at: now, requestId, kind: 'audit-read', by, name, roles, teams } as const;
  await referrals(environment('audit').TABLE_NAME).audit(id, entry);
}
