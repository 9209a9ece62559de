/** The referrer's page: where the referral is and what happens next. */
import { page, type Site } from '../../shared/pages/page.ts';
import { type Audience, type Progress, progressInWords } from '../../shared/pages/status.ts';
import status from './status.njk';

export type StatusView = Site & Progress & { reference: string; audience: Exclude<Audience, 'person'> };

/** Where the referral is, in plain words, without a word about the person. */
export function statusPage(view: StatusView) {
  // How it ended is in the outcome, which goes to whoever is to get it.
  const { ending } = view;
  const progress = { ...view, ending: ending === undefined ? undefined : ('completed' as const) };
  return page(view, {
    title: 'Where the referral is',
    template: status,
    context: {
      reference: view.reference,
      ...progressInWords(progress, view.audience),
      stepsHeading: 'The steps',
    },
  });
}
