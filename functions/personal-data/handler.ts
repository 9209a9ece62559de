/**
 * What a person may ask of us about their data, done here alone: a copy, what is put right for them, who looked, a legal hold and its release, and
 * erasing. The coordinator's page asks (functions/data-rights), and so do operators (npm run data-rights, npm run restore) and the sweep. Each is in
 * the audit, and is safe to repeat.
 */
import * as z from 'zod/mini';
import type { Outcome } from '../../workflows/change.ts';
import { placeHold, releaseHold, type WhyKept } from '../../workflows/data-rights.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { PERSON_FORM_FIELDS } from '../../workflows/form.ts';
import type { Referral, TeamMember } from '../../workflows/referral.ts';
import type { AuditEntry, RightsDone } from '../shared/audit-entry.ts';
import { auditFile } from '../shared/audit-file.ts';
import { environment } from '../shared/environment.ts';
import { readErasure } from '../shared/erasures.ts';
import { referrals } from '../shared/record.ts';
import { ROLES } from '../shared/roles.ts';
import { othersOf } from '../shared/same-person.ts';
import { instantSchema, task } from '../shared/task.ts';
import { type Copy, copyOf } from './copy.ts';
import { type Corrected, correct } from './correct.ts';
import { type At, type Erased, erase, eraseAgain, goOn } from './erase.ts';

const reference = z.string().check(z.regex(/^SP-[0-9A-Z]{4}-[0-9A-Z]{4}$/));
const referralId = z.string().check(z.regex(/^[a-f0-9]{32}$/));
const asked = {
  now: instantSchema,
  reference,
  /** Names the request in the audit: the same again is one entry. */
  requestId: z.string().check(z.regex(/^[\w.=+/-]{1,64}$/)),
  /** Whoever is signed in; absent for an operator, who has the keys of the house. */
  who: z.optional(
    z.object({
      sub: z.string(),
      name: z.string(),
      roles: z.array(z.enum(ROLES)),
      teams: z.array(z.string()),
    }),
  ),
};
const payload = z.discriminatedUnion('act', [
  z.object({ ...asked, act: z.literal('copy') }),
  z.object({ ...asked, act: z.literal('audit') }),
  z.object({
    ...asked,
    act: z.literal('correct'),
    fields: z.record(z.string().check(z.refine((name) => PERSON_FORM_FIELDS.includes(name))), z.string()),
    seen: z.optional(z.string()),
  }),
  z.object({
    ...asked,
    act: z.literal('hold'),
    reason: z.string().check(z.minLength(1), z.maxLength(LIMITS.text)),
  }),
  z.object({ ...asked, act: z.literal('release') }),
  z.object({ ...asked, act: z.literal('erase') }),
  z.object({ act: z.literal('retention'), referralId, now: instantSchema }),
  // By npm run restore alone (infra/restore.ts).
  z.object({
    act: z.literal('again'),
    referralId,
    why: z.enum(['asked', 'retention']),
    now: instantSchema,
  }),
  z.object({ act: z.literal('continue'), reference, now: instantSchema }),
]);
type Asked = z.infer<typeof payload>;
type ByHand = Extract<Asked, { requestId: string }>;

/** What comes of it. */
export type RightsAnswer =
  | { state: 'copied'; copy: Copy }
  | { state: 'audited'; csv: string }
  | Corrected
  | { state: 'held' | 'released' }
  | { state: 'refused'; why: WhyKept | 'other-reason' }
  | Erased;

export const handler = task(payload, async (request): Promise<RightsAnswer> => {
  const { TABLE_NAME: table } = environment('writer');
  const at: At = { table, referrals: referrals(table), now: request.now };
  if (request.act === 'continue') return goOn(at, request.reference);
  if (request.act === 'retention' || request.act === 'again') {
    const { act, referralId } = request;
    const erased =
      act === 'again'
        ? await eraseAgain(at, referralId, request.why)
        : await erase(at, referralId, 'retention');
    if (erased.state === 'erased') {
      const by = { by: act, name: 'The service itself' };
      await at.referrals.audit(referralId, { at: request.now, requestId: act, kind: 'erased', ...by });
    }
    return erased;
  }
  const [referral] = await at.referrals.byReference(request.reference);
  if (!referral) return erasedBefore(at, request);
  return answer(at, request, referral);
});

