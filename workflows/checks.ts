/** What people type, cleaned and checked: text, postcodes, NHS numbers, dates. */
import { parse as parsePostcode } from 'postcode';

/** The NHS's pseudo postcode for someone with no fixed address (NHS Data Dictionary, POSTCODE OF USUAL ADDRESS). */
export const NO_FIXED_ADDRESS = 'ZZ99 3VZ';

/** ODS default codes in place of a GP practice's (NHS Data Dictionary, default codes). */
export const GP_PRACTICE = { none: 'V81997', unknown: 'V81999' } as const;

/** What people paste: line ends of any kind, spaces around, composed letters, and invisible characters (joiners are spelling). */
export function clean(value: string | undefined): string {
  return (
    (value ?? '')
      .replace(/\r\n?/g, '\n')
      .replace(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}]/gu, '')
      // Half a character, which no table keeps as it is.
      .replace(/\p{Cs}/gu, '')
      // Last, since a letter and its accent may have been apart until here.
      .normalize('NFC')
      .trim()
      // Joiners that join nothing say nothing.
      .replace(/^[\s\u200c\u200d]+$/, '')
  );
}

/** Whether a text says something: at least so many letters and digits, not a few of them again and again, in more than one word. */
export function saysSomething(text: string, least: number): boolean {
  const letters = text.match(/[\p{Letter}\p{Number}]/gu) ?? [];
  const words = text.match(/[\p{Letter}\p{Mark}\p{Number}]+/gu) ?? [];
  return letters.length >= least && new Set(letters).size * 2 >= least && words.length > 1;
}

/** A full UK postcode as it is written ("NW1 8AB"); undefined when it is not one. */
export function postcodeAsWritten(text: string): string | undefined {
  const parsed = parsePostcode(text.replace(/\s+/g, ''));
  return parsed.valid ? parsed.postcode : undefined;
}

/** The outward part of a UK postcode ("NW1 8AB" → "NW1"); undefined when it is not one. */
export function postcodeDistrict(postcode: string): string | undefined {
  const parsed = parsePostcode(postcode.replace(/\s+/g, ''));
  return parsed.valid ? parsed.outcode : undefined;
}

/** True for ten digits whose last is the Modulus 11 check digit and that are not all equal (NHS service manual). */
export function isNhsNumber(digits: string): boolean {
  if (!/^\d{10}$/.test(digits) || /^(\d)\1{9}$/.test(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const check = 11 - (sum % 11);
  return check !== 10 && (check === 11 ? 0 : check) === Number(digits[9]);
}

/** An ISO date from what was typed; undefined when there is no such day. */
export function realDate(day: string, month: string, year: string): string | undefined {
  if (!/^\d{1,2}$/.test(day) || !/^\d{1,2}$/.test(month) || !/^\d{4}$/.test(year)) return undefined;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/** The ISO date in a form's three boxes; undefined where there is no such day. */
export function dateIn(
  fields: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const [day = '', month = '', year = ''] = ['day', 'month', 'year'].map((part) =>
    clean(fields[`${name}-${part}`]),
  );
  return realDate(day, month, year);
}

/** A time on the 24-hour clock, as people write it: with a colon or a full stop. */
const TIME = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

/** HH:MM from what was typed; undefined when it is no time on the 24-hour clock. */
export function timeIn(text: string): string | undefined {
  const [, hours, minutes] = TIME.exec(text) ?? [];
  return hours === undefined ? undefined : `${hours.padStart(2, '0')}:${minutes}`;
}
