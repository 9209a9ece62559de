/**
 * When measures are taken in a programme, and how the person is asked. The answers are items of their own beside the referral
 * (functions/shared/case-file.ts); that they were asked for and taken is in its history, in codes.
 */
import { addLink, dueAfter, email, happened, type Outcome, recordOnLink, revokeLinks } from './change.ts';
import { withHash } from './links.ts';
import type { Measurement, Point } from './measures.ts';
import { emailOf } from './person.ts';
import type { Ending, In, Referral } from './referral.ts';
import { after, isDue, londonDate } from './time.ts';

/** The points that a programme asks for by itself; others are for the team to choose. */
export type Occasion = Extract<Point, 'baseline' | 'middle' | 'end' | 'follow-up'>;

/**
 * Each becomes due when this share of the planned sessions is held, and takes the place of the one before. Field guide, "Outcome measures":
 * at the start, the middle (session 6) and the end (session 12), and three months after [check], which the reminder policy times.
 */
export const OCCASIONS: readonly { point: Occasion; held: number }[] = [
  { point: 'baseline', held: 0 },
  { point: 'middle', held: 1 / 2 },
  { point: 'end', held: 1 },
];

/** Measures of the start that were taken so shortly before somebody got their place are those of the start [check]. */
export const RECENT_DAYS = 30;

/** What is answered at the end, and what registers say, counts in reports so many days after it [check]: from then on they are final. */
export const LATE_DAYS = 30;

/** Whether what is recorded at a moment counts in reports, of somebody whose referral has ended. By days, in London. */
export function countsInReport(at: string, { decidedAt }: Pick<Ending, 'decidedAt'>): boolean {
  return londonDate(at) <= londonDate(after(decidedAt, { days: LATE_DAYS }));
}

const ASKED = 'measures-asked';
const OPENED = 'measures-opened';
const TAKEN = 'measures-taken';
/** In the history, and on the link: the person would rather not answer this time. */
export const NOT_WANTED = 'measures-not-wanted';
const FOLLOW_UP = 'follow-up';

/** What is to be taken now, and has not been. */
export type DueMeasures = {
  point: Occasion;
  /** Of the link by which the person is asked, whether or not they have been. */
  link: string;
  askedAt?: string;
};

/** The measures that are due, and neither taken nor not wanted; undefined where there are none. Who left is asked no more. */
export function measuresDue(referral: Referral): DueMeasures | undefined {
  const point = occasionOf(referral);
  if (!point || isSettled(referral, point)) return undefined;
  const askedAt = askedAtOf(referral, point);
  const link = linkOf(referral, point);
  return { point, link, ...(askedAt === undefined ? {} : { askedAt }) };
}

function occasionOf(referral: Referral): Occasion | undefined {
  const { programme } = referral;
  if (!programme) return undefined;
  if ('ending' in referral) {
    if (referral.ending.kind !== 'completed') return undefined;
    return referral.links[linkOf(referral, FOLLOW_UP)] ? FOLLOW_UP : 'end';
  }
  if (referral.stage !== 'programme') return undefined;
  const held = programme.sessions.filter(({ status }) => status === 'held').length;
  return OCCASIONS.findLast((occasion) => held >= Math.ceil(occasion.held * programme.planned))?.point;
}

/** Whether they were taken, or the person would rather not. */
function isSettled(referral: Referral, point: Occasion): boolean {
  const joined = joinedAt(referral);
  const from = point === 'baseline' ? after(joined, { days: -RECENT_DAYS }) : joined;
  return referral.history.some(
    ({ event, detail, at }) => (event === TAKEN || event === NOT_WANTED) && detail === point && at >= from,
  );
}

function joinedAt({ offers, createdAt }: Referral): string {
  return offers.at(-1)?.repliedAt ?? createdAt;
}

function linkOf({ offers }: Referral, point: Occasion): string {
  return `measures-${point}-${offers.length}`;
}

/** When the person was asked, in this programme. */
function askedAtOf(referral: Referral, point: Occasion): string | undefined {
  if (referral.links[linkOf(referral, point)] === undefined) return undefined;
  return referral.history.findLast(({ event, detail }) => event === ASKED && detail === point)?.at;
}

/** The point that a link asks for; undefined where it is no link for measures. */
export function pointOfLink(id: string): Occasion | undefined {
  const points: Occasion[] = [...OCCASIONS.map(({ point }) => point), FOLLOW_UP];
  return points.find((point) => id.startsWith(`measures-${point}-`));
}

