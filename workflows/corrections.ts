/**
 * A person's details are corrected: by themself until the referral has ended, or by a coordinator for them, who may be asked for it for as long as it
 * is kept. What they were before stays with the referral.
 */
import { takenBy } from './assignment.ts';
import { email, emailInstead, happened, type Outcome } from './change.ts';
import { asOthersSee } from './held-back.ts';
import { notToReferrer } from './inbox.ts';
import { giveUpOnInformation } from './information.ts';
import { closed, isAwaited } from './links.ts';
import { measuresDue } from './measure-times.ts';
import type { Recipient } from './outbox-entry.ts';
import { emailOf, fullName } from './person.ts';
import { remindedAnew } from './planning.ts';
import {
  type Correction,
  MOST_CORRECTIONS,
  type PersonKeys,
  type Question,
  type Referral,
  type TeamMember,
} from './referral.ts';
import { PERSON_FIELDS, type Person, type PersonField, personSchema, type Referrer } from './request.ts';
import { answerBy, isEnded } from './steps.ts';
import { after } from './time.ts';
import { openUndelivered, reachableAgain } from './undelivered.ts';

/**
 * Puts the person's details as they are now in place of what was recorded, and keeps what was there before. The link workers hear of it.
 * Where an email address changed, the new one gets a link and those sent before open nothing any more: somebody else may read the old
 * inbox. Nothing is sent to the address before (docs/adr/0010). The address of family or friends who referred is none of the person's (inbox.ts).
 */
export function correctDetails(
  referral: Referral,
  given: Person,
  personKeys: PersonKeys,
  now: string,
): Outcome {
  return isEnded(asOthersSee(referral))
    ? { refused: 'not-now' }
    : corrected(referral, given, personKeys, now);
}

/** The same, asked of a coordinator and done by them: also after the end, since it is kept and read for years (docs/adr/0024). */
export function correctDetailsFor(
  referral: Referral,
  given: Person,
  personKeys: PersonKeys,
  by: TeamMember,
  now: string,
): Referral {
  return corrected(referral, given, personKeys, now, by);
}

/** `by`: who of the team corrects them, if it is not the person. */
function corrected(
  referral: Referral,
  given: Person,
  personKeys: PersonKeys,
  now: string,
  by?: TeamMember,
): Referral {
  const person = notToReferrer(withoutFormerPractice(given, referral.person), referral.referrer);
  const fields = changedFields(referral.person, person);
  if (fields.length === 0) return referral;
  const cause = `corrected-${referral.history.length}`;
  const before = Object.fromEntries(
    Object.entries(referral.person).filter(([name]) => fields.includes(name as PersonField)),
  );
  const recorded = happened(
    {
      ...referral,
      person,
      personKeys,
      referrer: referrerOf(referral, person),
      corrections: bounded([...(referral.corrections ?? []), { at: now, fields, before }]),
    },
    now,
    by === undefined ? 'person' : 'link-worker',
    'details-corrected',
    detailOf(fields),
    by?.name,
  );
  const at = toldAt(recorded);
  const told = email(recorded, at, {
    message: 'details-corrected',
    to: 'link-worker',
    cause: `corrected-${at}`,
  });
  const letter = withNewPractice(told, referral.person, cause, now);
  if (emailOf(person) === emailOf(referral.person)) return remindedAnew(referral, letter, now);
  const renewed = withNewAddress(letter, cause, now);
  const reached = emailOf(person) === undefined ? renewed : reachableAgain(renewed, 'person', now, by);
  return remindedAnew(referral, reached, now);
}

/** Details as a form gave them, with how the person is reminded, which a page of its own asks. */
export function keepingReminders(given: Person, { contact }: Pick<Person, 'contact'>): Person {
  const reminders = contact?.reminders;
  return reminders === undefined ? given : { ...given, contact: { ...given.contact, reminders } };
}

/** Whose address stands in the referral, and can be put right there. */
export const CORRECTABLE = ['person', 'referrer', 'gp-practice'] as const satisfies readonly Recipient[];

/**
 * A link worker puts right the address of a recipient whom email did not reach, at any time: a letter may come back when the referral has ended.
 * What they missed and still need is sent there. The person is told as of every correction, with a fresh link. Where theirs turns out to be that of the family or
 * friend who referred them, it is none to which we write.
 */
