/** Where somebody comes back to who has signed in: a page of this service, whatever the address says. */

/** Longer ones are nobody's, and would not fit a cookie. */
const LONGEST = 1000;
const NOWHERE = 'https://nowhere.invalid';

/** A local address as it may be led to; undefined when it leads elsewhere, back to signing in, or nowhere. */
export function localAddress(text: string | undefined): string | undefined {
  // Browsers take a backslash for a slash, and leave out line ends and tabs.
  if (text === undefined || text.length > LONGEST || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text))
    return undefined;
  if (text.includes('\\') || !URL.canParse(text, NOWHERE)) return undefined;
  const { origin, pathname, search } = new URL(text, NOWHERE);
  if (origin !== NOWHERE || pathname.startsWith('//') || /^\/sign-(in|out)(\/|$)/.test(pathname))
    return undefined;
  return `${pathname}${search}`;
}
