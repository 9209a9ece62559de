/** What a GP practice is told of a referral while it runs: a summary in plain text, for the link worker to copy. */
import { waitsOnList } from './change.ts';
import { openConcern } from './concerns.ts';
import { codeInSummary } from './episode-code.ts';
import { asOthersSee } from './held-back.ts';
import type { Instrument } from './instrument.ts';
import { answerInWords, instrumentOf, type Measurement, type Point, score, takenAt } from './measures.ts';
import type { ActionStatus, Plan } from './plan.ts';
import { attendedSessions, heldSessions, programmesOf } from './programme.ts';
import type { Concern, Ending, Offer, Referral } from './referral.ts';
import { signpostsThatStand } from './signposts.ts';
import { isEnded } from './steps.ts';
import { ENDED_AT_PROVIDER } from './team-ends.ts';
import { dateInWords } from './time.ts';

/** What a summary is made of, besides the referral. */
export type SummarySources = {
  /** The newest version. */
  plan: Plan | undefined;
  /** In order (measures-order.ts). */
  measurements: readonly Measurement[];
  instruments: readonly Instrument[];
  programmeName: (id: string) => string;
  /** Parts in words that pages have too. */
  words: {
    name: string;
    nhsNumber: string | undefined;
    communication: string | undefined;
    gpPractice: string;
    referrer: string;
    declineReason: string | undefined;
  };
  serviceName: string;
  /** Where questions go. */
  contact: string;
  now: string;
};

const POINT_WORDS: Record<Point, string> = {
  baseline: 'At the start',
  middle: 'In the middle',
  end: 'At the end',
  'follow-up': 'Follow-up',
  'in-between': 'At another time',
};

/** When a measure was taken, in words. */
export function pointInWords(point: Point): string {
  return POINT_WORDS[point];
}

const STATUS_WORDS: Record<ActionStatus, string> = {
  planned: 'planned',
  'under-way': 'under way',
  done: 'done',
  stopped: 'stopped',
};

/** How far an action is, in words. */
export function statusInWords(status: ActionStatus): string {
  return STATUS_WORDS[status];
}

/**
 * The summary as plain text: parts with a heading in capitals and a line for each fact. Nothing of a decision that can still be taken back:
 * what a practice has copied is not called back.
 */
export function gpSummary(current: Referral, sources: SummarySources): string {
  const referral = asOthersSee(current);
  const { serviceName, now } = sources;
  const parts: [string, string[]][] = [
    ['Patient', patient(referral, sources)],
    ['Referral', referredBy(referral, sources)],
    ['Risks', risks(referral)],
    ['Plan', plan(sources)],
    ['What was arranged', arranged(referral, sources)],
    ['Measures', measures(sources)],
    ['For the record', record(referral)],
    ['Who to contact', contact(referral, sources)],
  ];
  const title = `Social prescribing summary\n${serviceName}, ${dateInWords(now)}\nReference ${referral.reference}`;
  const filled = parts.filter(([, lines]) => lines.length > 0);
  return [title, ...filled.map(([heading, lines]) => [heading.toUpperCase(), ...lines].join('\n'))].join(
    '\n\n',
  );
}

function patient({ person }: Referral, { words }: SummarySources): string[] {
  return lines(
    ['Name', words.name],
    ['Date of birth', dateInWords(`${person.dateOfBirth}T12:00:00Z`)],
    ['NHS number', words.nhsNumber],
    ['GP practice', words.gpPractice],
    ['How to communicate', words.communication?.replaceAll('\n', '; ')],
  );
}

function referredBy({ createdAt, request }: Referral, { words }: SummarySources): string[] {
  return lines(
    ['Referred on', dateInWords(createdAt)],
    ['Referred by', words.referrer],
    ['Needs', request.needs],
    ['What matters to them', request.whatMatters],
  );
}

/** What the referrer said, and what is open of what was said since: never that there are none while there may be. */
function risks({ request, createdAt, concerns }: Referral): string[] {
  const concern = openConcern({ concerns });
  const known = [
    ...(request.risks.known ? [withoutGaps(request.risks.detail)] : []),
    ...(request.danger
      ? [`The referral said on ${dateInWords(createdAt)} that somebody was in danger.`]
      : []),
    ...(concern
      ? [
          `${concernInWords(concern)}, on ${dateInWords(concern.at)}. Nobody has recorded yet that it is seen to.`,
        ]
      : []),
  ];
  return known.length > 0 ? known : ['No known risks.'];
}

function concernInWords({ kind }: Concern): string {
  if (kind === 'contact') return 'They asked to be contacted';
  return kind === 'left-at-risk'
    ? 'They left while a risk was open'
    : 'It was said that they may not be safe';
}

