/** Phone numbers. Apart from the other checks, since what knows them is large. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min.json';

/**
 * True for a number that can be called: a UK one of a possible length, or any other country's with its "+".
 * Ranges are not checked: new ones are opened all the time, and a number refused is a person who is not called.
 */
export function isPhone(text: string): boolean {
  if (!/^\+?[\d\s().\p{Pd}]+$/u.test(text)) return false;
  const digits = text.replace(/\D/g, '');
  const abroad = /^(\+|00)(?!44)/.test(text.replace(/[\s().\p{Pd}]/gu, ''));
  if (abroad) return digits.length >= 8 && digits.length <= 17;
  return parsePhoneNumberFromString(text, 'GB', metadata)?.isPossible() ?? false;
}