/** Where a referral is not there (any more): that it was erased, or that there never was one. */
async function erasedBefore(at: At, request: ByHand): Promise<RightsAnswer> {
  const erasure = await readErasure(at.table, request.reference);
  if (!erasure) return { state: 'missing' };
  return request.act === 'audit'
    ? audited(at, request, erasure.referralId)
    : { state: 'erased', at: erasure.at };
}

/** Who looked, and what was done. That it was read is in it. */
async function audited({ table, referrals: all }: At, request: ByHand, id: string): Promise<RightsAnswer> {
  await all.audit(id, { ...entryOf(request), kind: 'audit-read' });
  return { state: 'audited', csv: await auditFile(table, id) };
}

async function answer(at: At, request: ByHand, referral: Referral): Promise<RightsAnswer> {
  const { id } = referral;
  switch (request.act) {
    case 'copy': {
      const others = await othersOf(at.table, referral, request.who?.teams);
      // Whoever is copied is looked at.
      for (const each of [referral, ...others.ours]) {
        await at.referrals.audit(each.id, { ...entryOf(request), page: 'export', link: 'data' });
      }
      return { state: 'copied', copy: await copyOf(at.table, referral, others, at.now) };
    }
    case 'audit':
      return audited(at, request, id);
    case 'correct': {
      const { fields, seen } = request;
      const done = await correct(at, referral, { fields, seen, by: memberOf(request) }, () =>
        noteDone(at, request, id, 'corrected'),
      );
      return done.state === 'missing' ? erasedBefore(at, request) : done;
    }
    case 'hold': {
      const { reason } = request;
      const state = await change(at, request, referral, 'hold-placed', (newest) =>
        placeHold(newest, { reason, by: memberOf(request) }, at.now),
      );
      if (state === 'refused') return { state: 'refused', why: 'other-reason' };
      return state === 'missing' ? erasedBefore(at, request) : { state: 'held' };
    }
    case 'release': {
      const state = await change(at, request, referral, 'hold-released', (newest) =>
        releaseHold(newest, memberOf(request), at.now),
      );
      return state === 'missing' ? erasedBefore(at, request) : { state: 'released' };
    }
    case 'erase': {
      const erased = await erase(at, id, 'asked');
      if (erased.state === 'missing') return erasedBefore(at, request);
      const refused = erased.state === 'refused';
      await noteDone(
        at,
        request,
        id,
        refused ? 'erasure-refused' : 'erased',
        refused ? erased.why : undefined,
      );
      return erased;
    }
  }
}

/** Changes a referral, and notes that it was done, where it was not before. */
async function change(
  at: At,
  request: ByHand,
  referral: Referral,
  done: RightsDone,
  rule: (referral: Referral) => Outcome,
): Promise<'done' | 'refused' | 'missing'> {
  let isNew = false;
  const changed = await at.referrals.change(
    referral.id,
    at.now,
    (newest) => {
      const outcome = rule(newest);
      isNew = outcome !== newest;
      return outcome;
    },
    referral,
  );
  if (changed.state !== 'stored') return changed.state;
  if (isNew) await noteDone(at, request, referral.id, done, changed.referral.legalHold?.reason);
  return 'done';
}

async function noteDone(
  { referrals: table }: At,
  request: ByHand,
  id: string,
  kind: RightsDone,
  reason?: string,
): Promise<void> {
  await table.audit(id, { ...entryOf(request), kind, ...(reason === undefined ? {} : { reason }) });
}

function entryOf(request: ByHand): AuditEntry {
  const { now: at, requestId, who } = request;
  const { id: by, name } = memberOf(request);
  return { at, requestId, by, name, ...(who ? { roles: who.roles, teams: who.teams } : {}) };
}

/** Whoever asks, as a referral and the audit name them. */
function memberOf({ who }: ByHand): TeamMember {
  return who
    ? { id: who.sub.slice(0, LIMITS.line), name: who.name.slice(0, LIMITS.line) }
    : { id: 'operator', name: 'An operator' };
}
