/** Link workers and coordinators: a person's plan, the measures taken with them, and what their GP practice is told. */
import { forOwnCase } from '../shared/case-access.ts';
import { workspace } from '../shared/session.ts';
import { saveMeasures, showMeasures } from './measures.ts';
import { savePlan, showPlan } from './plan.ts';
import { noteGiven, showSummary } from './summary.ts';

const roles = ['link-worker', 'coordinator'] as const;

export const handler = workspace({
  'GET /referrals/{reference}/plan': { roles, answer: forOwnCase(showPlan) },
  'POST /referrals/{reference}/plan': { roles, answer: forOwnCase(savePlan) },
  'GET /referrals/{reference}/measures': { roles, answer: forOwnCase(showMeasures) },
  'POST /referrals/{reference}/measures': { roles, answer: forOwnCase(saveMeasures) },
  'GET /referrals/{reference}/summary': { roles, answer: forOwnCase(showSummary) },
  'POST /referrals/{reference}/summary': { roles, answer: forOwnCase(noteGiven) },
});
