/**
 * Everything of the service's own that an alarm or a dashboard looks at is really written to the log, down to the value of each dimension, by lives of
 * referrals on an embedded cloud; and the log has no metric that nobody looks at.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Message } from '../../functions/shared/log.ts';
import { CATALOGUE } from '../../functions/shared/log-catalogue.ts';
import { METRICS } from '../../functions/shared/metric-catalogue.ts';
import { readAssembly } from '../../local/assembly.ts';
import type { DataPoint } from '../../local/metrics.ts';
import { measuredIn, metricsOf, type Seen } from '../infra/metrics.ts';
import { isRunIn } from '../unit/docs/titles.ts';
import { visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { Scene } from './drills/scene.ts';
import { meetErrors, NOT_MET } from './errors.ts';
import { isShared, onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { Watch } from './watch.ts';
import { fillIn, myAnswers, sendChecked, theirAnswers } from './ways.ts';

const cloud = onACloud();
let control: Cloud;
let scene: Scene;

/** The sessions of one life: every code that a register may have, and one that the provider cancels. Nobody misses two in a row. */
const SESSIONS = ['5', '6', '7', '5', '2', '5', '3', 'cancelled', '5', '5', '5', '5', '5'] as const;

const text = ({ namespace, name, by }: Seen | DataPoint) =>
  `${namespace} ${name} ${Object.entries(by)
    .map(([dimension, value]) => `${dimension}=${value}`)
    .sort()
    .join()}`;

/** Each way in which a referral comes. */
async function come(): Promise<void> {
  const mark = () => randomUUID().slice(0, 8);
  await sendChecked(control, await fillIn(control, 'myself', myAnswers(mark())));
  const theirs = theirAnswers(mark());
  await sendChecked(control, await fillIn(control, 'someone-i-know', theirs));
  const worker = {
    ...theirs['about-you'],
    ...{
      referrerKind: 'charity-worker',
      referrerOrganisation: 'A charity',
      referrerEmail: `w-${mark()}@c.example`,
    },
  };
  await sendChecked(
    control,
    await fillIn(control, 'someone-i-know', { ...theirAnswers(mark()), 'about-you': worker }),
  );
}

/** Each way in which a referral ends, but the good one. */
async function end(): Promise<void> {
  const [declined, signposted, left, silent, early] = [
    await Referral.submitted(cloud.baseUrl),
    await Referral.submitted(cloud.baseUrl),
    await Referral.submitted(cloud.baseUrl),
    await Referral.submitted(cloud.baseUrl),
    await Referral.submitted(cloud.baseUrl),
  ];
  await declined.review({ decision: 'decline', declineReason: 'needs-other-service' });
  await signposted.review({ decision: 'signpost', signpostedTo: 'The drop-in' });
  await (await left.personPage()).submit('leave', { confirm: 'yes' });
  await early.match();
  await early.accept();
  await silent.match();
  // Nobody replies to the offer meanwhile.
  for (const attendance of ['3', '3']) await early.register({ held: 'yes', attendance });
  await early.welfare({ outcome: 'close', note: 'Moved away' });
}

/** Somebody is tried by phone, turned down by one provider, taken by another, and comes to the end of the programme. */
async function live(): Promise<void> {
  const whole = await Referral.submitted(cloud.baseUrl);
  const contacts = await whole.opened('amina', `${cloud.baseUrl}/referrals/${whole.reference}/contacts`);
  await contacts.submit('contact', { channel: 'phone', outcome: 'reached', contactNote: '' });
  await whole.match('example-crafts');
  await whole.replyToOffer({ reply: 'decline', declineReason: 'other' });
  await whole.match();
  await whole.accept();
  for (const session of SESSIONS) {
    if (session === 'cancelled') await whole.register({ held: 'cancelled' });
    else await whole.register({ held: 'yes', attendance: session });
  }
}

