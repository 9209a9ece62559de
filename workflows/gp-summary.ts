/**
 * What a GP practice is told of a referral while it runs: a summary in plain text, for the link worker to copy, and the SNOMED CT code that
 * the practice's record takes once for each episode. A referral is an episode.
 *
 * What "once" is. Two documents can bring the code to the practice: the summary, at any time, and the closing letter. The one that goes first
 * carries it, the other does not. A link worker says that they gave the summary (giveSummary), which is noted on the referral; the letter
 * goes out by itself when the referral is closed, and opening it notes nothing. So the letter carries the code unless the summary was given
 * before the referral was closed; and the summary carries it unless it was given, or a letter to the practice has gone out. A letter that has
 * gone out never changes, whatever is given afterwards. That somebody declined is another code, which becomes true when they do: a summary
 * given before carried the one for the referral, so the letter then carries the one for declining.
 */
import { happened, type Outcome } from './change.ts';
import type { Instrument, Measurement } from './measures.ts';
import { answerInWords, instrumentOf, type Point, score } from './measures.ts';
import { hasGpPractice } from './person.ts';
import type { ActionStatus, Plan } from './plan.ts';
import { attendedSessions, heldSessions } from './programme.ts';
import type { Ending, Referral } from './referral.ts';
import { isEnded } from './steps.ts';
import { dateInWords } from './time.ts';

/** A code of SNOMED CT, UK edition, with its words. */
export type Snomed = { code: string; words: string };

/** NHS transformation partners' guidance: the first at the first interaction of an episode only. */
export const SNOMED = {
  referral: { code: '871731000000106', words: 'referral to social prescribing service' },
  declined: { code: '871711000000103', words: 'social prescribing declined' },
} as const satisfies Record<string, Snomed>;

/** What the history calls that a summary was given; its detail is the code in it. */
const GIVEN = 'summary-given';

/**
 * The code for a referral as it stands. Declined means that the person did not want it: not so of someone who began a programme and left
 * later, nor where it was we who declined.
 */
export function episodeCode(referral: Referral): Snomed {
  if (!isEnded(referral)) return SNOMED.referral;
  const { kind, reason } = referral.ending;
  const neverBegan = kind === 'withdrawn' && referral.programme === undefined;
  return neverBegan || (kind === 'declined' && reason === 'person-does-not-want-it')
    ? SNOMED.declined
    : SNOMED.referral;
}

/** The code that the summary carried when it was given; undefined while it was not. */
function codeGiven({ summaryGivenAt, history }: Referral): Snomed | undefined {
  if (summaryGivenAt === undefined) return undefined;
  const given = history.find(({ event }) => event === GIVEN)?.detail;
  return Object.values(SNOMED).find(({ code }) => code === given) ?? SNOMED.referral;
}

/** What a document says of the code: which it is, and where it is not to be recorded (again), since when the practice has it. */
export type CodeInDocument = Snomed & { givenOn?: string };

/** The code in the closing letter to the practice. */
export function codeInLetter(referral: Referral): CodeInDocument {
  const code = episodeCode(referral);
  const { summaryGivenAt } = referral;
  const before =
    summaryGivenAt !== undefined && (referral.stage !== 'closed' || summaryGivenAt <= referral.closedAt);
  return before && codeGiven(referral)?.code === code.code ? { ...code, givenOn: summaryGivenAt } : code;
}

/** The code in the summary. What the closing letter has told the practice is told. */
export function codeInSummary(referral: Referral): CodeInDocument {
  const given = codeGiven(referral);
  const letterSent =
    referral.stage === 'closed' && hasGpPractice(referral.person) ? referral.closedAt : undefined;
  if (letterSent !== undefined) {
    const { code, words, givenOn = letterSent } = codeInLetter(referral);
    return { code, words, givenOn };
  }
  return given && referral.summaryGivenAt !== undefined
    ? { ...given, givenOn: referral.summaryGivenAt }
    : episodeCode(referral);
}

/** Notes that the summary was given to the practice. The first time stands; whoever says so again is told when that was. */
export function giveSummary(referral: Referral, name: string, now: string): Outcome {
  if (referral.summaryGivenAt !== undefined) {
    return { refused: 'already-decided', recorded: referral.summaryGivenAt };
  }
  const given: Referral = { ...referral, summaryGivenAt: now };
  return happened(given, now, 'link-worker', GIVEN, codeInSummary(referral).code, name);
}

/** What a summary is made of, besides the referral. */
export type SummarySources = {
  /** The newest version. */
  plan: Plan | undefined;
  /** Oldest first. */
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
  baseline: 'At first contact',
  middle: 'In the middle',
  end: 'At the end',
  'follow-up': 'Follow-up',
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

/** The summary as plain text: parts with a heading in capitals and a line for each fact. */
export function gpSummary(referral: Referral, sources: SummarySources): string {
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

function risks({ request }: Referral): string[] {
  return [request.risks.known ? request.risks.detail : 'No known risks.'];
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
  const { offers, programme, signposts = [] } = referral;
  const { programmeName } = sources;
  const offer = offers.at(-1);
  const offered =
    !programme && offer ? `${programmeName(offer.programmeId)}: ${resultInWords(offer.result)}` : undefined;
  return [
    ...lines(
      ['Offered', offered],
      ['Programme', programme && programmeName(programme.programmeId)],
      [
        'Sessions',
        programme &&
          `${heldSessions(programme)} of ${programme.planned} held, ${attendedSessions(programme)} attended`,
      ],
    ),
    ...signposts.map(({ at, to }) => `Told about on ${dateInWords(at)} (this is no referral): ${to}`),
    ...lines(['Outcome', isEnded(referral) ? endingInWords(referral.ending, sources) : undefined]),
  ];
}

function resultInWords(result: Referral['offers'][number]['result']): string {
  const words = {
    accepted: 'accepted',
    declined: 'the provider declined',
    silence: 'the provider did not reply',
    withdrawn: 'the offer was taken back',
  };
  return result === undefined ? 'the provider has not replied yet' : words[result];
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
      return `The programme ended early on ${on}${reason === 'could-not-reach' ? ': they could not be reached' : ', as agreed with them after missed sessions'}.`;
  }
}

function measures({ measurements, instruments }: SummarySources): string[] {
  return measurements.flatMap(({ at, point, sets }) => [
    `${pointInWords(point)}, ${dateInWords(at)}:`,
    ...sets.flatMap((set) => {
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
  return facts.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
}
