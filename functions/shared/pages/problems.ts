/** The pages that say what went wrong, and what to do about it. */
import type { LinkPurpose } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import conflict from './conflict.njk';
import { page, type Site } from './page.ts';
import problem from './problem.njk';
import { recordedInWords } from './words.ts';

type Problem = {
  statusCode: number;
  title: string;
  paragraphs: string[];
  /** Where to go from here. */
  link?: { href: string; text: string };
  headers?: Record<string, string>;
};

/** Stands for how long to wait in what a problem says. */
const WAIT = '{wait}';

const problems = {
  'not-found': {
    statusCode: 404,
    title: 'This page cannot be found',
    paragraphs: [
      'If you typed the address, please check that it is complete.',
      'If you came from an email, please open its link again. Some programs cut long links in two: copy the whole address into your browser.',
    ],
  },
  expired: {
    statusCode: 410,
    title: 'This link has expired',
    paragraphs: [
      'Links work for a limited time, to keep what is behind them safe.',
      'If you have had a newer email about the same reference, please use its link. Otherwise contact the service and quote the reference in the email.',
    ],
  },
  'offer-expired': {
    statusCode: 410,
    title: 'This link has expired',
    paragraphs: [
      'Links work for a limited time, to keep what is behind them safe.',
      'If you have had a newer email, please use its link. Otherwise we send you fresh ones.',
    ],
    link: { href: '/offers', text: 'Get fresh links to your offers and groups' },
  },
  revoked: {
    statusCode: 410,
    title: 'This link is no longer needed',
    paragraphs: [
      'What it was for has been settled in another way, so there is nothing for you to do here.',
      'If you think that is wrong, please contact the service and quote the reference in the email.',
    ],
  },
  'other-site': {
    statusCode: 403,
    title: 'This did not come from one of our pages',
    paragraphs: [
      'To keep you safe we take forms from our own pages only. Nothing was recorded.',
      'If you filled in a form of ours, open it here again, or by the link in your email, and send it from there.',
    ],
    link: { href: '/', text: 'Go to the first page' },
  },
  'too-large': {
    statusCode: 413,
    title: 'You have sent too much at once',
    paragraphs: ['Nothing was recorded. Please go back, shorten what you wrote, and send it again.'],
  },
  'file-too-large': {
    statusCode: 413,
    title: 'This file is too large',
    paragraphs: [
      'Nothing was imported. A file may have 2 MB, which is the size that your computer shows for it.',
      'Please take it apart, and bring in one part after the other. Each part of a table begins with the row that names the columns. Our export as Open Referral UK has a service on each line, and any of its lines can be brought in by themselves.',
    ],
    link: { href: '/directory/import', text: 'Import a file' },
  },
  'not-a-form': {
    statusCode: 415,
    title: 'We could not read what was sent',
    paragraphs: ['Nothing was recorded. Please go back and send the form again.'],
  },
  'too-many': {
    statusCode: 429,
    title: 'Please wait a few minutes',
    paragraphs: [
      'A lot has been sent in a short time, perhaps by others who share your network. Nothing that you entered was recorded this time.',
      `Go back in ${WAIT} and send it again.`,
    ],
    headers: { 'retry-after': '600' },
  },
  'draft-gone': {
    statusCode: 410,
    title: 'Your answers are no longer here',
    paragraphs: [
      'We keep them for 7 days, and only in the browser in which you began. They may have expired, or your browser does not take cookies.',
      'If you saved them, open the link in the email. Otherwise please start again; if you cannot, write to the link workers.',
    ],
    link: { href: '/refer', text: 'Start again' },
  },
  'signed-out': {
    statusCode: 401,
    title: 'You are not signed in',
    paragraphs: [
      'Nothing was recorded. We sign people out when nothing has happened for a while, because other people may use the same computer.',
      'Please sign in, then do it again.',
    ],
  },
  'not-for-you': {
    statusCode: 403,
    title: 'This page is not part of your role',
    paragraphs: [
      'You are signed in, but your role does not include this page.',
      'If you need it for your work, ask your coordinator. When your role has changed, sign out and sign in again.',
    ],
  },
  'not-from-here': {
    statusCode: 403,
    title: 'Please try again',
    paragraphs: [
      'We could not tell that this came from a page of yours, so nothing was recorded. You may have signed in again since you opened it.',
      'Go back, reload the page, and send it again.',
    ],
  },
  'sign-in-failed': {
    statusCode: 400,
    title: 'We could not sign you in',
    paragraphs: [
      'This happens when signing in takes longer than 10 minutes, when it is finished in another browser than it was begun in, or when the browser does not take cookies.',
      'Please try again. If it happens again, tell whoever gave you your account.',
    ],
  },
  'sign-in-unavailable': {
    statusCode: 503,
    title: 'You cannot sign in at the moment',
    paragraphs: ['The service that checks who you are does not answer. Please try again in a minute.'],
    headers: { 'retry-after': '30' },
  },
  'try-again': {
    statusCode: 503,
    title: 'Please try again in a minute',
    paragraphs: [
      'The service is very busy. Nothing was recorded and nothing was lost.',
      'Go back and send it again: if it did arrive, it will not be recorded twice.',
    ],
    headers: { 'retry-after': '30' },
  },
  error: {
    statusCode: 500,
    title: 'Sorry, there is a problem with the service',
    paragraphs: ['Please try again later. Sending something again is safe: it will not be recorded twice.'],
  },
} as const satisfies Record<string, Problem>;

