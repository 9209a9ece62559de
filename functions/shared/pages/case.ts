/** Who a person is and what must be seen first, in words, for the pages of those who look after them. */
import { hasOpenRisk, toSeeTo } from '../../../workflows/concerns.ts';
import { dangerStands, type MayBeInDanger } from '../../../workflows/danger.ts';
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { remindedBy } from '../../../workflows/session-reminder.ts';
import { ageOn, dateInWords, inWords } from '../../../workflows/time.ts';
import { openUndelivered } from '../../../workflows/undelivered.ts';
import { correctionsInWords } from './corrections.ts';
import { concernInWords } from './feedback.ts';
import { communicationInWords, contactInWords, gpPracticeInWords, postcodeInWords } from './person.ts';
import { recipientInWords } from './sent.ts';
import { nhsNumberInWords } from './words.ts';

/** The person, as the macros of case.njk show them. */
export function personInWords({ person, referrer }: Pick<Referral, 'person' | 'referrer'>, now: string) {
  const age = ageOn(person.dateOfBirth, now);
  return {
    ...person,
    name: fullName(person),
    age,
    phoneHref: person.phone && `tel:${person.phone.replaceAll(/[^\d+]/g, '')}`,
    communication: communicationInWords(person),
    howToContact: contactInWords(person, referrer),
    postcode: postcodeInWords(person),
    gpPractice: gpPracticeInWords(person),
    dateOfBirth: `${dateInWords(`${person.dateOfBirth}T12:00:00Z`)} (age ${age})`,
    nhsNumber: person.nhsNumber && nhsNumberInWords(person.nhsNumber),
  };
}

/** What whoever looks after the person must see before everything else. */
export function flaggedInWords(
  referral: Pick<Referral, 'createdAt' | 'person' | 'corrections' | 'request' | 'history'> &
    MayBeInDanger &
    Partial<Pick<Referral, 'concerns' | 'undelivered'>> & {
      programme?: unknown;
      ending?: unknown;
      now: string;
    },
) {
  const { createdAt, person, request, now } = referral;
  const age = ageOn(person.dateOfBirth, now);
  const concern = toSeeTo(referral);
  return {
    danger: dangerStands(referral) ? inWords(createdAt) : undefined,
    concern: concern && { what: concernInWords(concern), grave: concern.kind === 'unsafe' },
    unreached: openUndelivered(referral).map(({ to }) => recipientInWords(to)),
    byHand:
      referral.programme !== undefined && referral.ending === undefined && remindedBy(referral) === 'team',
    corrections: correctionsInWords(referral),
    risks: request.risks.known ? request.risks.detail : undefined,
    wasInDanger: request.danger && !dangerStands(referral) ? dateInWords(createdAt) : undefined,
    openRisk: hasOpenRisk(referral),
    // PRSB's standard was written for adults.
    young: age < 18 ? age : undefined,
    withoutConsent: request.consent.given
      ? undefined
      : { on: dateInWords(request.consent.at), why: request.consent.detail },
  };
}
