/** Other systems: they refer people, ask where their referrals are, and read the directory. */
import { jsonApi } from './answers.ts';
import { showDocument } from './openapi.ts';
import { status, submit } from './referrals.ts';
import { about, listServices, showService } from './services.ts';

export const handler = jsonApi({
  'GET /api': about,
  'GET /api/openapi.json': showDocument,
  'POST /api/referrals': submit,
  'GET /api/referrals/{reference}': status,
  'GET /api/services': listServices,
  'GET /api/services/{id}': showService,
});
