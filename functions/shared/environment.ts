/** What each function is told by the template. infra/ types its values against these schemas, so a missing one fails the build. */
import * as z from 'zod/mini';
import { useServiceLevels } from '../../workflows/reminder-policy.ts';

const text = z.string().check(z.minLength(1));

const record = { TABLE_NAME: text };
/** Working days by step, as JSON. */
const SERVICE_LEVELS = text;
const writer = { ...record, OUTBOX_FUNCTION: text, SERVICE_LEVELS };
const page = { ...record, SERVICE_NAME: text, SERVICE_LEVELS, LINK_WORKER_ADDRESS: text };
const times = z.coerce.number().check(z.int(), z.positive());
const throttling = {
  /** Whether CloudFront stands before the API: whose address a request comes from depends on it. */
  EDGE: z.enum(['on', 'off']),
  /** How many forms one client address may send. */
  FORMS_PER_TEN_MINUTES: times,
  /** How many requests one client of the JSON API may send. */
  API_PER_MINUTE: times,
};
const days = z.int().check(z.positive());
const levelsSchema = z.object({
  review: days,
  information: days,
  offer: days,
  register: days,
  welfare: days,
});

export const environments = {
  /** Reads referrals only. */
  reader: z.object(page),
  /** Changes referrals and shows pages. */
  page: z.object({ ...writer, ...page, ...throttling }),
  /** Changes referrals. */
  writer: z.object(writer),
  /** Sends email, answers tokens, starts executions. */
  outbox: z.object({
    ...record,
    SERVICE_NAME: text,
    STATE_MACHINE_ARN: text,
    CONFIGURATION_SET: text,
    SENDER: text,
    BASE_URL: text,
    LINK_WORKER_ADDRESS: text,
    COORDINATOR_ADDRESS: text,
  }),
  /** Serves files. */
  assets: z.object({}),
} as const;

export type EnvironmentKind = keyof typeof environments;
export type Environment<K extends EnvironmentKind> = z.infer<(typeof environments)[K]>;

/**
 * The function's environment; service levels in it are put in force. Throws at the first use when a variable is missing, naming it and no value.
 */
export function environment<K extends EnvironmentKind>(kind: K): Environment<K> {
  const result = environments[kind].safeParse(process.env);
  if (!result.success) {
    const names = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new Error(`environment variables missing or empty: ${names}`);
  }
  if ('SERVICE_LEVELS' in result.data) applyLevels(result.data.SERVICE_LEVELS);
  return result.data as Environment<K>;
}

let applied: string | undefined;

function applyLevels(json: string): void {
  if (json === applied) return;
  useServiceLevels(levelsSchema.parse(JSON.parse(json)));
  applied = json;
}
