/** Every email that the service sends, as HTML, with values as they come in life. */
import { cohortMessage } from '../../../functions/shared/email/cohort-messages.ts';
import { htmlOf } from '../../../functions/shared/email/compose.ts';
import {
  assuranceMessage,
  codeMessage,
  message,
  offersMessage,
} from '../../../functions/shared/email/messages.ts';
import { serviceMessage } from '../../../functions/shared/email/service-messages.ts';
import { signsIn } from '../../../functions/shared/email/wordings.ts';
import { ASSURANCE_MESSAGES } from '../../../workflows/assurance.ts';
import { COHORT_MESSAGES } from '../../../workflows/cohort-record.ts';
import { MESSAGE_KINDS, RECIPIENTS } from '../../../workflows/outbox-entry.ts';

/** The emails by name: their kind and, where the wording depends on the reader, who that is. */
export function sampleEmails(): Record<string, string> {
  const emails: Record<string, string> = {};
  for (const kind of MESSAGE_KINDS) {
    const wordings = new Set<string>();
    for (const to of RECIPIENTS) {
      const { subject: _subject, ...content } = message(kind, {
        reference: 'SP-7K4M-2Q9X',
        serviceName: 'Open Social Prescribing',
        url: signsIn(to)
          ? 'https://referrals.example.org/referrals/SP-7K4M-2Q9X'
          : `https://referrals.example.org/offer/${'x7Qp_'.repeat(11).slice(0, 54)}`,
        by: 'Tuesday 24 November 2026',
        crisisContacts: [
          { when: 'Life in danger', call: '999', note: 'or go to A&E' },
          { when: 'Urgent mental health help', call: '111', note: 'and choose option 2, day or night' },
        ],
        to,
        keepsPlace: to === 'person',
      });
      const html = htmlOf(content, 'Open Social Prescribing');
      if (wordings.has(html)) continue;
      wordings.add(html);
      emails[wordings.size === 1 ? `email-${kind}` : `email-${kind}-${to}`] = html;
    }
  }
  for (const kind of COHORT_MESSAGES) {
    const { subject: _subject, ...content } = cohortMessage(kind, {
      serviceName: 'Open Social Prescribing',
      reference: 'GR-7K4M-2Q9X',
      session: 'Tuesday 24 November 2026 at 4:00 pm',
      by: '26 November 2026',
      url:
        kind === 'register-escalation' || kind === 'group-alert'
          ? 'https://referrals.example.org/directory/example'
          : `https://referrals.example.org/register/${'x7Qp_'.repeat(11).slice(0, 54)}`,
    });
    emails[`email-cohort-${kind}`] = htmlOf(content, 'Open Social Prescribing');
  }
  for (const kind of ASSURANCE_MESSAGES) {
    const { subject: _subject, ...content } = assuranceMessage(kind, {
      serviceName: 'Open Social Prescribing',
      url: `https://referrals.example.org/assurance/${'x7Qp_'.repeat(11).slice(0, 54)}`,
    });
    emails[`email-directory-${kind}`] = htmlOf(content, 'Open Social Prescribing');
  }
  for (const [name, why, open] of [
    ['digest', 'digest', 24],
    ['links', 'links', 2],
    ['links-none', 'links', 0],
  ] as const) {
    const waiting = ['SP-7K4M-2Q9X', 'SP-9W2C-77HA'].slice(0, open);
    const { subject: _subject, ...content } = offersMessage(why, {
      missing: ['GR-4KD2-9XQA'],
      serviceName: 'Open Social Prescribing',
      open: String(open),
      waiting: waiting.map((reference) => ({ reference, by: '26 November 2026' })),
      others: Math.max(0, open - 2),
      ...(open === 0
        ? {}
        : { url: `https://referrals.example.org/offers/${'x7Qp_'.repeat(11).slice(0, 54)}` }),
    });
    emails[`email-offers-${name}`] = htmlOf(content, 'Open Social Prescribing');
  }
  for (const whose of ['provider', 'link-worker', 'coordinator'] as const) {
    const url = 'https://referrals.example.org/directory/example';
    const facts = { serviceName: 'Open Social Prescribing', url };
    const { subject: _subject, ...content } = serviceMessage({ kind: 'address', whose }, facts);
    emails[`email-address-${whose}`] = htmlOf(content, 'Open Social Prescribing');
  }
  const { subject: _subjectHeld, ...held } = serviceMessage(
    { kind: 'held', since: '2026-11-24T09:00:00.000Z' },
    {
      serviceName: 'Open Social Prescribing',
      url: 'https://referrals.example.org/worklist',
      since: 'Tuesday 24 November 2026 at 9:00 am',
    },
  );
  emails['email-held'] = htmlOf(held, 'Open Social Prescribing');
  const { subject: _subject, ...code } = codeMessage({
    serviceName: 'Open Social Prescribing',
    reference: 'SP-7K4M-2Q9X',
    digits: '048213',
    until: '16:10',
  });
  emails['email-code'] = htmlOf(code, 'Open Social Prescribing');
  return emails;
}
