/** The team's page of a group: found by its reference, for those who have somebody in it, with a fresh link for the provider. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as sessionRegister } from '../../../functions/session-register/handler.ts';
import { mintCohortLink, withCohortLink } from '../../../functions/shared/cohort-secret.ts';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { documents } from '../../../functions/shared/table.ts';
import { handler as worklist } from '../../../functions/worklist/handler.ts';
import { leave } from '../../../workflows/leaving.ts';
import { NOW, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { type StoredGroup, storedGroup } from './group.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let amina: Awaited<ReturnType<typeof atWork>>;
beforeAll(async () => {
  table = await startEnvironment();
  amina = await atWork('Amina', { teams: ['camden'] });
});
afterAll(() => table.stop());

type Ask = { query?: Record<string, string>; fields?: Record<string, string> };

async function ask(method: 'GET' | 'POST', reference: string, { query = {}, fields = {} }: Ask = {}) {
  const at = { route: '/groups/{reference}', path: { reference }, query };
  const answer =
    method === 'GET'
      ? await amina.open(sessionRegister, at)
      : await amina.send(sessionRegister, { ...at, fields });
  const html = parse(answer.body ?? '');
  const text = (html.querySelector('main')?.structuredText ?? '').replace(/\s+/g, ' ');
  return { status: answer.statusCode, location: answer.headers?.location, html, text };
}

/** A group with the references of its people; `others` of them are of another team. */
async function group(size: number, others = 0) {
  const made: StoredGroup = await storedGroup(table, size);
  const references: string[] = [];
  for (const [i, id] of made.people.entries()) {
    const team = i < others ? 'all' : 'camden';
    const changed = await table.referrals.change(id, NOW, (referral) => ({ ...referral, team }));
    if (changed.state === 'stored') references.push(changed.referral.reference);
  }
  const { reference } = await made.cohort();
  return { ...made, reference, references };
}

async function looks(id: string): Promise<unknown[]> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
      ExpressionAttributeValues: { ':pk': `REFERRAL#${id}`, ':audit': 'AUDIT#' },
    }),
  );
  return Items.map(({ page, by }) => `${page} ${by}`);
}

