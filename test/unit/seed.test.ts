import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { toItem } from '../../functions/shared/record.ts';
import { isRefusal } from '../../workflows/change.ts';
import type { Referral } from '../../workflows/referral.ts';
import { decideReview } from '../../workflows/review.ts';
import { parseSubmission } from '../../workflows/submission.ts';
import { after } from '../../workflows/time.ts';
import { ELSEWHERE, elsewhere, placeInWorklist } from '../../workflows/worklist.ts';
import { Cloud } from '../journeys/cloud.ts';
import { chanceFor } from '../seed/chance.ts';
import { isLoopback, seedCloud } from '../seed/into-cloud.ts';
import { submissionFor } from '../seed/people.ts';
import { QUIET_DAYS, type Seeding, seededReferral } from '../seed/referrals.ts';
import { startEnvironment } from './functions/environment.ts';
import type { TestTable } from './functions/table.ts';
import { NOW } from './workflows/builders.ts';

const seeding: Seeding = {
  seed: 7,
  now: NOW,
  teams: ['camden', 'all'].map((id) => ({ id, members: [{ id: `one-of-${id}`, name: 'One' }] })),
  programmes: allProgrammes(),
  lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
};
const SOME = 600;

let table: TestTable;
let referrals: Referral[] = [];
beforeAll(async () => {
  // For the secret that people are found again by.
  table = await startEnvironment();
  referrals = await Promise.all(Array.from({ length: SOME }, (_, number) => seededReferral(number, seeding)));
});
afterAll(() => table.stop());

describe('a seeded referral', () => {
  it('is as the form would have kept it', () => {
    for (let number = 0; number < SOME; number++) {
      const submission = submissionFor(number, chanceFor(seeding.seed, number), NOW);
      const { referrer, person, request } = structuredClone(submission);
      const { at: _at, ...consent } = request.consent;
      const sent = {
        ...{ person, request: { ...request, consent } },
        referrer: referrer.kind === 'self' ? { kind: 'self' } : referrer,
      };
      expect(parseSubmission(sent, NOW, seeding.programmes)).toMatchObject({ submission });
    }
  });

  it('is stored as the table keeps referrals, and read as it was', async () => {
    for (const referral of referrals)
      expect(toItem(referral)).toMatchObject({ reference: referral.reference });
    const [first] = referrals;
    if (!first) throw new Error('none');
    await table.referrals.create(first);
    expect(await table.referrals.read(first.id)).toEqual(first);
  });

  it('is the same for the same number and seed, whatever else there is', async () => {
    expect(await seededReferral(17, seeding)).toEqual(referrals[17]);
    expect(await seededReferral(17, { ...seeding, seed: 8 })).not.toMatchObject({ id: referrals[17]?.id });
    expect(new Set(referrals.map(({ id }) => id)).size).toBe(SOME);
    const numbers = referrals.flatMap(({ person }) => person.nhsNumber ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('was spoken with before it was put on hold, where somebody may be in danger: one in some four thousand', async () => {
    const referral = await seededReferral(4098, seeding);
    expect(referral).toMatchObject({ stage: 'review', request: { danger: true }, hold: {} });
    expect(referral.contacts).toMatchObject([{ outcome: 'reached' }]);
  });

  it('sends nothing, waits for nobody and is due in more than a month', () => {
    const quiet = after(NOW, { days: QUIET_DAYS });
    for (const { outbox, waiting, due, createdAt, updatedAt, history } of referrals) {
      expect([outbox, waiting]).toEqual([[], undefined]);
      expect(due && due.at > quiet).toBe(true);
      expect([createdAt <= NOW, updatedAt <= NOW, history.every(({ at }) => at <= NOW)]).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  it('is open, at every place, of every team, of somebody or nobody', () => {
    const places = new Set(referrals.map((each) => elsewhere(each) ?? placeInWorklist(each)?.task));
    expect(places).toEqual(new Set(['review', 'welfare', 'undelivered', ...ELSEWHERE]));
    expect(new Set(referrals.map(({ team }) => team))).toEqual(new Set(['camden', 'all']));
    const waiting = referrals.filter(placeInWorklist);
    const nobodys = waiting.filter(({ assignee }) => !assignee).length;
    expect(nobodys / waiting.length).toBeGreaterThan(0.25);
    expect(nobodys / waiting.length).toBeLessThan(0.75);
    expect(waiting.every(({ team, assignee }) => !assignee || assignee.id === `one-of-${team}`)).toBe(true);
  });

  it('can be decided like any other', () => {
    const reviews = referrals.filter(({ stage }) => stage === 'review');
    for (const review of reviews) {
      const decision = { decision: 'match', programmeId: 'hive-music' } as const;
      const decided = decideReview(review, `review-${review.reviews}`, decision, NOW);
      expect(isRefusal(decided)).toBe(false);
    }
    expect(reviews.length).toBeGreaterThan(0);
  });
});

describe('seeding a cloud', () => {
  it('refuses a table that is not on this machine, before it writes anything', async () => {
    const told = {
      TABLE_NAME: 'referrals',
      AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.eu-west-2.amazonaws.com',
    };
    let asked: Record<string, string> = told;
    const server = createServer((_, response) => response.end(JSON.stringify(asked))).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const { port } = server.address() as { port: number };
    const seed = () =>
      seedCloud(new Cloud(`http://127.0.0.1:${port}`), { count: 1, seed: 1, teams: [], remote: false });
    await expect(seed()).rejects.toThrow('https://dynamodb.eu-west-2.amazonaws.com is not on this machine');
    asked = { TABLE_NAME: 'referrals' };
    await expect(seed()).rejects.toThrow('does not say where its table is');
    server.close();
  });

  it.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1:4566', true],
    ['http://[::1]:3000', true],
    ['https://dynamodb.eu-west-2.amazonaws.com', false],
    ['http://127.0.0.1.example.org', false],
    ['http://localhost.example.org', false],
    ['http://10.0.0.1:8000', false],
  ])('takes %s for this machine: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
