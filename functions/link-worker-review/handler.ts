/** Link workers and coordinators, signed in: they read a referral, decide its review, and record what came of a welfare contact. */
import { workspace } from '../shared/session.ts';
import { actOnReferral, showReferral } from './signed-in.ts';

export const handler = workspace({
  'GET /referrals/{reference}': { roles: ['link-worker', 'coordinator', 'auditor'], answer: showReferral },
  'POST /referrals/{reference}': { roles: ['link-worker', 'coordinator', 'auditor'], answer: actOnReferral },
});
