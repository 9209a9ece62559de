/**
 * Bugs, as they could be written by mistake: each is put into the source as it is loaded, never on disk, and has to be found by the simulator
 * (`npm run simulate -- --mutations`). Whoever changes a line that is named here changes it here too: a text that is not found fails.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source.
import type { Plugin } from 'vitest/config';

export type Mutation = {
  name: string;
  /** What it breaks. */
  breaks: string;
  file: string;
  /** Exactly once in the file. */
  text: string;
  instead: string;
};

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'version-condition-dropped',
    breaks: 'Of two who change a referral at once, the second writes over what the first stored.',
    file: 'functions/shared/record.ts',
    text: "await this.#put(after, 'version = :before', { ':before': before.version });",
    instead: "await this.#put(after, 'attribute_exists(pk)', undefined);",
  },
  {
    name: 'outbox-entry-not-removed',
    breaks: 'What was done stays in the outbox, and is done again and again.',
    file: 'functions/outbox/outbox.ts',
    text: '.filter((entry) => !done.includes(entry.key))',
    instead: '.filter((entry) => entry.kind !== undefined)',
  },
  {
    name: 'claim-not-kept',
    breaks: 'A claim keeps nobody away: two outboxes at once send the same email, and a third.',
    file: 'functions/outbox/outbox.ts',
    text: 'notBefore: after(now, wait) };',
    instead: 'notBefore: wait ? now : now };',
  },
  {
    name: 'failed-entry-removed',
    breaks: 'What failed is taken out of the outbox as if it had been done.',
    file: 'functions/outbox/outbox.ts',
    text: "if (tried.state !== 'done') return;",
    instead: "if (tried.state === 'failed') done.push(entry.key);\n      if (tried.state !== 'done') return;",
  },
  {
    name: 'key-of-every-attempt',
    breaks: 'An email that is tried again has another key, by which nobody can tell that it is the same.',
    file: 'functions/outbox/mail.ts',
    text: 'key: `${referral.id}:${entry.key}`,',
    instead: 'key: `${referral.id}:${entry.key}:${entry.attempts}`,',
  },
  {
    name: 'due-not-indexed',
    breaks: 'A referral leaves the due index when its outbox is empty: nobody is reminded of it.',
    file: 'functions/shared/record.ts',
    text: 'if (referral.due) times.push(referral.due.at);',
    instead: 'if (referral.due && referral.outbox.length > 0) times.push(referral.due.at);',
  },
  {
    name: 'old-execution-not-stopped',
    breaks: 'A rebuilt referral has two executions that run.',
    file: 'functions/outbox/effects.ts',
    text: 'if (replaced !== undefined) await stop(replaced);',
    instead: 'if (replaced === undefined) await stop(execution);',
  },
  {
    name: 'failed-answer-taken-for-done',
    breaks: 'A token is held to be answered when Step Functions could not be reached.',
    file: 'functions/outbox/effects.ts',
    text: "await unless(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken'], () =>",
    instead:
      "await unless(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken', 'TimeoutError', 'InternalServerError', 'ThrottlingException'], () =>",
  },
  {
    name: 'place-kept-by-withdrawal',
    breaks: 'A place is not given back when a link worker takes the offer back.',
    file: 'workflows/undo.ts',
    text: "return answerWaiting(settlePlaces(reviewAgain(told, link, now), now), now, 'withdrawn');",
    instead: "return answerWaiting(reviewAgain(told, link, now), now, 'withdrawn');",
  },
  {
    name: 'place-kept-by-silence',
    breaks: 'A place is not given back when a provider says nothing.',
    file: 'workflows/offer.ts',
    text: "settlePlaces(happened(told, now, 'sweep', 'offer-released'), now)",
    instead: "happened(told, now, 'sweep', 'offer-released')",
  },
  {
    name: 'accepted-after-withdrawal',
    breaks: 'A provider accepts an offer that is taken back while they press the button.',
    file: 'workflows/offer.ts',
    text: "  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };\n  const offer = openOffer(referral);\n  if (!offer || linkId !== `offer-${offer.number}`) return { refused: 'not-now' };\n  switch",
    instead:
      "  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };\n  const offer = referral.offers.at(-1);\n  if (!offer || linkId !== `offer-${offer.number}`) return { refused: 'not-now' };\n  switch",
  },
  {
    name: 'decided-twice',
    breaks: 'A second decision of a review takes the place of the first.',
    file: 'workflows/review.ts',
    text: "  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };\n  if (referral.stage !== 'review' || linkId",
    instead: '  void recorded;\n  if (linkId',
  },
  {
    name: 'waiting-list-out-of-order',
    breaks: 'Whoever came last is called first.',
    file: 'workflows/places.ts',
    text: 'for (const { referralId, offer, notIn, chosen } of inLine(places)) {',
    instead: 'for (const { referralId, offer, notIn, chosen } of inLine(places).reverse()) {',
  },
  {
    name: 'due-time-not-moved',
    breaks: 'Whoever is reminded is reminded again by every sweep.',
    file: 'workflows/reminders.ts',
    text: "return again(happened(reminded, now, 'sweep', message), now, due);",
    instead: "return happened(reminded, now, 'sweep', message);",
  },
  {
    name: 'register-lost-for-one',
    breaks:
      'Of several people in a group, one who could not be told of a session when the others were never learns of it.',
    file: 'functions/outbox/cohort.ts',
    text: '  if (failed) throw failed;\n',
    instead: '  void failed;\n',
  },
  {
    name: 'stage-not-rebuilt',
    breaks: 'Referrals with a provider are left without an execution by a rebuild.',
    file: 'functions/rebuild-executions/handler.ts',
    text: "referral.stage === 'closed' || isOfRun(referral, now)",
    instead: "referral.stage === 'closed' || referral.stage === 'offer' || isOfRun(referral, now)",
  },
];

/** Puts a bug in as its file is loaded. Throws where there is no such bug, or its text is not there once. */
export function mutationForVite(name: string | undefined): Plugin[] {
  if (name === undefined) return [];
  const mutation = MUTATIONS.find((each) => each.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  return [
    {
      name: 'mutation',
      enforce: 'pre',
      transform: (code, id) =>
        id.split('?')[0]?.endsWith(`/${mutation.file}`) ? mutated(code, mutation) : undefined,
    },
  ];
}

/** The source with its bug. Throws where the text is not in it exactly once. */
export function mutated(source: string, { name, file, text, instead }: Mutation): string {
  const parts = source.split(text);
  if (text === '' || parts.length !== 2)
    throw new Error(`${name}: its text is in ${file} ${parts.length - 1} times`);
  return parts.join(instead);
}
