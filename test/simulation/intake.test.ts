/**
 * Whatever valid referral is sent is stored and read back unchanged; whatever faulty one is refused with a pointer to the fault; whatever
 * garbage is sent to the forms is answered. A few hundred of each with every test, ten thousand by `npm run simulate`.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { schemas } from 'virtual:api-schemas';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { handler as api } from '../../functions/api/handler.ts';
import { handler as forms } from '../../functions/public-forms/handler.ts';
import { servedAt } from '../../functions/public-forms/trap.ts';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { referralIdOf } from '../../functions/shared/links.ts';
import { whyNotEligible } from '../../workflows/eligibility.ts';
import { parseForm } from '../../workflows/form.ts';
import { notToReferrer } from '../../workflows/inbox.ts';
import { fullName } from '../../workflows/person.ts';
import type { Referral } from '../../workflows/referral.ts';
import type { Person } from '../../workflows/request.ts';
import { parseSubmission } from '../../workflows/submission.ts';
import { request, startEnvironment } from '../unit/functions/environment.ts';
import { type Issuer, startIssuer } from '../unit/functions/issuer.ts';
import type { TestTable } from '../unit/functions/table.ts';
import { NOW } from '../unit/workflows/builders.ts';
import { anyFault, FAULT_COUNT } from './faults.ts';
import { asAFormSays, fieldsOf } from './fields.ts';
import { anyGarbage, FORMS, LATER } from './garbage.ts';
import { anyReferral, type Json } from './people.ts';

const RUNS = Number(process.env.SIMULATE_RUNS ?? 200);
// The same ones with every test, so that no change fails for what it did not touch; others by `npm run simulate`, every night.
const seed = Number(process.env.SIMULATE_SEED ?? 1);
const CLIENT = 'simulation';
/** Long enough for ten thousand on a busy machine. */
const PATIENCE_MS = 60_000 + RUNS * 100;

