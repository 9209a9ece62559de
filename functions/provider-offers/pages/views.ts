/** A provider's offers on one page, and how to get fresh links. */
import { openOfferQuestion } from '../../../workflows/change.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { answerBy } from '../../../workflows/steps.ts';
import { dateInWords } from '../../../workflows/time.ts';
import type { OpenOffer } from '../../shared/open-offers.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import ask from './ask.njk';
import offersTemplate from './offers.njk';
import sent from './sent.njk';

/** Where fresh links are asked for. */
export function askPage({ form, ...site }: Site & { form?: Form }) {
  return page(site, { title: 'Get fresh links to your offers', template: ask, form, fields: ['email'] });
}

/** The same for everybody: whether anything was sent is for the owner of the address to know. */
export function sentPage(site: Site) {
  return page(site, { title: 'Please look at your emails', template: sent });
}

export type OffersView = Site & {
  /** The longest asked first. */
  offers: readonly OpenOffer[];
  /** There are more than these. */
  more: boolean;
  programmes: readonly Programme[];
  /** What was chosen is open no more. */
  gone?: boolean;
};

/** All open offers of a provider. Nothing of the people. */
export function offersPage({ offers, more, programmes, gone, ...site }: OffersView) {
  const nameOf = (id: string) => programmes.find((programme) => programme.id === id)?.name ?? id;
  return page(site, {
    title: 'Your open offers',
    template: offersTemplate,
    context: {
      gone,
      more,
      offers: offers.map((each) => ({
        reference: each.referral.reference,
        programme: nameOf(each.offer.programmeId),
        ...stateOf(each),
      })),
    },
  });
}

/** What waits for what, as a tag and in words. */
function stateOf({ referral, offer }: OpenOffer): { tag: string; colour: string; words: string } {
  if (openOfferQuestion(referral)) {
    const words = 'The link worker has your question. You can still reply.';
    return { tag: 'Your question', colour: 'grey', words };
  }
  const by = answerBy(referral);
  if (offer.waitlistedAt !== undefined && offer.calledAt === undefined) {
    return { tag: 'Waiting list', colour: 'yellow', words: `Since ${dateInWords(offer.waitlistedAt)}` };
  }
  const words = by === undefined ? 'Please reply' : `Please reply by ${dateInWords(by)}`;
  return offer.calledAt === undefined
    ? { tag: 'New', colour: 'blue', words }
    : { tag: 'A place is held', colour: 'green', words };
}
