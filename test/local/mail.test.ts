import { describe, expect, it } from 'vitest';
import { isLike } from '../../local/event-bus.ts';
import { Metrics } from '../../local/metrics.ts';
import type { EventPattern } from '../../local/plan.ts';
import { LATEST, Reputation } from '../../local/reputation.ts';
import { api, cloudOf, lambda, type Resources, type TestCloud, temporaryFolder } from './template.ts';

type Mail = {
  id: string;
  at: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
};

const app: Resources = {
  Mailer: lambda(
    'mailer',
    `const answer = await fetch(process.env.AWS_ENDPOINT_URL_SES, {
       method: 'POST',
       headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'AWS4-HMAC-SHA256 x' },
       body: new URLSearchParams({ Action: 'SendRawEmail', Version: '2010-12-01', ...JSON.parse(event.body) }),
     });
     return { status: answer.status, body: await answer.text() };`,
  ),
  ...api({ 'POST /mail': 'Mailer' }),
  Sender: { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'referrals@example.org' } },
  Domain: { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'example.net' } },
  Set: { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: 'all-mail' } },
};

function raw(subject: string, from = 'Service <referrals@example.org>'): string {
  const lines = [
    `From: ${from}`,
    'To: Ada <ada@example.org>, bob@example.org',
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=x',
    '',
    '--x',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Open http://localhost/person/abc',
    '--x',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Open <a href="http://localhost/person/abc">your page</a></p>',
    '--x--',
  ];
  return Buffer.from(lines.join('\r\n')).toString('base64');
}
const send = (cloud: TestCloud, parts: Record<string, string>) =>
  cloud.post<{ status: number; body: string }>('/mail', parts);
const inbox = (cloud: TestCloud, query = '') => cloud.get<Mail[]>(`/_cloud/inbox.json${query}`);

describe('mail', () => {
  it('arrives in the inbox, in the time of the cloud', async () => {
    const cloud = await cloudOf(app, { now: () => Date.parse('2026-03-01T09:00:00Z') });
    await cloud.move({ hours: 5 });
    const sent = await send(cloud, {
      'RawMessage.Data': raw('Your referral'),
      ConfigurationSetName: 'all-mail',
    });
    expect(sent.status).toBe(200);
    expect(await inbox(cloud)).toEqual([
      {
        id: /<MessageId>(.+)<\/MessageId>/.exec(sent.body)?.[1],
        at: '2026-03-01T14:00:00.000Z',
        from: '"Service" <referrals@example.org>',
        to: ['ada@example.org', 'bob@example.org'],
        subject: 'Your referral',
        text: 'Open http://localhost/person/abc',
        html: '<p>Open <a href="http://localhost/person/abc">your page</a></p>',
      },
    ]);
  });

  it('comes in the order in which it was sent, and since the last one seen', async () => {
    const cloud = await cloudOf(app);
    for (const subject of ['one', 'two', 'three']) await send(cloud, { 'RawMessage.Data': raw(subject) });
    const [first] = await inbox(cloud);
    expect((await inbox(cloud, `?since=${first?.id}`)).map(({ subject }) => subject)).toEqual([
      'two',
      'three',
    ]);
  });

  it('survives the next start, and is not given to another cloud of the same process', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir });
    const other = await cloudOf(app);
    await send(first, { 'RawMessage.Data': raw('kept') });
    expect(await inbox(other)).toEqual([]);
    await first.stop();
    const second = await cloudOf(app, { dataDir });
    expect((await inbox(second)).map(({ subject }) => subject)).toEqual(['kept']);
  });

  it.each([
    ['a sender that is not verified', { 'RawMessage.Data': raw('x', 'evil@example.com') }, 'MessageRejected'],
    [
      'a set that is not there',
      { 'RawMessage.Data': raw('x'), ConfigurationSetName: 'none' },
      'ConfigurationSetDoesNotExist',
    ],
  ])('is refused by %s', async (_, parts, code) => {
    const cloud = await cloudOf(app);
    const answer = await send(cloud, parts);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
    expect(await inbox(cloud)).toEqual([]);
  });

  it('may come from any address of a verified domain', async () => {
    const cloud = await cloudOf(app);
    expect((await send(cloud, { 'RawMessage.Data': raw('x', 'anyone@example.net') })).status).toBe(200);
  });
});

