/** Somebody who has signed in, with the pages that they open and the forms that they send. */
import type { Role } from '../../../functions/shared/roles.ts';
import { beginSession, whoIsSignedIn } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { NOW } from '../workflows/builders.ts';
import { type Request, request } from './environment.ts';

type Fields = Record<string, string>;
type At = { route: string; path: Fields; query?: Fields; now?: string };

/** Signs somebody in: a link worker of the team that looks after the rest, unless it says otherwise. */
export async function atWork(
  name = 'Amina',
  {
    roles = ['link-worker'],
    teams = ['all'],
    now = NOW,
  }: { roles?: Role[]; teams?: string[]; now?: string } = {},
) {
  const nothing = { path: {}, query: {}, fields: {}, cookies: [], client: '', requestId: '', address: '/' };
  const visit: Visit = { ...nothing, now, secure: false };
  const person = { sub: name.toLowerCase(), name, email: '', roles, teams };
  const cookies = [(await beginSession(visit, person)).split(';')[0] ?? ''];
  const csrf = (await whoIsSignedIn({ ...visit, cookies }))?.csrf ?? '';
  return {
    csrf,
    open: (handler: unknown, at: At) => request(handler, { now, ...at, route: `GET ${at.route}`, cookies }),
    send: (handler: unknown, at: At & { fields: Fields }) =>
      request(handler, { now, ...at, route: `POST ${at.route}`, fields: { csrf, ...at.fields }, cookies }),
    /** A body as it is, whatever it is. */
    sendAs: (handler: unknown, at: At & Pick<Request, 'body' | 'headers' | 'isBase64Encoded'>) =>
      request(handler, { now, ...at, route: `POST ${at.route}`, cookies }),
  };
}
