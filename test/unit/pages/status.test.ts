/** Where a referral is, as the page of whoever referred says it. */
import { parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { statusPage } from '../../../functions/referrer-status/pages/views.ts';
import { progressInWords } from '../../../functions/shared/pages/status.ts';
import type { Stage } from '../../../workflows/referral.ts';
import { NOW } from '../workflows/builders.ts';

const told = (audience: 'referrer' | 'family-or-friend', view: Partial<Parameters<typeof statusPage>[0]>) =>
  parse(
    statusPage({
      ...{ serviceName: 'Open Social Prescribing', crisisContacts: [], nhsIdentity: false },
      ...{ reference: 'SP-7K4M-2Q9X', audience, stage: 'review', ...view },
    }).body ?? '',
  ).querySelector('main')?.structuredText ?? '';

const STAGES: Stage[] = ['intake', 'review', 'information', 'offer', 'programme', 'closing', 'closed'];

describe('the page of family or a friend who referred', () => {
  it('says whether it goes on, and neither where the person goes nor whether', () => {
    for (const stage of STAGES) {
      expect(told('family-or-friend', { stage, by: NOW }), stage).not.toMatch(
        /place|session|waiting list|programme/i,
      );
    }
    expect(told('family-or-friend', { stage: 'review' })).toContain('A link worker is reading the referral');
    expect(told('family-or-friend', { stage: 'closed', ending: 'declined' })).toContain(
      'The referral has ended',
    );
  });

  it('is the same whether a programme was asked, has them on its waiting list or has a place', () => {
    const offer = told('family-or-friend', { stage: 'offer', by: NOW });
    expect(told('family-or-friend', { stage: 'offer', waitlisted: true, by: NOW })).toBe(offer);
    expect(told('family-or-friend', { stage: 'programme' })).toBe(offer);
    expect(told('referrer', { stage: 'programme' })).toContain('The person has a place');
  });
});

describe('the page of somebody whom a link worker is to contact', () => {
  const says = (contacting: 'missed' | 'asking' | 'at-the-end') =>
    Object.values(progressInWords({ stage: 'programme', contacting }, 'person')).join(' ');

  it('says that they were missed only to whoever missed a session', () => {
    expect(says('missed')).toMatch(/missed you.* you are welcome at the next one/);
    expect(says('asking')).toMatch(/suit you.* you are welcome at the next one/);
    for (const why of ['asking', 'at-the-end'] as const) expect(says(why)).not.toMatch(/missed/);
    expect(says('at-the-end')).not.toMatch(/next one/);
  });
});
