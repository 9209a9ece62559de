/**
 * The wording of every email about a referral. Content-free: a reference, what to do, by when, and a link. No name, no need, no
 * programme, no provider; those are on the page behind the link. (DCB1596: nothing confidential to an address not known to be secure.)
 */
import type { MessageKind, Recipient } from '../../../workflows/outbox-entry.ts';
import type { CrisisContact } from '../environment.ts';
import { crisisContactInWords } from '../pages/crisis.ts';

/** All that an email may know. */
export type MessageFacts = {
  reference: string;
  serviceName: string;
  /** Whom to turn to in danger. */
  crisisContacts: readonly CrisisContact[];
  /** The page to act on. */
  url?: string;
  /** When: to act by, or (session-reminder) when the session begins. In words. */
  by?: string;
  /** The referral says that somebody is in danger, and nobody has spoken with the person yet. */
  danger?: boolean;
  /** Whoever waits is on a waiting list, or has a place in what is to start. */
  keepsPlace?: boolean;
  /** Who reads it, where the wording depends on that. */
  to?: Recipient;
};

/** One kind's wording. `action` is the label of the button; `by` the label of the date, without which none is shown. */
export type Wording = { subject: string; paragraphs: string[]; action?: string; by?: string };

/** How many of the service's contacts an email names: the first, which are for what cannot wait. */
const NAMED_CONTACTS = 2;

/** What to do when it cannot wait: an email of the service is no emergency service. */
export function inDanger({ crisisContacts }: Pick<MessageFacts, 'crisisContacts'>): string {
  const contacts = crisisContacts
    .slice(0, NAMED_CONTACTS)
    .map(crisisContactInWords)
    .map(({ when, verb, words, note }) =>
      [`${when}: ${verb.toLowerCase()} ${words}`, note].filter(Boolean).join(' '),
    );
  return ['This is not an emergency service', ...contacts].map((sentence) => `${sentence}.`).join(' ');
}

export const NO_ACCOUNT = 'You do not need an account.';

/** Whether whoever gets an email signs in to act on it: it then leads to the referral, and no secret is in it. */
export function signsIn(to: Recipient | undefined): boolean {
  return to === 'link-worker' || to === 'coordinator';
}

export const FOR_THE_TEAM =
  'You sign in to open the page. Each time somebody opens it, that is noted under their name.';
export const FOR_THEM_ALONE =
  'The link is for you alone: please do not forward it. Opening it changes nothing until you press a button.';

const TELL_BY_HAND =
  'We have no working email address that we may write to. Please tell them in the way they prefer: the page says how to reach them safely. It stays in the worklist until somebody records there that they have told them.';

const DANGER_NOW = 'It says that somebody is in danger now. Please open it before any other.';

const NOT_RIGHT =
  'The facilitator finds that the programme is not right for them, and their place there has ended. The referral is with you again: please talk with them about what else could help.';

