/** The audit of a referral, with entries as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { auditPage } from '../../../functions/audit/pages/views.ts';
import type { AuditEntry } from '../../../functions/shared/audit-entry.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import { inReview } from '../workflows/builders.ts';

/** The page without and with a referral, and what is wrong with a reference. */
export function auditSamples(site: Site, mark = ''): Record<string, () => APIGatewayProxyStructuredResultV2> {
  const requestId = 'JKJaXmPLvHcESHA=';
  const amina = { by: 'amina', name: `Amina Rahman${mark}`, roles: ['link-worker' as const] };
  const entries: AuditEntry[] = [
    {
      ...{ at: '2026-11-24T10:00:00.000Z', requestId, kind: 'audit-read', by: 'alex' },
      ...{ name: 'Alex Morgan', roles: ['auditor'], teams: [] },
    },
    {
      ...{ at: '2026-11-24T09:59:30.000Z', requestId, kind: 'erasure-refused', by: 'tom' },
      ...{ name: `Tom Ellis${mark}`, roles: ['coordinator'], teams: ['camden'], reason: 'legal-hold' },
    },
    {
      ...{ at: '2026-11-24T09:59:00.000Z', requestId, kind: 'hold-placed', by: 'tom' },
      ...{ name: `Tom Ellis${mark}`, roles: ['coordinator'], teams: ['camden'] },
      reason: `The ombudsman asked for it.${mark}`,
    },
    { at: '2026-11-24T09:58:00.000Z', requestId, page: 'plan', link: 'case', ...amina, teams: ['camden'] },
    {
      ...{ at: '2026-11-23T16:00:00.000Z', requestId, page: 'overview', link: 'review-2', by: 'sam' },
      ...{ name: 'Sam Lee', roles: ['link-worker', 'coordinator'], teams: ['islington', 'all'] },
      reason: `She called our number because hers was engaged, and asked when she would hear.${mark}`,
    },
    {
      ...{ at: '2026-11-22T12:10:00.000Z', requestId, page: 'duplicate', ...amina, teams: ['camden'] },
      link: 'review-1 of SP-0000-1111',
    },
    { at: '2026-11-20T16:40:00.000Z', requestId, page: 'contact-details', link: 'offer-1' },
    { at: '2026-11-18T08:30:00.000Z', requestId, page: 'own-page', link: 'person' },
    // As they were before it was kept what was looked at, and as what.
    { at: '2026-11-17T11:00:00.000Z', requestId, link: 'review-1' },
    { at: '2026-11-17T10:00:00.000Z', requestId, by: 'tom', name: `Tom Ellis${mark}` },
  ];
  const referral = { ...inReview(), reference: 'SP-7K4M-2Q9X', team: 'camden' };
  const teams = [
    { id: 'camden', name: `Camden${mark}`, postcodeDistricts: ['NW1'] },
    { id: 'all', name: 'Everywhere else', postcodeDistricts: [] },
  ];
  const { reference: asked, team } = referral;
  const found = { reference: asked, team, referral, teams, entries, first: true, older: undefined };
  return {
    'audit-form': () => auditPage({ ...site, asked: '' }),
    'audit-errors': () =>
      auditPage({ ...site, asked: `SP-7${mark}`, error: 'Enter a reference, like SP-7K4M-2Q9X' }),
    audit: () => auditPage({ ...site, asked, found }),
    'audit-older': () =>
      auditPage({
        ...site,
        asked,
        found: { ...found, first: false, older: `${entries[2]?.at}#${requestId}` },
      }),
    'audit-erased': () =>
      auditPage({
        ...site,
        asked,
        found: {
          ...{ ...found, referral: undefined, erasedAt: '2026-11-24T10:05:00.000Z' },
          entries: [
            { at: '2026-11-24T10:05:00.000Z', requestId, kind: 'erased', by: 'tom', roles: ['coordinator'] },
            ...entries.map(({ name: _name, reason: _reason, ...entry }) => entry),
          ],
        },
      }),
    'audit-end': () => auditPage({ ...site, asked, found: { ...found, entries: [], first: false } }),
  };
}
