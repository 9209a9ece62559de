/** What the questions (questions.njk) need besides their form. */
import { needField } from '../../../workflows/form.ts';
import { communicationNeedWords } from './person.ts';

/** The communication needs as boxes to tick. */
export function communicationItems() {
  return Object.entries(communicationNeedWords).map(([need, text]) => ({ name: needField(need), text }));
}

/** A person's details as pages ask them to be corrected, in that order. */
export const DETAILS_ORDER: readonly string[] =
  `firstName familyName oneName dateOfBirth postcode noFixedAddress address gpPractice gpPracticeName
  gpPracticeCode gpPracticeEmail nhsNumber phone email contactMayEmail contactPreferred contactLeaveMessage contactPhonePrivate
  contactNote communicationNeeds communicationLanguage communicationDetail`.split(/\s+/);