describe('the mailbox simulator', () => {
  const learns = lambda('learns', 'console.log(JSON.stringify(event)); return {};');
  const destination: Resources = {
    Destination: {
      Type: 'AWS::SES::ConfigurationSetEventDestination',
      Properties: {
        ConfigurationSetName: { Ref: 'Set' },
        EventDestination: {
          Enabled: true,
          MatchingEventTypes: ['bounce', 'complaint'],
          EventBridgeDestination: { EventBusArn: 'arn:aws:events:eu-west-2:123456789012:event-bus/default' },
        },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: 'default',
        State: 'ENABLED',
        EventPattern: {
          source: ['aws.ses'],
          detail: { mail: { tags: { 'ses:configuration-set': [{ Ref: 'Set' }] } } },
        },
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Learns', 'Arn'] } }],
      },
    },
    Learns: learns,
  };
  const mailTo = (address: string) =>
    Buffer.from(`From: referrals@example.org\r\nTo: ${address}\r\nSubject: x\r\n\r\nHello`).toString(
      'base64',
    );
  const told = async (resources: Resources, address: string, set = 'all-mail') => {
    const cloud = await cloudOf({ ...app, ...resources });
    await send(cloud, {
      'RawMessage.Data': mailTo(address),
      ConfigurationSetName: set,
      'Tags.member.1.Name': 'about',
      'Tags.member.1.Value': 'referral',
    });
    await cloud.settle();
    const lines = (await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text())
      .split('\n')
      .filter((line) => line.includes('aws.ses'));
    return lines.map((line) => JSON.parse(line.slice(line.indexOf('{"version"'))));
  };

  it.each([
    ['bounce', 'Bounce', 'Email Bounced'],
    ['suppressionlist', 'Bounce', 'Email Bounced'],
    ['complaint', 'Complaint', 'Email Complaint Received'],
  ])('says of %s what SES says, to whoever the template has listen', async (box, eventType, detailType) => {
    const address = `${box}+ada@simulator.amazonses.com`;
    expect(await told(destination, address)).toEqual([
      expect.objectContaining({
        ...{ source: 'aws.ses', 'detail-type': detailType },
        detail: expect.objectContaining({
          eventType,
          mail: expect.objectContaining({
            destination: [address],
            tags: { 'ses:configuration-set': ['all-mail'], about: ['referral'] },
          }),
        }),
      }),
    ]);
  });

  it('says nothing of mail that arrives, and nothing where nobody listens', async () => {
    expect(await told(destination, 'ada@example.org')).toEqual([]);
    expect(await told(destination, 'success@simulator.amazonses.com')).toEqual([]);
    const { Destination: _none, ...others } = destination;
    expect(await told(others, 'bounce@simulator.amazonses.com')).toEqual([]);
  });

  it.each([
    [{ source: ['aws.ses'] }, true],
    [{ source: ['aws.s3'] }, false],
    [{ detail: { list: ['b', 'c'] } }, true],
    [{ detail: { list: ['c'] } }, false],
    [{ detail: { deep: { none: ['x'] } } }, false],
    [{ detail: { list: { deeper: ['x'] } } }, false],
  ])('an event is like %j: %s', (pattern, like) => {
    expect(isLike({ source: 'aws.ses', detail: { list: ['a', 'b'] } }, pattern as EventPattern)).toBe(like);
  });
});

describe('the inbox for people', () => {
  it('shows letters as HTML that can do nothing but open links, and as text with links', async () => {
    const cloud = await cloudOf(app);
    await send(cloud, { 'RawMessage.Data': raw('A <b>bold</b> & "quoted" subject') });
    const [mail] = await inbox(cloud);
    const list = await (await fetch(`${cloud.url}/_cloud/inbox`)).text();
    expect(list).toContain('A &lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot; subject');
    const page = await fetch(`${cloud.url}/_cloud/inbox/${mail?.id}`);
    const text = await page.text();
    expect(text).toContain('sandbox="allow-top-navigation-by-user-activation"');
    expect(text).toContain('srcdoc="&lt;base target=&quot;_top&quot;&gt;&lt;p&gt;Open');
    expect(text).toContain('Open <a href="http://localhost/person/abc">http://localhost/person/abc</a>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${cloud.url}/_cloud/inbox/none`)).status).toBe(404);
  });
});

describe('SES', () => {
  it('takes no email where somebody wants to see what happens then, and says why', async () => {
    const cloud = await cloudOf(app);
    await cloud.post('/_cloud/faults', { ses: 'AccountSendingPausedException', times: 1 });
    const parts = { 'RawMessage.Data': raw('Paused'), ConfigurationSetName: 'all-mail' };
    const refused = await send(cloud, parts);
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.stringContaining('<Code>AccountSendingPausedException</Code>'),
    ]);
    expect((await send(cloud, parts)).status).toBe(200);
    expect(await inbox(cloud)).toHaveLength(1);
  });

  it('says which share of the latest emails came back or was unwanted', async () => {
    const metrics = new Metrics({ now: () => 0 });
    const reputation = new Reputation(metrics);
    reputation.measure();
    expect(metrics.since(0)).toEqual([]);
    const latest = () =>
      metrics
        .since(0)
        .slice(-2)
        .map(({ name, value }) => [name, value]);
    const all = (bounces: number, complaints: number) => [
      ['Reputation.BounceRate', bounces],
      ['Reputation.ComplaintRate', complaints],
    ];
    reputation.sent(['bounce']);
    expect(latest()).toEqual(all(1, 0));
    for (let sent = 1; sent < LATEST - 1; sent++) reputation.sent([]);
    reputation.sent(['complaint']);
    expect(latest()).toEqual(all(1 / LATEST, 1 / LATEST));
    reputation.sent([]);
    expect(latest()).toEqual(all(0, 1 / LATEST));
  });
});