/** What each kind says. */
export const wordings: Record<MessageKind, (facts: MessageFacts) => Wording> = {
  'acknowledgement-referrer': (facts) => ({
    subject: 'We have received your referral',
    paragraphs: [
      'Thank you. A link worker will read it and decide what to do next.',
      'You do not need to do anything now. We will email you if we need to know more, and when there is an outcome.',
      'The page behind the link shows where the referral is and what happens next.',
      inDanger(facts),
    ],
    action: 'See where it is',
    by: 'First reply by',
  }),
  'acknowledgement-person': (facts) => ({
    subject: 'We have received your referral',
    paragraphs: [
      'A link worker will read it and decide with you what could help.',
      'Your page shows where your referral is and what happens next. You can also leave there at any time.',
      inDanger(facts),
    ],
    action: 'Open your page',
    by: 'First reply by',
  }),
  'danger-alert': () => ({
    subject: 'URGENT: a referral says that somebody is in danger now',
    paragraphs: [
      'Please open it now and see that somebody acts: the person, or whoever referred them, may need help at once. They were shown whom to call.',
      'The link workers are asked to review it first, and are reminded until one of them has decided.',
    ],
    action: 'Open the referral',
  }),
  'details-corrected': ({ to }) =>
    to === 'person'
      ? {
          subject: 'Your details were corrected',
          paragraphs: [
            'From now on we write to this address. The link below leads to your page; links that we sent before no longer work.',
            'If you neither changed this nor asked us to, please tell the link workers at once.',
          ],
          action: 'Open your page',
        }
      : {
          subject: 'A person’s details were corrected',
          paragraphs: [
            'How to reach them, or something else about them, was changed: by themself on their own page, or by a coordinator for them. The page shows by whom, what it was and what it is now.',
            'Please look at it. If you doubt that they wanted it, ask them in a way that they gave before the change.',
          ],
          action: 'Open the referral',
        },
  'review-request': ({ danger }) => ({
    subject: danger ? 'URGENT: a referral waits for your review' : 'A referral waits for your review',
    paragraphs: [...(danger ? [DANGER_NOW] : []), 'Please read it and decide what happens next.'],
    action: 'Open the review',
    by: 'Please decide by',
  }),
  'review-reminder': ({ danger }) => ({
    subject: danger
      ? 'URGENT reminder: a referral still waits for your review'
      : 'Reminder: a referral still waits for your review',
    paragraphs: ['Nobody has decided yet. The person and whoever referred them wait to hear.'],
    action: 'Open the review',
    by: 'Please decide by',
  }),
  'review-escalation': ({ danger }) => ({
    subject: danger
      ? 'URGENT: nobody has reviewed a referral yet'
      : 'A referral has waited too long for a review',
    paragraphs: [
      ...(danger
        ? ['It says that somebody is in danger now. Please open it and see that somebody acts at once.']
        : []),
      'The link workers were asked and reminded, and nobody has decided. Please see that somebody reviews it.',
      'They have just been reminded again. The referral stays open until somebody decides.',
    ],
    action: 'Open the referral',
  }),
  'taken-back': () => ({
    subject: 'A referral that was passed to your team is back with the team it came from',
    paragraphs: [
      'They look after the person again, and it has left your worklist. You do not need to do anything.',
      'If you have spoken to the person, or know something that they should know, please leave them a note on the page of the referral.',
    ],
    action: 'Open the referral',
  }),
  'danger-reminder': () => ({
    subject: 'URGENT reminder: nobody has spoken with somebody who may be in danger',
    paragraphs: [
      'The referral says that somebody is in danger now. A question about it has been asked, and nobody has recorded yet that they have spoken with the person.',
      'Please contact them now, and record it. It comes first in the worklist until then.',
    ],
    action: 'Open their contacts',
  }),
  'danger-escalation': () => ({
    subject: 'URGENT: nobody has spoken with somebody who may be in danger',
    paragraphs: [
      'The referral says that somebody is in danger now. Please open it and see that somebody acts at once.',
      'A link worker has asked a question about it, and nobody has recorded that they have spoken with the person. They have just been reminded again.',
    ],
    action: 'Open their contacts',
  }),
  'information-request': () => ({
    subject: 'A question about a referral',
    paragraphs: [
      'The link worker needs to know a little more before they can decide. Please read the question and answer it on the page.',
      NO_ACCOUNT,
    ],
    action: 'Read and answer the question',
    by: 'Please answer by',
  }),
  'information-reminder': () => ({
    subject: 'Reminder: a question about a referral',
    paragraphs: [
      'The link worker still waits for your answer. Without one they will decide with what they know.',
    ],
    action: 'Read and answer the question',
    by: 'Please answer by',
  }),
  'information-answered': ({ danger }) => ({
    subject: `${danger ? 'URGENT: your' : 'Your'} question about a referral was answered`,
    paragraphs: [
      ...(danger ? [DANGER_NOW] : []),
      'The answer is on the page of the referral. Please read it and decide.',
    ],
    action: 'Open the review',
    by: 'Please decide by',
  }),
  'information-late': ({ danger }) => ({
    subject: `${danger ? 'URGENT: a' : 'A'} question about a referral was answered after all`,
    paragraphs: [
      ...(danger ? [DANGER_NOW] : []),
      'The question had been taken back, or its time was over, when the answer came. It is on the page of the referral. Please read it today: it may change what you have decided.',
    ],
    action: 'Open the referral',
  }),
  offer: () => ({
    subject: 'A referral is offered to you',
    paragraphs: [
      'Please look at it and reply: accept, put on the waiting list, or decline.',
      `${NO_ACCOUNT} Who the person is becomes visible after you accept.`,
    ],
    action: 'Look at the offer',
    by: 'Please reply by',
  }),
  'offer-reminder': () => ({
    subject: 'Reminder: a referral is offered to you',
    paragraphs: [
      'We have not heard from you yet. If you do not reply, the offer goes back to the link worker, so that nobody waits in vain.',
    ],
    action: 'Look at the offer',
    by: 'Please reply by',
  }),
  'offer-withdrawn': () => ({
    subject: 'An offer or a place is no longer needed',
    paragraphs: [
      'You do not need to do anything. If you kept a place for this reference, you can give it to somebody else.',
      'Links that we sent you about it no longer work.',
    ],
  }),
  'offer-accepted': offerAccepted,
  'offer-confirmed': () => ({
    subject: 'You have accepted a referral',
    paragraphs: [
      'Thank you. Please keep this email: its page shows who the person is and how to reach them, as long as the programme runs. Before it does, we send a code to this address.',
      'Please welcome them before the first session. After each session we ask you by email who came.',
    ],
    action: 'See who it is',
  }),
  'offer-question': () => ({
    subject: 'A provider asks you a question',
    paragraphs: [
      'They have an offer before them and need to know a little more before they reply. Please read the question on the page and answer it.',
      'The offer waits until you have answered.',
    ],
    action: 'Open the referral',
    by: 'Please answer by',
  }),
  'offer-question-reminder': () => ({
    subject: 'Reminder: a provider waits for your answer',
    paragraphs: [
      'They asked a question about an offer, and nobody has answered yet. The offer, and the person, wait until somebody does.',
    ],
    action: 'Open the referral',
    by: 'Please answer by',
  }),
  'offer-question-escalation': () => ({
    subject: 'A provider has waited too long for an answer',
    paragraphs: [
      'They asked a question about an offer. The link workers were asked and reminded, and nobody has answered. Please see that somebody does: the offer, and the person, wait.',
      'The link workers have just been reminded again.',
    ],
    action: 'Open the referral',
  }),
  'offer-answered': () => ({
    subject: 'Your question about an offer was answered',
    paragraphs: [
      'The answer is on the page of the offer. Please read it and reply: accept, put on the waiting list, or decline.',
      NO_ACCOUNT,
    ],
    action: 'Look at the offer',
    by: 'Please reply by',
  }),
  waitlisted: (facts) =>
    facts.to === 'person'
      ? {
          subject: 'You are on a waiting list',
          paragraphs: [
            'There is no place for you yet. We tell you when there is one; you do not need to do anything.',
            'Your page shows where your referral is. If you would rather not wait, you can leave there at any time.',
            inDanger(facts),
          ],
          action: 'Open your page',
        }
      : {
          subject: 'A person is on a waiting list',
          paragraphs: [
            'The provider has put them on the waiting list. If it is for a group in our directory, they are next in turn when a place there is free. Otherwise we ask the provider from time to time; if they stop answering or decline, the referral comes back to you.',
            'The person may wish to hear from you while they wait.',
          ],
          action: 'Open the referral',
        },
  'place-check': () => ({
    subject: 'Is a place free now?',
    paragraphs: [
      'This referral is on your waiting list. If a place is free, please accept it on the page; if there will be none, please decline, so that the link worker can look elsewhere.',
      'If the person still has to wait, please say so on the page: it takes one click, and we ask again later. If we hear nothing, the referral goes back to the link worker in the end.',
    ],
    action: 'Answer for this referral',
  }),
  'no-room': () => ({
    subject: 'A provider says that a group has no room',
    paragraphs: [
      'By our directory there was a place for this person, and the provider says that there is none. We count one place fewer in that group until you say otherwise, and nobody else has lost theirs.',
      'Please find out how many places there are. If it is fewer than the directory says, correct its entry; if there is room after all, say so there. The referral says which programme it is.',
    ],
    action: 'Open the referral',
  }),
  'still-waiting': () => ({
    subject: 'A person still waits for a place',
    paragraphs: [
      'No place has become free in the groups of the programme that they were matched to, and no other group is planned yet, or it is full; or the programme has ended. Please look whether something else could help them sooner: you can take the decision back on the page.',
      'They hear from us while they wait, and may wish to hear from you.',
    ],
    action: 'Open the referral',
  }),
  'place-free': () => ({
    subject: 'A place is free for somebody on your waiting list',
    paragraphs: [
      'A place in your group is free, and this person is next. We hold it for them until you answer.',
      'Please accept, or decline if it is not right for them; if there is no room after all, leave them on the waiting list.',
      NO_ACCOUNT,
    ],
    action: 'Answer for this referral',
    by: 'Please answer by',
  }),
  'register-missing': () => ({
    subject: 'Nobody recorded a person’s session',
    paragraphs: [
      'The facilitator was asked and reminded, and has not recorded who came. Please contact them: nobody knows whether the person came.',
      'If they hold the programme no more, you can end it for the person on the page of the referral. Then nobody is asked for it any more, and letters say how it ended.',
    ],
    action: 'Open the referral',
  }),
  'session-moved': () => ({
    subject: 'A session has changed',
    paragraphs: [
      'One of your sessions, or more than one, is at another time or place. Your page shows when and where all of them are.',
    ],
    action: 'Open your page',
  }),
  'session-cancelled': () => ({
    subject: 'A session is cancelled',
    paragraphs: [
      'One of your sessions does not take place. It is held later, so that you miss none. Your page shows when your next session is.',
    ],
    action: 'Open your page',
  }),
  'session-restored': () => ({
    subject: 'A session takes place after all',
    paragraphs: [
      'One of your sessions was cancelled, and is held after all. Your page shows when and where.',
    ],
    action: 'Open your page',
  }),
  'session-added': () => ({
    subject: 'One more session at the end',
    paragraphs: [
      'One of your sessions was not held. There is one more at the end in its place, so that you miss none. The others are not affected.',
      'Your page shows when your next session is.',
    ],
    action: 'Open your page',
  }),
  'session-not-needed': () => ({
    subject: 'A session does not take place',
    paragraphs: [
      'We told you that one of your sessions was cancelled or not held, and that another would come in its place. It was held after all, so that other one does not take place. The rest are not affected.',
      'Your page shows when your next session is.',
    ],
    action: 'Open your page',
  }),
  'session-missed': () => ({
    subject: 'We missed you',
    paragraphs: [
      'You were not at one of your sessions, and that is all right: these things happen. You are welcome at the next one.',
      'If something makes it hard to come, please tell us, or ask a link worker to get in touch. Your page shows your next session and how to reach us.',
    ],
    action: 'Open your page',
  }),
  'place-ended': () => ({
    subject: 'Something about your sessions has changed',
    paragraphs: [
      'Please look at your page before you go to another session: it says what has changed.',
      'A link worker will contact you about what comes next. If you would like to talk with somebody sooner, you can say so on your page.',
    ],
    action: 'Open your page',
  }),
  'list-ended': () => ({
    subject: 'You are not on the waiting list any more',
    paragraphs: [
      'There will be no place for you there, and that is not your fault. Your referral goes on: a link worker looks for something else that could help, and may call you.',
      'You do not need to do anything. Your page shows where your referral is.',
    ],
    action: 'Open your page',
  }),
  'not-right': () => ({
    subject: 'A programme is not right for a person',
    paragraphs: [
      NOT_RIGHT,
      'We have asked them by email to look at their page. It says that their place has ended, and that you will contact them.',
    ],
    action: 'Open the referral',
  }),
  'facilitator-note': () => ({
    subject: 'A facilitator left you a note about a person',
    paragraphs: [
      'They wrote it beside the register of a session. Please read it when you look at the referral next: it stands among the notes.',
    ],
    action: 'Read the note',
  }),
  'session-reminder': () => ({
    subject: 'Your next session',
    paragraphs: [
      'We look forward to seeing you. Your page has all your sessions.',
      'If you cannot come, please say so there: it takes one press of a button.',
    ],
    action: 'Open your page',
    by: 'When',
  }),
  'welfare-request': () => ({
    subject: 'Please contact a person in a programme',
    paragraphs: [
      'They missed sessions, or could not come to some, or their sessions are over and something that they said is still open: the referral shows which. Please find out how they are, and decide with them what happens next. Nothing is closed until you record what came of it; sessions that are to come go on meanwhile.',
    ],
    action: 'Open the referral',
    by: 'Please contact them by',
  }),
  'welfare-reminder': () => ({
    subject: 'Reminder: please contact a person in a programme',
    paragraphs: [
      'No contact is recorded yet, and they may have missed another session: the referral shows them. Sessions that are to come go on meanwhile; nothing is closed until you record what came of your contact.',
    ],
    action: 'Open the referral',
    by: 'Please contact them by',
  }),
  'welfare-escalation': () => ({
    subject: 'A welfare contact is overdue',
    paragraphs: [
      'A person missed sessions, or could not come to some, or their sessions are over and something that they said is still open. The link workers were asked and reminded, and no contact is recorded. Please see that somebody contacts the person.',
      'The link workers have just been reminded again. Nothing is closed until somebody records the contact.',
    ],
    action: 'Open the referral',
  }),
  'measures-request': () => ({
    subject: 'A few questions for you',
    paragraphs: [
      'Please tell us how things are for you now. It takes about two minutes, and you can leave out whatever you do not want to answer.',
      'We ask at the start, in the middle, at the end and some months after it, to see what changes.',
      NO_ACCOUNT,
    ],
    action: 'Answer the questions',
  }),
  feedback: () => ({
    subject: 'A person has told us how it is',
    paragraphs: [
      'They wrote on their own page. Please read it when you look at the referral next: it stands beside the notes.',
      'They did not ask to be contacted.',
    ],
    action: 'Read it',
  }),
  concern: () => ({
    subject: 'A person asks you to get in touch',
    paragraphs: [
      'They said so on their own page. What they wrote, and how to reach them safely, is on the page of the referral.',
      'It stays in the worklist until somebody records that they have seen to it. If nobody has by the end of the next working day, the coordinator hears.',
    ],
    action: 'Open the referral',
  }),
  'concern-urgent': () => ({
    subject: 'URGENT: a person says that they do not feel safe',
    paragraphs: [
      'Please open the referral and contact them now. They were shown whom to call in danger, day and night.',
      'It comes first in the worklist until somebody records that they have seen to it. If nobody has within an hour, the coordinator hears again.',
    ],
    action: 'Open the referral',
  }),
  'concern-waiting': () => ({
    subject: 'A person still waits to be contacted',
    paragraphs: [
      'They said on their own page that they are worried or do not feel safe, they left while there was a known risk, or a colleague said that they may not be safe. The link workers were told, and nobody has recorded that they have seen to it.',
      'Please see that somebody does. It stays in the worklist until then, also if the referral has ended meanwhile.',
    ],
    action: 'Open the referral',
  }),
  'colleague-note': () => ({
    subject: 'A colleague of another team has left a note about a person',
    paragraphs: [
      'They opened the referral to cover for your team, and wrote down what was said. Their note is on the page of the referral.',
      'It stays in the worklist until somebody records that they have seen to it. If nobody has by the end of the next working day, the coordinator hears.',
    ],
    action: 'Read the note',
  }),
  'colleague-note-urgent': () => ({
    subject: 'URGENT: a colleague says that a person may not be safe',
    paragraphs: [
      'A colleague of another team has left a note about them. Please read it and act on it now.',
      'It comes first in the worklist until somebody records that they have seen to it. If nobody has within an hour, the coordinator hears again.',
    ],
    action: 'Read the note',
  }),
  'colleague-note-waiting': () => ({
    subject: 'A note of a colleague still waits to be seen to',
    paragraphs: [
      'A colleague of another team left a note about a person. The link workers were told, and nobody has recorded that they have seen to it.',
      'Please see that somebody does. It stays in the worklist until then, also if the referral has ended meanwhile.',
    ],
    action: 'Read the note',
  }),
  'check-in': (facts) => ({
    subject: 'You have been waiting: how are you?',
    paragraphs: [
      `It takes longer than we would like, and we have not forgotten you.${facts.keepsPlace ? ' You keep your place.' : ''}`,
      'On the page you can tell us whether you still want this, whether something has changed or worries you, or that you no longer want it. It takes a minute. If you do nothing, you go on waiting.',
      inDanger(facts),
    ],
    action: 'Tell us how you are',
  }),
  'offer-accepted-by-hand': () => ({
    subject: 'Please tell a person that they have a place',
    paragraphs: [
      'Their provider has accepted, and the first session is planned. The referral says when and where.',
      TELL_BY_HAND,
      'You are asked to remind them before each session, and hear from us if they miss two in a row.',
    ],
    action: 'Open the referral',
    by: 'The first session is on',
  }),
  'check-in-by-hand': () => ({
    subject: 'Please ask a person who waits how they are',
    paragraphs: [
      'They have been waiting for weeks without a word from us or from them, and we have no working email address that we may write to.',
      'Please ask in the way they prefer whether they still want this and how they are, and record the contact.',
    ],
    action: 'Open the referral',
  }),
  'reminder-by-hand': () => ({
    subject: 'Please remind a person of their next session',
    paragraphs: [
      'They chose not to be reminded by email, or we have no working address that we may write to. We cannot send text messages, calls or letters by ourselves.',
      'Please remind them in the way they prefer: the page says how to reach them safely. Then record the contact.',
    ],
    action: 'Open the referral',
    by: 'The session is on',
  }),
  'session-cancelled-by-hand': () => ({
    subject: 'Please tell a person that a session is cancelled',
    paragraphs: ['It is held later, and you are asked to remind them of that as of any other.', TELL_BY_HAND],
    action: 'Open the referral',
    by: 'It was to be on',
  }),
  'session-moved-by-hand': () => ({
    subject: 'Please tell a person that a session has changed',
    paragraphs: [
      'It, and others after it perhaps, is at another time or place. The provider can tell you where.',
      TELL_BY_HAND,
    ],
    action: 'Open the referral',
    by: 'It is now on',
  }),
  'session-restored-by-hand': () => ({
    subject: 'Please tell a person that a session is held after all',
    paragraphs: ['It was cancelled, which you may have told them.', TELL_BY_HAND],
    action: 'Open the referral',
    by: 'It is on',
  }),
  'session-added-by-hand': () => ({
    subject: 'Please tell a person that they have one more session at the end',
    paragraphs: [
      'One of their sessions was not held. It is held later, and you are asked to remind them of that as of any other.',
      TELL_BY_HAND,
    ],
    action: 'Open the referral',
  }),
  'session-not-needed-by-hand': () => ({
    subject: 'Please tell a person that a session does not take place',
    paragraphs: [
      'You may have told them that one of their sessions was cancelled or not held, and that another would come in its place. It was held after all, so that other one does not take place.',
      TELL_BY_HAND,
    ],
    action: 'Open the referral',
    by: 'It was to be on',
  }),
  'session-missed-by-hand': () => ({
    subject: 'Please tell a person that they were missed',
    paragraphs: [
      'They did not come to one of their sessions. They are welcome at the next one, and can tell you if something stands in the way.',
      'We have no working email address that we may write to. Please tell them in the way they prefer: the page says how to reach them safely. Then record the contact.',
    ],
    action: 'Open the referral',
  }),
  'not-right-by-hand': () => ({
    subject: 'Please tell a person that their place has ended',
    paragraphs: [NOT_RIGHT, TELL_BY_HAND],
    action: 'Open the referral',
  }),
  'list-ended-by-hand': () => ({
    subject: 'Please tell a person that they are not on a waiting list any more',
    paragraphs: [
      'The provider has no place for them, or has not answered. The referral is with you again: please talk with them about what else could help.',
      TELL_BY_HAND,
    ],
    action: 'Open the referral',
  }),
  'person-left': () => ({
    subject: 'A person has left',
    paragraphs: [
      'They ended their referral on their own page. Whoever held an offer or a place for them has been told, and letters are on their way.',
      'You may wish to ask them how they are. The page shows how to reach them.',
    ],
    action: 'Open the referral',
  }),
  undelivered: () => ({
    subject: 'An email did not arrive',
    paragraphs: [
      'We cannot reach somebody of this referral by email, and send nothing to that address any more. Somebody may be waiting for an answer that does not come by itself.',
      'The page says who it is and how else to reach them. There you can put the address right, or record what you did instead.',
    ],
    action: 'See who it is',
  }),
  'undelivered-waiting': () => ({
    subject: 'Somebody still cannot be reached by email',
    paragraphs: [
      'Somebody of this referral is to be told what email does not bring them. The link workers were asked to, and nobody has recorded that they have seen to it.',
      'Please see that somebody does. It stays in the worklist until then, also if the referral has ended meanwhile.',
    ],
    action: 'See who it is',
  }),
  'letter-person': (facts) =>
    letter(
      facts,
      'A letter for you',
      'Please print it. Before you post it, read on the page how to make contact.',
    ),
  'letter-referrer': (facts) => letter(facts, 'The outcome of your referral'),
  'letter-gp': (facts) => letter(facts, 'A letter about a patient of your practice'),
  'alert-coordinator': () => ({
    subject: 'Something in a referral needs a person’s attention',
    paragraphs: [
      'A step of it failed after several tries, or an email about it could not be sent. Nothing that was decided is lost, and the system goes on trying.',
      'Somebody may be waiting for an email that has not come: please ask the link workers to look after this reference. If you get this message again for the same reference, please ask whoever runs the system to look at it.',
    ],
    action: 'Open the referral',
  }),
  'plan-review': () => ({
    subject: 'Time to look at a plan again',
    paragraphs: [
      'When you made this person’s plan, you wanted to look at something in it again today. It is marked on the page of the plan.',
      'Please see how far it is with the person, and change the plan to what you agree. If it needs another day, give it one there, and we write to you again.',
    ],
    action: 'Open the plan',
  }),
  'erasure-warning': () => ({
    subject: 'A referral is going to be erased',
    paragraphs: [
      'It was closed long ago, and has been kept for as long as it may be. On that day everything about the person is erased, and only numbers that name nobody stay.',
      'You need to do nothing. If it must be kept, because of a complaint or a court, place a legal hold on it before then.',
    ],
    action: 'Open their data',
    by: 'Erased on',
  }),
};