function plan({ plan: made }: SummarySources): string[] {
  if (!made) return [];
  const goals = made.goals.flatMap(({ goal, importance, actions, outcome }, i) => [
    `Goal ${i + 1}: ${goal}${importance === undefined ? '' : ` (importance ${importance} of 10)`}`,
    ...actions.map(
      ({ what, status, confidence, reviewOn }) =>
        `- ${what} (${[
          statusInWords(status),
          ...(confidence === undefined ? [] : [`confidence ${confidence} of 10`]),
          ...(reviewOn === undefined ? [] : [`to be reviewed on ${dateInWords(`${reviewOn}T12:00:00Z`)}`]),
        ].join(', ')})`,
    ),
    ...lines(['What came of it', outcome]),
  ]);
  return [
    ...lines(['Agreed on', dateInWords(made.at)], ['Strengths', made.strengths], ['Needs', made.needs]),
    ...goals,
  ];
}

function arranged(referral: Referral, sources: SummarySources): string[] {
  const { offers, programme: current } = referral;
  const { programmeName } = sources;
  const programmes = programmesOf(referral);
  const offer = offers.at(-1);
  // One that was accepted is among the programmes.
  const isTold = current !== undefined || (offer?.result === 'accepted' && programmes.length > 0);
  return [
    ...programmes.flatMap((programme) =>
      lines(
        ['Programme', programmeName(programme.programmeId)],
        [
          'Sessions',
          `${heldSessions(programme)} of ${programme.planned} held, ${attendedSessions(programme)} attended`,
        ],
        ['Ended', programme === current ? undefined : 'it was not right for them'],
      ),
    ),
    ...lines([
      'Offered',
      offer && !isTold ? `${programmeName(offer.programmeId)}: ${resultInWords(offer)}` : undefined,
    ]),
    ...signpostsThatStand(referral).map(
      ({ at, to }) => `Told about on ${dateInWords(at)} (this is no referral): ${to}`,
    ),
    ...lines(['Outcome', isEnded(referral) ? endingInWords(referral.ending, sources) : undefined]),
  ];
}

function resultInWords(offer: Offer): string {
  if (waitsOnList(offer)) return `on the waiting list since ${dateInWords(offer.waitlistedAt)}`;
  const words = {
    accepted: 'accepted',
    declined: 'the provider declined',
    silence: 'the provider did not reply',
    withdrawn: 'the offer was taken back',
  };
  return offer.result === undefined ? 'the provider has not replied yet' : words[offer.result];
}

function endingInWords({ kind, decidedAt, reason, signpostedTo }: Ending, { words }: SummarySources): string {
  const on = dateInWords(decidedAt);
  switch (kind) {
    case 'completed':
      return `The programme was completed on ${on}.`;
    case 'declined':
      return `The referral was declined on ${on}.${words.declineReason === undefined ? '' : ` ${words.declineReason}.`}`;
    case 'signposted':
      return `They were told about another service on ${on} (this is no referral): ${signpostedTo ?? ''}`.trim();
    case 'withdrawn':
      return `They decided to leave on ${on}.`;
    case 'ended-early':
      return `The programme ended early on ${on}${whyEarly(reason)}.`;
  }
}

function whyEarly(reason: string | undefined): string {
  if (reason === 'could-not-reach') return ': they could not be reached';
  return reason === ENDED_AT_PROVIDER ? ': its provider holds it no more' : ', as agreed with them';
}

function measures({ measurements, instruments }: SummarySources): string[] {
  return measurements.flatMap((measurement) => [
    `${pointInWords(measurement.point)}, ${dateInWords(takenAt(measurement))}:`,
    ...measurement.sets.flatMap((set) => {
      const instrument = instrumentOf(set, instruments);
      if (!instrument) return [`- ${set.instrument} ${set.version}: recorded, and no longer in use here`];
      const { items, total } = score(instrument, set);
      const answers = items.map((each) => `${each.item.short}: ${answerInWords(each)}`);
      const sum = total === undefined ? [] : [`total ${total}`];
      return [`- ${instrument.name}. ${[...answers, ...sum].join('; ')}`];
    }),
  ]);
}

function record(referral: Referral): string[] {
  const { code, words, givenOn } = codeInSummary(referral);
  return givenOn === undefined
    ? [`SNOMED CT code, to be recorded once for this episode: ${code} (${words})`]
    : [
        `SNOMED CT code ${code} (${words}) was given to the practice on ${dateInWords(givenOn)}. Please do not record it again.`,
      ];
}

function contact({ assignee }: Referral, sources: SummarySources): string[] {
  return lines(['Link worker', assignee?.name], ['Service', sources.serviceName], ['Email', sources.contact]);
}

/** A line for each fact that is known. */
function lines(...facts: (readonly [string, string | undefined])[]): string[] {
  // An empty line is the end of a part.
  return facts.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${withoutGaps(value)}`]));
}

function withoutGaps(value: string): string {
  return value.replace(/\n\s*\n/g, '\n');
}
