/** What must hold whatever the order: of each answer, of each version that was stored, and when everything has come to rest. */
import { expect } from 'vitest';
import { dueItems } from '../../functions/reminder-sweep/due.ts';
import { newestOfCase } from '../../functions/shared/case-file.ts';
import { pageOfNotes } from '../../functions/shared/notes.ts';
import { nextDue } from '../../functions/shared/record.ts';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import { planSchema } from '../../workflows/plan.ts';
import type { Referral } from '../../workflows/referral.ts';
import { UNDO_MINUTES } from '../../workflows/reminder-policy.ts';
import { signpostsThatStand } from '../../workflows/signposts.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { after, isDue } from '../../workflows/time.ts';
import { keyAmongOpen } from '../../workflows/worklist.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import type { Sent } from './acts.ts';
import { type CaseWorld, type Fields, PEOPLE } from './case-world.ts';

const isDecision = ({ fields }: Sent) => fields.action === 'decide';

/** Of a form what is not chosen by whoever decides with it: what it was made of, what its other buttons send, and what they are looking for. */
const NOT_DECIDED = new Set([
  ...['csrf', 'review', 'ranking', 'from', 'to', 'undoes'],
  ...['preferencesSeen', 'freeOnly'],
]);

/** What a decision's form says. */
function contentOf(fields: Fields): string {
  return JSON.stringify(
    Object.entries(fields)
      .filter(([name]) => !NOT_DECIDED.has(name))
      .sort(),
  );
}

/** Everybody is told what became of what they sent, and what they were told is true. */
export function checkAnswers({ referral }: CaseWorld, sent: readonly Sent[]): void {
  for (const one of sent) {
    const { act, answer, who } = one;
    const what = `${who} ${act.what} ${act.n} was answered ${answer.status}`;
    // 422 says what is wrong, next to the field.
    expect([303, 409, 422], what).toContain(answer.status);
    if (answer.status !== 303) expect(answer.text.length, what).toBeGreaterThan(20);
  }
  const decided = Map.groupBy(
    sent.filter((one) => isDecision(one) && one.answer.status === 303),
    ({ fields }) => fields.review ?? '',
  );
  for (const [id, successes] of decided) {
    const recorded = referral.links[id]?.recorded;
    expect(new Set(successes.map(({ fields }) => contentOf(fields))).size, `decisions of ${id}`).toBe(1);
    expect(recorded?.decision, id).toBe(successes[0]?.act.what);
    const reviewed = referral.history.filter(
      ({ event, at, name }) => event === 'reviewed' && at === recorded?.at && name !== undefined,
    );
    const names = successes.map(({ who }) => PEOPLE[who].name);
    expect(
      names.some((name) => reviewed.some((entry) => entry.name === name)),
      `who decided ${id}`,
    ).toBe(true);
  }
  for (const { fields, answer, who } of sent.filter(isDecision)) {
    const recorded = referral.links[fields.review ?? '']?.recorded;
    if (answer.status !== 409 || !recorded) continue;
    const by = referral.history.find(({ at, event }) => at === recorded.at && event === 'reviewed')?.name;
    expect(answer.text, `${who} is told who was faster`).toContain(by);
  }
  for (const { fields, answer, act } of sent) {
    if (act.what === 'undo' && answer.status === 303) {
      const link = fields.undoes ?? fields.review ?? '';
      expect(referral.links[link]?.undoneAt, `undo of ${link}`).toBeDefined();
    }
  }
}

type Email = Extract<OutboxEntry, { kind: 'email' }>;
type Answer = Extract<OutboxEntry, { kind: 'answer' }>;
const emailsOf = ({ outbox }: Referral) => outbox.filter((entry): entry is Email => entry.kind === 'email');
const answersOf = ({ outbox }: Referral) =>
  outbox.filter((entry): entry is Answer => entry.kind === 'answer');

