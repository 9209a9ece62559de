/** The pages around signing in. */
import { inWords } from '../../../workflows/time.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import type { Role } from '../../shared/roles.ts';
import type { SignedIn } from '../../shared/session.ts';
import account from './account.njk';
import signIn from './sign-in.njk';
import signedOut from './signed-out.njk';

/** What signing in is for, with one button. Its form leads to the issuer, which may lead on to another one of its choosing. */
export function signInPage({ returnTo, issuer, ...site }: Site & { returnTo: string; issuer: string }) {
  const { protocol, origin } = new URL(issuer);
  return page(site, {
    title: 'Sign in',
    template: signIn,
    context: { returnTo },
    formsLeadTo: protocol === 'https:' ? protocol : origin,
  });
}

/** The session is over. `next` is where the issuer ends its own; the browser goes there by itself. */
export function signedOutPage({ next, ...site }: Site & { next: string | undefined }) {
  return page(site, {
    title: 'You are signed out',
    template: signedOut,
    context: { next },
    // Not a redirect: browsers stop those of forms that lead elsewhere, and pages of people who are signed in allow no such forms.
    ...(next === undefined ? {} : { headers: { refresh: `0; url=${next}` } }),
  });
}

export type AccountView = Site & {
  who: SignedIn;
  teams: readonly string[];
  idleMinutes: number;
  until: string;
};

const ROLE_WORDS: Record<Role, string> = {
  'link-worker': 'Link worker',
  coordinator: 'Coordinator',
  'provider-staff': 'Provider staff',
  auditor: 'Auditor',
};

/** Who somebody is here. */
export function accountPage({ who, teams, idleMinutes, until, ...site }: AccountView) {
  return page(site, {
    title: 'Your account',
    template: account,
    context: {
      facts: [
        { key: 'Name', value: who.name },
        { key: 'Email', value: who.email },
        {
          key: who.roles.length === 1 ? 'Role' : 'Roles',
          value: who.roles.map((role) => ROLE_WORDS[role]).join(', '),
        },
        { key: teams.length === 1 ? 'Team' : 'Teams', value: teams.join(', ') },
        { key: 'Signed in since', value: inWords(who.since) },
      ],
      hasRole: who.roles.length > 0,
      isProvider: who.roles.includes('provider-staff'),
      idleMinutes,
      until: inWords(until),
    },
  });
}
