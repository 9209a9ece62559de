/** What may be done with a person's data, and what was. */
import type { WhyKept } from '../../../workflows/data-rights.ts';
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import type { NextRetention } from '../../../workflows/retention.ts';
import { retention } from '../../../workflows/retention-policy.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import data from './data.njk';
import erase from './erase.njk';
import erased from './erased.njk';

/** What was just done, as addresses say it. */
export const DONE = ['corrected', 'held', 'released'] as const;

const doneWords: Record<(typeof DONE)[number], string> = {
  corrected: 'Their details are as you entered them',
  held: 'The legal hold is in force: nothing is erased until somebody releases it',
  released: 'The legal hold is over',
};

/** Why it is not erased, and what to do about it. */
const keptWords: Record<WhyKept, { why: string; todo: string }> = {
  open: {
    why: 'This referral is open, so it cannot be erased yet',
    todo: 'Somebody may be waiting for an answer, a place or a session. Talk with the person; if they want to stop, they can leave on their own page, or a link worker can end the referral. It can be erased once it is closed.',
  },
  closing: {
    why: 'This referral is just being closed, so it cannot be erased yet',
    todo: 'Its letters are being sent. That takes a few minutes: please come back then.',
  },
  'legal-hold': {
    why: 'A legal hold is in force, so nothing is erased',
    todo: 'If nothing requires it to be kept any more, release the hold first. Tell the person that it is kept, and why.',
  },
  'not-due': { why: 'It is to be kept for longer', todo: '' },
};

export type RightsView = Site & {
  referral: Referral;
  keptUntil: string | undefined;
  next: NextRetention | undefined;
  whyKept: WhyKept | undefined;
  /** Other referrals of the same person, of the coordinator's teams; and how many other teams have. */
  others: readonly Pick<Referral, 'reference' | 'createdAt' | 'stage'>[];
  elsewhere: number;
  done?: (typeof DONE)[number] | undefined;
  /** Why something came too late. */
  late?: string | undefined;
  statusCode?: number | undefined;
  form?: Form | undefined;
};

export function dataPage(view: RightsView) {
  const { referral, keptUntil, next, whyKept, others, elsewhere, done, late, statusCode, form, ...site } =
    view;
  const { reference, person, legalHold, erasureWarnedAt } = referral;
  return page(site, {
    ...(statusCode === undefined ? {} : { statusCode }),
    title: 'Their data',
    template: data,
    context: {
      reference,
      name: fullName(person),
      done: done && doneWords[done],
      late,
      kept: keptInWords({ keptUntil, next, legalHold, erasureWarnedAt }),
      hold: legalHold && {
        reason: legalHold.reason,
        placed: `${legalHold.by.name}, ${inWords(legalHold.since)}`,
      },
      cannot: whyKept && keptWords[whyKept],
      others: others.map(({ reference: other, createdAt, stage }) => ({
        reference: other,
        href: `/referrals/${other}/data`,
        text: `from ${dateInWords(createdAt)}, ${stage === 'closed' ? 'closed' : 'open'}`,
      })),
      elsewhere:
        elsewhere === 0
          ? undefined
          : `${elsewhere === 1 ? 'One more is' : `${elsewhere} more are`} with another team, whose coordinator can copy or erase it.`,
    },
    form,
    fields: ['reason', 'sure'],
  });
}

function keptInWords({
  keptUntil,
  next,
  legalHold,
  erasureWarnedAt,
}: Pick<RightsView, 'keptUntil' | 'next'> & Pick<Referral, 'legalHold' | 'erasureWarnedAt'>): string[] {
  const { warnDays } = retention();
  if (keptUntil === undefined)
    return ['While a referral is open it is kept. The time begins to run once it is closed.'];
  const until = dateInWords(keptUntil);
  if (legalHold)
    return [
      `It would be kept until ${until}. While the legal hold is in force it is kept for as long as that is.`,
    ];
  if (next?.step === 'erase') {
    const warned =
      erasureWarnedAt === undefined ? '' : ` The coordinators were told on ${dateInWords(erasureWarnedAt)}.`;
    return [`Everything about the person is erased by itself on ${dateInWords(next.at)}.${warned}`];
  }
  return [
    `It is kept until ${until}, and then erased by itself. Coordinators get an email ${warnDays} days before.`,
  ];
}

export type EraseView = Site & {
  referral: Pick<Referral, 'reference' | 'person'>;
  whyKept: WhyKept | undefined;
  /** Somebody has just asked for it. */
  refused?: boolean;
  form?: Form | undefined;
};

/** The page before everything is erased: what goes, what stays; or why it cannot be. */
export function erasePage({ referral, whyKept, refused, form, ...site }: EraseView) {
  const { reference, person } = referral;
  return page(site, {
    ...(refused ? { statusCode: 409 } : {}),
    title: whyKept ? 'It cannot be erased' : 'Erase everything about this person?',
    template: erase,
    context: { reference, name: fullName(person), cannot: whyKept && keptWords[whyKept], refused },
    form,
    fields: ['confirm'],
  });
}

/** The page of a referral that was erased. */
export function erasedPage({
  reference,
  at,
  why,
  ...site
}: Site & { reference: string; at: string; why: 'asked' | 'retention' }) {
  return page(site, {
    title: 'This referral was erased',
    template: erased,
    context: {
      reference,
      when: inWords(at),
      why: why === 'asked' ? 'because it was asked for' : 'because it had been kept for as long as it may be',
    },
  });
}
