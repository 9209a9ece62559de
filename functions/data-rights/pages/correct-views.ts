/** A person's details, for a coordinator to put right. */
import type { changesInWords } from '../../shared/pages/corrections.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationItems, DETAILS_ORDER } from '../../shared/pages/questions.ts';
import correct from './correct.njk';

export type CorrectView = Site & {
  reference: string;
  /** Where somebody else changed them meanwhile: each detail that is recorded otherwise than it was typed. */
  late?: ReturnType<typeof changesInWords> | undefined;
  form: Form;
};

export function correctPage({ reference, late, form, ...site }: CorrectView) {
  return page(site, {
    ...(late ? { statusCode: 409 } : {}),
    title: 'Put their details right',
    template: correct,
    context: { reference, late, communicationNeeds: communicationItems() },
    form,
    fields: DETAILS_ORDER,
  });
}
