/** Events as SES publishes them, and what follows: for the address, the referral, its provider; once, in any order, and after a correction. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/mail-events/handler.ts';
import { addressIdOf, readAddress } from '../../../functions/shared/addresses.ts';
import { log } from '../../../functions/shared/log.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { openUndelivered } from '../../../workflows/undelivered.ts';
import { NOW, offered, submitted, validFields } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let woken: Record<string, string>[] = [];
let refuses = false;
const outbox = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (!refuses) woken.push(JSON.parse(text));
  response.statusCode = refuses ? 400 : 202;
  response.end();
});
beforeAll(async () => {
  table = await startEnvironment();
  await new Promise<void>((listening) => outbox.listen(0, '127.0.0.1', listening));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(outbox.address() as AddressInfo).port}`);
});
afterAll(async () => {
  outbox.close();
  await table.stop();
});
beforeEach(() => {
  woken = [];
  refuses = false;
});

let ids = 0xe000;
async function inTable(referral: Referral): Promise<Referral> {
  ids += 1;
  const own = { ...referral, id: ids.toString(16).padStart(32, '0'), version: 0, outbox: [] };
  await table.referrals.create(own);
  return own;
}
const read = async ({ id }: Referral) => (await table.referrals.read(id)) as Referral;

type Tags = Record<string, string[]>;
const tagsOf = (
  { id }: Referral,
  to = 'person',
  message = 'acknowledgement-person',
  link = 'person',
): Tags => ({
  ...{ about: ['referral'], id: [id], to: [to], message: [message], link: [link] },
});

/** What EventBridge brings, with the parts of an email that SES tells of each. */
function eventOf(eventType: string, parts: object, destination: string[], tags: Tags, messageId = 'ses-1') {
  return {
    ...{
      version: '0',
      id: '12345678-1234',
      'detail-type': eventType,
      source: 'aws.ses',
      account: '123456789012',
    },
    ...{ time: '2026-11-23T09:05:00Z', region: 'eu-west-2', resources: [] },
    detail: {
      eventType,
      ...parts,
      mail: {
        timestamp: NOW,
        source: 'Service <noreply@service.example>',
        sourceArn: 'arn:aws:ses:eu-west-2:123456789012:identity/noreply@service.example',
        sendingAccountId: '123456789012',
        messageId,
        destination,
        headersTruncated: false,
        headers: [{ name: 'To', value: destination.join(', ') }],
        commonHeaders: { to: destination, subject: 'Your referral has arrived' },
        tags: { 'ses:configuration-set': ['all-mail'], ...tags },
      },
    },
  };
}
const bounced = (bounceType: string, addresses: string[], tags: Tags, id = 'ses-1') =>
  eventOf(
    'Bounce',
    {
      bounce: {
        ...{
          bounceType,
          bounceSubType: 'General',
          feedbackId: `f-${id}`,
          timestamp: '2026-11-23T09:04:00.000Z',
        },
        bouncedRecipients: addresses.map((emailAddress) => ({
          ...{
            emailAddress,
            action: 'failed',
            status: '5.1.1',
            diagnosticCode: 'smtp; 550 5.1.1 user unknown',
          },
        })),
        reportingMTA: 'dsn; mta.example.com',
      },
    },
    addresses,
    tags,
    id,
  );
const complained = (address: string, tags: Tags, complaintFeedbackType: string | null = 'abuse') =>
  eventOf(
    'Complaint',
    {
      complaint: {
        complainedRecipients: [{ emailAddress: address }],
        ...{ timestamp: '2026-11-23T09:04:00.000Z', feedbackId: 'f-c', complaintSubType: null },
        ...{ userAgent: 'Feedback Loop', complaintFeedbackType, arrivalDate: NOW },
      },
    },
    [address],
    tags,
  );
const call = (event: object) => handler(event, {} as never);
/** What the log says while something is done. */
async function logged(act: () => Promise<unknown>): Promise<[string, Record<string, unknown>][]> {
  const spy = vi.spyOn(log, 'info');
  await act();
  const lines = spy.mock.calls.map(([message, fields]) => [message, fields] as [string, never]);
  spy.mockRestore();
  return lines;
}
const counted = (lines: [string, Record<string, unknown>][]) =>
  lines.flatMap(([, { EmailEvents, event }]) => (EmailEvents === undefined ? [] : [event]));
