/** What SES says of emails that it took, as EventBridge brings it: only what is acted on is read, so that nothing of an email's content goes further. */
import * as z from 'zod/mini';
import type { MailEvent } from '../../workflows/addresses.ts';
import { instantSchema } from '../shared/task.ts';

const text = z.string().check(z.minLength(1));
const recipients = z.array(z.object({ emailAddress: text }));

const mail = z.object({
  timestamp: instantSchema,
  messageId: text,
  destination: z.array(text),
  /** Those of the email (functions/shared/email/tags.ts), and SES's own. */
  tags: z.optional(z.record(z.string(), z.array(z.string()))),
});

const detail = z.discriminatedUnion('eventType', [
  z.object({
    eventType: z.literal('Bounce'),
    mail,
    bounce: z.object({
      bounceType: text,
      bouncedRecipients: recipients,
      timestamp: instantSchema,
      feedbackId: text,
    }),
  }),
  z.object({
    eventType: z.literal('Complaint'),
    mail,
    complaint: z.object({
      complainedRecipients: recipients,
      timestamp: instantSchema,
      feedbackId: text,
      /** "not-spam" takes a complaint back. */
      complaintFeedbackType: z.optional(z.nullable(z.string())),
    }),
  }),
  z.object({ eventType: z.literal('Reject'), mail, reject: z.object({ reason: z.optional(z.string()) }) }),
  z.object({
    eventType: z.literal('DeliveryDelay'),
    mail,
    deliveryDelay: z.object({ delayedRecipients: recipients, timestamp: instantSchema }),
  }),
]);

/** `time`: when the event was published, which is the time for whatever follows from it. */
export const mailEventSchema = z.object({ source: z.literal('aws.ses'), time: instantSchema, detail });
type Detail = z.infer<typeof detail>;

/** One address that an email did not reach, or not yet. */
export type Undelivery = { address: string; event: MailEvent };

/**
 * What an event says of each address. SES calls a bounce permanent where the address is not there or may not be written to; everything else may pass.
 * Those who complain are some of the recipients: the only one, since every email has one.
 */
export function undeliveriesIn(detail: Detail): Undelivery[] {
  const { timestamp: sentAt, messageId, destination } = detail.mail;
  const each = (addresses: readonly string[], event: Omit<MailEvent, 'sentAt'>) =>
    addresses.map((address) => ({ address: bare(address), event: { ...event, sentAt } }));
  switch (detail.eventType) {
    case 'Bounce': {
      const { bounceType, bouncedRecipients, timestamp: at, feedbackId: id } = detail.bounce;
      const kind = bounceType === 'Permanent' ? 'permanent' : 'passing';
      return each(addressesOf(bouncedRecipients), { id, kind, at });
    }
    case 'Complaint': {
      const { complainedRecipients, complaintFeedbackType, timestamp: at, feedbackId: id } = detail.complaint;
      if (complaintFeedbackType === 'not-spam') return [];
      return each(addressesOf(complainedRecipients), { id, kind: 'complaint', at });
    }
    case 'Reject':
      return each(destination, { id: messageId, kind: 'reject', at: sentAt });
    case 'DeliveryDelay': {
      const { delayedRecipients, timestamp: at } = detail.deliveryDelay;
      return each(addressesOf(delayedRecipients), { id: messageId, kind: 'delay', at });
    }
  }
}

function addressesOf(list: z.infer<typeof recipients>): string[] {
  return list.map(({ emailAddress }) => emailAddress);
}

/** `Ada <ada@example.org>` → `ada@example.org`. */
function bare(address: string): string {
  return /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address.trim();
}