export function correctAddress(
  referral: Referral,
  { to, address }: { to: (typeof CORRECTABLE)[number]; address: string },
  by: TeamMember,
  now: string,
): Referral {
  const { referrer } = to === 'referrer' ? { referrer: referrerWith(referral, address) } : referral;
  const person = notToReferrer(personWith(referral, to, address), referrer);
  const fields = changedFields(referral.person, person);
  const before = Object.fromEntries(
    Object.entries(referral.person).filter(([field]) => fields.includes(field as PersonField)),
  );
  const corrected = happened(
    {
      ...referral,
      person,
      referrer: to === 'referrer' ? referrer : referrerOf(referral, person),
      ...(fields.length === 0
        ? {}
        : { corrections: bounded([...(referral.corrections ?? []), { at: now, fields, before }]) }),
    },
    now,
    'link-worker',
    'address-corrected',
    to,
    by.name,
  );
  const cause = `corrected-${referral.history.length}`;
  const letter = withNewPractice(corrected, referral.person, cause, now);
  const isOther = to === 'person' || emailOf(person) !== emailOf(referral.person);
  const told = isOther ? withNewAddress(letter, cause, now) : letter;
  const isReached = to !== 'person' || emailOf(person) !== undefined;
  const again = remindedAnew(referral, isReached ? reachableAgain(told, to, now, by) : told, now);
  return referral.stage === 'closed' ? again : takenBy(again, by, now);
}

function personWith(
  { person }: Referral,
  to: (typeof CORRECTABLE)[number],
  address: string,
): Referral['person'] {
  if (to === 'referrer') return person;
  if (to === 'gp-practice') return { ...person, gpPracticeEmail: address };
  const { mayEmail: _given, ...contact } = person.contact ?? {};
  return { ...person, email: address, contact: { ...contact, mayEmail: true } };
}

/** Where the outcome is to go to somebody else, and only that did not arrive, it is theirs. */
function referrerWith({ referrer, ...referral }: Referral, address: string): Referrer {
  const missed = openUndelivered(referral)
    .filter(({ to }) => to === 'referrer')
    .flatMap((entry) => entry.missed);
  const { respondTo } = referrer;
  return respondTo && missed.every(({ message }) => message === 'letter-referrer')
    ? { ...referrer, respondTo: { ...respondTo, email: address } }
    : { ...referrer, email: address };
}

/** A correction with all of the person before it and after it, and who of the team made it, if it was not the person. */
export type CorrectionInFull = Correction & { was: Person; is: Person; by: string | undefined };

const CORRECTED: ReadonlySet<string> = new Set(['details-corrected', 'address-corrected']);

/** What was corrected, the newest first. Of those that were put together it is by whom the newest of them was. */
export function correctionsOf({
  person,
  corrections = [],
  history,
}: Pick<Referral, 'person' | 'corrections' | 'history'>): CorrectionInFull[] {
  let is = person;
  return corrections.toReversed().map((correction): CorrectionInFull => {
    const unchanged = Object.entries(is).filter(([name]) => !correction.fields.includes(name as PersonField));
    const was = { ...Object.fromEntries(unchanged), ...correction.before } as Person;
    const by = history.findLast(({ at, event }) => at === correction.at && CORRECTED.has(event))?.name;
    const inFull = { ...correction, was, is, by };
    is = was;
    return inFull;
  });
}

/**
 * When link workers are told of the newest correction: at once, but no sooner than an hour after they were told of one before. Others
 * that come while that mail waits are in it.
 */
function toldAt({ history }: Referral): string {
  let told = '';
  for (const { at, event } of history) {
    if (event !== 'details-corrected' || at < told) continue;
    const next = told === '' ? at : after(told, { hours: 1 });
    told = at > next ? at : next;
  }
  return told;
}

/** The address of a practice is the referrer's to give. It is not that of another practice. */
function withoutFormerPractice(person: Person, before: Person): Person {
  const same =
    person.gpPracticeCode === before.gpPracticeCode && person.gpPracticeName === before.gpPracticeName;
  if (same || person.gpPracticeEmail !== before.gpPracticeEmail) return person;
  const { gpPracticeEmail: _former, ...rest } = person;
  return rest;
}

