/**
 * Honeypot and time trap: programs that fill in every form fill in a field that people do not see, and take no time to read. Nobody is
 * turned away by it: a person who is caught reads one sentence and sends the form again.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { keyFor } from '../shared/secret.ts';

/** Nobody reads a form and fills it in within this time. */
const QUICKEST_SECONDS = 3;

/**
 * What a form carries to say when it was first shown: what it carried already, if that is true, otherwise now. It cannot be forged, and
 * says nothing about whom it was shown to.
 */
export async function servedAt(now: string, before?: string): Promise<string> {
  if (before !== undefined && (await shownAt(before)) !== undefined) return before;
  const seconds = Math.floor(Date.parse(now) / 1000).toString(36);
  return `${seconds}.${await signature(seconds)}`;
}

/** Why a form is not taken yet; undefined when a person may have filled it in. */
export async function trapped(fields: Fields, now: string): Promise<FieldErrors | undefined> {
  if (fields.website) return { send: 'Please check your answers, then send the form again' };
  const shown = await shownAt(fields.served);
  if (shown === undefined)
    return { send: 'This page was open in an unusual way. Please send the form again' };
  return Date.parse(now) / 1000 - shown < QUICKEST_SECONDS
    ? { send: 'That was very quick. Please check your answers, then send the form again' }
    : undefined;
}

/** When a form was first shown, in seconds since 1970; undefined when it does not say so truly. */
async function shownAt(served: string | undefined): Promise<number | undefined> {
  const [, seconds = '', signed = ''] = /^([0-9a-z]{1,10})\.([\w-]{22})$/.exec(served ?? '') ?? [];
  if (seconds === '') return undefined;
  const expected = await signature(seconds);
  return timingSafeEqual(Buffer.from(signed), Buffer.from(expected))
    ? Number.parseInt(seconds, 36)
    : undefined;
}

async function signature(seconds: string): Promise<string> {
  return createHmac('sha256', await keyFor('form'))
    .update(`served ${seconds}`)
    .digest('base64url')
    .slice(0, 22);
}
