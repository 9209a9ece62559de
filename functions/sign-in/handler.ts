/** People who work with referrals: they sign in, see who they are here, and sign out. */
import { after } from '../../workflows/time.ts';
import { cookie, cookieIn, noCookie } from '../shared/cookies.ts';
import { environment } from '../shared/environment.ts';
import { IssuerUnavailableError } from '../shared/issuer.ts';
import { Message, note, warn } from '../shared/log.ts';
import { routeOf } from '../shared/log-fields.ts';
import { problemPage } from '../shared/pages/problems.ts';
import {
  beginSession,
  endSession,
  guarded,
  isOwnForm,
  type Person,
  type SignedIn,
  signInAddress,
  siteFor,
  whoIsSignedIn,
} from '../shared/session.ts';
import { leaveOtherTeams, noteMember } from '../shared/team-members.ts';
import { type PageResult, pages, redirect, site, type Visit } from '../shared/web.ts';
import { beginFlow, claimsFor, logoutUrl, SignInError, type SignInReason } from './exchange.ts';
import { FLOW_SECONDS, flowCookie, openFlow, sealFlow } from './flow.ts';
import { accountPage, signedOutPage, signInPage } from './pages/views.ts';
import { personOf } from './person.ts';
import { localAddress } from './return-address.ts';

/** Where whoever has signed in comes to who did not want anything in particular: to their work, if they have any here. */
function homeOf({ roles }: Pick<Person, 'roles'>): string {
  return roles.includes('link-worker') || roles.includes('coordinator') ? '/worklist' : '/account';
}

export const handler = pages({
  'GET /sign-in': show,
  'POST /sign-in': begin,
  'GET /sign-in/callback': finish,
  'POST /sign-out': signOut,
  ...guarded({ 'GET /account': { roles: 'anyone', answer: showAccount } }),
});

/** Says what this is for, with one button. Whoever is signed in goes on. */
async function show(visit: Visit): Promise<PageResult> {
  const returnTo = localAddress(visit.query.return) ?? '';
  const who = await whoIsSignedIn(visit);
  if (who) return redirect(returnTo || homeOf(who));
  return signInPage({ ...site(), returnTo, issuer: environment('signIn').IDENTITY_ISSUER });
}

/** Leads to the issuer. What its answer is compared with stays in the browser. */
async function begin(visit: Visit): Promise<PageResult> {
  return whenAvailable(async () => {
    const { flow, url } = await beginFlow(localAddress(visit.fields.return) ?? '', visit.now);
    const sealed = await sealFlow(flow);
    const name = flowCookie(flow.state);
    return redirect(url, [`${cookie(name, sealed, visit)}; Max-Age=${FLOW_SECONDS}`]);
  });
}

/** The issuer's answer: a session for whom it names, once. */
async function finish(visit: Visit): Promise<PageResult> {
  const sealed = cookieIn(visit, flowCookie(visit.query.state));
  const flow = sealed === undefined ? undefined : await openFlow(sealed, visit.now);
  // Somebody went back to an answer that was taken already.
  const before = flow ? undefined : await whoIsSignedIn(visit);
  if (before) return redirect(homeOf(before));
  if (!flow) return failed(visit, sealed === undefined ? 'no-cookie' : 'cookie');
  return whenAvailable(async () => {
    try {
      const query = Object.entries(visit.query).map(([name, value]) => [name, value ?? '']);
      const claims = await claimsFor(Object.fromEntries(query), flow, visit.now);
      const person = personOf(claims);
      const session = await beginSession(visit, person);
      const { TABLE_NAME, TEAMS } = environment('signIn');
      await Promise.all([
        noteMember(TABLE_NAME, person, visit.now),
        leaveOtherTeams(
          TABLE_NAME,
          person,
          TEAMS.map(({ id }) => id),
          visit.now,
        ),
      ]);
      note(Message.signedIn);
      return redirect(flow.returnTo || homeOf(person), [session, forgetFlow(visit)]);
    } catch (error) {
      if (error instanceof SignInError) return failed(visit, error.reason, flow.returnTo || undefined);
      throw error;
    }
  });
}

/** Ends our session, then the issuer's: otherwise the next person at this computer would be signed in without being asked. */
async function signOut(visit: Visit): Promise<PageResult> {
  const who = await whoIsSignedIn(visit);
  if (who && !(await isOwnForm(visit))) {
    note(Message.accessRefused, { route: routeOf('POST /sign-out'), reason: 'csrf' });
    return problemPage('not-from-here', siteFor(who));
  }
  const forget = await endSession(visit);
  note(Message.signedOut);
  const next = await logoutUrl().catch((error) => {
    warn(Message.issuerUnavailable, error);
    return undefined;
  });
  return { ...signedOutPage({ ...site(), next }), cookies: [forget] };
}

async function showAccount(_: Visit, who: SignedIn): Promise<PageResult> {
  const { TEAMS, SESSION_IDLE_MINUTES, SESSION_HOURS } = environment('signIn');
  return accountPage({
    ...siteFor(who),
    who,
    teams: TEAMS.filter(({ id }) => who.teams.includes(id)).map(({ name }) => name),
    idleMinutes: SESSION_IDLE_MINUTES,
    until: after(who.since, { hours: SESSION_HOURS }),
  });
}

function failed(visit: Visit, reason: SignInReason, returnTo?: string): PageResult {
  note(Message.signInRefused, { reason });
  const page = problemPage('sign-in-failed', { ...site(), signIn: signInAddress(returnTo) });
  return { ...page, cookies: [forgetFlow(visit)] };
}

function forgetFlow(visit: Visit): string {
  return noCookie(flowCookie(visit.query.state), visit);
}

async function whenAvailable(answer: () => Promise<PageResult>): Promise<PageResult> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof IssuerUnavailableError)) throw error;
    warn(Message.issuerUnavailable, error);
    return problemPage('sign-in-unavailable', site());
  }
}
