/** Emails that have gone out, in words: what for and to whom. */
import type { MessageKind, Recipient } from '../../../workflows/outbox-entry.ts';
import type { SentEmail } from '../../../workflows/referral.ts';

const recipients: Record<Recipient, string> = {
  referrer: 'whoever referred',
  person: 'the person',
  'link-worker': 'the link workers',
  coordinator: 'the coordinator',
  provider: 'the provider',
  'gp-practice': 'the GP practice',
};

const messages: Record<MessageKind, string> = {
  'acknowledgement-referrer': 'the referral has arrived',
  'acknowledgement-person': 'the referral has arrived, with the link to their page',
  'danger-alert': 'somebody is in danger',
  'review-request': 'a review is needed',
  'review-reminder': 'a reminder of the review',
  'review-escalation': 'the review is late',
  'taken-back': 'the referral is back with the team that had passed it on',
  'danger-reminder': 'a reminder to speak with somebody who may be in danger',
  'danger-escalation': 'nobody has spoken with somebody who may be in danger',
  'information-request': 'a question',
  'information-reminder': 'a reminder of the question',
  'information-answered': 'the question is answered',
  'information-late': 'a question is answered after all',
  offer: 'an offer',
  'offer-reminder': 'a reminder of the offer',
  'offer-withdrawn': 'the offer is taken back',
  'offer-accepted': 'a provider has a place',
  'offer-confirmed': 'the link to who is coming',
  'offer-question': 'the provider asks a question',
  'offer-question-reminder': 'a reminder of the provider’s question',
  'offer-question-escalation': 'the answer to the provider is late',
  'offer-answered': 'their question is answered',
  waitlisted: 'there is a waiting list',
  'place-check': 'the question whether a place is free',
  'no-room': 'a provider has no room in a group',
  'still-waiting': 'they still wait for a place',
  'place-free': 'a place is free for them',
  'register-missing': 'a session is not recorded',
  'session-moved': 'a session has changed',
  'session-cancelled': 'a session is cancelled',
  'session-restored': 'a session is held after all',
  'session-added': 'one more session at the end',
  'session-not-needed': 'a session at the end does not take place',
  'session-missed': 'they were missed at a session',
  'place-ended': 'something about their sessions has changed',
  'list-ended': 'they are not on the waiting list any more',
  'not-right': 'the programme is not right for them',
  'facilitator-note': 'the facilitator left a note',
  'plan-review': 'an action of the plan is to be looked at again',
  'session-reminder': 'a reminder of the session',
  'welfare-request': 'please contact the person',
  'welfare-reminder': 'a reminder to contact the person',
  'welfare-escalation': 'the contact is late',
  'measures-request': 'questions about how things are for them',
  'person-left': 'the person has left',
  feedback: 'the person told us how it is',
  concern: 'the person asks for contact',
  'concern-urgent': 'the person does not feel safe',
  'concern-waiting': 'the person still waits to be contacted',
  'colleague-note': 'a colleague left a note',
  'colleague-note-urgent': 'a colleague says that the person may not be safe',
  'colleague-note-waiting': 'a colleague’s note still waits to be seen to',
  'check-in': 'how are you while you wait',
  'offer-accepted-by-hand': 'please tell the person that they have a place',
  'check-in-by-hand': 'please ask the person how they are while they wait',
  'reminder-by-hand': 'please remind the person of their session',
  'session-cancelled-by-hand': 'please tell the person that a session is cancelled',
  'session-moved-by-hand': 'please tell the person that a session has changed',
  'session-restored-by-hand': 'please tell the person that a session is held after all',
  'session-added-by-hand': 'please tell the person of one more session at the end',
  'session-not-needed-by-hand': 'please tell the person that a session at the end does not take place',
  'session-missed-by-hand': 'please tell the person that they were missed',
  'not-right-by-hand': 'please tell the person that their place has ended',
  'list-ended-by-hand': 'please tell the person that they are not on the waiting list any more',
  'details-corrected': 'details were corrected',
  undelivered: 'an email did not arrive',
  'undelivered-waiting': 'an email did not arrive, and nobody has seen to it',
  'letter-person': 'the letter to the person',
  'letter-referrer': 'the letter to whoever referred',
  'letter-gp': 'the letter to the GP practice',
  'alert-coordinator': 'something needs looking after',
  'erasure-warning': 'the referral is going to be erased',
};

/** "Email to the provider: an offer". Who prints a letter for somebody without an address gets the email about it. */
export function sentInWords({ message, to, notSent }: SentEmail): string {
  const print = message.startsWith('letter-') && to === 'link-worker' ? ', to print and post' : '';
  const text = `mail to ${recipients[to]}: ${messages[message]}${print}`;
  return notSent ? `Not sent, because the address does not work: e${text}` : `E${text}`;
}

/** An email that did not arrive, in words: "the letter to the person". */
export function messageInWords(message: MessageKind): string {
  return messages[message];
}

/** Whom an email is for, in words. */
export function recipientInWords(to: Recipient): string {
  return recipients[to];
}
