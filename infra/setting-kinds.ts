/** The kinds of settings there are: how each is checked, its rule in words, and an example. They are put together in settings.ts. */
import * as z from 'zod';
import type { Team } from '../functions/shared/environment.ts';
import { FIGURES, type Figure } from '../workflows/reminder-policy.ts';
import { LEAST_RETENTION, MOST_RETENTION, RETENTION, type Retention } from '../workflows/retention-policy.ts';

/** The retention periods that CloudWatch Logs has; it refuses any other. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** One setting: how it is checked, the rule in words, and a value that is right. */
export function setting<T extends z.ZodType>(schema: T, rule: string, example: unknown) {
  return schema.meta({ rule, example });
}

/** Whole numbers arrive as text from the environment and the command line. */
export function wholeNumber(least: number, most: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value),
    z.int().min(least).max(most),
  );
}

/** Lists and objects arrive as JSON from the environment and the command line. */
export function fromJson<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }, schema);
}

/** Names arrive with commas between them from the environment and the command line. */
export function names<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    const list = value.split(',').map((name) => name.trim());
    return list.filter((name) => name !== '');
  }, schema);
}

/** `true` and `false` arrive as text from the environment and the command line. */
export function yesOrNo() {
  return z.preprocess(
    (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
    z.boolean(),
  );
}

/** Somebody who is phoned when an alarm rings. An alarm's description, where they are shown, has no room for long texts. */
export function phoned(who: string, example: string) {
  return setting(
    z
      .string()
      .refine(
        (text) => text === '' || (/^[^\p{Cc}]{1,80}$/u.test(text) && /\p{L}/u.test(text) && isPhoned(text)),
      ),
    `must be "" (only in development) or the name and telephone number of ${who}, 80 characters at most`,
    example,
  );
}

/** Whether a text has a number that can be dialled, of six digits at least. */
function isPhoned(text: string): boolean {
  return /\d(?:[ ()-]*\d){5}/.test(text);
}

/** How often one address may do something in five minutes before the firewall makes it wait. */
export function rate(what: string, example: number) {
  return setting(
    // AWS WAF counts from 10 on.
    wholeNumber(10, 1_000_000),
    `must be how many ${what} one address may send in five minutes, 10 to 1000000`,
    example,
  );
}

/**
 * The lengths of a figure of the reminder policy: as many as it has, each at least a minute and at most a year, so that there always is a next
 * reminder. Before a session no working days are counted.
 */
export function waits(name: Figure) {
  const example = FIGURES[name];
  const count = example.split(' ').length;
  const units = name === 'session' ? 'mhd' : 'mhdw';
  return setting(
    z.string().refine((text) => {
      const all = text.split(' ');
      return all.length === count && all.every((each) => isWait(each, units));
    }),
    `must be ${count === 1 ? 'a length of time' : `${count} lengths of time with spaces between them`}, each a whole number and m (minutes), h (hours), d (days)${name === 'session' ? '' : ' or wd (working days)'}, from 1m to 366d`,
    example,
  );
}

const MINUTES = { m: 1, h: 60, d: 1440, wd: 1440 } as const;

function isWait(text: string, units: string): boolean {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})(m|h|d|wd)$/.exec(text) ?? [];
  if (unit === '' || !units.includes(unit.charAt(0))) return false;
  return Number(count) * MINUTES[unit as keyof typeof MINUTES] <= 366 * 1440;
}

/** Which figures a service may set. */
export const SETTABLE = Object.keys(FIGURES).filter(
  (name) => name !== 'hold' && name !== 'session-reminder',
) as Figure[];

/** A period of the retention policy. */
export function kept(name: keyof Retention, what: string) {
  const [least, most] = [LEAST_RETENTION[name], MOST_RETENTION[name]];
  return setting(wholeNumber(least, most), `must be ${what}, ${least} to ${most}`, RETENTION[name]);
}

/** The name of a setting has no hyphens: `check-in` → `checkIn`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function timeOfDay(what: string, example: string) {
  return setting(
    z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    `must be the time in London at which ${what}, as HH:MM`,
    example,
  );
}

/** The name of a claim in the issuer's tokens. */
export function claim(what: string) {
  return setting(
    z.string().regex(/^[\x21-\x7e]{1,200}$/),
    `must be the name of the claim that says ${what}`,
    'cognito:groups',
  );
}

/** Whether everybody has exactly one team. */
export function areTeams(teams: readonly Team[]): boolean {
  const ids = teams.map(({ id }) => id);
  const districts = teams.flatMap(({ postcodeDistricts }) => postcodeDistricts);
  const forTheRest = teams.filter(({ postcodeDistricts }) => postcodeDistricts.length === 0);
  return (
    new Set(ids).size === ids.length &&
    new Set(districts).size === districts.length &&
    forTheRest.length === 1
  );
}

export const emailRule = 'must be one email address';

/** `https://host` with nothing behind it: links append their own path. Plain http only for the machine itself. */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isSafe(url) && url.origin === text;
}

function isSafe({ protocol, hostname }: URL): boolean {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && local);
}

/** An OpenID issuer: compared letter by letter with what tokens say, so a path and a slash at the end are its own affair. */
export function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const url = new URL(text);
  return isSafe(url) && url.username === '' && url.password === '';
}

/** So many characters the licensed measures may have, as JSON. */
export const MOST_OF_LICENSED = 2400;
