/** What is to be done for somebody, in words that every list shares. */
import { toSeeTo } from '../../../workflows/concerns.ts';
import { nextTryOf } from '../../../workflows/next-try.ts';
import type { ConcernKind, Referral } from '../../../workflows/referral.ts';
import { dateInWords, dayInWords, londonDate } from '../../../workflows/time.ts';
import { openUndelivered } from '../../../workflows/undelivered.ts';
import { excusedBy, isCorrected, missedBy } from '../../../workflows/welfare.ts';
import type { Place, Task } from '../../../workflows/worklist.ts';
import { missedInWords } from './sessions.ts';
import { urgencyWords } from './urgency.ts';

/** Where somebody is in a list, as far as words need it. */
export type InList = Pick<Place, 'task' | 'urgency' | 'by' | 'isTry'>;

/** Why somebody waits. */
export type Why = {
  /** What is to be seen to first. */
  concern?: ConcernKind | undefined;
  /** It came back with the answer to a question. */
  answered?: boolean;
  /** How many sessions they missed in a row, where they are to be contacted because of that. */
  missed?: number | undefined;
  /** For how many they could not come, where they are to be contacted because of that. */
  excused?: number | undefined;
  /** A register was corrected since, so that these are fewer. */
  corrected?: boolean;
  /** The day that was chosen for the next try (YYYY-MM-DD), which may be later than any that is waited for. */
  nextTry?: string | undefined;
  /** Nothing came back: there is no address to which they could be written. */
  hasNoAddress?: boolean;
};

/** Why a referral waits. */
export function whyOf(referral: Referral): Why {
  const { programme } = referral;
  return {
    concern: toSeeTo(referral)?.kind,
    answered: beganWithAnswer(referral),
    nextTry: nextTryOf(referral),
    hasNoAddress: openUndelivered(referral)[0]?.why === 'no-address',
    ...(programme && {
      ...{ missed: missedBy(programme), excused: excusedBy(programme) },
      corrected: isCorrected(programme),
    }),
  };
}

/** Whether what is reviewed now came back with an answer, and nothing was decided since. A late one brings nothing back. */
function beganWithAnswer({ history }: Referral): boolean {
  const newest = history.findLast(
    ({ event, detail }) => event === 'reviewed' || (event === 'information-given' && detail !== 'late'),
  );
  return newest?.event === 'information-given';
}

/** Where on a referral's pages a task is done, if not on the first. */
const WHERE_TO: Partial<Record<Task, string>> = {
  reach: '/contacts',
  concern: '/contacts#said',
  'colleague-note': '/contacts#said',
  question: '/questions',
  undelivered: '/contacts#undelivered',
};

/** The address at which a task is done; of the referral, where it waits for nobody of the team. */
export function whereToDo(reference: string, place: Pick<InList, 'task'> | undefined): string {
  return `/referrals/${reference}${place ? (WHERE_TO[place.task] ?? '') : ''}`;
}

/** How urgent it is. Who asks for contact is no known risk, and no less urgent than one. */
export function tagOf({ task, urgency }: InList) {
  const words = urgencyWords[urgency];
  return task === 'concern' && urgency === 'risk' ? { ...words, tag: 'Concern' } : words;
}

/** What is to be done. */
export function taskInWords(
  { task, urgency, by, isTry }: InList,
  { concern, answered, missed, excused, corrected, nextTry, hasNoAddress }: Why,
): string {
  if (task === 'concern') {
    const contact = urgency === 'danger' ? 'Contact them now' : 'Contact them';
    if (concern === 'left-at-risk') return `${contact}: they left while a risk was open`;
    return `${contact}: they ${urgency === 'danger' ? 'may not be safe' : 'raised a concern'}`;
  }
  if (task === 'welfare') {
    const why =
      missed !== undefined
        ? `${missedInWords(missed)} missed`
        : excused !== undefined
          ? `they could not come to ${missedInWords(excused)}`
          : 'their programme is to end';
    const whole = corrected ? `${why}, as the corrected register says` : why;
    return isTry ? `${tryInWords(by, nextTry)}: ${whole}` : `Contact them: ${whole}`;
  }
  if (task === 'colleague-note') return 'Read the note that a colleague of another team left';
  if (task === 'reach') return 'Speak with them now: they may be in danger';
  if (task === 'question') return 'Answer the provider’s question';
  if (task === 'undelivered') {
    return hasNoAddress
      ? 'Tell them: no email reaches them'
      : 'An email did not arrive: reach them in another way';
  }
  const what = isTry ? tryInWords(by, nextTry) : 'Review';
  return answered ? `${what}: your question is answered` : what;
}

/** Nobody waits for longer than ten working days: somebody looks again before a day that is further away. */
function tryInWords(by: string, nextTry: string | undefined): string {
  const isBefore = nextTry !== undefined && londonDate(by) < nextTry;
  return isBefore
    ? `Look again on ${dayInWords(by)}, before the next try on ${dateInWords(`${nextTry}T12:00:00Z`)}`
    : `Try again on ${dayInWords(by)}`;
}
