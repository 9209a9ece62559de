/**
 * What a service is measured by, read off what has just happened to a referral: durations and counts with values of a few codes, and nothing of the
 * person. Made from the state before and after one write, so that the same fact counts once.
 */
import { offerRunsFrom } from './change.ts';
import type { Attendance, Ending, Referral } from './referral.ts';
import type { Referrer } from './request.ts';
import { endedByReview } from './steps.ts';

/** What a provider's reply can be. Taking an offer back is no reply of theirs. */
export const REPLIES = ['accepted', 'declined', 'silence'] as const;
type Reply = (typeof REPLIES)[number];

/** One measurement: hours, or 1 for each thing that happened. */
export type Figure =
  | { metric: 'ReferralsReceived'; value: number; by: { from: Referrer['kind'] } }
  | {
      metric: 'HoursToFirstContact' | 'HoursToOffer' | 'HoursToAcceptance' | 'HoursToFirstSession';
      value: number;
      by: Record<never, never>;
    }
  | { metric: 'ProviderReplyHours'; value: number; by: { reply: Reply } }
  | { metric: 'Attendance'; value: number; by: { attendance: Attendance } }
  | { metric: 'Endings'; value: number; by: { ending: Ending['kind'] } };

/** What is to be measured of a write, given what was there before; nothing before for a new referral. */
export function figuresOf(before: Referral | undefined, after: Referral): Figure[] {
  const figures: Figure[] = [];
  if (!before) figures.push({ metric: 'ReferralsReceived', value: 1, by: { from: after.referrer.kind } });
  for (const [metric, whenOf] of FIRSTS) {
    const at = whenOf(after);
    if (at !== undefined && before && whenOf(before) === undefined) {
      figures.push({ metric, value: hours(after.createdAt, at), by: {} });
    }
  }
  const known = new Set(
    before?.offers.flatMap(({ number, result }) => (result === undefined ? [] : [number])),
  );
  for (const { number, reply, hours: value } of repliedOffersOf(after)) {
    if (!known.has(number)) figures.push({ metric: 'ProviderReplyHours', value, by: { reply } });
  }
  const recorded = new Set(attendancesOf(before).map(({ key }) => key));
  for (const { key, attendance } of attendancesOf(after)) {
    // A correction is no second session.
    if (!recorded.has(key)) figures.push({ metric: 'Attendance', value: 1, by: { attendance } });
  }
  const ending = endedForGood(after);
  if (ending && !(before && endedForGood(before)))
    figures.push({ metric: 'Endings', value: 1, by: { ending: ending.kind } });
  return figures;
}

/** Each a first time in the life of a referral, by when it was; undefined until then. */
const FIRSTS = [
  ['HoursToFirstContact', ({ contacts = [] }: Referral) => contacts[0]?.at],
  ['HoursToOffer', ({ offers }: Referral) => offers[0]?.offeredAt],
  [
    'HoursToAcceptance',
    ({ offers }: Referral) => offers.find(({ result }) => result === 'accepted')?.repliedAt,
  ],
  [
    'HoursToFirstSession',
    (referral: Referral) => attendancesOf(referral).find(({ attendance }) => /^[56]$/.test(attendance))?.at,
  ],
] as const;

/** Hours from a referral to the first of each; those that there were. */
export function firstHoursOf(
  referral: Referral,
): Partial<Record<'contact' | 'offer' | 'acceptance' | 'session', number>> {
  const [contact, offer, acceptance, session] = FIRSTS.map(([, whenOf]) => {
    const at = whenOf(referral);
    return at === undefined ? undefined : hours(referral.createdAt, at);
  });
  return Object.fromEntries(
    Object.entries({ contact, offer, acceptance, session }).filter(([, value]) => value !== undefined),
  );
}

/** What providers said to the offers of a referral, and after how many hours. */
export function repliesOf(referral: Referral): { programmeId: string; reply: Reply; hours: number }[] {
  return repliedOffersOf(referral).map(({ programmeId, reply, hours }) => ({ programmeId, reply, hours }));
}

function repliedOffersOf({ offers, updatedAt }: Referral) {
  return offers.flatMap((offer) => {
    const reply = REPLIES.find((each) => each === offer.result);
    if (!reply) return [];
    const from = offerRunsFrom(offer) ?? offer.offeredAt;
    const { number, programmeId, repliedAt = updatedAt } = offer;
    return [{ number, programmeId, reply, hours: hours(from, repliedAt) }];
  });
}

/** What is recorded of each session of a referral's programmes, with a key that stays the same when it is corrected. */
export function attendancesOf(referral: Referral | undefined) {
  const programmes = [
    ...(referral?.earlierProgrammes ?? []),
    ...(referral?.programme ? [referral.programme] : []),
  ];
  return programmes.flatMap(({ programmeId, cohortId, sessions }) =>
    sessions.flatMap(({ number, startsAt, attendance }) =>
      attendance === undefined
        ? []
        : [{ key: `${programmeId}#${cohortId}#${number}`, at: startsAt, attendance }],
    ),
  );
}

/** How a referral ended; undefined while it is open. */
export function endingOf(referral: Referral): Ending | undefined {
  return referral.stage === 'closing' || referral.stage === 'closed' ? referral.ending : undefined;
}

/** How it ended, once nobody can take that back: what a review decided, when it is closed. Undefined until then. */
function endedForGood(referral: Referral): Ending | undefined {
  const ending = endingOf(referral);
  return ending && (referral.stage === 'closed' || !endedByReview(ending)) ? ending : undefined;
}

function hours(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 36_000) / 100);
}

/** Where an open referral stands, as it is counted: what a coordinator would ask for. */
export const STANDINGS = [
  'intake',
  'review',
  'hold',
  'information',
  'offer',
  'programme',
  'closing',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** Where a referral stands and since when; undefined once it is closed. */
export function standingOf(referral: Referral): { at: Standing; since: string } | undefined {
  switch (referral.stage) {
    case 'closed':
      return undefined;
    case 'intake':
      return { at: 'intake', since: referral.createdAt };
    case 'review':
      return referral.hold
        ? { at: 'hold', since: referral.hold.since }
        : { at: 'review', since: referral.askedAt ?? referral.createdAt };
    case 'information':
      return { at: 'information', since: referral.questions.at(-1)?.askedAt ?? referral.createdAt };
    case 'offer':
      return { at: 'offer', since: referral.offers.at(-1)?.offeredAt ?? referral.createdAt };
    case 'programme':
      return { at: 'programme', since: referral.programme.joinedAt ?? referral.createdAt };
    case 'closing':
      return { at: 'closing', since: referral.ending.decidedAt };
  }
}

/** Since when the longest waiting of an outbox was to be done, however often it has been tried since; undefined where nothing waits. */
export function waitsSince(
  outbox: readonly { notBefore: string; since?: string | undefined }[],
): string | undefined {
  return outbox.map(({ since, notBefore }) => since ?? notBefore).sort()[0];
}