function offerAccepted({ to }: MessageFacts): Wording {
  const sessions = 'The sessions go on until all of them were held.';
  switch (to) {
    case 'person':
      return {
        subject: 'You have a place',
        paragraphs: [
          'Your page shows when your sessions are, and how we remind you.',
          'If it turns out not to be right for you, you can leave on your page at any time.',
        ],
        action: 'Open your page',
      };
    case 'link-worker':
      return {
        subject: 'An offer was accepted',
        paragraphs: [
          `The first session is planned. ${sessions} You hear from us if the person misses two in a row.`,
        ],
        action: 'Open the referral',
      };
    default:
      return {
        subject: 'A place was found',
        paragraphs: [
          `The first session is planned. ${sessions} You do not need to do anything; we will write to you with the outcome.`,
        ],
      };
  }
}

function letter(
  { to }: MessageFacts,
  subject: string,
  printing = 'Please print it and send it by post.',
): Wording {
  if (to === 'link-worker') {
    return {
      subject: 'A letter to print and send',
      paragraphs: [`We have no email address to write to for whom it is meant. ${printing}`],
      action: 'Open the letter',
    };
  }
  return {
    subject,
    paragraphs: ['It says how it ended and what you can do next. You can read and print it on the page.'],
    action: 'Read the letter',
  };
}
