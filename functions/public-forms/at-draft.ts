/** The unfinished form that a browser is at, by its cookie, and what is shown in its place when it is not there. */
import { cookieIn } from '../shared/cookies.ts';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { type Draft, type DraftContent, isTokenOf, type OpenDraft, openDraft } from './drafts.ts';
import { movedPage, type StepWay } from './pages/views.ts';

/** A draft that a browser is at. */
export type AtDraft = {
  way: StepWay;
  token: string;
  content: DraftContent;
  draft: OpenDraft;
};

/**
 * The cookies: of the draft that is filled in, and of the one that the page behind an emailed link makes out of it. They have no lifetime, so browsers forget
 * them when they are closed, but for those that restore what was open.
 */
type Cookie = 'draft' | 'next';

/** The token that a cookie holds, if it holds one. */
export function tokenIn(visit: Visit, name: Cookie): string | undefined {
  const value = cookieIn(visit, name);
  return isTokenOf(value) ? value : undefined;
}

/** Opens the draft of the browser's cookie for a way, or says that there is none. One that was sent leads to its reference. */
export async function withDraft(
  visit: Visit,
  way: StepWay,
  then: (at: AtDraft) => Promise<PageResult>,
): Promise<PageResult> {
  const token = tokenIn(visit, 'draft');
  const draft = await openDraft(environment('page').TABLE_NAME, token, visit.now);
  if (draft.state !== 'open') return insteadOf(draft);
  if (token === undefined) return insteadOf({ state: 'gone' });
  if (draft.content.way !== way) return redirect(`/refer/${draft.content.way}/check`);
  return then({ way, token, content: draft.content, draft });
}

/** What is shown in place of a form that cannot be gone on with. */
export function insteadOf(draft: Exclude<Draft, OpenDraft>): PageResult {
  switch (draft.state) {
    case 'sent':
      return redirect(`/refer/sent/${draft.reference}`);
    case 'moved':
      return movedPage({ ...site(), at: draft.at });
    case 'gone':
      return problemPage('draft-gone', site());
  }
}
