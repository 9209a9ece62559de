/** Who looked at a person's details: the entries of the audit, put together by day. */
import * as z from 'zod/mini';
import { emailOf } from '../../workflows/person.ts';
import type { Referral } from '../../workflows/referral.ts';
import { londonDate } from '../../workflows/time.ts';
import { newestOfCase } from './case-file.ts';

const lookSchema = z.object({
  at: z.iso.datetime(),
  /** By which link, or signed in as whom. */
  link: z.optional(z.string()),
  by: z.optional(z.string()),
  name: z.optional(z.string()),
  /** Why, where it is another team's. */
  reason: z.optional(z.string()),
});
type Look = z.infer<typeof lookSchema>;

/** More are not read for a page; all of them stay in the table. */
const NEWEST_LOOKS = 200;

/** Whom a link is sent to. */
export type Reader = 'link-worker' | 'provider' | 'person' | 'referrer' | 'gp-practice';

/** The looks of one reader on one day, for one reason. */
export type Looks = {
  /** The last of them. */
  at: string;
  count: number;
  /** Who, where they were signed in; otherwise whom the link was sent to. */
  name?: string | undefined;
  reader?: Reader | undefined;
  reason?: string | undefined;
};

/** Who looked, the newest first, in one request. */
export async function newestLooks(
  table: string,
  referral: Pick<Referral, 'id' | 'person' | 'questions'>,
): Promise<Looks[]> {
  const looks = await newestOfCase(
    table,
    { id: referral.id, kind: 'AUDIT', limit: NEWEST_LOOKS },
    lookSchema,
  );
  return foldLooks(looks, referral);
}

/** Looks, the newest first, put together by who looked, on which day, and why. */
export function foldLooks(looks: readonly Look[], referral: Pick<Referral, 'person' | 'questions'>): Looks[] {
  const folded = new Map<string, Looks>();
  for (const look of looks) {
    const reader = look.link === undefined ? undefined : readerOf(look.link, referral);
    const key = JSON.stringify([londonDate(look.at), look.by ?? reader, look.reason]);
    const before = folded.get(key);
    if (before) before.count += 1;
    else folded.set(key, { at: look.at, count: 1, name: look.name, reader, reason: look.reason });
  }
  return [...folded.values()];
}

/** Whom a link was sent to, by its id ("offer-2"; "review-1 of SP-…" while another referral was looked at). */
function readerOf(link: string, { person, questions }: Pick<Referral, 'person' | 'questions'>): Reader {
  const [purpose = '', which = ''] = link.split(/[- ]/);
  switch (purpose) {
    case 'person':
      return 'person';
    case 'status':
      return 'referrer';
    case 'offer':
    case 'register':
      return 'provider';
    case 'information':
      return questions.find(({ number }) => String(number) === which)?.to ?? 'referrer';
    case 'letter':
      // Where we have no address, a link worker prints it: workflows/closing.ts.
      if (which === 'person') return emailOf(person) === undefined ? 'link-worker' : 'person';
      if (which === 'gp') return person.gpPracticeEmail === undefined ? 'link-worker' : 'gp-practice';
      return 'referrer';
    default:
      return 'link-worker';
  }
}
