/**
 * Honeypot and time trap: programs that fill in every form fill in a field that people do not see, and take no time to read. Nobody is
 * turned away by it: a person who is caught reads one sentence and sends the form again.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { keyFor, keysFor } from '../shared/secret.ts';

/** Nobody reads a form and fills it in within this time. */
const QUICKEST_SECONDS = 3;
/** Whoever was shown a form longer ago is asked to send it again: one look at a page must not do for ever. */
const LONGEST_SECONDS = 86_400;

/** The forms that everybody may send: before the first question, after the last one, and the one that asks everything. */
export type TrappedForm = 'begin' | 'check' | 'professional';

/**
 * What a form carries to say when it was first shown: what it carried already, if that is true and not long ago, otherwise now. It cannot
 * be forged nor used for another form, and says nothing about whom it was shown to.
 */
export async function servedAt(form: TrappedForm, now: string, before?: string): Promise<string> {
  const shown = await shownAt(form, before);
  if (before !== undefined && shown !== undefined && secondsSince(shown, now) <= LONGEST_SECONDS)
    return before;
  const seconds = Math.floor(Date.parse(now) / 1000).toString(36);
  return `${seconds}.${signature(form, seconds, await keyFor('form'))}`;
}

/** Why a form is not taken yet; undefined when a person may have filled it in. */
export async function trapped(
  form: TrappedForm,
  fields: Fields,
  now: string,
): Promise<FieldErrors | undefined> {
  if (fields.website) return { send: 'Please check your answers, then send the form again' };
  const shown = await shownAt(form, fields.served);
  if (shown === undefined)
    return { send: 'This page was open in an unusual way. Please send the form again' };
  const seconds = secondsSince(shown, now);
  if (seconds > LONGEST_SECONDS)
    return {
      send: 'This page was open for a long time. Please check your answers, then send the form again',
    };
  return seconds < QUICKEST_SECONDS
    ? { send: 'That was very quick. Please check your answers, then send the form again' }
    : undefined;
}

function secondsSince(shown: number, now: string): number {
  return Date.parse(now) / 1000 - shown;
}

/** When a form was first shown, in seconds since 1970; undefined when it does not say so truly. */
async function shownAt(form: TrappedForm, served: string | undefined): Promise<number | undefined> {
  const [, seconds = '', signed = ''] = /^([0-9a-z]{1,10})\.([\w-]{22})$/.exec(served ?? '') ?? [];
  if (seconds === '') return undefined;
  const known = (await keysFor('form')).some((key) =>
    timingSafeEqual(Buffer.from(signed), Buffer.from(signature(form, seconds, key))),
  );
  return known ? Number.parseInt(seconds, 36) : undefined;
}

function signature(form: TrappedForm, seconds: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`served ${form} ${seconds}`).digest('base64url').slice(0, 22);
}