/** Emails that do not arrive; gives one of those whose they are. Of what SES's mailbox simulator has no address for, SES's event is given to the function that it would come to. */
async function fail(): Promise<Referral> {
  const simulated = (box: string) => ({ email: `${box}+${randomUUID()}@simulator.amazonses.com` });
  const lost = await Referral.submitted(cloud.baseUrl, simulated('bounce'));
  await Referral.submitted(cloud.baseUrl, simulated('complaint'));
  await lost.match();
  await lost.accept();
  const time = await control.now();
  const address = { emailAddress: `somebody-${randomUUID()}@people.example` };
  const mail = { timestamp: time, messageId: randomUUID(), destination: [address.emailAddress] };
  const bounce = {
    bounceType: 'Transient',
    bouncedRecipients: [address],
    timestamp: time,
    feedbackId: randomUUID(),
  };
  for (const detail of [
    { eventType: 'Bounce', mail, bounce },
    { eventType: 'Reject', mail, reject: { reason: 'Bad content' } },
    { eventType: 'DeliveryDelay', mail, deliveryDelay: { delayedRecipients: [address], timestamp: time } },
  ]) {
    await scene.byHand('mail-events', { source: 'aws.ses', time, detail });
  }
  await control.faults({ ses: 'MessageRejected', times: 1 });
  const late = await Referral.submitted(cloud.baseUrl);
  await control.faults({ dynamodb: 'ResourceNotFoundException', times: 100, operation: 'GetItem' });
  expect((await visit(`${cloud.baseUrl}/status/${'a'.repeat(54)}`)).status).toBe(500);
  await control.faults({});
  return late;
}

/** The source of every function. */
function sources(): string {
  const folder = join(import.meta.dirname, '../../functions');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe.skipIf(isShared())('what is watched', () => {
  let written: DataPoint[] = [];
  let looked: Seen[] = [];
  let namespace = '';

  beforeAll(async () => {
    control = new Cloud(cloud.baseUrl);
    const assembly = readAssembly(inject('assembly') ?? '');
    scene = new Scene(control, new Watch(control));
    await scene.begin();
    namespace = (await control.environment('outbox')).POWERTOOLS_METRICS_NAMESPACE ?? '';
    looked = metricsOf(assembly.template.Resources).filter((each) => each.namespace === namespace);
    await come();
    await meetErrors(scene, await fail());
    await end();
    await live();
    await control.advance({ hours: 1 });
    written = measuredIn(await control.logs());
  }, 240_000);

  it('is all written by lives of referrals, but for errors that nobody can have there', () => {
    const log = new Set(written.map(text));
    const never = [...new Set(looked.map(text))].filter((each) => !log.has(each));
    const errors = Object.keys(NOT_MET).map((code) => `${namespace} Errors code=${code}`);
    expect(never.sort()).toEqual(errors.sort());
  });

  it.each(Object.entries(NOT_MET))(
    '%s is met by a test of the functions, which looks for it',
    (code, { test }) => {
      const [file, title] = test;
      const source = readFileSync(file, 'utf8');
      expect(isRunIn(source, title)).toBe(true);
      expect(source).toContain(code);
    },
  );

  it('names no error that no function writes', () => {
    const all = sources();
    const unwritten = Object.entries(Message).filter(
      ([name, code]) =>
        CATALOGUE[code].level === 'error' && !new RegExp(`warn\\(\\s*Message\\.${name}\\b`).test(all),
    );
    expect(unwritten).toEqual([]);
  });

  it('is all that there is: nothing is measured that nobody looks at, and nothing catalogued that is not', () => {
    const known = new Set(looked.map(text));
    expect([...new Set(written.map(text))].filter((each) => !known.has(each))).toEqual([]);
    expect([...new Set(looked.map(({ name }) => name))].sort()).toEqual(Object.keys(METRICS).sort());
  });

  it('says what has happened: as many as there were', () => {
    const sum = (name: string, by: Record<string, string> = {}) =>
      written
        .filter(
          (each) => each.name === name && Object.entries(by).every(([key, value]) => each.by[key] === value),
        )
        .reduce((total, { value }) => total + value, 0);
    expect([
      sum('ReferralsReceived', { from: 'self' }),
      sum('ReferralsReceived', { from: 'charity-worker' }),
    ]).toEqual([1, 1]);
    expect(sum('ReferralsReceived', { from: 'professional' })).toBe(9);
    expect(sum('Endings', { ending: 'completed' })).toBe(1);
    expect(sum('Attendance', { attendance: '3' })).toBe(3);
    expect(sum('Attendance', { attendance: '4' })).toBe(1);
    expect(sum('EmailEvents', { event: 'complaint' })).toBe(1);
  });
});