export type ProblemKind = keyof typeof problems;
export const PROBLEM_KINDS = Object.keys(problems) as ProblemKind[];

/**
 * The page of a problem. `requestId` lets the people who run the service find it in the log.
 * @param view.unsent what was typed that was not taken, to be copied.
 * @param view.signIn where to sign in, for a button that leads there.
 * @param view.retryAfterSeconds when the same may be tried again, in place of what the problem says of itself.
 */
export function problemPage(
  kind: ProblemKind,
  view: Site & {
    requestId?: string;
    signIn?: string;
    retryAfterSeconds?: number;
    unsent?: Unsent | undefined;
  },
) {
  const { statusCode, title, paragraphs, link, headers }: Problem = problems[kind];
  const retryAfter = view.retryAfterSeconds;
  const minutes = Math.ceil((retryAfter ?? Number(headers?.['retry-after'])) / 60);
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return page(view, {
    statusCode,
    title,
    template: problem,
    context: {
      paragraphs: paragraphs.map((paragraph) => paragraph.replace(WAIT, wait)),
      link,
      requestId: view.requestId,
      signIn: view.signIn,
      typed: view.unsent?.typed,
    },
    headers: { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
  });
}

/** What of a form somebody typed, and what they chose. */
export type Unsent = {
  typed: readonly { label: string; value: string; rows: number }[];
  chosen: readonly { key: string; value: string }[];
};

export type ConflictView = Site & {
  reference: string;
  purpose: LinkPurpose;
  /** The code that was recorded before, and when; absent when the time for any decision has passed. */
  recorded?: string | undefined;
  at?: string | undefined;
  /** Who of the team. */
  by?: string | undefined;
  /** What was recorded stands no more: when it was taken back, and by whom of the team. */
  takenBack?: { at: string; by?: string | undefined } | undefined;
  /** What whoever came too late sent, to be copied. */
  unsent?: Unsent | undefined;
  /** It is another team's referral by now: they have no notes there to add anything to. */
  elsewhere?: boolean;
  /** What happened, where it is no decision of a link, and the page's title for it. */
  what?: string;
  title?: string;
};

/** Someone was faster, or the referral has moved on: shows what was recorded. */
export function conflictPage({
  reference,
  purpose,
  recorded,
  at,
  by,
  takenBack,
  unsent,
  elsewhere,
  what,
  title,
  ...site
}: ConflictView) {
  return page(site, {
    statusCode: 409,
    title:
      title ?? (takenBack ? 'This was taken back' : titleOfConflict(recorded, site.signedIn !== undefined)),
    template: conflict,
    context: {
      reference,
      recorded: what ?? (recorded === undefined ? undefined : recordedInWords(purpose, recorded)),
      at: at === undefined ? undefined : inWords(at),
      by,
      takenBack: takenBack && { at: inWords(takenBack.at), by: takenBack.by },
      elsewhere,
      ...unsent,
    },
  });
}

function titleOfConflict(recorded: string | undefined, isTeam: boolean): string {
  if (isTeam) return 'Somebody was faster';
  return recorded === undefined ? 'This referral has moved on' : 'Someone has already answered';
}