/** One version follows from the one before: nothing that was recorded is taken away, and no mail goes out that was called back. */
export function checkEveryVersion({ versions }: CaseWorld): void {
  for (const [i, next] of versions.entries()) {
    const before = versions[i - 1];
    const at = `version ${next.version}`;
    expect(next.version).toBe(i);
    if (next.stage !== 'closed') expect(next.due, at).toBeDefined();
    if (next.assignee) {
      const { team } = PEOPLE[next.assignee.id as keyof typeof PEOPLE];
      expect(team, `${at}: whose it is`).toBe(next.team);
    }
    const open = answersOf(next).filter(({ attempts }) => attempts === 0);
    expect(open.length + (next.waiting ? 1 : 0), `${at}: unanswered tokens`).toBeLessThanOrEqual(1);
    if (!before) continue;
    expect(next.history.slice(0, before.history.length), at).toEqual(before.history);
    const kept = before.contacts ?? [];
    expect(next.contacts?.slice(0, kept.length) ?? [], at).toEqual(kept);
    // A signpost is marked where its decision is taken back, and stays.
    for (const [j, signpost] of (before.signposts ?? []).entries()) {
      expect(next.signposts?.[j], `${at}: signpost ${j + 1}`).toMatchObject(signpost);
    }
    expect(next.offers.length, at).toBeGreaterThanOrEqual(before.offers.length);
    expect(next.questions.length, at).toBeGreaterThanOrEqual(before.questions.length);
    for (const [id, { recorded, undoneAt }] of Object.entries(before.links)) {
      if (recorded) expect(next.links[id]?.recorded, `${at}: ${id}`).toEqual(recorded);
      if (undoneAt) expect(next.links[id]?.undoneAt, `${at}: ${id}`).toBe(undoneAt);
    }
    for (const entry of emailsOf(next)) checkClaim(before, next, entry);
  }
}

/** A mail that is claimed is one that may go out. */
function checkClaim(before: Referral, next: Referral, entry: Email): void {
  const known = emailsOf(before).find(({ key }) => key === entry.key);
  if (entry.attempts === (known?.attempts ?? 0)) return;
  const what = `${entry.key} goes out with version ${next.version}`;
  expect(entry.link === undefined || next.links[entry.link]?.revokedAt === undefined, what).toBe(true);
  if (!entry.message.startsWith('letter-')) return;
  expect(next.stage, what).toBe('closed');
  const { ending } = next as Extract<Referral, { stage: 'closed' }>;
  const closed = (next as Extract<Referral, { stage: 'closed' }>).closedAt;
  if (ending.kind === 'declined' || ending.kind === 'signposted') {
    expect(closed >= after(ending.decidedAt, { minutes: UNDO_MINUTES }), `${what}: time to undo`).toBe(true);
  }
}

const STATE_OF: Record<string, string> = {
  review: 'AwaitReview',
  information: 'AwaitInformation',
  programme: 'AwaitSession',
};

export function stateFor({ stage, offers }: Referral): string | undefined {
  if (stage === 'offer') return offers.at(-1)?.waitlistedAt ? 'AwaitPlace' : 'AwaitProvider';
  return STATE_OF[stage];
}

/** When nobody acts any more: the record can be read, is found where it belongs, and its execution is where it is. */
export async function checkSettled(world: CaseWorld, table: TestTable, sent: readonly Sent[]): Promise<void> {
  const { id, machine, mails, versions, referral: newest } = world;
  const referral = await table.referrals.read(id);
  if (!referral) throw new Error('the referral is gone');
  expect(referral.version).toBe(newest.version);
  expect(referral.outbox, 'the outbox is empty').toEqual([]);

  const running = machine.running();
  if (referral.stage === 'closed') expect(running).toEqual([]);
  else {
    expect(running.map(({ waiting }) => waiting)).toEqual([
      { state: stateFor(referral), token: referral.waiting?.token },
    ]);
    if (referral.stage === 'offer')
      expect(referral.offers.at(-1)?.askedAt, 'the provider was asked').toBeDefined();
    if (referral.stage === 'information') expect(referral.questions.at(-1)?.askedAt).toBeDefined();
    if (referral.stage === 'review' && !referral.hold) expect(referral.askedAt).toBeDefined();
    expect(referral.due?.step, 'what is due').not.toBe('workflow');
  }
  const byToken = Map.groupBy(machine.answers, ({ token }) => token);
  for (const [token, answers] of byToken) {
    expect(new Set(answers.map(({ answer }) => answer)).size, `answers to ${token}`).toBe(1);
  }
  // Where a claim ran out before its mail had gone, it is claimed and sent again: rather twice than never.
  const claims = (key: string) =>
    Math.max(...versions.flatMap(emailsOf).map((entry) => (entry.key === key ? entry.attempts : 0)));
  for (const [key, sendings] of Map.groupBy(mails, ({ message }) => message)) {
    expect(sendings.length, `${key} goes out once for a claim`).toBeLessThanOrEqual(claims(key));
  }
  expect(referral.history.filter(({ event }) => event === 'workflow-failed')).toEqual([]);

  await checkIndexes(world, table, referral);
  await checkNothingLost(id, referral, sent);
}

