/** Whose referral it is, whether it waits, and which decision can still be taken back, in words. */
import { canBeGiven } from '../../../workflows/assignment.ts';
import { openOfferQuestion } from '../../../workflows/change.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { signpostsThatStand } from '../../../workflows/signposts.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Undoable, undoable } from '../../../workflows/undo.ts';
import { holdReasonWords, recordedInWords } from '../../shared/pages/words.ts';
import { type Member, nameToChoose } from '../../shared/team-members.ts';

export type Standing = {
  referral: Referral;
  who: { sub: string };
  /** Those whom the reader can give it to; none for who shares nothing out. */
  colleagues: readonly Pick<Member, 'sub' | 'name' | 'absences'>[];
  now: string;
};

export function standingInWords({ referral, who, colleagues, now }: Standing) {
  const { assignee } = referral;
  const hold = referral.stage === 'review' ? referral.hold : undefined;
  const undo = undoable(referral, now);
  return {
    open: referral.stage !== 'closed',
    canBeGiven: canBeGiven(referral),
    holder: assignee?.name,
    since: assignee && dateInWords(assignee.since),
    mine: assignee?.id === who.sub,
    me: who.sub,
    from: assignee?.id ?? '',
    colleagues:
      colleagues.length === 0
        ? []
        : [
            { value: '', text: 'Nobody yet' },
            ...colleagues.map((colleague) => ({
              value: colleague.sub,
              text: nameToChoose(colleague, now),
            })),
          ],
    hold: hold && {
      until: dateInWords(hold.until),
      reason: holdReasonWords[hold.reason],
      link: undo?.link,
    },
    undo: undo &&
      !hold && {
        link: undo.link,
        decided:
          undo.decision === 'transfer'
            ? 'Another team passed this to yours'
            : recordedInWords('review', undo.decision),
        until: untilInWords(undo),
        button: undo.decision === 'transfer' ? 'Send it back' : 'Take the decision back',
      },
    asked: questionsInWords(referral),
    signposts: signpostsThatStand(referral).map(({ at, to, by }) => ({
      at: dateInWords(at),
      to,
      by: by?.name,
    })),
  };
}

/** Whether a provider waits for an answer, and whether there is something to read of what they asked. */
function questionsInWords(referral: Referral): { waits: boolean } | undefined {
  const some = referral.offers.some(({ questions = [] }) => questions.length > 0);
  return some ? { waits: openOfferQuestion(referral) !== undefined } : undefined;
}

function untilInWords({ decision, until }: Undoable): string {
  if (until !== undefined) return `Nobody has been told yet. You can take this back until ${inWords(until)}.`;
  return decision === 'transfer'
    ? 'Take it on, decide, or send it back.'
    : 'You can take this back until the other side has acted.';
}
