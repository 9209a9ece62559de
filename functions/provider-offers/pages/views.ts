/** A provider's offers and groups on one page, and how to get fresh links. */
import { openOfferQuestion, waitsOnList } from '../../../workflows/change.ts';
import { ordinalOf } from '../../../workflows/cohort.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { nextExpected } from '../../../workflows/planning.ts';
import type { ProgrammeRecord } from '../../../workflows/referral.ts';
import { answerBy } from '../../../workflows/steps.ts';
import { dateInWords, inWords, isDue } from '../../../workflows/time.ts';
import type { OpenOffer } from '../../shared/open-offers.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import type { RunningGroup } from '../../shared/running-groups.ts';
import ask from './ask.njk';
import offersTemplate from './offers.njk';
import sent from './sent.njk';

/** Where fresh links are asked for. */
export function askPage({ form, ...site }: Site & { form?: Form }) {
  return page(site, {
    title: 'Get fresh links to your offers and groups',
    template: ask,
    form,
    fields: ['email'],
  });
}

/** The same for everybody: whether anything was sent is for the owner of the address to know. */
export function sentPage(site: Site) {
  return page(site, { title: 'Please look at your emails', template: sent });
}

export type OffersView = Site & {
  /** Its own address, below which the reports are. */
  address: string;
  /** The longest asked first. */
  offers: readonly OpenOffer[];
  /** There are more offers than these. */
  more: boolean;
  /** In which somebody takes part. */
  groups: readonly RunningGroup[];
  /** There are more people in groups than these. */
  morePeople: boolean;
  programmes: readonly Programme[];
  now: string;
  /** What was chosen is there no more. */
  gone?: boolean;
};

/** All open offers of a provider, their groups, and whom they accepted, by reference. Nothing of the people. */
export function offersPage({
  address,
  offers,
  more,
  groups,
  morePeople,
  programmes,
  now,
  gone,
  ...site
}: OffersView) {
  const nameOf = (id: string) => programmes.find((programme) => programme.id === id)?.name ?? id;
  return page(site, {
    title: 'Your offers and groups',
    template: offersTemplate,
    context: {
      ...{ gone, more, morePeople, address },
      programmes: programmes.map(({ id, name }) => ({ id, name })),
      offers: offers.map((each) => ({
        reference: each.referral.reference,
        programme: nameOf(each.offer.programmeId),
        ...stateOf(each),
      })),
      groups: groups.map((each) => ({
        reference: each.cohort.reference,
        programme: nameOf(each.cohort.programmeId),
        ...groupInWords(each, now),
      })),
      accepted: groups.flatMap(({ cohort, people }) =>
        people.map(({ reference, programme }) => ({
          reference,
          programme: nameOf(cohort.programmeId),
          group: cohort.reference === reference ? undefined : cohort.reference,
          ...whenTheyCome(cohort, programme, now),
        })),
      ),
    },
  });
}

/** Of the registers that are missing in one group, those of the first sessions are named. */
const MISSING_SHOWN = 2;

/** What a group is at, and what it waits for. */
function groupInWords({ cohort, people, next, missing }: RunningGroup, now: string) {
  const begun = cohort.sessions.some(
    ({ status, startsAt }) => status !== 'cancelled' && isDue(startsAt, now),
  );
  const who = people.length === 1 ? '1 person' : `${people.length} people`;
  const coming = next ? `Next session: ${inWords(next.startsAt)}` : 'No session is to come';
  const words = [
    ...missing
      .slice(0, MISSING_SHOWN)
      .map(
        ({ number, startsAt }) =>
          `Please record who came: session ${ordinalOf(cohort, number)}, ${dateInWords(startsAt)}`,
      ),
    ...(missing.length > MISSING_SHOWN ? [`And ${missing.length - MISSING_SHOWN} more`] : []),
    `${who}. ${coming}`,
  ];
  if (missing.length > 0)
    return { tag: 'Register missing', colour: 'yellow', words, open: 'Open the register' };
  const open = 'See the sessions';
  if (!begun) return { tag: 'Not begun', colour: 'blue', words, open };
  return next
    ? { tag: 'Running', colour: 'green', words, open }
    : { tag: 'All sessions over', colour: 'grey', words, open };
}

/** Whether somebody who was accepted waits for their first session. */
function whenTheyCome(cohort: RunningGroup['cohort'], programme: ProgrammeRecord, now: string) {
  const { first, startsAt } = nextExpected(programme, cohort, now);
  return first && startsAt
    ? { tag: 'Waits to start', colour: 'blue', words: [`First session: ${inWords(startsAt)}`] }
    : { tag: 'Takes part', colour: 'green', words: [] };
}

/** What waits for what, as a tag and in words. */
function stateOf({ referral, offer }: OpenOffer): { tag: string; colour: string; words: string[] } {
  if (openOfferQuestion(referral)) {
    const words = ['The link worker has your question. You can still reply.'];
    return { tag: 'Your question', colour: 'grey', words };
  }
  const by = answerBy(referral);
  if (waitsOnList(offer)) {
    return { tag: 'Waiting list', colour: 'yellow', words: [`Since ${dateInWords(offer.waitlistedAt)}`] };
  }
  const words = [by === undefined ? 'Please reply' : `Please reply by ${dateInWords(by)}`];
  return offer.calledAt === undefined
    ? { tag: 'New', colour: 'blue', words }
    : { tag: 'A place is held', colour: 'green', words };
}
