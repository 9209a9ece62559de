/** The forms that are filled in step by step, as a person goes through them. */
import type { StepId } from '../../workflows/form.ts';
import { type Fields, type Jar, type Page, visit } from './browser.ts';
import type { Cloud } from './cloud.ts';
import { aMomentLater } from './people.ts';

/** What somebody enters, by step, in the order of the pages. */
export type Answers = Partial<Record<StepId, Fields>>;

/** A young person in Camden, about themself. */
export function myAnswers(mark: string): Answers {
  return {
    danger: { danger: 'no' },
    programme: { programmeId: 'hive-music' },
    name: { firstName: 'Róisín', familyName: "O'Brien" },
    'date-of-birth': { 'dateOfBirth-day': '3', 'dateOfBirth-month': '4', 'dateOfBirth-year': '2008' },
    home: { postcode: 'nw1 8ab' },
    'gp-practice': { gpPractice: 'known', gpPracticeName: 'Example Surgery, Kentish Town' },
    'nhs-number': { nhsNumber: '' },
    contact: { phone: '07700 900982', email: `person-${mark}@people.example`, contactMayEmail: 'yes' },
    'safe-contact': { contactPreferred: 'text', contactLeaveMessage: 'no', contactPhonePrivate: 'yes' },
    communication: { 'communicationNeeds-more-time': 'yes' },
    needs: { needs: 'Lonely since moving here; I used to sing.', whatMatters: 'Singing' },
    risks: { risks: 'none-known' },
    consent: { consent: 'yes' },
  };
}

/** The same person, referred by a relative. */
export function theirAnswers(mark: string): Answers {
  const { danger, ...rest } = myAnswers(mark);
  return {
    ...(danger ? { danger } : {}),
    'about-you': {
      referrerKind: 'family-or-friend',
      referrerName: 'Siobhán O’Brien',
      referrerEmail: `referrer-${mark}@people.example`,
    },
    ...rest,
  };
}

/** Goes from the first page to the check of all answers. */
export async function fillIn(
  cloud: Cloud,
  way: 'myself' | 'someone-i-know',
  answers: Answers,
  jar: Jar = new Map(),
): Promise<Page> {
  const before = await visit(`${cloud.baseUrl}/refer/${way}`, jar);
  await aMomentLater(cloud);
  let page = await before.submit(undefined, { website: '' });
  for (const [step, fields] of Object.entries(answers)) {
    if (!page.url.includes(`/${step}`))
      throw new Error(`at ${page.url} "${page.heading}" instead of ${step}: ${page.text}`);
    page = await page.submit('continue', fields);
  }
  return page;
}

/** Sends what was checked. */
export async function sendChecked(cloud: Cloud, check: Page, fields: Fields = {}): Promise<Page> {
  await aMomentLater(cloud);
  return check.submit('send', fields);
}

/** The reference on a page. */
export function referenceIn(page: Page): string {
  return /\bSP-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(page.text)?.[0] ?? '';
}
