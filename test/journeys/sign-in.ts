/** Signing in and out, as one of the examples of people who may. */
import { type Jar, type Page, visit } from './browser.ts';
import type { Cloud } from './cloud.ts';

/** The link workers of the first and the second team, the coordinator, the provider's staff and the auditor. */
export type Who = 'amina' | 'sam' | 'tom' | 'priya' | 'alex';

/** Signs somebody in, in the browser that the jar is of, and gives the page that they come to: the one that they wanted. */
export async function signIn(cloud: Cloud, jar: Jar, who: Who, wanted = '/account'): Promise<Page> {
  const address = `${cloud.baseUrl}/sign-in?${new URLSearchParams({ return: wanted })}`;
  return identify(cloud, await (await visit(address, jar)).submit(undefined, { return: wanted }), who);
}

/** Says at the issuer who somebody is: by one click on a laptop, by email and password elsewhere. */
export async function identify(cloud: Cloud, issuer: Page, who: Who): Promise<Page> {
  if (!issuer.has('password')) return issuer.submit(undefined, { person: who });
  const person = (await cloud.people()).find(({ id }) => id === who);
  if (!person?.password) throw new Error(`${who} has no password`);
  return issuer.submit(undefined, { username: person.email, password: person.password });
}

/** The id of the team that somebody belongs to first. */
export async function teamOf(cloud: Cloud, who: Who): Promise<string> {
  const groups = (await cloud.people()).find(({ id }) => id === who)?.groups ?? [];
  const team = groups.find((group) => group.startsWith('team:'));
  if (team === undefined) throw new Error(`${who} belongs to no team`);
  return team.slice('team:'.length);
}

/** Signs out by the button of a page, here and at the issuer, and gives the page that it leads back to. */
export async function signOut(page: Page, jar: Jar): Promise<Page> {
  const out = await page.submit(undefined, { csrf: page.valueOf('csrf') ?? '' });
  const next = /^0; url=(.+)$/.exec(out.headers.get('refresh') ?? '')?.[1];
  if (next === undefined) throw new Error(`not signed out: ${out.status} ${out.text}`);
  return visit(next, jar);
}
