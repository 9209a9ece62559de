/** A referral at each point of its life, made by the rules themselves. */
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { isRefusal, type Outcome } from '../../../workflows/change.ts';
import { newCohort, recordGroupRegister } from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { parseForm } from '../../../workflows/form.ts';
import { newReferral } from '../../../workflows/intake.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { plannedSession } from '../../../workflows/planning.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import { type Attendance, ownCohortId, type Referral, type Step } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { enterStep } from '../../../workflows/steps.ts';
import { after } from '../../../workflows/time.ts';

export const ID = '0123456789abcdef0123456789abcdef';
export const NOW = '2026-11-23T09:00:00.000Z';
export const FIRST_SESSION = '2026-12-01T16:00:00.000Z';

export const validFields = {
  danger: 'no',
  referrerKind: 'professional',
  referrerName: 'Dr Amara Okafor',
  referrerEmail: 'a.okafor@practice.example',
  referrerRole: 'GP',
  referrerOrganisation: 'Example Practice',
  firstName: 'Róisín',
  familyName: "O'Brien",
  'dateOfBirth-day': '3',
  'dateOfBirth-month': '4',
  'dateOfBirth-year': '2008',
  nhsNumber: '943 476 5919',
  email: 'roisin@example.com',
  contactMayEmail: 'yes',
  postcode: 'nw1 8ab',
  gpPracticeCode: 'F83010',
  needs: 'Lonely since moving here; used to sing',
  risks: 'none-known',
  consent: 'yes',
};

export function stored(outcome: Outcome): Referral {
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome;
}

export function submitted(fields: Record<string, string> = validFields, now = NOW): Referral {
  const parsed = parseForm(fields, now, allProgrammes());
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  return newReferral(parsed.submission, {
    id: ID,
    now,
    lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
    team: 'all',
    personKeys: { details: 'details-key', nhsNumber: 'nhs-number-key' },
  });
}

let tokens = 0;

/** The state machine enters a step of this referral. */
export function entered(referral: Referral, step: Step, now = NOW, cohort = cohortFor(referral)): Referral {
  tokens += 1;
  const arrival = { token: `token-${tokens}`, execution: referral.execution.name };
  return stored(enterStep(referral, step, arrival, now, cohort));
}

/** The cohort of the referral's own, as far as its sessions are recorded or cancelled. */
export function cohortFor(referral: Referral): CohortRecord {
  const { programme } = referral;
  const plan = {
    programmeId: 'hive-music',
    cohortId: programme?.cohortId ?? ownCohortId(referral.id, referral.offers.length),
    own: referral.id,
    firstAt: programme?.firstSessionAt ?? FIRST_SESSION,
    count: programme?.planned ?? 12,
    minutes: programme?.sessionMinutes ?? 90,
  };
  const fresh = newCohort(plan, { id: ID, reference: referral.reference, now: NOW });
  return (programme?.sessions ?? [])
    .filter(({ status }) => status !== 'planned')
    .reduce((cohort, { number, status, attendance, endsAt }) => {
      const entries = { [referral.id]: { attendance: attendance as Exclude<Attendance, '4'> } };
      const said = status === 'held' ? { held: true as const, entries } : { held: false as const };
      return storedCohort(recordGroupRegister(cohort, number, said, after(endsAt, { hours: 1 })));
    }, fresh);
}

export function storedCohort(outcome: ReturnType<typeof recordGroupRegister>): CohortRecord {
  if ('refused' in outcome) throw new Error(`refused: ${outcome.refused}`);
  return outcome;
}

/** Two of the team. */
export const AMINA = { id: 'amina', name: 'Amina Rahman' };
export const TOM = { id: 'tom', name: 'Tom Wells' };

export function inReview(): Referral {
  return entered(submitted(), 'review');
}

export function offered(referral: Referral = inReview()): Referral {
  const link = `review-${referral.reviews}`;
  const matched = stored(decideReview(referral, link, { decision: 'match', programmeId: 'hive-music' }, NOW));
  return entered(matched, 'provider');
}

export function accepted(referral: Referral = offered()): Referral {
  const link = `offer-${referral.offers.length}`;
  return entered(stored(replyToOffer(referral, link, acceptance(referral), NOW)), 'session');
}

/** What a provider says who accepts and chooses the first session. */
export function acceptance({ id, offers }: Referral, firstSessionAt = FIRST_SESSION) {
  const cohortId = ownCohortId(id, offers.length);
  return { reply: 'accept', cohortId, firstSessionAt, sessions: 12, sessionMinutes: 90 } as const;
}

/** The referral learns of the register of a session, which is by default the planned one, an hour after its end. */
export function recorded(referral: Referral, entry: Exclude<Attendance, '4'> | 'cancelled', number?: number) {
  const { programme } = referral;
  const session = number
    ? programme?.sessions.find((each) => each.number === number)
    : programme && (plannedSession(programme) ?? programme.sessions.at(-1));
  if (!session) throw new Error('no session planned');
  const now = after(session.endsAt, { hours: 1 });
  const said =
    entry === 'cancelled'
      ? { held: false as const }
      : { held: true as const, entries: { [referral.id]: { attendance: entry } } };
  const which = session.number;
  const cohort = storedCohort(recordGroupRegister(cohortFor(referral), which, said, now));
  return { outcome: learnOfSession(referral, cohort, which, now), cohort, now };
}

/** The register of the planned session, an hour after its end; then the workflow enters the next session, if there is one. */
export function register(referral: Referral, entry: Exclude<Attendance, '4'> | 'cancelled'): Referral {
  const { outcome, cohort, now } = recorded(referral, entry);
  return goOn(stored(outcome), cohort, now);
}

function goOn(recorded: Referral, cohort: CohortRecord, now: string): Referral {
  return recorded.stage === 'programme' && recorded.programme.welfare.every((contact) => contact.outcome)
    ? entered(recorded, 'session', now, cohort)
    : recorded;
}

export function emailsTo(referral: Referral): string[] {
  return referral.outbox.flatMap((entry) =>
    entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : [],
  );
}

export function answers(referral: Referral): string[] {
  return referral.outbox.flatMap((entry) => (entry.kind === 'answer' ? Object.values(entry.output) : []));
}

/** In the form of a licensed instrument, with words that are nobody's. */
export const licensedInstrument = {
  id: 'mycaw',
  version: '1',
  name: 'Example of a licensed instrument',
  citation: 'Whoever made it',
  licence: 'Licence 123 of the deployer',
  answers: [0, 1, 2, 3, 4, 5, 6].map((value) => ({ value, text: String(value) })),
  items: [{ id: 'one', text: 'An example of a question?', short: 'One', better: 'lower', ownWords: true }],
};
