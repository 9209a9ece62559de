/** What may be done with a person's data, as it comes in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { copyPage } from '../../../functions/data-rights/pages/copy-views.ts';
import { correctPage } from '../../../functions/data-rights/pages/correct-views.ts';
import {
  dataPage,
  erasedPage,
  erasePage,
  type RightsView,
} from '../../../functions/data-rights/pages/views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { fieldsOfPerson } from '../../../workflows/form.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { accepted, TOM } from '../workflows/builders.ts';

/** Their data while a referral is open, once it is closed and under a legal hold; what is erased, and what is not; a copy; and their details. */
export function rightsSamples(
  site: Site,
  mark = '',
): Record<string, () => APIGatewayProxyStructuredResultV2> {
  const reference = 'SP-7K4M-2Q9X';
  const at = '2026-11-24T10:00:00.000Z';
  const open = accepted();
  const person = { ...open.person, firstName: `Róisín${mark}`, familyName: `O'Brien${mark}` };
  const referral: Referral = { ...open, reference, person };
  const legalHold = { since: at, by: TOM, reason: `Complaint 12 of the ombudsman.${mark}` };
  const view: RightsView = {
    ...{ ...site, referral, keptUntil: undefined, next: undefined, whyKept: 'open' as const },
    ...{ others: [], elsewhere: 0 },
  };
  const keptUntil = '2034-11-24T10:00:00.000Z';
  const closed: RightsView = {
    ...view,
    keptUntil,
    next: { step: 'warn', at: '2034-10-25T09:00:00.000Z' },
    whyKept: undefined,
  };
  const held: RightsView = {
    ...{ ...closed, next: undefined, whyKept: 'legal-hold' as const },
    referral: { ...referral, legalHold },
  };
  const copy = {
    madeAt: at,
    elsewhere: ['SP-9W2C-77HA'],
    referrals: [
      {
        ...{
          reference,
          stage: 'closed',
          createdAt: at,
          person,
          request: { ...open.request, needs: `Lonely${mark}` },
        },
        ...{ history: open.history, offers: open.offers, programme: open.programme, contacts: [] },
        notes: [{ at, by: TOM, text: `We spoke for an hour.\nShe sings again.${mark}` }],
        whoLooked: [{ at, who: 'Tom Wells', roles: ['coordinator'], did: 'looked', lookedAt: 'overview' }],
      },
    ],
  };
  const details = { ...fieldsOfPerson(person), detailsSeen: 'of-what-was-shown' };
  return {
    'data-correct': () => correctPage({ ...site, reference, form: { values: details } }),
    'data-correct-errors': () =>
      correctPage({
        ...{ ...site, reference },
        form: {
          values: { ...details, familyName: '', postcode: `NW1${mark}` },
          errors: { familyName: 'Enter a family name', postcode: 'Enter a full UK postcode, like NW1 8AB' },
        },
      }),
    'data-correct-late': () =>
      correctPage({
        ...{ ...site, reference, form: { values: { ...details, phone: '07700 900982' } } },
        late: [{ detail: 'Phone', was: '07700 900555', is: `07700 900982${mark}` }],
      }),
    'data-open': () => dataPage(view),
    'data-closed': () =>
      dataPage({
        ...closed,
        others: [
          { reference: 'SP-0000-1111', createdAt: '2024-02-01T10:00:00.000Z', stage: 'closed' },
          { reference: 'SP-2222-1111', createdAt: '2026-11-01T10:00:00.000Z', stage: 'review' },
        ],
        ...{ elsewhere: 1, done: 'released' as const },
      }),
    'data-corrected': () => dataPage({ ...view, done: 'corrected' }),
    'data-warned': () =>
      dataPage({
        ...closed,
        referral: { ...referral, erasureWarnedAt: '2034-10-25T09:00:00.000Z' },
        next: { step: 'erase', at: keptUntil },
      }),
    'data-held': () => dataPage({ ...held, done: 'held' }),
    'data-hold-late': () =>
      dataPage({
        ...held,
        ...{ late: 'Somebody else placed a hold since you opened the page', statusCode: 409 },
      }),
    'data-hold-errors': () =>
      dataPage({ ...closed, form: { values: {}, errors: { reason: 'Enter why it must be kept' } } }),
    'data-release-errors': () =>
      dataPage({
        ...held,
        form: { values: {}, errors: { sure: 'Tick that nothing requires it to be kept any more' } },
      }),
    'data-erase': () => erasePage({ ...site, referral, whyKept: undefined }),
    'data-erase-errors': () =>
      erasePage({
        ...{ ...site, referral, whyKept: undefined },
        form: {
          values: { confirm: `SP-7K${mark}` },
          errors: { confirm: 'Enter SP-7K4M-2Q9X to say that you mean this one' },
        },
      }),
    'data-erase-refused': () => erasePage({ ...site, referral, whyKept: 'open', refused: true }),
    'data-erased': () => erasedPage({ ...site, reference, at, why: 'asked' }),
    'data-copy': () => copyPage({ ...site, reference, copy }),
  };
}
