/**
 * The SNOMED CT code that the record of a GP practice takes once for each episode. A referral is an episode.
 *
 * What "once" is. Two documents can bring the code to the practice: the summary, at any time, and the closing letter. The one that goes first
 * carries it, the other does not. A link worker says that they gave the summary (giveSummary), which is noted on the referral; the letter
 * goes out by itself when the referral is closed, and opening it notes nothing. So the letter carries the code unless the summary was given
 * before the referral was closed; and the summary carries it unless it was given, or a letter to the practice has gone out. A letter that has
 * gone out never changes, whatever is given afterwards. That somebody declined is another code, which becomes true when they do: a summary
 * given before carried the one for the referral, so the letter then carries the one for declining.
 */
import { happened, type Outcome } from './change.ts';
import { asOthersSee } from './held-back.ts';
import { hasGpPractice } from './person.ts';
import { programmesOf } from './programme.ts';
import type { Referral } from './referral.ts';
import { isEnded } from './steps.ts';

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
 * later, also where that programme was not right for them, nor where it was we who declined.
 */
export function episodeCode(referral: Referral): Snomed {
  if (!isEnded(referral) || programmesOf(referral).length > 0) return SNOMED.referral;
  const { kind, reason } = referral.ending;
  return kind === 'withdrawn' || (kind === 'declined' && reason === 'person-does-not-want-it')
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

/**
 * The code in the summary. What the closing letter has told the practice is told; a decision that can still be taken back is told to no
 * practice.
 */
export function codeInSummary(current: Referral): CodeInDocument {
  const referral = asOthersSee(current);
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
