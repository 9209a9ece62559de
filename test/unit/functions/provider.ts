/** A provider with offers in the table, and the links that they got. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node-html-parser';
import { vi } from 'vitest';
import { mintToken } from '../../../functions/shared/links.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { NOW, offered } from '../workflows/builders.ts';
import { request } from './environment.ts';
import type { TestTable } from './table.ts';

let ids = 0x0ffe;

/** Stores an offer, or what came of it, with a fresh link to it. */
export async function anOffer(table: TestTable, made: Referral = offered(), linkId = 'offer-1') {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const reference = referenceOf(id.split('').reverse().join(''));
  const { token, hash } = mintToken(id);
  const link = made.links[linkId];
  if (!link) throw new Error('no link to the offer');
  await table.referrals.create({
    ...made,
    ...{ id, reference, version: 0, links: { ...made.links, [linkId]: withHash(link, hash, NOW) } },
  });
  return { id, reference, token, read: async () => (await table.referrals.read(id)) as Referral };
}

/** Asks a handler for a page, and reads it. */
export async function readPage(handler: unknown, asked: Parameters<typeof request>[1]) {
  const answer = await request(handler, asked);
  const html = parse(answer.body ?? '');
  return {
    status: answer.statusCode,
    location: answer.headers?.location,
    cookies: answer.cookies ?? [],
    headers: answer.headers ?? {},
    html,
    text: (html.querySelector('main')?.structuredText ?? '').replace(/\s+/g, ' '),
  };
}

/** A Lambda of the test's own: it hears what the outbox function is asked, and fails when it is told to. */
export async function listening() {
  const heard: { waits: boolean; payload: Record<string, unknown> }[] = [];
  const state = { fails: false };
  const server = createServer(async (call, response) => {
    let body = '';
    for await (const chunk of call) body += chunk;
    heard.push({ waits: call.headers['x-amz-invocation-type'] !== 'Event', payload: JSON.parse(body) });
    if (state.fails) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    heard,
    state,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What the directory's form, or that of a plan of an import, would send if nothing were touched. */
export function formIn(body = ''): Record<string, string> {
  const form = parse(body)
    .querySelectorAll('main form')
    .find((each) => each.querySelector('[name=name], [name=shown]'));
  return Object.fromEntries(
    (form?.querySelectorAll('input, textarea') ?? []).flatMap((box) => {
      const choice = ['radio', 'checkbox'].includes(box.getAttribute('type') ?? '');
      if (choice && !box.hasAttribute('checked')) return [];
      const value = box.tagName === 'TEXTAREA' ? box.text : box.getAttribute('value');
      return [[box.getAttribute('name') ?? '', value ?? '']];
    }),
  );
}