const known = (address: string) => readAddress(TABLE, addressIdOf(address));
/** Somebody's own address, so that tests do not tell each other. */
const own = (name: string) => submitted({ ...validFields, email: `${name}@example.com` });

describe('what SES says of an email', () => {
  it('that came back for good marks the address and tells the link workers, once however often it comes', async () => {
    const referral = await inTable(own('gone'));
    await call(bounced('Permanent', ['Gone@Example.com'], tagsOf(referral)));
    expect((await known('gone@example.com'))?.dead?.why).toBe('bounced');
    const once = await read(referral);
    expect(openUndelivered(once)).toMatchObject([
      {
        to: 'person',
        missed: [{ id: 'ses-1', message: 'acknowledgement-person', to: 'person', link: 'person' }],
      },
    ]);
    expect(woken).toEqual([{ referralId: referral.id, now: '2026-11-23T09:05:00.000Z' }]);
    await call(bounced('Permanent', ['gone@example.com'], tagsOf(referral)));
    expect((await read(referral)).version).toBe(once.version);
  });

  it('that may still arrive is counted, and told after the third time', async () => {
    const referral = await inTable(own('full'));
    for (const id of ['a', 'b', 'b']) {
      await call(bounced('Transient', ['full@example.com'], tagsOf(referral), id));
    }
    expect(openUndelivered(await read(referral))).toEqual([]);
    await call(bounced('Undetermined', ['full@example.com'], tagsOf(referral), 'c'));
    expect(openUndelivered(await read(referral))).toHaveLength(1);
  });

  it('that is delayed is remembered and told to nobody', async () => {
    const referral = await inTable(own('slow'));
    const delayedRecipients = [{ emailAddress: 'slow@example.com', status: '4.4.1' }];
    const parts = { deliveryDelay: { timestamp: NOW, delayType: 'MailboxFull', delayedRecipients } };
    await call(eventOf('DeliveryDelay', parts, ['slow@example.com'], tagsOf(referral)));
    expect(await known('slow@example.com')).toMatchObject({ delayedAt: NOW });
    expect([openUndelivered(await read(referral)), woken]).toEqual([[], []]);
  });

  it('that is unwanted or refused ends email to the person; a complaint that was taken back does not', async () => {
    const taken = await inTable(own('taken-back'));
    await call(complained('taken-back@example.com', tagsOf(taken), 'not-spam'));
    expect(openUndelivered(await read(taken))).toEqual([]);
    const referral = await inTable(own('unwanted'));
    await call(complained('unwanted@example.com', tagsOf(referral), null));
    const refused = await inTable(own('refused'));
    await call(
      eventOf(
        'Reject',
        { reject: { reason: 'Bad content' } },
        ['Róisín <refused@example.com>'],
        tagsOf(refused),
      ),
    );
    for (const one of [referral, refused]) {
      expect((await read(one)).person.contact?.mayEmail).toBe(false);
    }
  });

  it('of an address that was corrected since marks it, and tells nobody', async () => {
    const referral = await inTable(own('new'));
    await call(bounced('Permanent', ['before@example.com'], tagsOf(referral)));
    expect((await known('before@example.com'))?.dead).toBeDefined();
    expect((await read(referral)).version).toBe(0);
  });

  it('of several recipients is told of each', async () => {
    const referral = await inTable(own('one'));
    await call(bounced('Permanent', ['one@example.com', 'two@example.com'], tagsOf(referral)));
    expect((await known('one@example.com'))?.dead).toBeDefined();
    expect((await known('two@example.com'))?.dead).toBeDefined();
  });

  it.each([
    ['a referral that is not there', { id: ['f'.repeat(32)] }],
    ['no referral', { about: ['service'] }],
  ])('of %s marks the address and goes on', async (_, tags) => {
    const referral = own('nobody');
    await call(bounced('Permanent', ['nobody@example.com'], { ...tagsOf(referral), ...tags } as Tags));
    expect((await known('nobody@example.com'))?.dead).toBeDefined();
  });

  it('of a provider is told to the coordinator, and to the link workers of every open offer of theirs', async () => {
    const address = 'hive-music@provider.example';
    const [first, second] = [await inTable(offered()), await inTable(offered())];
    await call(
      bounced('Permanent', [address], { about: ['provider'], message: ['digest'], to: ['provider'] }),
    );
    for (const one of [first, second]) {
      expect(openUndelivered(await read(one))).toMatchObject([
        { to: 'provider', missed: [{ link: 'offer-1' }] },
      ]);
    }
    expect(woken).toContainEqual({ address: addressIdOf(address), now: '2026-11-23T09:05:00.000Z' });
    const before = (await read(first)).version;
    await call(bounced('Permanent', [address], tagsOf(first, 'provider', 'offer', 'offer-1')));
    expect((await read(first)).version).toBe(before);
  });

  it('comes again where the coordinator could not be told', async () => {
    refuses = true;
    const tags = { about: ['cohort'], message: ['register-request'], to: ['provider'] };
    await expect(call(bounced('Permanent', ['retry@provider.example'], tags))).rejects.toThrow();
    refuses = false;
    await call(bounced('Permanent', ['retry@provider.example'], tags));
    expect(woken).toEqual([
      { address: addressIdOf('retry@provider.example'), now: '2026-11-23T09:05:00.000Z' },
    ]);
  });

  it('counts once however often it comes, also where what follows from it failed; and another of the same address counts too', async () => {
    const tags = { about: ['cohort'], message: ['register-request'], to: ['provider'] };
    const first = bounced('Permanent', ['often@provider.example'], tags);
    refuses = true;
    const lines = await logged(() => expect(call(first)).rejects.toThrow());
    refuses = false;
    lines.push(...(await logged(() => call(first))), ...(await logged(() => call(first))));
    expect(counted(lines)).toEqual(['permanent']);
    const second = bounced('Permanent', ['often@provider.example'], tags, 'ses-2');
    expect(counted(await logged(() => call(second)))).toEqual(['permanent']);
  });

  it('counts each time that an email is put off', async () => {
    const put = (timestamp: string) => {
      const delayedRecipients = [{ emailAddress: 'again@example.com' }];
      return call(
        eventOf(
          'DeliveryDelay',
          { deliveryDelay: { timestamp, delayedRecipients } },
          ['again@example.com'],
          tagsOf(own('again')),
        ),
      );
    };
    const lines = await logged(async () => {
      for (const at of [NOW, NOW, '2026-11-23T12:00:00.000Z']) await put(at);
    });
    expect(counted(lines)).toEqual(['delay', 'delay']);
  });

  it.each([
    [
      'a referral',
      { about: 'referral', id: 'a'.repeat(32), to: 'person', message: 'acknowledgement-person' },
      { referralId: 'a'.repeat(32), key: 'acknowledgement-person' },
    ],
    [
      'a group',
      { about: 'cohort', id: 'c'.repeat(32), to: 'provider', message: 'register-request' },
      { cohort: 'c'.repeat(32), key: 'register-request' },
    ],
    [
      'the directory',
      { about: 'programme', id: 'hive-music', to: 'provider', message: 'confirm' },
      { programmeId: 'hive-music', key: 'confirm' },
    ],
    ['no record', { about: 'service', to: 'coordinator', message: 'held' }, { key: 'held' }],
    ['nothing of ours', { about: 'referral', id: 'Ada', to: 'person', message: 'Dear Ada' }, {}],
  ])('of %s is in the log with what it is about, and no address', async (_, tags, fields) => {
    const each = Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]]));
    const lines = await logged(() => call(bounced('Transient', ['quiet@example.com'], each, tags.message)));
    expect(lines).toContainEqual(['EMAIL_EVENT', { reason: 'passing', ...fields }]);
    expect(JSON.stringify(lines)).not.toMatch(/quiet|Ada/);
  });

  it('is refused where it is not what SES says', async () => {
    await expect(call({ source: 'aws.s3', time: NOW, detail: {} })).rejects.toThrow('InvalidPayload');
  });
});
