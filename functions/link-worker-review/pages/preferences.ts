/** What they are looking for, in words and as a form. */
import { NEED_WORDS, TIME_WORDS } from '../../../workflows/criteria.ts';
import { NEEDS, type Need, TIMES_OF_WEEK, type TimeOfWeek } from '../../../workflows/directory.ts';
import {
  type Agreed,
  type AgreedSoFar,
  agreedKey,
  ETHNIC_GROUP_WORDS,
} from '../../../workflows/preferences.ts';
import type { Preferences } from '../../../workflows/referral.ts';
import type { Form } from '../../shared/pages/page.ts';

export function needField(need: Need): string {
  return `need-${need}`;
}

export function timeField(time: TimeOfWeek): string {
  return `time-${time}`;
}

/** The fields in the order of the page; the first of each group leads to its first box. */
export const PREFERENCES_FIELDS = ['need', 'time', 'freeOnly', 'ethnicGroup'] as const;

/** What somebody ticked that is not saved yet, and what was recorded when they opened the page (agreedKey). */
export type Ticked = { agreed: Agreed; seen: string };

/** The form, filled in with what is recorded, or with what somebody ticked: `late` where somebody else was faster to save other things. */
export function preferencesForm(recorded: AgreedSoFar, ticked: Ticked | undefined, late = false) {
  const { preferences, ethnicGroup } = ticked?.agreed ?? recorded;
  const { needs = [], times = [], freeOnly } = preferences ?? {};
  const errors =
    ticked && late
      ? {
          need: `Somebody else has changed this since you opened the page. It says now: ${agreedInWords(recorded)}. What you ticked is still here: save it again if it is right`,
        }
      : {};
  const form: Required<Form> = {
    values: {
      ...Object.fromEntries(needs.map((need) => [needField(need), 'yes'])),
      ...Object.fromEntries(times.map((time) => [timeField(time), 'yes'])),
      freeOnly: freeOnly ? 'yes' : undefined,
      ethnicGroup: ethnicGroup ?? 'not-asked',
    },
    errors,
  };
  return {
    form,
    // Whoever has been told what it says now has seen it.
    seen: ticked && !late ? ticked.seen : agreedKey(recorded),
    needItems: NEEDS.map((need) => ({ name: needField(need), text: capital(NEED_WORDS[need]) })),
    timeItems: TIMES_OF_WEEK.map((time) => ({ name: timeField(time), text: capital(TIME_WORDS[time]) })),
    ethnicGroups: [
      { value: 'not-asked', text: 'Not asked yet' },
      ...Object.entries(ETHNIC_GROUP_WORDS).map(([value, text]) => ({ value, text })),
    ],
  };
}

function agreedInWords({ preferences, ethnicGroup }: AgreedSoFar): string {
  const group = ethnicGroup === undefined ? [] : [`ethnic group: ${ETHNIC_GROUP_WORDS[ethnicGroup]}`];
  return [inWords(preferences), ...group].join('; ');
}

/** All of them in one line; undefined where nobody has recorded any. */
export function preferencesInWords(preferences: Preferences | undefined): string | undefined {
  return preferences && capital(inWords(preferences));
}

function inWords(preferences: Preferences | undefined): string {
  const { needs = [], times = [], freeOnly } = preferences ?? {};
  const said = [
    ...needs.map((need) => NEED_WORDS[need]),
    ...times.map((time) => TIME_WORDS[time]),
    ...(freeOnly ? ['only what is free'] : []),
  ];
  return said.length === 0 ? 'nothing in particular' : said.join('; ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
