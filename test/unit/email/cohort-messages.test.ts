import { describe, expect, it } from 'vitest';
import { cohortMessage } from '../../../functions/shared/email/cohort-messages.ts';
import { textOf } from '../../../functions/shared/email/compose.ts';
import { COHORT_MESSAGES } from '../../../workflows/cohort-record.ts';

describe.each(COHORT_MESSAGES)('the email %s about a group', (kind) => {
  const facts = {
    serviceName: 'S',
    reference: 'GR-7K4M-2Q9X',
    session: 'Tuesday',
    url: 'https://s.example/x',
    by: 'B',
  };
  const { subject, ...body } = cohortMessage(kind, facts);

  it('names the reference and the session, and leads to the page', () => {
    expect(subject).toContain(facts.reference);
    for (const said of ['GR-7K4M-2Q9X', 'Tuesday']) expect(textOf(body, 'S')).toContain(said);
    expect(textOf(body, 'S')).toContain(facts.url);
  });

  it('says what it is about, and no more', () => {
    expect(subject.length).toBeLessThan(70);
    expect(textOf(body, 'S')).not.toMatch(/programme|music|loneliness/i);
  });
});
