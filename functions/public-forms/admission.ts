/** How often one client may send forms. */
import { createHmac } from 'node:crypto';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { keyFor } from '../shared/secret.ts';
import { admit } from '../shared/throttle.ts';
import { type PageResult, site, type Visit } from '../shared/web.ts';

const WINDOW_SECONDS = 600;

/** The page for a client who has sent too much; undefined for everybody else. Counts this sending. */
export async function sentTooMuch({ client, now }: Visit): Promise<PageResult | undefined> {
  const { TABLE_NAME, FORMS_PER_TEN_MINUTES } = environment('page');
  // The address itself is kept nowhere.
  const hash = createHmac('sha256', await keyFor('form'))
    .update(`client ${client}`)
    .digest('base64url');
  const limit = { count: FORMS_PER_TEN_MINUTES, seconds: WINDOW_SECONDS };
  const admission = await admit(TABLE_NAME, hash, limit, now);
  return admission.admitted ? undefined : problemPage('too-many', { ...site(), ...admission });
}
