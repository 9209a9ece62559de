/** What operators may have done with a person's data, as its coordinators may on a page: npm run data-rights. */
import type { Invoke } from './operate.ts';

/** What can be asked for. */
export const RIGHTS = ['copy', 'hold', 'release', 'erase'] as const;
export type Right = (typeof RIGHTS)[number];

/** What comes of it: functions/personal-data/handler.ts. */
type RightsAnswer = { state: string; why?: string; at?: string; copy?: unknown };

/** Copies, holds, releases or erases a referral by its reference, and says what came of it: of a copy, the copy alone. Gives whether it was done. */
export async function dataRights(
  invoke: Invoke,
  { act, reference, reason, now }: { act: Right; reference: string; reason: string | undefined; now: string },
  say: (line: string) => void,
): Promise<boolean> {
  const requestId = `operator-${Date.parse(now)}-${act}`;
  const asked = { act, reference, now, requestId, ...(reason === undefined ? {} : { reason }) };
  const { state, why = '', at, copy } = (await invoke('personal-data', asked)) as RightsAnswer;
  switch (state) {
    case 'copied':
      say(JSON.stringify(copy, undefined, 2));
      return true;
    case 'held':
      say(`${reference} is under a legal hold: nothing of it is erased.`);
      return true;
    case 'released':
      say(`${reference} is under no legal hold.`);
      return true;
    case 'erased':
      say(`${reference} was erased at ${at}.`);
      return act === 'erase';
    case 'refused':
      say(`Not done: ${WHY_NOT[why] ?? why}.`);
      return false;
    default:
      say(`There is no referral ${reference}.`);
      return false;
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  open: 'the referral is open. Have it ended first: the person can leave on their own page, or a link worker ends it',
  closing: 'the referral is just being closed. Try again in a few minutes',
  'legal-hold': 'there is a legal hold on it. Release it first, if nothing requires it any more',
  'other-reason': 'there is a legal hold on it already, for another reason',
};
