import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Effects } from '../../../functions/outbox/effects.ts';
import { emptyOutbox } from '../../../functions/outbox/outbox.ts';
import { tellCoordinator } from '../../../functions/outbox/undelivered.ts';
import { addressIdOf, changeAddress } from '../../../functions/shared/addresses.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { readToken } from '../../../functions/shared/links.ts';
import { lift } from '../../../workflows/addresses.ts';
import { email, revokeLinks } from '../../../workflows/change.ts';
import { raiseConcern, tellUntilSettled } from '../../../workflows/concerns.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import { checkLink } from '../../../workflows/links.ts';
import { releaseOffer } from '../../../workflows/offer.ts';
import { MESSAGE_KINDS } from '../../../workflows/outbox-entry.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { settleUndelivered } from '../../../workflows/undelivered.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import {
  AMINA,
  entered,
  inReview,
  NOW,
  offered,
  stored,
  submitted,
  validFields,
} from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const settings = {
  sender: 'noreply@service.example',
  serviceName: 'Camden Social Prescribing',
  baseUrl: 'https://service.example',
  linkWorkerAddress: 'link-workers@service.example',
  coordinatorAddress: 'coordinator@service.example',
  teams: [{ id: 'all' }, { id: 'camden', email: 'camden@service.example' }],
  crisisContacts: [{ when: 'Life in danger', call: '112' }],
};

/** A world that notes what is done to it and fails when told to. */
function world(fails: (what: string) => boolean = () => false) {
  const done: string[] = [];
  const raw: string[] = [];
  const note = async (what: string) => {
    if (fails(what)) throw new Error(`failed: ${what}`);
    done.push(what);
  };
  const effects: Effects = {
    send: async (mail) => {
      await note(`email ${mail.to}`);
      raw.push(new TextDecoder().decode(mail.raw));
    },
    answer: (token, output) => note(`answer ${token} ${JSON.stringify(output)}`),
    stop: (execution) => note(`stop ${execution.slice(-2)}`),
    start: (execution, input) => note(`start ${execution.slice(-2)} ${Object.keys(input).join()}`),
  };
  return { done, raw, effects };
}

let ids = 0xa000;
async function inTable(referral: Referral): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const own = { ...referral, id, version: 0 };
  await table.referrals.create(own);
  return own;
}

const empty = (referral: Referral, { effects }: ReturnType<typeof world>, now = NOW) =>
  emptyOutbox({ table: TABLE, referrals: table.referrals, effects, mail: settings }, referral.id, now);

