/** Save and return: an unfinished form by a link in an email, and the way out that leaves nothing behind. */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { sendingLink, sentTooMuch } from '../shared/admission.ts';
import { cookie, noCookie } from '../shared/cookies.ts';
import { environment } from '../shared/environment.ts';
import { Message, warn } from '../shared/log.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { type AtDraft, insteadOf, tokenIn } from './at-draft.ts';
import {
  changeDraft,
  type Draft,
  deleteDraft,
  isTokenOf,
  moveDraft,
  newToken,
  type OpenDraft,
  openDraft,
} from './drafts.ts';
import { deletedPage, returnPage, type StepWay, savedPage, savePage } from './pages/views.ts';

const lambda = new LambdaClient({});

/** Asks where to send the link. */
export function showSave({ way }: AtDraft): PageResult {
  return savePage({ ...site(), back: `/refer/${way}/check` });
}

/** Says that the link was sent. It says so whether or not anybody reads mail there, and needs no draft: this browser has forgotten it. */
export function showSaved({ query }: Visit): PageResult {
  const until = z.iso.datetime().safeParse(query.until);
  return savedPage({ ...site(), until: until.data });
}

/** Sends the link of the form to an address, which is stored nowhere. From then on the link alone opens it. */
export async function sendLink(visit: Visit, { way, token, draft }: AtDraft): Promise<PageResult> {
  const { now, fields } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const to = clean(fields.saveTo).slice(0, LIMITS.line);
  const again = (error: string) =>
    savePage({
      ...site(),
      back: `/refer/${way}/check`,
      form: { values: fields, errors: { saveTo: error } },
    });
  if (!z.email().safeParse(to).success) {
    return again('Enter an email address in the correct format, like name@example.com');
  }
  // Kept for another week, which is what the email says.
  const saved = await changeDraft(TABLE_NAME, token, now, (content) => content, draft);
  if (saved.state !== 'open') return insteadOf(saved);
  const until = saved.expiresAt;
  switch (await sendingLink(to, now, () => sent(OUTBOX_FUNCTION, { to, token, until }, now))) {
    case 'sent':
      return redirect(`/refer/${way}/saved?until=${until}`, [noCookie('draft', visit)]);
    case 'failed':
      return again('We could not send the email just now. Please try again in a minute');
    case 'too-many':
      return again(
        'We can send no more links to this address today. Use one that came already, or another address',
      );
  }
}

/** Behind the emailed link, where GET changes nothing. */
export async function showReturn(visit: Visit): Promise<PageResult> {
  const draft = await openDraft(environment('page').TABLE_NAME, visit.path.draft, visit.now);
  return draft.state === 'open' ? doorTo(draft, visit) : afterTheDoor(draft, visit);
}

/**
 * Leads to where the form was left. The draft gets a fresh token, so that the link, which others may have read, opens it no more. The
 * browser has had that token since it was shown the button: pressed twice, or with the answer lost on the way, it leads to the same.
 */
export async function takeUp(visit: Visit): Promise<PageResult> {
  const { TABLE_NAME } = environment('page');
  const token = visit.path.draft ?? '';
  const next = tokenIn(visit, 'next');
  if (next === undefined) {
    const draft = await openDraft(TABLE_NAME, token, visit.now);
    return draft.state === 'open' ? doorTo(draft, visit, NO_COOKIE) : afterTheDoor(draft, visit);
  }
  const draft = await moveDraft(TABLE_NAME, token, next, visit.now);
  return draft.state === 'open' ? goOn(next, visit) : afterTheDoor(draft, visit);
}

/** Throws away what was entered, and the cookie. Safe to repeat. */
export async function leave(visit: Visit, way: StepWay): Promise<PageResult> {
  const token = tokenIn(visit, 'draft');
  const draft = await deleteDraft(environment('page').TABLE_NAME, token ?? '', visit.now);
  const shown =
    draft.state === 'sent' || draft.state === 'moved' ? insteadOf(draft) : redirect(`/refer/${way}/deleted`);
  return { ...shown, cookies: [noCookie('draft', visit), noCookie('next', visit)] };
}

/** Nothing is here any more. */
export function showDeleted(): PageResult {
  return deletedPage(site());
}

const NO_COOKIE = {
  send: 'Your browser did not keep the cookie that the form needs. Allow cookies for this site, then press the button again',
};

function doorTo({ expiresAt }: OpenDraft, visit: Visit, errors?: FieldErrors): PageResult {
  const form = errors && { values: {}, errors };
  return {
    ...returnPage({ ...site(), until: expiresAt, form }),
    cookies: [cookie('next', newToken(), visit)],
  };
}

/** What is behind a link that opens no form any more: the form itself for the browser that took it up. */
async function afterTheDoor(draft: Exclude<Draft, OpenDraft>, visit: Visit): Promise<PageResult> {
  const mine =
    draft.state === 'moved'
      ? (['draft', 'next'] as const)
          .map((name) => tokenIn(visit, name))
          .find((token) => isTokenOf(token, draft.to))
      : undefined;
  return mine === undefined ? insteadOf(draft) : goOn(mine, visit);
}

/** Leads to where a form was left. */
async function goOn(token: string, visit: Visit): Promise<PageResult> {
  const draft = await openDraft(environment('page').TABLE_NAME, token, visit.now);
  if (draft.state !== 'open') return insteadOf(draft);
  const { way, resume } = draft.content;
  return redirect(`/refer/${way}/${resume}`, [cookie('draft', token, visit), noCookie('next', visit)]);
}

/** Has the outbox function, the only one that may, send the email. False when it did not. */
async function sent(
  outboxFunction: string,
  draft: { to: string; token: string; until: string },
  now: string,
): Promise<boolean> {
  try {
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: outboxFunction, Payload: JSON.stringify({ draft, now }) }),
    );
    return FunctionError === undefined;
  } catch (error) {
    warn(Message.outboxNotInvoked, error);
    return false;
  }
}