let table: TestTable;
let issuer: Issuer;
let authorization: string;
let wakened: Server;
beforeAll(async () => {
  [table, issuer] = await Promise.all([startEnvironment(), startIssuer()]);
  // Takes every call to wake the outbox, which nobody is waiting for here.
  wakened = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(202).end()),
  );
  wakened.listen(0, '127.0.0.1');
  await once(wakened, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(wakened.address() as AddressInfo).port}`);
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
  vi.stubEnv('API_PER_MINUTE', '100000000');
  vi.stubEnv('FORMS_PER_TEN_MINUTES', '100000000');
  authorization = await issuer.bearer(CLIENT, NOW);
});
afterAll(async () => {
  wakened.close();
  wakened.closeAllConnections();
  issuer.stop();
  await table.stop();
});

/** Tries a property as often as asked for; tells how far it is when that is often. */
async function holds<T extends [unknown, ...unknown[]]>(
  what: string,
  property: fc.IAsyncPropertyWithHooks<T>,
) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  let done = 0;
  property.afterEach((previous) => {
    done += 1;
    if (done % 1000 === 0 && done < RUNS)
      console.log(`  ${what}: ${done.toLocaleString('en-GB')} after ${seconds()} s`);
    return previous();
  });
  try {
    await fc.assert(property, { numRuns: RUNS, seed });
  } catch (error) {
    throw new Error(`npm run simulate -- --seed=${seed} --runs=${RUNS}`, { cause: error });
  }
  if (RUNS > 1000) console.log(`  ${what}: all ${RUNS.toLocaleString('en-GB')} in ${seconds()} s`);
  expect(done).toBeGreaterThanOrEqual(RUNS);
}

/** Sends JSON, under a key of its own; gives the answer and the id that the referral would have. */
async function submit(body: unknown) {
  const key = randomUUID();
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': key };
  const answer = await request(api, {
    route: 'POST /api/referrals',
    body: JSON.stringify(body),
    headers,
    now: NOW,
  });
  const json = JSON.parse(answer.body ?? '');
  return { status: answer.statusCode, json, id: referralIdOf(JSON.stringify([CLIENT, key])) };
}

/** What is to be recorded of a referral, in the words of what is kept. */
function recorded({ referrer, person, request }: Json): Pick<Referral, 'person' | 'referrer' | 'request'> {
  const { oneName: _oneName, ...who } = person as Person & { oneName?: boolean };
  const { askLinkWorker: _ask, consent, ...wanted } = request as Json & { consent: object };
  const { kind } = referrer as Referral['referrer'];
  const email = who.contact?.mayEmail === false ? undefined : who.email;
  const themself = {
    kind,
    name: fullName(who),
    ...(email === undefined ? {} : { email }),
    ...(who.phone === undefined ? {} : { phone: who.phone }),
  };
  return {
    person: who,
    referrer: kind === 'self' ? themself : (referrer as Referral['referrer']),
    request: { ...wanted, consent: { ...consent, at: NOW } } as unknown as Referral['request'],
  };
}

/** Whether it may be recorded; with which note, if a link worker is to look all the same. */
function eligibility(kept: Json) {
  const { person, request } = recorded(kept);
  const refused = whyNotEligible(allProgrammes(), person, request, NOW) !== undefined;
  const ask = (kept.request as Json).askLinkWorker === true;
  return { admitted: !refused || ask, note: refused ? { knownNotEligible: true } : {} };
}

/** What is stored under an id. */
async function stored(id: string) {
  const referral = await table.referrals.read(id);
  if (!referral) return undefined;
  const { person, referrer, request } = referral;
  const { lawfulBasis, ...rest } = request;
  expect(lawfulBasis).toEqual({ article6: 'public-task', article9: 'health-or-social-care' });
  return { person, referrer, request: rest };
}

describe('whatever is sent', () => {
  it('by another system and is valid is stored, and read back unchanged', {
    timeout: PATIENCE_MS,
  }, async () => {
    const described = z.fromJSONSchema(schemas().Referral as Parameters<typeof z.fromJSONSchema>[0]);
    let admitted = 0;
    await holds(
      'valid referrals',
      fc.asyncProperty(anyReferral, async ({ typed, kept }) => {
        const { status, json, id } = await submit(typed);
        const expected = recorded(kept);
        expect(parseSubmission(typed, NOW, allProgrammes())).toMatchObject({ submission: expected });
        expect(described.safeParse(kept).error).toBeUndefined();
        const eligible = eligibility(kept);
        if (eligible.admitted) {
          admitted += 1;
          expect([status, json.errors]).toEqual([201, undefined]);
          const request = { ...expected.request, ...eligible.note };
          const person = notToReferrer(expected.person, expected.referrer);
          expect(await stored(id)).toEqual({ ...expected, person, request });
        } else {
          expect([status, json.type]).toEqual([422, expect.stringMatching(/:not-eligible$/)]);
          expect(await stored(id)).toBeUndefined();
        }
      }),
    );
    expect(admitted).toBeGreaterThan(RUNS / 3);
  });

  it('and is wrong in one place is refused with a pointer to it', { timeout: PATIENCE_MS }, async () => {
    const seen = new Set<string>();
    await holds(
      'faulty referrals',
      fc.asyncProperty(anyReferral, anyFault, async ({ kept }, { what, place, spoil }) => {
        seen.add(`${what} ${place.join('.')}`);
        const { status, json, id } = await submit(spoil(kept));
        expect([status, json.type], `${what} ${place.join('.')}`).toEqual([
          422,
          expect.stringMatching(/:invalid$/),
        ]);
        const places = json.errors.map((error: { pointer: string }) => read(error.pointer));
        // At the place itself or, where that holds nothing that could be looked into, inside it.
        const there = (pointer: string[]) => place.every((part, index) => String(part) === pointer[index]);
        expect(places.filter((pointer: string[]) => !there(pointer))).toEqual([]);
        expect(places.length).toBeGreaterThan(0);
        for (const { detail } of json.errors) expect(detail).toMatch(/^[A-Z].{8,}/);
        expect(await stored(id)).toBeUndefined();
      }),
    );
    expect(seen.size).toBeGreaterThan(Math.min(FAULT_COUNT, RUNS) / 5);
  });

  it('by a form, as a form says it, is stored as if it came from a system', {
    timeout: PATIENCE_MS,
  }, async () => {
    await holds(
      'forms',
      fc.asyncProperty(anyReferral, async ({ typed, kept }) => {
        const said = asAFormSays(kept);
        const expected = recorded(said);
        const fields = fieldsOf(typed);
        expect(parseForm(fields, NOW, allProgrammes())).toMatchObject({ submission: expected });
        if ((kept.referrer as Json).kind !== 'professional') return;
        const key = randomUUID();
        const answer = await request(forms, {
          route: 'POST /refer/professional',
          fields: { ...fields, submissionKey: key, served: await servedAt('professional', NOW) },
          now: LATER,
        });
        const eligible = eligibility(said);
        expect(answer.statusCode).toBe(eligible.admitted ? 303 : 422);
        if (!eligible.admitted) return;
        const consent = { ...expected.request.consent, at: LATER };
        expect(await stored(referralIdOf(key))).toEqual({
          ...expected,
          request: { ...expected.request, ...eligible.note, consent },
        });
      }),
    );
  });

  it('to the forms by a program or a cat is answered', { timeout: PATIENCE_MS }, async () => {
    const served = Object.fromEntries(
      await Promise.all(FORMS.map(async (form) => [form, await servedAt(form, NOW)])),
    );
    const begun = await request(forms, {
      route: 'POST /refer/myself',
      fields: { served: served.begin },
      now: LATER,
    });
    const cookie = begun.cookies?.[0]?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^draft=/);
    await holds(
      'garbage',
      fc.asyncProperty(anyGarbage, async ({ draft, served: shown, fields, ...sent }) => {
        const cookies = draft === true ? [cookie] : draft === false ? [] : [`draft=${draft}`];
        const answer = await request(forms, {
          ...sent,
          fields: { ...fields, ...(shown ? { served: served[shown] } : {}) },
          cookies,
          now: LATER,
        });
        expect(answer.statusCode).toBeLessThan(500);
      }),
    );
  });
});

/** The parts of a JSON pointer in a fragment (RFC 6901). */
function read(pointer: string): string[] {
  return decodeURIComponent(pointer.slice(1))
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
