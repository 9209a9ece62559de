/** What operators may have done with a person's data, as its coordinators may on a page: npm run data-rights. */
import type { RightsAnswer } from '../functions/personal-data/handler.ts';
import { type Fields, PERSON_FORM_FIELDS } from '../workflows/form.ts';
import { copyFile } from './copy-file.ts';
import type { Invoke } from './operate.ts';

/** What can be asked for. */
export const RIGHTS = ['copy', 'audit', 'correct', 'hold', 'release', 'erase'] as const;
export type Right = (typeof RIGHTS)[number];

/** What is asked for. `reason`: of a hold. `fields`: what is to be put right. `html`: of a copy to read, which otherwise is JSON. */
export type Wanted = {
  act: Right;
  reference: string;
  now: string;
  reason?: string | undefined;
  fields?: Fields | undefined;
  html?: boolean;
};

/**
 * Does one of these with a referral, by its reference, and says what came of it: of a copy or an audit, that alone. Gives whether it was done.
 */
export async function dataRights(
  invoke: Invoke,
  { act, reference, now, reason, fields, html = false }: Wanted,
  say: (line: string) => void,
): Promise<boolean> {
  const requestId = `operator-${Date.parse(now)}-${act}`;
  const more = { ...(reason === undefined ? {} : { reason }), ...(fields === undefined ? {} : { fields }) };
  const answer = (await invoke('personal-data', {
    ...{ act, reference, now, requestId },
    ...more,
  })) as RightsAnswer;
  switch (answer.state) {
    case 'copied':
      say(html ? copyFile(answer.copy) : JSON.stringify(answer.copy, undefined, 2));
      return true;
    case 'audited':
      say(answer.csv.trimEnd());
      return true;
    case 'corrected':
      say(
        answer.fields.length === 0
          ? `${reference} says this already: nothing was changed.`
          : `Put right in ${reference}: ${answer.fields.join(', ')}.`,
      );
      return true;
    case 'invalid':
      for (const [field, why] of Object.entries(answer.errors)) say(`${field}: ${why}`);
      say('Nothing was changed.');
      return false;
    case 'held':
      say(`${reference} is under a legal hold: nothing of it is erased.`);
      return true;
    case 'released':
      say(`${reference} is under no legal hold.`);
      return true;
    case 'erased':
      say(`${reference} was erased at ${answer.at}.`);
      return act === 'erase';
    case 'refused':
      say(`Not done: ${WHY_NOT[answer.why]}.`);
      return false;
    case 'missing':
      say(`There is no referral ${reference}.`);
      return false;
  }
}

const WHY_NOT: Readonly<Record<Extract<RightsAnswer, { state: 'refused' }>['why'], string>> = {
  open: 'the referral is open. Have it ended first: the person can leave on their own page, or a link worker ends it',
  closing: 'the referral is just being closed. Try again in a few minutes',
  'legal-hold': 'there is a legal hold on it. Release it first, if nothing requires it any more',
  'not-due': 'it is to be kept for longer',
  'other-reason': 'there is a legal hold on it already, for another reason',
  'changed-meanwhile': 'somebody changed these details at the same moment. Look at them, and try again',
};

/**
 * The details that a file says are right, as fields of the form: JSON like {"phone": "07700 900982", "email": ""}, with a date of birth as
 * YYYY-MM-DD. An empty one is taken out; what is not named stays. Throws an Error that says what is wrong with it and quotes no value.
 */
export function readDetails(json: string): Fields {
  let said: unknown;
  try {
    said = JSON.parse(json);
  } catch {
    throw new Error('the details are not JSON');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    throw new Error('the details are to be like {"phone": "07700 900982"}');
  }
  const { dateOfBirth, ...rest } = said as Record<string, unknown>;
  const all = { ...rest, ...(dateOfBirth === undefined ? {} : boxesOf(dateOfBirth)) };
  for (const [name, value] of Object.entries(all)) {
    if (!PERSON_FORM_FIELDS.includes(name)) {
      throw new Error(`no detail is called ${name}; there are dateOfBirth, ${PERSON_FORM_FIELDS.join(', ')}`);
    }
    if (typeof value !== 'string') throw new Error(`${name} is to be text, in quotes`);
  }
  return all as Fields;
}

function boxesOf(date: unknown): Fields {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(date)) ?? [];
  if (day === undefined) throw new Error('dateOfBirth is to be like 1950-03-31');
  return { 'dateOfBirth-day': day, 'dateOfBirth-month': month, 'dateOfBirth-year': year };
}