/** The key of what is answered by a link: a repeat has the same one, and what was asked for later sorts after it. */
export function keyOfLink(referral: Referral, id: string): string {
  const point = pointOfLink(id);
  const asked = referral.history.findLast(
    ({ event, detail }) => (event === ASKED || event === OPENED) && detail === point,
  );
  return `${asked?.at ?? referral.createdAt}.${id}`;
}

/**
 * Asks the person for the measures that are due, by email, once for each occasion. Where there is no address to write to nobody is asked: the
 * team sees on the page of the measures that they are due.
 */
export function askForMeasures<R extends Referral>(referral: R, now: string): R {
  const due = measuresDue(referral);
  if (!due || referral.links[due.link] || emailOf(referral.person) === undefined) return referral;
  // Whoever is to be called because they did not come is not sent questions first; the next session, or the end, asks.
  if (referral.programme?.welfare.some(({ outcome }) => outcome === undefined)) return referral;
  // What was asked for before and never answered is of no use any more.
  const linked = addLink(revokeLinks(referral, now, ['measures']), due.link, 'measures');
  return email(happened(linked, now, 'workflow', ASKED, due.point), now, {
    message: 'measures-request',
    to: 'person',
    cause: due.link,
    link: due.link,
  });
}

/**
 * The person opens the questions that are due by themself, from their own page: also where they were never asked by email. `hash` is that of the
 * secret by which they do; it works as one from an email does. The same again changes nothing. `not-now` where nothing is due.
 */
export function openMeasures(referral: Referral, hash: string, now: string): Outcome {
  const due = measuresDue(referral);
  if (!due) return { refused: 'not-now' };
  const opened = referral.links[due.link]
    ? referral
    : addLink(
        happened(revokeLinks(referral, now, ['measures']), now, 'person', OPENED, due.point),
        due.link,
        'measures',
      );
  const link = opened.links[due.link];
  if (!link || link.revokedAt) return { refused: 'not-now' };
  const known = link.hashes.find((each) => each.hash === hash);
  if (known && !isDue(known.expiresAt, now)) return referral;
  return { ...opened, links: { ...opened.links, [due.link]: withHash(link, hash, now) } };
}

/** Once somebody's programme is over for good they are to be asked again some months later, where we may write to them. */
export function planFollowUp(closed: In<'closed'>, now: string): In<'closed'> {
  const asks = closed.ending.kind === 'completed' && emailOf(closed.person) !== undefined;
  return asks ? dueAfter(closed, now, FOLLOW_UP) : closed;
}

/**
 * Asks the person how things are some months after, by email, once; from then on nothing of the referral is due. Whoever may not be written to by now,
 * or was asked by the team since, is not asked.
 */
export function askForFollowUp(closed: In<'closed'>, now: string): In<'closed'> {
  const { due: _over, ...rest } = closed;
  if (emailOf(closed.person) === undefined || isSettled(closed, FOLLOW_UP)) return rest;
  const link = linkOf(closed, FOLLOW_UP);
  const linked = addLink(revokeLinks(rest, now, ['measures']), link, 'measures');
  return email(happened(linked, now, 'sweep', ASKED, FOLLOW_UP), now, {
    message: 'measures-request',
    to: 'person',
    cause: link,
    link,
  }) as In<'closed'>;
}

/** The person would rather not answer what a link asks: nobody asks it again, and there is no answer. Once something is recorded it stands. */
export function declineMeasures(referral: Referral, link: string, now: string): Outcome {
  const point = pointOfLink(link);
  const recorded = referral.links[link]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (!point) return { refused: 'not-now' };
  return recordOnLink(happened(referral, now, 'person', NOT_WANTED, point), link, now, NOT_WANTED);
}

/**
 * Notes that measures were taken, once for each time; `link`: the one by which the person answered. What is taken by the team need not be
 * asked for again.
 */
export function noteMeasures(
  referral: Referral,
  { at, point, by }: Pick<Measurement, 'at' | 'point' | 'by'>,
  link?: string,
): Outcome {
  const noted = referral.history.some(
    (entry) => entry.event === TAKEN && entry.at === at && entry.detail === point,
  );
  if (noted) return { refused: 'already-decided', recorded: point };
  const isDue = measuresDue(referral)?.point === point;
  const taken = happened(referral, at, by ? 'link-worker' : 'person', TAKEN, point, by?.name);
  if (link !== undefined) return recordOnLink(taken, link, at, point);
  return isDue ? revokeLinks(taken, at, ['measures']) : taken;
}