async function checkIndexes({ id, item }: CaseWorld, table: TestTable, referral: Referral): Promise<void> {
  const key = keyAmongOpen(referral);
  expect(item.worklistKey).toBe(key);
  for (const team of ['camden', 'all']) {
    const members = [undefined, '', ...Object.keys(PEOPLE)];
    for (const memberId of members) {
      const list = { team, ...(memberId === undefined ? {} : { memberId }) };
      const here = key !== undefined && team === (referral.team ?? ANY_TEAM);
      const theirs = memberId === undefined || memberId === (referral.assignee?.id ?? '');
      // It is the only one in the table.
      const found = await table.referrals.countOpen(list, 2);
      expect(found, `in the list of ${team} ${memberId}`).toBe(here && theirs ? 1 : 0);
    }
  }
  const due: string[] = [];
  for (let shard = 0; shard < DUE_SHARDS; shard++) {
    for await (const each of dueItems(TABLE, shard, '9999')) if (each.kind === 'referral') due.push(each.id);
  }
  expect(due).toEqual(nextDue(referral) === undefined ? [] : [id]);
}

/** Whoever was told that it is saved finds it, once. */
async function checkNothingLost(id: string, referral: Referral, sent: readonly Sent[]): Promise<void> {
  const saved = sent.filter(({ answer }) => answer.status === 303);
  const of = (...what: string[]) => saved.filter(({ act }) => what.includes(act.what));
  const times = (all: readonly string[], one: string) => all.filter((each) => each === one).length;

  const { notes } = await pageOfNotes(TABLE, id);
  // Led away from another team's, they were not told that it is saved.
  const noted = of('note', 'contact').filter(({ answer }) => answer.location.includes('?done='));
  const keys = notes.map(({ key, by, text }) => `${key} ${by.id} ${text}`);
  for (const { fields, who } of noted) {
    const text = fields.action === 'note' ? fields.note : fields.contactNote;
    expect(times(keys, `${fields.key} ${who} ${text}`), `note ${text} of ${who}`).toBe(1);
  }
  expect(notes.length).toBe(new Set(noted.map(({ fields }) => fields.key)).size);

  const called = noted.filter(({ fields }) => fields.action === 'contact');
  for (const { fields, who } of called) {
    expect(referral.contacts?.[Number(fields.number) - 1]?.by.id, `contact ${fields.number}`).toBe(who);
  }
  expect(referral.contacts?.length ?? 0).toBe(new Set(called.map(({ fields }) => fields.number)).size);

  const plans = await newestOfCase(TABLE, { id, kind: 'PLAN', limit: 50 }, planSchema);
  expect(plans.map(({ version }) => version)).toEqual(plans.map((_, i) => plans.length - i));
  for (const { fields, who, answer } of of('plan')) {
    if (!answer.location.endsWith('/plan')) continue;
    const mine = plans.filter(({ strengths }) => strengths === fields.strengths);
    expect(mine.length, `plan of ${who}`).toBeGreaterThan(0);
  }

  const told = of('tell').map(({ fields, who }) => `${fields.signpost} ${who}`);
  for (const service of new Set(told.map((each) => each.replace(/ \w+$/, '')))) {
    const at = signpostsThatStand(referral).flatMap((signpost) =>
      signpost.to === service ? [signpost.at] : [],
    );
    expect(at.length, `signpost to ${service}`).toBeGreaterThan(0);
    // Told again on another day is told again.
    for (const [i, when] of at.slice(1).entries()) {
      expect(isDue(after(at[i] ?? '', { days: 1 }), when), `signpost to ${service} once a day`).toBe(true);
    }
  }
  const happened = referral.history.map(({ event, name }) => `${event} by ${name}`);
  for (const { who, answer } of of('preferences')) {
    if (!answer.location.endsWith('#programmes')) continue;
    const anybody = Object.values(PEOPLE).map(({ name }) => `preferences-recorded by ${name}`);
    expect(
      happened.some((each) => anybody.includes(each)),
      `preferences of ${who}`,
    ).toBe(true);
  }
}
