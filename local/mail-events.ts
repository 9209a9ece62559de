/**
 * What becomes of mail on a laptop: it arrives, but for what goes to the addresses of SES's mailbox simulator. Those do what AWS says that they do,
 * and it is told in the form in which SES tells it.
 */
import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from './plan.ts';

/** A mail that was taken. */
export interface SentMail {
  readonly messageId: string;
  readonly at: string;
  readonly source: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly configurationSet: string;
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

/** An event: what SES calls its type in a configuration set, what EventBridge calls it, and the rest. */
export interface SesEvent {
  readonly type: 'bounce' | 'complaint';
  readonly detailType: string;
  readonly detail: object;
}

/** The domain of the mailbox simulator. A label after a plus sign tells several addresses apart: bounce+ada@… */
const SIMULATOR = '@simulator.amazonses.com';

/** What SES publishes of a mail that did not just arrive. */
export function sesEvents(mail: SentMail): SesEvent[] {
  return mail.recipients.flatMap((address): SesEvent[] => {
    if (!address.toLowerCase().endsWith(SIMULATOR)) return [];
    const box = address.slice(0, -SIMULATOR.length).split('+')[0]?.toLowerCase();
    switch (box) {
      case 'bounce':
        return [bounce(mail, address, 'General', 'smtp; 550 5.1.1 user unknown')];
      case 'suppressionlist':
        return [bounce(mail, address, 'Suppressed', 'Amazon SES did not send the message to this address')];
      case 'complaint':
        return [complaint(mail, address)];
      default:
        return [];
    }
  });
}

function bounce(mail: SentMail, address: string, bounceSubType: string, diagnosticCode: string): SesEvent {
  return {
    type: 'bounce',
    detailType: 'Email Bounced',
    detail: {
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType,
        bouncedRecipients: [{ emailAddress: address, action: 'failed', status: '5.1.1', diagnosticCode }],
        timestamp: mail.at,
        feedbackId: randomUUID(),
        reportingMTA: 'dns; laptop',
      },
      mail: mailIn(mail),
    },
  };
}

function complaint(mail: SentMail, address: string): SesEvent {
  return {
    type: 'complaint',
    detailType: 'Email Complaint Received',
    detail: {
      eventType: 'Complaint',
      complaint: {
        complainedRecipients: [{ emailAddress: address }],
        timestamp: mail.at,
        feedbackId: randomUUID(),
        complaintSubType: null,
        userAgent: 'Amazon SES Mailbox Simulator',
        complaintFeedbackType: 'abuse',
        arrivalDate: mail.at,
      },
      mail: mailIn(mail),
    },
  };
}

function mailIn({ messageId, at, source, recipients, subject, configurationSet, tags }: SentMail): object {
  return {
    timestamp: at,
    source,
    sourceArn: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/laptop`,
    sendingAccountId: ACCOUNT,
    messageId,
    destination: recipients,
    headersTruncated: false,
    headers: [
      { name: 'From', value: source },
      { name: 'To', value: recipients.join(', ') },
      { name: 'Subject', value: subject },
    ],
    commonHeaders: { from: [source], to: recipients, messageId, subject },
    tags: { 'ses:configuration-set': [configurationSet], ...tags },
  };
}
