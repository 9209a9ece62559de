/** The words of the emails about the sessions of a cohort: to its facilitator, who has no account, and to the coordinator. */
import type { CohortMessage } from '../../../workflows/cohort-record.ts';
import type { EmailMessage } from './compose.ts';
import { FOR_THEM_ALONE, NO_ACCOUNT } from './wordings.ts';

const cohortWordings: Record<CohortMessage, { subject: string; paragraphs: string[]; action?: string }> = {
  'group-page': {
    subject: 'The page of your sessions',
    paragraphs: [
      'You have accepted somebody, and their sessions are planned. On the page you see all of them, change or cancel one, print a list for a room without signal from the working day before on, and put the sessions into your calendar.',
      'After each session we ask you by email who came. Each of those emails leads to this page as well.',
      NO_ACCOUNT,
    ],
    action: 'See the sessions',
  },
  'sessions-changed': {
    subject: 'Your sessions have changed',
    paragraphs: [
      'The link workers have changed or cancelled a session, or hold one after all; or the directory has another time or place for your group. Everybody in the group is told. On the page you see all sessions as they are now, and can still move one.',
      'If that is not what you agreed, please tell the link workers at once.',
      NO_ACCOUNT,
    ],
    action: 'See the sessions',
  },
  'register-request': {
    subject: 'Please record who came',
    paragraphs: ['A session has ended. Recording who came takes one tap for each person.', NO_ACCOUNT],
    action: 'Open the register',
  },
  'register-reminder': {
    subject: 'Reminder: please record who came',
    paragraphs: [
      'The register of a session is still open. Until it is recorded, nobody knows whether everybody is well.',
      NO_ACCOUNT,
    ],
    action: 'Open the register',
  },
  'cancelled-often': {
    subject: 'Sessions are cancelled again and again',
    paragraphs: [
      'Three sessions in a row, or more, are cancelled or were not held. They are held later, so the people in the group wait longer than they were told.',
      'Please ask the provider what stands in the way. Sign in to see who they are; whoever takes part is told of each that is not held, by email or by a link worker.',
    ],
    action: 'Sign in and see whose sessions they are',
  },
  'register-escalation': {
    subject: 'A session’s register is missing',
    paragraphs: [
      'The facilitator was asked and reminded, and has not recorded a session. Please contact them: nobody knows who came.',
      'They have just been sent a fresh link. Sign in to see who they are, and whether the address that we have of them is right.',
    ],
    action: 'Sign in and see whose session it is',
  },
  'group-alert': {
    subject: 'Something about a group needs a person’s attention',
    paragraphs: [
      'An email about its sessions could not be sent, or those who come could not be told of one, after several tries. Nothing that was recorded is lost, and the system goes on trying.',
      'Please ask the facilitator whether they have heard from us. If you get this message again for the same reference, please ask whoever runs the system to look at it.',
    ],
    action: 'Sign in and see whose sessions they are',
  },
};

const SESSION_LABELS: Partial<Record<CohortMessage, string>> = {
  'group-page': 'First session',
  'sessions-changed': 'The first that changed',
};

const TO_THE_TEAM: ReadonlySet<CohortMessage> = new Set([
  'register-escalation',
  'group-alert',
  'cancelled-often',
]);

/** The email about a session of a cohort. It names no service and nobody. */
export function cohortMessage(
  kind: CohortMessage,
  facts: { serviceName: string; reference: string; session: string; url?: string; by?: string },
): EmailMessage & { subject: string } {
  const { serviceName, reference, session, url, by } = facts;
  const { subject, paragraphs, action } = cohortWordings[kind];
  return {
    subject: `${subject} (${reference})`,
    heading: subject,
    facts: [
      { label: 'Reference', value: reference },
      { label: SESSION_LABELS[kind] ?? 'Session', value: session },
      ...(by === undefined ? [] : [{ label: 'Please record it by', value: by }]),
    ],
    paragraphs,
    ...(url === undefined || action === undefined ? {} : { action: { label: action, url } }),
    footer: [
      `Sent automatically by ${serviceName}. This email holds no personal details, and a reply to it should not either.`,
      ...(url === undefined || TO_THE_TEAM.has(kind) ? [] : [FOR_THEM_ALONE]),
    ],
  };
}
