/** What the questions (questions.njk) need besides their form. */
import { needField } from '../../../workflows/form.ts';
import { communicationNeedWords } from './person.ts';

/** The communication needs as boxes to tick. */
export function communicationItems() {
  return Object.entries(communicationNeedWords).map(([need, text]) => ({ name: needField(need), text }));
}
