/** What an outcome measure consists of: its questions word for word, the possible answers, where it comes from and how it may be used. */
import * as z from 'zod/mini';

const line = z.string().check(z.minLength(1), z.maxLength(300));
const code = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(40));
/** Which way answers change when things get better. */
const better = z.enum(['higher', 'lower']);
export type Direction = z.infer<typeof better>;

/** A range of answers with a name, both ends inside. */
const bandSchema = z.object({ from: z.int(), to: z.int(), words: line });

const itemSchema = z.object({
  id: code,
  /** The question, word for word. */
  text: line,
  /** A word or two for tables. */
  short: line,
  better,
  bands: z.optional(z.array(bandSchema)),
  /** What it is about is said by the person, who is asked about it again later. */
  ownWords: z.optional(z.boolean()),
});
export type Item = z.infer<typeof itemSchema>;

const instrumentSchema = z.object({
  id: code,
  version: line,
  name: line,
  citation: line,
  /** Under which licence it is used, with its reference where it has one. */
  licence: line,
  /** Said before the questions. */
  introduction: z.optional(line),
  /** The possible answers to each item, lowest value first. */
  answers: z.array(z.object({ value: z.int(), text: line })).check(z.minLength(2), z.maxLength(11)),
  items: z.array(itemSchema).check(z.minLength(1), z.maxLength(14)),
  /** Only where the instrument is made to be summed. */
  total: z.optional(z.object({ better })),
});
export type Instrument = z.infer<typeof instrumentSchema>;

/** The licensed instruments that a deployer may bring. The Patient Activation Measure is licensed for each person, and not among them. */
export const LICENSED_IDS = ['swemwbs', 'mycaw'] as const;

/** A licensed instrument as the deployer brings it: no field of a form and no answer twice, and answers from the lowest up. */
export const licensedInstrumentSchema = z.extend(instrumentSchema, { id: z.enum(LICENSED_IDS) }).check(
  z.refine(({ items }) => new Set(items.map(({ id }) => id)).size === items.length),
  z.refine(({ answers }) => answers.every(({ value }, i) => i === 0 || value > (answers[i - 1]?.value ?? 0))),
);
