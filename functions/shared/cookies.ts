/** The cookies of this service: all of them are set and read here, in one way. */
import type { Visit } from './web.ts';

/** A cookie's value; undefined when the browser sent none of that name. */
export function cookieIn(visit: Visit, name: string): string | undefined {
  const before = `${cookieName(name, visit)}=`;
  return visit.cookies.find((cookie) => cookie.startsWith(before))?.slice(before.length);
}

/** How a cookie is set. It goes when the browser is closed, unless something is added. */
export function cookie(name: string, value: string, visit: Visit): string {
  const secure = visit.secure ? '; Secure' : '';
  return `${cookieName(name, visit)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

/** Takes a cookie away. */
export function noCookie(name: string, visit: Visit): string {
  return `${cookie(name, '', visit)}; Max-Age=0`;
}

/**
 * What a cookie is called. Over TLS with a prefix by which browsers see to it that nobody else can have set it: no other host under the same
 * domain, and nobody without TLS.
 */
function cookieName(name: string, { secure }: Visit): string {
  return secure ? `__Host-${name}` : name;
}
