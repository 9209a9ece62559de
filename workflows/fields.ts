/** What the fields of a record are made of. */
import * as z from 'zod/mini';

/** How many characters fit: what a form takes, the table must take. Two names and a space are a line. */
export const LIMITS = { name: 99, line: 200, text: 4000 } as const;

export const instant = z.iso.datetime();
export const shortText = z.string().check(z.minLength(1), z.maxLength(LIMITS.line));
/** One name; two of them with a space still fit where a full name goes. */
export const nameText = z.string().check(z.minLength(1), z.maxLength(LIMITS.name));
export const longText = z.string().check(z.minLength(1), z.maxLength(LIMITS.text));
export const code = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(60));
