/** What somebody sent that was not taken, because their session had ended meanwhile: shown again, so that nothing typed is lost. */
import { labelOf } from './labels.ts';
import { page, type Site } from './page.ts';
import type { Unsent } from './problems.ts';
import unsent from './unsent.njk';

/** What a form sent, by field name. */
type Fields = Readonly<Record<string, string | undefined>>;

/** What forms carry that nobody typed: sent again, and of use to nobody who reads it. */
const CARRIED = new Set([
  ...[
    'csrf',
    'action',
    'format',
    'key',
    'number',
    'version',
    'sequence',
    'shown',
    'planned',
    'moves',
    'review',
    'undoes',
    'ranking',
    'seenFull',
    'preferencesSeen',
    'detailsSeen',
    'contact',
    'concern',
    'undelivered',
    'offer',
    'session',
    'startsAt',
  ],
  ...['from', 'to', 'sub', 'return', 'declineReason'],
]);

/** A field that is carried: one of those, or the id of a row. */
export function isCarried(name: string): boolean {
  return CARRIED.has(name) || name.endsWith('-id');
}

/** No form of ours has more fields, or longer names of them. What has is shown to nobody. */
const MOST_FIELDS = 500;
const LONGEST_NAME = 80;

/** One of several, a tick or a number: quickly chosen again, and no text. */
const CHOICE = /^[a-z0-9-]{1,60}(\/[a-z0-9-]{1,60})?$/;
const PART_OF_DATE = /-(day|month|year)$/;

/** What of it somebody typed, what they chose, and all of it; undefined where that is nothing, or more than any form of ours has. */
function readUnsent(fields: Fields) {
  const all = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || name === 'csrf' ? [] : [{ name, value }],
  );
  if (all.length === 0 || all.length > MOST_FIELDS) return undefined;
  if (all.some(({ name }) => name.length > LONGEST_NAME)) return undefined;
  const seen = all.filter(({ name, value }) => !isCarried(name) && value.trim() !== '');
  const isChoice = ({ name, value }: { name: string; value: string }) =>
    CHOICE.test(value) || PART_OF_DATE.test(name);
  const chosen = new Map<string, string>();
  for (const { name, value } of seen.filter(isChoice)) {
    const label = labelOf(name.replace(PART_OF_DATE, ''));
    chosen.set(label, [chosen.get(label), value].filter(Boolean).join(' '));
  }
  return {
    all,
    typed: seen
      .filter((field) => !isChoice(field))
      .map(({ name, value }) => ({ label: labelOf(name), value, rows: rowsOf(value) })),
    chosen: [...chosen].map(([key, value]) => ({ key, value: labelOf(value) })),
  };
}

/** As many as it takes to see about all of it, within reason. */
function rowsOf(text: string): number {
  const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 60), 0);
  return Math.min(Math.max(lines, 2), 20);
}

/** What of a form is shown to whoever came too late with it, to be copied; undefined where that is nothing. */
export function unsentIn({ action: _button, ...entered }: Fields): Unsent | undefined {
  const read = readUnsent(entered);
  return read && { typed: read.typed, chosen: read.chosen };
}

/** Nobody is signed in (any more): what they typed, to be copied before they sign in. Undefined where they typed nothing. */
export function signedOutWithTextPage(view: Site & { fields: Fields; signIn: string }) {
  const read = readUnsent(view.fields);
  if (!read || read.typed.length === 0) return undefined;
  return page(view, {
    statusCode: 401,
    title: 'You are not signed in',
    template: unsent,
    context: { ...read, signIn: view.signIn },
  });
}

/** Somebody has signed in again since they opened the form: what it sent, to be sent by one click. Undefined where it sent nothing. */
export function sendAgainPage(view: Site & { fields: Fields; address: string }) {
  const read = readUnsent(view.fields);
  if (!read) return undefined;
  return page(view, {
    statusCode: 403,
    title: 'Check this and send it again',
    template: unsent,
    context: { ...read, address: view.address },
  });
}