function changedFields(before: Person, after: Person): PersonField[] {
  // Parsed, since the order in which details were stored or entered says nothing.
  const [old, now] = [personSchema.parse(before), personSchema.parse(after)];
  return PERSON_FIELDS.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

/** What the history says of the details that changed: one code. */
const PARTS: Record<PersonField, string> = {
  firstName: 'name',
  familyName: 'name',
  dateOfBirth: 'date-of-birth',
  nhsNumber: 'nhs-number',
  email: 'contact',
  phone: 'contact',
  contact: 'contact',
  postcode: 'home',
  address: 'home',
  gpPracticeCode: 'gp-practice',
  gpPracticeName: 'gp-practice',
  gpPracticeEmail: 'gp-practice',
  communication: 'communication',
};

function detailOf(fields: readonly PersonField[]): string {
  const [part = 'several', ...others] = new Set(fields.map((name) => PARTS[name]));
  return others.length === 0 ? part : 'several';
}

/** How many characters (of JSON) corrections may take: a referral has to fit into one item, whatever somebody does to it. */
const ROOM = 40_000;

/** Where there are too many, the oldest are put together: what there was in the beginning stays. */
function bounded(corrections: readonly Correction[]): Correction[] {
  const [first, second, ...rest] = corrections;
  const fits = corrections.length <= MOST_CORRECTIONS && JSON.stringify(corrections).length <= ROOM;
  return fits || !first || !second ? [...corrections] : bounded([together(first, second), ...rest]);
}

function together(older: Correction, newer: Correction): Correction {
  const untouched = Object.entries(newer.before).filter(
    ([name]) => !older.fields.includes(name as PersonField),
  );
  return {
    at: newer.at,
    fields: [...new Set([...older.fields, ...newer.fields])],
    before: { ...Object.fromEntries(untouched), ...older.before },
  };
}

/** Who refers themself is their own referrer. */
function referrerOf({ referrer }: Referral, person: Person): Referrer {
  if (referrer.kind !== 'self') return referrer;
  const address = emailOf(person);
  return {
    kind: 'self',
    name: fullName(person),
    ...(address === undefined ? {} : { email: address }),
    ...(person.phone === undefined ? {} : { phone: person.phone }),
  };
}

/** What was sent to the address before opens nothing any more; what nobody has answered or read there is sent to the new one, if there is one: once. */
function withNewAddress(referral: Referral, cause: string, now: string): Referral {
  const expired = withLinksExpired(referral, linksOf(referral), now);
  const asked = openQuestion(expired);
  if (emailOf(expired.person) === undefined) {
    // Nobody could answer any more.
    const back = asked ? giveUpOnInformation(expired, now) : expired;
    return 'refused' in back ? expired : back;
  }
  const told = emailInstead(expired, now, {
    ...{ message: 'details-corrected', to: 'person', cause, link: 'person' },
  });
  const by = answerBy(told);
  const question = asked
    ? emailInstead(told, now, {
        message: 'information-request',
        to: asked.to,
        cause: `information-${asked.number}-${cause}`,
        link: `information-${asked.number}`,
        ...(by === undefined ? {} : { by }),
      })
    : told;
  return letterAgain(measuresAgain(question, cause, now), 'person', cause, now);
}

/** The questions about how things are that the person was sent and has not answered, asked again. */
function measuresAgain(referral: Referral, cause: string, now: string): Referral {
  const { link: id, askedAt } = measuresDue(referral) ?? {};
  const link = id === undefined ? undefined : referral.links[id];
  if (id === undefined || !link || askedAt === undefined || !isAwaited(link, askedAt, now)) return referral;
  return emailInstead(referral, now, {
    ...{ message: 'measures-request', to: 'person', cause: `${id}-${cause}`, link: id },
  });
}

/** A letter that was sent by email, sent again while it could be read. */
function letterAgain(referral: Referral, to: 'person' | 'gp-practice', cause: string, now: string): Referral {
  const id = to === 'person' ? 'letter-person' : 'letter-gp';
  const link = referral.links[id];
  if (referral.stage !== 'closed' || !link || !isAwaited(link, referral.closedAt, now)) return referral;
  return emailInstead(referral, now, { message: id, to, cause, link: id });
}

/** Where the practice has another address, the letter that was sent to the one before opens nothing any more. */
function withNewPractice(referral: Referral, before: Person, cause: string, now: string): Referral {
  const { gpPracticeEmail } = referral.person;
  if (gpPracticeEmail === before.gpPracticeEmail) return referral;
  const expired = withLinksExpired(referral, ['letter-gp'], now);
  return gpPracticeEmail === undefined ? expired : letterAgain(expired, 'gp-practice', cause, now);
}

/** The question that the person is to answer now. */
function openQuestion(referral: Referral): Question | undefined {
  const question = referral.questions.at(-1);
  return referral.stage === 'information' && question && isToPerson(referral, question)
    ? question
    : undefined;
}

function isToPerson({ referrer }: Referral, { to }: Question): boolean {
  return to === 'person' || referrer.kind === 'self';
}

/** The ids of what the person was sent: to their page, to what they were asked and answered, and to their letter. */
function linksOf(referral: Referral): string[] {
  const asked = referral.questions.filter((question) => isToPerson(referral, question));
  const measures = Object.keys(referral.links).filter((id) => referral.links[id]?.purpose === 'measures');
  return ['person', 'letter-person', ...measures, ...asked.map(({ number }) => `information-${number}`)];
}

function withLinksExpired(referral: Referral, ids: readonly string[], now: string): Referral {
  const links = Object.entries(referral.links).map(
    ([id, link]) => [id, ids.includes(id) ? closed(link, now) : link] as const,
  );
  return { ...referral, links: Object.fromEntries(links) };
}
