/**
 * Somebody all of whose data is marked lives through part of a programme and asks to be erased. Then nothing about them is found in the table, its
 * outboxes and drafts, the logs and the executions; what they are sent before is in their inbox and not in ours. The statistics stay as they were, also
 * when a backup of before is restored.
 */
import { CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { service, tableOfService } from '../../infra/operate.ts';
import { restore } from '../../infra/restore.ts';
import { after } from '../../workflows/time.ts';
import { type Jar, type Page, visit } from './browser.ts';
import { canaryFields, found, TYPED } from './canaries.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
import { signIn } from './sign-in.ts';
import { fillIn } from './ways.ts';

const cloud = onACloud();

/** What reports and figures over time are made of. */
const isStatistic = ({ pk }: Record<string, unknown>) => /^(REPORT|EPISODES)#/.test(String(pk));

/** What came of everybody, at programmes and altogether, without the keys that say whose it was and how often it was written. */
function statisticsIn(table: readonly Record<string, unknown>[]): string[] {
  return table
    .filter(isStatistic)
    .map(({ pk, sk: _key, version: _version, groups, ...said }) =>
      JSON.stringify([pk, (groups as object[] | undefined)?.length, Object.entries(said).sort()]),
    )
    .sort();
}

describe('somebody who asks to be erased', () => {
  it('is found nowhere afterwards, and the statistics are as they were', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, canaryFields);
    const { cloud: control, reference } = referral;
    // They also began a form of their own and never sent it: nobody but their browser can read it.
    await fillIn(control, 'myself', {
      ...{ danger: { danger: 'no' }, programme: { programmeId: 'hive-music' } },
      name: { firstName: canaryFields.firstName, familyName: canaryFields.familyName },
    });

    await referral.review({ decision: 'ask-for-more', askWhom: 'referrer', question: TYPED.question });
    await referral.act('information', 'answer', { answer: TYPED.answer });
    await referral.match('example-crafts', TYPED.riskSummary);
    await referral.replyToOffer({ reply: 'decline', declineReason: 'other' });
    await referral.match('hive-music', TYPED.riskSummary);
    await referral.accept();
    const team: Jar = new Map();
    const plan = await signIn(control, team, 'amina', `/referrals/${reference}/plan`);
    await plan.submit('save', {
      strengths: TYPED.strengths,
      'goal-1': TYPED.goal,
      'action-1-1': TYPED.action,
    });
    const contacts = await visit(`${control.baseUrl}/referrals/${reference}/contacts`, team);
    await contacts.submit('contact', { channel: 'phone', outcome: 'reached', contactNote: TYPED.note });
    await (await visit(await referral.link('measures'))).submit('record', {
      'ons4-satisfied': '3',
      'ucla3-companionship': '3',
    });
    await referral.attend(2);
    const told = await visit(`${(await referral.personPage()).url}/feedback`);
    await told.submit(undefined, { about: 'session-2', rating: 'good', text: TYPED.signpostedTo });

    const tom: Jar = new Map();
    const page = `/referrals/${reference}/data`;
    const open = await signIn(control, tom, 'tom', page);
    expect(open.text).toContain('This referral is open, so it cannot be erased yet');

    await (await referral.personPage()).submit('leave', { confirm: 'yes' });
    await control.settle();
    await referral.letters();
    await control.settle();
    const links = (await referral.mails()).flatMap((mail) =>
      ['person', 'letters', 'status'].flatMap((kind) => linkIn(mail, kind) ?? []),
    );
    expect(links.length).toBeGreaterThan(3);

    // The canaries are there to be found, and are all in the copy that the person gets.
    const before = await control.table();
    const there = found('it', JSON.stringify(before));
    expect(there.length).toBeGreaterThan(20);
    const data = await visit(`${control.baseUrl}${page}`, tom);
    const copy = await data.submit(undefined, { format: 'json' });
    expect(copy.headers.get('content-type')).toMatch(/^application\/json/);
    expect(JSON.parse(copy.html).referrals[0].reference).toBe(reference);
    expect(found('it', copy.html)).toEqual(there);
    const readable = await data.submit(undefined, { format: 'page' });
    for (const word of [canaryFields.needs, TYPED.note, TYPED.goal, TYPED.answer])
      expect(readable.text).toContain(word);
    const report = await reportOf(tom);
    // The gauges have counted that nobody is at a programme any more.
    await control.advance({ to: after(await control.now(), { minutes: 10 }) });
    const until = (await control.now()).slice(0, 7);
    const figures = await insightsOf(tom, until);
    expect(figures.length).toBe(3);

    const held = await data.submit('hold', { reason: `Complaint about ${TYPED.note}` });
    expect(held.text).toContain('nothing is erased until somebody releases it');
    expect(held.text).not.toContain('Erase everything about this person');
    const released = await held.submit('release', { sure: 'yes' });
    expect(released.text).toContain('The legal hold is over');
    const question = await visit(`${control.baseUrl}${page}/erase`, tom);
    expect((await question.submit('erase', { confirm: 'SP-0000-0000' })).status).toBe(422);
    const erased = await question.submit('erase', { confirm: reference });
    expect(erased.text).toContain('Everything about the person was erased');
    await control.settle();
    // Once more, in case somebody was writing meanwhile.
    await control.advance({ hours: 1 });
    await control.settle();

    const table = await control.table();
    const id = String(before.find((item) => item.reference === reference && item.sk === 'REFERRAL')?.id);
    expect(id).toMatch(/^[a-f0-9]{32}$/);
    const left = found('the table', JSON.stringify(table));
    left.push(...found('the log', await control.logs()));
    const theirs = (await control.executions()).filter(({ name }) => name.startsWith(id));
    expect(theirs.length).toBeGreaterThan(0);
    for (const { name, status } of theirs) {
      expect(status).not.toBe('RUNNING');
      left.push(...found(`the history of ${name}`, JSON.stringify(await control.history(name))));
    }
    expect(left).toEqual([]);
    // The unsent form is there, and locked.
    expect(table.some(({ pk, box }) => String(pk).startsWith('DRAFT#') && box !== undefined)).toBe(true);
    // Nothing is left to be sent or done, and what leads to them is when somebody looked, and that they were erased.
    const naming = table.filter((item) => JSON.stringify(item).includes(id));
    expect(new Set(naming.map(({ pk }) => pk))).toEqual(new Set([`REFERRAL#${id}`, `ERASURE#${reference}`]));
    for (const { sk, pk } of naming)
      expect([pk, sk]).toEqual([pk, expect.stringMatching(/^(AUDIT#|ERASURE$)/)]);
    for (const link of links) expect((await visit(link)).status).toBe(404);

    expect(statisticsIn(table)).toEqual(statisticsIn(before));
    const kept = table.filter(isStatistic).map(({ pk }) => String(pk).split('#')[0]);
    expect(new Set(kept)).toEqual(new Set(['REPORT', 'EPISODES']));
    const later: Jar = new Map();
    const gone = await signIn(control, later, 'tom', page);
    expect(gone.text).toContain('This referral was erased');
    expect(await reportOf(later)).toEqual(report);
    expect(await insightsOf(later, until)).toEqual(figures);

    // A backup of before brings them back, and they are erased again by that very command.
    const theirItems = before.filter((item) => JSON.stringify(item).includes(id) || isStatistic(item));
    expect(await restored(theirItems)).toMatchObject({ erased: 1 });
    await control.advance({ hours: 1 });
    await control.settle();
    const again = await control.table();
    expect(found('the table', JSON.stringify(again))).toEqual([]);
    expect(found('the log', await control.logs())).toEqual([]);
    expect(statisticsIn(again)).toEqual(statisticsIn(before));
    const afterwards: Jar = new Map();
    await signIn(control, afterwards, 'tom', '/insights');
    expect(await insightsOf(afterwards, until)).toEqual(figures);
    const named = again.filter((item) => JSON.stringify(item).includes(id));
    expect(new Set(named.map(({ pk }) => pk))).toEqual(new Set([`REFERRAL#${id}`, `ERASURE#${reference}`]));

    const alex = await signIn(control, new Map(), 'alex', `/audit?reference=${reference}`);
    expect(alex.text).toContain('Everything about the person was erased');
    expect(alex.text).toMatch(/Nothing: erased everything about the person.*A copy of everything about them/);
  });

  /** Puts back a backup with these items, as npm run restore does. */
  async function restored(items: readonly Record<string, unknown>[]) {
    const { client, table: to } = await tableOfService(cloud.baseUrl);
    const from = `${to}-restored`;
    const keys = ['pk', 'sk'];
    await client.send(
      new CreateTableCommand({
        TableName: from,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName: from });
    const documents = DynamoDBDocumentClient.from(client);
    for (const Item of items) await documents.send(new PutCommand({ TableName: from, Item }));
    const wanted = { from, to, overwrite: false, dryRun: false, erasures: undefined };
    const done = await restore(client, wanted, await service(cloud.baseUrl), () => {});
    await client.send(new DeleteTableCommand({ TableName: from }));
    return done;
  }

  /** The figures of the year until a month: of everything, of a provider, and of a programme; without the day on which they are made. */
  async function insightsOf(jar: Jar, until: string): Promise<string[]> {
    const choices = ['', 'provider:The Hive with Nordoff and Robbins', 'programme:hive-music'];
    return Promise.all(
      choices.map(async (of) => {
        const asked = new URLSearchParams({ to: until, of, format: 'csv' });
        const { html } = await visit(`${cloud.baseUrl}/insights?${asked}`, jar);
        expect(html, of).toMatch(/,Received,1\r?\n/);
        return html.replace(/^About,Made on,.*$/m, '');
      }),
    );
  }

  /** What the reports of the last quarters count: not the day on which they are made, which may turn meanwhile. */
  async function reportOf(jar: Jar): Promise<string[]> {
    const now: Page = await visit(`${cloud.baseUrl}/report/hive-music`, jar);
    const periods = [...now.html.matchAll(/\/report\/hive-music\?period=\d{4}-\d\d/g)].map(([path]) => path);
    expect(periods.length).toBeGreaterThan(0);
    return Promise.all(
      periods.map(async (path) => {
        const { text } = await visit(`${cloud.baseUrl}${path}`, jar);
        const counted = /Made on [^.]+\. (.+) Download these numbers/.exec(text)?.[1];
        expect(counted, path).toContain('Came to at least one session');
        return `${path}: ${counted}`;
      }),
    );
  }
});
