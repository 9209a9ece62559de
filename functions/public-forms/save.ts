/** Save and return: an unfinished form by a link in an email. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/referral.ts';
import { environment } from '../shared/environment.ts';
import { Message, warn } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { sentTooMuch } from './admission.ts';
import { openDraft, saveDraft } from './drafts.ts';
import { returnPage, savedPage, savePage } from './pages/views.ts';
import { type AtDraft, cookieOf } from './steps.ts';

/** How many emails one form can cause: nobody needs more links, and nobody should be able to fill another's inbox. */
const MOST_LINKS = 3;

const lambda = new LambdaClient({});

/** Asks where to send the link. */
export async function showSave({ way }: AtDraft): Promise<PageResult> {
  return savePage({ ...site(), back: `/refer/${way}/check` });
}

/** Says that the link was sent. It says so whether or not anybody reads mail there. */
export async function showSaved({ way, expiresAt }: AtDraft): Promise<PageResult> {
  return savedPage({ ...site(), until: expiresAt, back: `/refer/${way}/check`, again: `/refer/${way}/save` });
}

/** Sends the link of the form to an address, which is stored nowhere. */
export async function sendLink(visit: Visit, at: AtDraft): Promise<PageResult> {
  const { now, fields } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const to = clean(fields.saveTo).slice(0, LIMITS.line);
  const back = `/refer/${at.way}/check`;
  const again = (error: string) =>
    savePage({ ...site(), back, form: { values: fields, errors: { saveTo: error } } });
  if (!z.email().safeParse(to).success) {
    return again('Enter an email address in the correct format, like name@example.com');
  }
  const { linksSent } = at.content;
  if (linksSent >= MOST_LINKS) {
    return again(`We have sent ${MOST_LINKS} emails for this form already. Use the link in one of them`);
  }
  await saveDraft(TABLE_NAME, at.token, { ...at.content, linksSent: linksSent + 1 }, now);
  if (!(await sent(OUTBOX_FUNCTION, { to, token: at.token, until: at.expiresAt }, now))) {
    return again('We could not send the email just now. Please try again in a minute');
  }
  return redirect(`/refer/${at.way}/saved`);
}

/** Behind the emailed link, where GET changes nothing. */
export async function showReturn({ path, now }: Visit): Promise<PageResult> {
  const draft = await openDraft(environment('page').TABLE_NAME, path.draft, now);
  if (draft.state === 'sent') return redirect(`/refer/sent/${draft.reference}`);
  return draft.state === 'open'
    ? returnPage({ ...site(), until: draft.expiresAt })
    : problemPage('draft-gone', site());
}

/** Gives the browser the draft, and leads to where it was left. */
export async function takeUp(visit: Visit): Promise<PageResult> {
  const token = visit.path.draft;
  const draft = await openDraft(environment('page').TABLE_NAME, token, visit.now);
  if (draft.state === 'sent') return redirect(`/refer/sent/${draft.reference}`);
  if (draft.state === 'gone' || token === undefined) return problemPage('draft-gone', site());
  const { way, resume } = draft.content;
  return redirect(`/refer/${way}/${resume}`, [cookieOf(token, visit)]);
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