describe('the outbox', () => {
  it('sends, starts, and is empty', async () => {
    const referral = await inTable(submitted());
    const outside = world();
    expect(await empty(referral, outside)).toEqual({ done: 3, failed: 0 });
    expect(outside.done.sort()).toEqual([
      'email a.okafor@practice.example',
      'email roisin@example.com',
      'start -1 referralId',
    ]);
    const after = await table.referrals.read(referral.id);
    expect(after?.outbox).toEqual([]);
    expect(after?.sent?.map(({ at, message, to }) => `${at} ${message} ${to}`).sort()).toEqual([
      `${NOW} acknowledgement-person person`,
      `${NOW} acknowledgement-referrer referrer`,
    ]);
    expect(await empty(referral, outside)).toEqual({ done: 0, failed: 0 });
    expect((await table.referrals.read(referral.id))?.sent).toHaveLength(2);
  });

  it('tells of no email that did not go out, and of the newest where there are many', async () => {
    const nobody = submitted({ ...validFields, email: '', contactMayEmail: '', phone: '07700 900982' });
    const many = Array.from({ length: 200 }, () => ({ at: NOW, message: 'offer', to: 'provider' }) as const);
    const referral = await inTable({
      ...email(nobody, NOW, { message: 'session-reminder', to: 'person', cause: 'x' }),
      sent: many,
    });
    await empty(referral, world());
    const { outbox, sent = [] } = (await table.referrals.read(referral.id)) as Referral;
    expect(outbox).toEqual([]);
    expect(sent).toHaveLength(200);
    expect(sent.filter(({ to }) => to !== 'provider')).toEqual([
      { at: NOW, message: 'acknowledgement-referrer', to: 'referrer' },
    ]);
  });

  it('says whom to turn to in danger, as the service is configured', async () => {
    const outside = world();
    await empty(await inTable(submitted()), outside);
    const texts = await Promise.all(outside.raw.map(async (raw) => (await PostalMime.parse(raw)).text));
    expect(texts).toEqual(Array(2).fill(expect.stringContaining('Life in danger: call 112.')));
  });

  it('is urgent, by the hour, as long as somebody may be in danger: also after another team got it', async () => {
    const danger = entered({ ...submitted({ ...validFields, danger: 'yes' }), outbox: [] }, 'review');
    const transfer = { decision: 'transfer', team: 'camden' } as const;
    const passed = stored(decideReview({ ...danger, outbox: [] }, 'review-1', transfer, NOW));
    const call = { channel: 'phone', outcome: 'reached' } as const;
    const reached = stored(recordContact(danger, 1, call, AMINA, NOW));
    const mails = [];
    for (const referral of [danger, passed, reached]) {
      const outside = world();
      await empty(await inTable(referral), outside);
      const [mail] = await Promise.all(outside.raw.map((raw) => PostalMime.parse(raw)));
      mails.push(mail?.subject?.startsWith('URGENT'), mail?.text?.includes('at 10:00 am'));
    }
    expect(mails).toEqual([true, true, true, true, false, false]);
  });

  it('sends a link that opens, and stores only its hash', async () => {
    const referral = await inTable(offered());
    const outside = world((what) => what !== 'email hive-music@provider.example');
    await empty(referral, outside);
    const mail = await PostalMime.parse(outside.raw[0] ?? '');
    const token = /\/offer\/([A-Za-z0-9_-]{54})/.exec(mail.text ?? '')?.[1] ?? '';
    expect(mail.html).toContain(token);
    const after = (await table.referrals.read(referral.id)) as Referral;
    expect(JSON.stringify(after)).not.toContain(token);
    const read = readToken(token);
    expect(read?.referralId).toBe(referral.id);
    expect(checkLink(after, 'offer', read?.hash ?? '', NOW).state).toBe('open');
    expect(checkLink(after, 'person', read?.hash ?? '', NOW).state).toBe('unknown');
    expect(checkLink(after, 'offer', 'x'.repeat(43), NOW).state).toBe('unknown');
    expect(checkLink(after, 'offer', read?.hash ?? '', '2027-05-22T09:00:00.000Z').state).toBe('expired');
    const revoked = revokeLinks(after, NOW, ['offer']);
    expect(checkLink(revoked, 'offer', read?.hash ?? '', NOW).state).toBe('revoked');
  });

  it('leads link workers and coordinators to the referral, behind the sign-in, with no secret, whatever it tells them', async () => {
    const told = MESSAGE_KINDS.reduce<Referral>(
      (before, message) =>
        (['link-worker', 'coordinator'] as const).reduce(
          (referral, to) => email(referral, NOW, { message, to, cause: 'x', link: 'review-1' }),
          before,
        ),
      { ...inReview(), outbox: [] },
    );
    const referral = await inTable(told);
    const outside = world();
    await empty(referral, outside);
    const mails = await Promise.all(outside.raw.map((raw) => PostalMime.parse(raw)));
    for (const { text = '' } of mails) {
      const page = `https://service.example/referrals/${referral.reference}`;
      const links = text.match(/https:\/\/\S+/g) ?? [];
      for (const link of links)
        expect(
          link.replace(
            /\/(letters\/(person|referrer|gp)|contacts(#(said|notes|undelivered))?|data|plan)$/,
            '',
          ),
        ).toBe(page);
      expect(text).toContain('You sign in to open the page');
    }
    expect(mails.filter(({ text }) => text?.includes('/referrals/')).length).toBeGreaterThan(
      MESSAGE_KINDS.length,
    );
    expect((await table.referrals.read(referral.id))?.links['review-1']?.hashes).toEqual([]);
  });

  it('reminds of a plan only while the referral goes on', async () => {
    const due = email({ ...inReview(), outbox: [] }, NOW, {
      message: 'plan-review',
      to: 'link-worker',
      cause: 'x',
    });
    const ended: Referral = {
      ...due,
      stage: 'closed',
      closedAt: NOW,
      ending: { kind: 'declined', decidedAt: NOW },
    } as Referral;
    const outside = world();
    await empty(await inTable(due), outside);
    await empty(await inTable(ended), outside);
    expect(outside.done).toEqual(['email link-workers@service.example']);
    // A decision that can still be undone has ended nothing yet.
    const decision = { decision: 'decline', reason: 'duplicate' } as const;
    await empty(await inTable(stored(decideReview(due, 'review-1', decision, NOW, AMINA))), outside);
    expect(outside.done).toEqual(Array(2).fill('email link-workers@service.example'));
  });

  it('urges the team to speak with somebody in danger only until somebody has, and leads them to where they record it', async () => {
    const danger = entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    const question = { decision: 'ask-for-more', to: 'referrer', question: '?' } as const;
    const asked = entered(stored(decideReview(danger, 'review-1', question, NOW)), 'information');
    const at = momentAfter(NOW, { hours: 1 });
    const reminded = actOnDue({ ...asked, outbox: [] }, at) as Referral;
    const call = { channel: 'phone', outcome: 'reached' } as const;
    const reached = stored(recordContact(reminded, 1, call, AMINA, at));
    const [urged, spared] = [world(), world()];
    const referral = await inTable(reminded);
    await empty(referral, urged, at);
    await empty(await inTable(reached), spared, at);
    expect([urged.done, spared.done]).toEqual([['email link-workers@service.example'], []]);
    const mail = await PostalMime.parse(urged.raw[0] ?? '');
    expect(mail.subject).toMatch(/^URGENT reminder: nobody has spoken with/);
    expect(mail.text).toContain(`/referrals/${referral.reference}/contacts`);
  });

  it('writes to the team that looks after the referral now, where it has an address of its own', async () => {
    const passed = decideReview(
      { ...inReview(), outbox: [] },
      'review-1',
      { decision: 'transfer', team: 'camden' },
      NOW,
    );
    const outside = world();
    await empty(await inTable(stored(passed)), outside);
    expect(outside.done).toEqual(['email camden@service.example']);
    await empty(await inTable({ ...inReview(), outbox: inReview().outbox.slice(-1) }), outside);
    expect(outside.done[1]).toBe('email link-workers@service.example');
  });

  it('tells the team from which a referral was taken back that had heard of it, and asks the one that has it again', async () => {
    const transfer = { decision: 'transfer', team: 'camden' } as const;
    const passed = decideReview({ ...inReview(), outbox: [] }, 'review-1', transfer, NOW);
    const heard = { ...stored(passed), outbox: [] };
    const outside = world();
    await empty(await inTable(stored(undoDecision(heard, 'review-1', NOW))), outside);
    expect(outside.done.toSorted()).toEqual([
      'email camden@service.example',
      'email link-workers@service.example',
    ]);
    const unheard = stored(undoDecision(stored(passed), 'review-1', NOW));
    await empty(await inTable(unheard), outside);
    expect(outside.done.slice(2)).toEqual(['email link-workers@service.example']);
  });

  it('keeps what failed, leaves it alone for a while, and does it then', async () => {
    const referral = await inTable(submitted());
    expect(
      await empty(
        referral,
        world((what) => what.startsWith('email')),
      ),
    ).toEqual({ done: 1, failed: 2 });
    const kept = (await table.referrals.read(referral.id)) as Referral;
    expect(kept.sent).toBeUndefined();
    expect(kept.outbox.map(({ attempts, notBefore }) => ({ attempts, notBefore }))).toEqual(
      Array(2).fill({ attempts: 1, notBefore: '2026-11-23T09:02:00.000Z' }),
    );
    const outside = world();
    expect(await empty(referral, outside, momentAfter(NOW, { minutes: 1 }))).toEqual({ done: 0, failed: 0 });
    expect(await empty(referral, outside, momentAfter(NOW, { minutes: 2 }))).toEqual({ done: 2, failed: 0 });
  });

  it('sends each email once when five empty it at once', async () => {
    const referral = await inTable(submitted());
    const outside = world();
    await Promise.all(Array.from({ length: 5 }, () => empty(referral, outside)));
    expect(outside.done).toHaveLength(3);
  });

  it('writes to the provider whom it is about, even when another one has the referral by then', async () => {
    const released = stored(releaseOffer({ ...offered(), outbox: [] }, NOW));
    const again = {
      ...released,
      offers: [...released.offers, { ...released.offers[0], number: 2, programmeId: 'example-crafts' }],
    };
    const referral = await inTable(again as Referral);
    const outside = world();
    await empty(referral, outside);
    expect(outside.done).toContain('email hive-music@provider.example');
  });

  it('keeps mail for a programme that left the directory, and tells the coordinator', async () => {
    const released = stored(releaseOffer({ ...offered(), outbox: [] }, NOW));
    const outbox = released.outbox.map((entry) => ({ ...entry, programmeId: 'gone', attempts: 3 }));
    const referral = await inTable({ ...released, outbox } as Referral);
    const outside = world();
    await empty(referral, outside);
    await empty(referral, outside);
    expect(outside.done).toContain('email coordinator@service.example');
    const kept = (await table.referrals.read(referral.id))?.outbox;
    expect(kept?.map((entry) => entry.kind === 'email' && entry.message)).toEqual(['offer-withdrawn']);
  });

  it('drops a reminder of what was decided before it went, and of a session that has begun', async () => {
    const decided = stored(
      decideReview(inReview(), 'review-1', { decision: 'decline', reason: 'duplicate' }, NOW),
    );
    const referral = await inTable(decided);
    const outside = world();
    await empty(referral, outside);
    expect(outside.done).not.toContain('email link-workers@service.example');

    const late = email({ ...inReview(), outbox: [] }, NOW, {
      message: 'session-reminder',
      to: 'person',
      cause: 'x',
      by: NOW,
    });
    const begun = await inTable(late);
    await empty(begun, outside);
    expect((await table.referrals.read(begun.id))?.outbox).toEqual([]);
  });

  it('drops mail for a link that was revoked before it went', async () => {
    const referral = await inTable(revokeLinks(inReview(), NOW, ['review']));
    const outside = world();
    await empty(referral, outside);
    expect(outside.done).not.toContain('email link-workers@service.example');
    expect((await table.referrals.read(referral.id))?.outbox).toEqual([]);
  });
});

describe('a concern that nobody sees to', () => {
  it('is told to the coordinator again and again', async () => {
    const { id } = await inTable({ ...raiseConcern(submitted(), 'unsafe', NOW), outbox: [] });
    await table.referrals.change(id, NOW, (referral) => tellUntilSettled(referral, NOW));
    const { done, effects } = world();
    for (const hours of [4, 8, 12]) {
      await emptyOutbox(
        { table: TABLE, referrals: table.referrals, effects, mail: settings },
        id,
        momentAfter(NOW, { hours }),
      );
    }
    expect(done).toEqual(Array(3).fill(`email ${settings.coordinatorAddress}`));
    expect((await table.referrals.read(id))?.outbox[0]?.notBefore).toBe(momentAfter(NOW, { hours: 16 }));
  });
});

describe('an email to an address that does not work', () => {
  const dead = (address: string) =>
    changeAddress(TABLE, addressIdOf(address), NOW, (known) => ({
      ...known,
      dead: { why: 'bounced', at: NOW },
    }));

  it('is not sent, is not said to be, and is told to the link workers at once', async () => {
    await dead('dead@example.com');
    const referral = await inTable(submitted({ ...validFields, email: 'dead@example.com' }));
    const outside = world();
    await empty(referral, outside);
    expect(outside.done.sort()).toEqual([
      'email a.okafor@practice.example',
      'email link-workers@service.example',
      'start -1 referralId',
    ]);
    const { sent, undelivered, outbox } = (await table.referrals.read(referral.id)) as Referral;
    expect(sent).toContainEqual({
      ...{ at: NOW, message: 'acknowledgement-person', to: 'person', notSent: true },
    });
    expect(undelivered).toMatchObject([{ to: 'person', missed: [{ message: 'acknowledgement-person' }] }]);
    expect(outbox.map(({ key }) => key)).toEqual(['email:undelivered-waiting:coordinator:undelivered-1']);
  });

  it('is told of again where somebody had seen to the first, and another is caused by the same', async () => {
    await dead('dead@example.com');
    const mailed = (referral: Referral) =>
      email(referral, NOW, { message: 'check-in', to: 'person', cause: 'check-in-1', link: 'person' });
    const stands = submitted({ ...validFields, email: 'dead@example.com' });
    const { id } = await inTable(mailed({ ...stands, outbox: [] }));
    const outside = world();
    const to = { table: TABLE, referrals: table.referrals, effects: outside.effects, mail: settings };
    await emptyOutbox(to, id, NOW);
    const seen = await table.referrals.change(id, NOW, (referral) =>
      settleUndelivered(referral, 1, AMINA, false, NOW),
    );
    expect(seen.state).toBe('stored');
    const then = momentAfter(NOW, { days: 3 });
    await table.referrals.change(id, then, mailed);
    await emptyOutbox(to, id, then);
    const { undelivered } = (await table.referrals.read(id)) as Referral;
    expect(undelivered).toMatchObject([
      { number: 1, settledAt: NOW },
      { number: 2, at: then },
    ]);
    expect(outside.done).toEqual(Array(2).fill('email link-workers@service.example'));
  });

  it('of a provider lets no offer lie in silence', async () => {
    const address = findProgramme('hive-music')?.provider.email ?? '';
    await dead(address);
    const referral = await inTable({ ...offered(), outbox: offered().outbox.slice(-1) });
    const outside = world();
    await empty(referral, outside);
    expect(outside.done).toEqual(['email link-workers@service.example']);
    const { undelivered } = (await table.referrals.read(referral.id)) as Referral;
    expect(undelivered).toMatchObject([{ to: 'provider', missed: [{ message: 'offer', link: 'offer-1' }] }]);
    const to = { table: TABLE, referrals: table.referrals, effects: outside.effects, mail: settings };
    for (const at of [NOW, momentAfter(NOW, { minutes: 5 })]) {
      await tellCoordinator(to, addressIdOf(address), at);
    }
    expect(outside.done.filter((what) => what.includes('coordinator'))).toHaveLength(1);
    expect(outside.raw.at(-1)).toContain('/directory/hive-music');
    await changeAddress(TABLE, addressIdOf(address), NOW, (known) => lift(known, NOW));
  });

  it.each([
    ['link-workers@service.example', 1],
    ['camden@service.example', 1],
    ['nobody@service.example', 0],
  ])('%s is told to the coordinator where it is the team’s', async (address, times) => {
    await dead(address);
    const outside = world();
    const to = { table: TABLE, referrals: table.referrals, effects: outside.effects, mail: settings };
    await tellCoordinator(to, addressIdOf(address), NOW);
    expect(outside.done).toHaveLength(times);
    await changeAddress(TABLE, addressIdOf(address), NOW, (known) => lift(known, NOW));
  });
});

describe('while SES takes no email', () => {
  const held = (name: string, from: string, until: string) => {
    const outside = world();
    const { send } = outside.effects;
    let now = from;
    outside.effects.send = async (mail) => {
      if (now < until) throw Object.assign(new Error('not now'), { name });
      return send(mail);
    };
    return { outside, at: (moment: string) => (now = moment) };
  };

  it.each(['AccountSendingPausedException', 'ConfigurationSetSendingPausedException', 'Throttling'])(
    '(%s) everything is kept and tried within the hour; the coordinator hears once, when it goes on',
    async (name) => {
      const until = momentAfter(NOW, { days: 3 });
      const { outside, at } = held(name, NOW, until);
      const referrals = [await inTable(submitted()), await inTable(submitted())];
      const tries = Array.from({ length: 4 * 24 }, (_, hours) => momentAfter(NOW, { hours }));
      for (const moment of tries) {
        at(moment);
        for (const referral of referrals) await empty(referral, outside, moment);
        if (moment < until) expect(outside.done.filter((what) => what.startsWith('email'))).toEqual([]);
      }
      for (const referral of referrals) {
        expect((await table.referrals.read(referral.id))?.outbox).toEqual([]);
      }
      const emails = outside.done.filter((what) => what.startsWith('email'));
      expect(emails).toHaveLength(5);
      expect(emails.filter((what) => what.includes('coordinator'))).toHaveLength(1);
    },
  );

  it('an answer to an execution that fails is no reason to say that email is held', async () => {
    const outside = world((what) => what.startsWith('start'));
    const referral = await inTable(submitted());
    await empty(referral, outside);
    expect((await table.referrals.read(referral.id))?.outbox[0]?.attempts).toBe(1);
  });
});
