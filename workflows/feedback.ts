/** What the person tells the team by their own page: how a session was, how they are while they wait, whether somebody is to get in touch. */
import { email, happened, type Outcome } from './change.ts';
import { raiseConcern } from './concerns.ts';
import { type ConcernKind, type Feedback, MOST_FEEDBACK, type Rating, type Referral } from './referral.ts';

/** What it is about, as codes: a session by its number, the programme, waiting, or anything else. */
export type About = `session-${number}` | 'programme' | 'waiting' | 'other';

export type Told = {
  /** Of the form; the text is kept under it (functions/shared/feedback.ts). */
  key: string;
  about: About;
  rating?: Rating;
  /** Somebody is to get in touch, and how soon. */
  concern?: Exclude<ConcernKind, 'left-at-risk' | 'colleague-note'>;
};

/** The sessions and the whole of which somebody can say how it was: the last that was held, then everything. */
export function aboutsOf(referral: Referral): About[] {
  const last = referral.programme?.sessions.findLast(({ status }) => status === 'held');
  const session: About[] = last ? [`session-${last.number}`] : [];
  return [...session, ...(referral.programme ? (['programme'] as const) : []), 'other'];
}

/** Records that the person told us something, at any stage. The same form sent again changes nothing. The link workers hear of it by one email. */
export function tellUs(referral: Referral, told: Told, now: string): Outcome {
  const { key, about, rating, concern } = told;
  const { feedback = [] } = referral;
  if (feedback.some((each) => each.key === key)) return referral;
  const one: Feedback = { key, at: now, about, ...(rating === undefined ? {} : { rating }) };
  const noted = happened(
    { ...referral, feedback: [...feedback, one].slice(-MOST_FEEDBACK) },
    now,
    'person',
    'feedback-given',
    about.startsWith('session') ? 'session' : about === 'waiting' ? 'waiting' : undefined,
  );
  const raised = concern === undefined ? noted : raiseConcern(noted, concern, now, key);
  // A concern has told them.
  if (raised !== noted) return raised;
  return email(noted, now, { message: 'feedback', to: 'link-worker', cause: key });
}
