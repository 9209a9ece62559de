/** A person's plan, measures and summary for the GP, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { measuresPage } from '../../../functions/link-worker-plan/pages/measures-views.ts';
import { planFormPage, planPage } from '../../../functions/link-worker-plan/pages/plan-views.ts';
import { summaryPage } from '../../../functions/link-worker-plan/pages/summary-views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { giveSummary } from '../../../workflows/episode-code.ts';
import { gpSummary } from '../../../workflows/gp-summary.ts';
import { licensedInstrumentSchema } from '../../../workflows/instrument.ts';
import { INSTRUMENTS, type Measurement } from '../../../workflows/measures.ts';
import type { Plan } from '../../../workflows/plan.ts';
import { draftOf, draftOfPlan, edited, fieldsOfDraft, readPlan } from '../../../workflows/plan-form.ts';
import type { Referral } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import {
  accepted,
  AMINA as amina,
  inReview,
  licensedInstrument,
  NOW,
  stored,
  TOM as tom,
} from '../workflows/builders.ts';
import { sampleAnswers } from './measures-samples.ts';

type Samples = Record<string, () => APIGatewayProxyStructuredResultV2>;

function samplePlan(mark: string): Plan {
  return {
    version: 2,
    at: '2026-11-20T12:00:00.000Z',
    by: amina,
    strengths: `Sings, and plays the guitar a little. Her sister is there for her.${mark}`,
    needs: `To know people of her age who do not drink.\n\nTo get out in the evenings.${mark}`,
    goals: [
      {
        goal: `Sing with other people once a week${mark}`,
        importance: 9,
        actions: [
          { what: `Amina asks the choir for a taster session${mark}`, status: 'done', confidence: 8 },
          {
            what: `Róisín goes to the first rehearsal, with her sister${mark}`,
            status: 'under-way',
            confidence: 6,
            reviewOn: '2026-11-23',
          },
          { what: 'Find out about the bus home', status: 'planned', reviewOn: '2027-01-15' },
        ],
        outcome: `She went twice and wants to stay.${mark}`,
      },
      { goal: `Sleep before midnight${mark}`, importance: 5, actions: [] },
    ],
  };
}

/** As the team sees them in the middle: who took them is said. */
function sampleMeasurements(mark: string): Measurement[] {
  const [start, end] = sampleAnswers(mark);
  if (!start || !end) throw new Error('nothing is answered');
  return [start, { ...end, at: '2027-02-08T15:00:00.000Z', point: 'middle', by: tom }];
}

/** The pages of the plan, the measures and the summary, each with its errors and with whoever was faster. */
export function planSamples(site: Site, person: Person, now: string, mark = ''): Samples {
  const referral: Referral = { ...inReview(), person, reference: 'SP-7K4M-2Q9X' };
  const about = { ...site, referral, now };
  const plan = samplePlan(mark);
  const first: Plan = { ...plan, version: 1, at: '2026-11-17T10:00:00.000Z', by: tom };
  const known = [plan, first];
  const draft = draftOfPlan(plan);
  const wrongDraft = draftOf({
    ...fieldsOfDraft(edited(edited(draft, 'add-goal') ?? draft, 'add-action-2') ?? draft),
    'importance-1': `11${mark}`,
    'reviewOn-1-2-day': '31',
    'reviewOn-1-2-month': '2',
    'action-1-1': '',
    'reviewOn-1-3-year': '2026',
    'confidence-2-1': 'very',
    'outcome-3': `Went well${mark}`,
  });
  const wrong = readPlan(wrongDraft, [], now);
  const nothing = readPlan(draftOf({}), [], now);
  const measurements = sampleMeasurements(mark);
  const licensed = licensedInstrumentSchema.parse(licensedInstrument);
  const measures = { ...about, measurements, instruments: [...INSTRUMENTS, licensed], key: 'key' };
  const text = (of: Referral) =>
    gpSummary(of, {
      plan,
      measurements,
      instruments: INSTRUMENTS,
      programmeName: (id) => id,
      words: {
        name: `Róisín O'Brien${mark}`,
        nhsNumber: '943 476 5919',
        communication: `Large print${mark}`,
        gpPractice: `Example Surgery (F83010)${mark}`,
        referrer: `Dr Amara Okafor, GP${mark}`,
        declineReason: undefined,
      },
      serviceName: site.serviceName,
      contact: site.linkWorkers ?? '',
      now,
    });
  const given = stored(giveSummary(referral, `Amina Rahman${mark}`, NOW));
  const closed: Referral = {
    ...(referral as Extract<Referral, { stage: 'review' }>),
    stage: 'closed',
    closedAt: now,
    ending: { kind: 'withdrawn', decidedAt: now },
    request: {
      ...referral.request,
      consent: { given: false, reason: 'best-interests', detail: `Could not be asked.${mark}`, at: now },
    },
  };
  return {
    plan: () => planPage({ ...about, shown: plan, known }),
    'plan-earlier': () => planPage({ ...about, shown: first, known }),
    'plan-first': () => planPage({ ...about, shown: { ...first, goals: [] }, known: [first] }),
    'plan-form': () => planFormPage({ ...about, draft, base: 2 }),
    'plan-form-empty': () => planFormPage({ ...about, draft: draftOfPlan(undefined), base: 0 }),
    'plan-form-errors': () =>
      planFormPage({ ...about, draft: wrongDraft, base: 2, errors: 'errors' in wrong ? wrong.errors : {} }),
    'plan-form-empty-errors': () =>
      planFormPage({
        ...about,
        draft: draftOf({}),
        base: 0,
        errors: 'errors' in nothing ? nothing.errors : {},
      }),
    'plan-form-overtaken': () =>
      planFormPage({ ...about, draft, base: 3, overtakenBy: { ...plan, version: 3, by: tom } }),
    measures: () => measuresPage(measures),
    'measures-none': () => measuresPage({ ...measures, measurements: [], instruments: INSTRUMENTS }),
    'measures-due': () =>
      measuresPage({ ...measures, referral: { ...accepted(), person, reference: referral.reference } }),
    'measures-due-no-email': () => {
      const { email: _none, ...unreachable } = person;
      return measuresPage({ ...measures, referral: { ...accepted(), person: unreachable } });
    },
    'measures-no-longer': () => measuresPage({ ...measures, instruments: INSTRUMENTS }),
    'measures-late': () =>
      measuresPage({ ...measures, late: 'Nothing was recorded.', form: { values: { 'ons4-happy': '4' } } }),
    'measures-errors': () =>
      measuresPage({
        ...measures,
        form: {
          values: { 'ons4-happy': `11${mark}`, 'ucla3-isolated': '2', 'mycaw-one-words': mark },
          errors: {
            point: 'Select when they are taken',
            'ons4-happy': 'Enter a whole number from 0 to 10, or leave it empty if it was not answered',
          },
        },
      }),
    summary: () => summaryPage({ ...about, text: text(referral) }),
    'summary-given': () => summaryPage({ ...about, referral: given, text: text(given) }),
    'summary-closed': () => summaryPage({ ...about, referral: closed, text: text(closed) }),
  };
}
