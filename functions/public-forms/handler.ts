/** The public: what this is, three ways to refer, and that the referral arrived. */
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { pages, site, type Visit } from '../shared/web.ts';
import { helpNowPage, homePage, privacyPage, sentPage, startPage } from './pages/views.ts';
import { sendProfessional, showProfessional } from './professional.ts';
import { showReturn, takeUp } from './save.ts';
import { answerStep, begin, showBegin, showStep } from './steps.ts';

const REFERENCE = /^SP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

export const handler = pages({
  'GET /': async () => homePage(site()),
  'GET /privacy': async () => privacyPage({ ...site(), ...environment('intake').LAWFUL_BASIS }),
  'GET /refer': async ({ query }) =>
    startPage({ ...site(), programmeId: findProgramme(query.programme)?.id }),
  'GET /refer/professional': showProfessional,
  'POST /refer/professional': sendProfessional,
  'GET /refer/myself': (visit) => showBegin(visit, 'myself'),
  'POST /refer/myself': (visit) => begin(visit, 'myself'),
  'GET /refer/myself/{step}': (visit) => showStep(visit, 'myself'),
  'POST /refer/myself/{step}': (visit) => answerStep(visit, 'myself'),
  'GET /refer/someone-i-know': (visit) => showBegin(visit, 'someone-i-know'),
  'POST /refer/someone-i-know': (visit) => begin(visit, 'someone-i-know'),
  'GET /refer/someone-i-know/{step}': (visit) => showStep(visit, 'someone-i-know'),
  'POST /refer/someone-i-know/{step}': (visit) => answerStep(visit, 'someone-i-know'),
  'GET /refer/return/{draft}': showReturn,
  'POST /refer/return/{draft}': takeUp,
  'GET /refer/sent/{reference}': withReference((reference, { query }) =>
    sentPage({
      ...site(),
      reference,
      already: query.already,
      newsletter: environment('intake').NEWSLETTER_URL || undefined,
    }),
  ),
  'GET /refer/help-now/{reference}': withReference((reference) =>
    helpNowPage({ ...site(), self: false, reference }),
  ),
});

/** A page about a reference in the address, which says nothing about whether there is such a referral. */
function withReference(show: (reference: string, visit: Visit) => ReturnType<typeof sentPage>) {
  return async (visit: Visit) => {
    const { reference } = visit.path;
    return reference !== undefined && REFERENCE.test(reference)
      ? show(reference, visit)
      : problemPage('not-found', site());
  };
}