describe('the team’s page of a group', () => {
  it('is found by the reference from an email, and lists those of one’s own team by theirs', async () => {
    const { reference, references, people } = await group(3, 1);
    const found = await amina.send(worklist, {
      ...{ route: '/worklist/search', path: {} },
      fields: { query: ` ${reference.toLowerCase().replaceAll('-', ' ')} ` },
    });
    expect(found.headers?.location).toBe(`/groups/${reference}`);
    const { status, text, html } = await ask('GET', reference);
    expect(status).toBe(200);
    expect(references.map((each) => text.includes(each))).toEqual([false, true, true]);
    expect(text).toContain('And 1 of other teams');
    expect(text).not.toMatch(/Brien|Person 0/);
    expect(html.querySelectorAll('.osp-sessions__item')).toHaveLength(12);
    expect(await Promise.all(people.map(looks))).toEqual([[], ['group amina'], ['group amina']]);
    expect((await ask('GET', 'GR-0000-0000')).status).toBe(404);
  });

  it('is not for who has nobody in it, and still for whoever had', async () => {
    const { reference } = await group(2, 2);
    expect((await ask('GET', reference)).status).toBe(403);
    const ours = await group(1);
    const [id = ''] = ours.people;
    await changeCohort(TABLE, ours.id, NOW, (cohort) => ({
      ...cohort,
      sessions: cohort.sessions.map((session) =>
        session.number === 1
          ? {
              ...session,
              status: 'held',
              register: { at: NOW, revision: 0, entries: { [id]: { attendance: '5' } } },
            }
          : session,
      ),
    }));
    await table.referrals.change(id, NOW, (referral) => stored(leave(referral, 'person', NOW)));
    expect((await ask('GET', ours.reference)).text).toContain('was in it, and is not any more');
  });

  it('says which register is late and how often it was asked for', async () => {
    const { id, reference } = await group(1);
    const asked = { count: 2, next: '2026-12-03T17:30:00.000Z' };
    await changeCohort(TABLE, id, NOW, (cohort) => ({
      ...cohort,
      sessions: cohort.sessions.map((each) => (each.number === 1 ? { ...each, asked } : each)),
    }));
    await changeCohort(TABLE, id, NOW, (cohort) => ({
      ...cohort,
      sessions: cohort.sessions.map((each) =>
        each.number === 1
          ? { ...each, startsAt: '2026-11-22T16:00:00.000Z', endsAt: '2026-11-22T17:30:00.000Z' }
          : each,
      ),
    }));
    expect((await ask('GET', reference)).text).toContain(
      'The register is late. The facilitator was asked 2 times; we ask again on 3 December 2026',
    );
  });

  it('sends the provider a fresh link, once for two clicks', async () => {
    const { reference, cohort } = await group(1);
    for (let i = 0; i < 2; i++) {
      const sent = await ask('POST', reference, { fields: { action: 'link' } });
      expect(sent.location).toBe(`/groups/${reference}?done=link-sent`);
    }
    const emails = (await cohort()).outbox.filter(({ kind }) => kind === 'email');
    expect(emails).toMatchObject([{ message: 'group-page', to: 'provider' }]);
  });

  it('closes all earlier links, and sends the provider a fresh one', async () => {
    const { id, token, reference, cohort } = await group(1);
    const open = async (link: string) =>
      (await request(sessionRegister, { route: 'GET /register/{link}', path: { link }, now: NOW }))
        .statusCode;
    expect(await open(token)).toBe(200);
    const sent = await ask('POST', reference, { fields: { action: 'close-links' } });
    expect(sent.location).toBe(`/groups/${reference}?done=links-closed`);
    expect(await open(token)).toBe(410);
    const emails = (await cohort()).outbox.filter(({ kind }) => kind === 'email');
    expect(emails).toMatchObject([{ message: 'group-page', to: 'provider' }]);
    const fresh = mintCohortLink(id);
    await changeCohort(TABLE, id, NOW, (current) => withCohortLink(current, fresh, NOW));
    expect([await open(fresh), await open(token)]).toEqual([200, 410]);
    const { html } = await ask('GET', reference);
    expect(html.querySelector('main button[value=close-links]')).not.toBeNull();
  });

  it('moves and cancels a session as the facilitator would, and nothing that somebody else changed meanwhile', async () => {
    const { reference, cohort } = await group(1);
    const query = { session: '2' };
    const form = await ask('GET', reference, { query });
    expect(form.html.querySelectorAll('main [name=csrf]')).toHaveLength(2);
    const fields = {
      ...{ action: 'change', sequence: '0', time: '17:00', place: '' },
      ...{ 'startsOn-day': '9', 'startsOn-month': '12', 'startsOn-year': '2026' },
    };
    const moved = await ask('POST', reference, { query, fields });
    expect(moved.location).toBe(`/groups/${reference}?done=changed`);
    expect((await cohort()).sessions[1]).toMatchObject({ startsAt: '2026-12-09T17:00:00.000Z', sequence: 1 });
    const late = await ask('POST', reference, { query, fields: { action: 'cancel', sequence: '0' } });
    expect([late.status, late.text.includes('Somebody else changed this session')]).toEqual([409, true]);
    const cancelled = await ask('POST', reference, { query, fields: { action: 'cancel', sequence: '1' } });
    expect(cancelled.location).toBe(`/groups/${reference}?done=cancelled`);
    expect((await cohort()).sessions).toHaveLength(13);
    const restored = await ask('POST', reference, { query, fields: { action: 'restore', sequence: '2' } });
    expect(restored.location).toBe(`/groups/${reference}?done=restored`);
    // The facilitator, who did none of it, hears of each.
    const { outbox } = await cohort();
    expect(outbox.filter((entry) => entry.kind === 'email').map(({ key }) => key)).toEqual([
      'email:sessions-changed:session-2-1',
      'email:sessions-changed:session-2-2',
      'email:sessions-changed:session-2-3',
    ]);
    await ask('POST', reference, { query, fields: { action: 'restore', sequence: '3' } });
    expect((await cohort()).outbox).toHaveLength(outbox.length);
  });
});
