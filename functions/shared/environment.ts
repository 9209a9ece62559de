/** What each function is told by the template. infra/ types its values against these schemas, so a missing one fails the build. */
import * as z from 'zod/mini';
import { type QuietHours, useQuietHours } from '../../workflows/quiet.ts';
import { type Figures, useFigures } from '../../workflows/reminder-policy.ts';
import { type Retention, useRetention } from '../../workflows/retention-policy.ts';
import { ROLES } from './roles.ts';

const text = z.string().check(z.minLength(1));

const record = { TABLE_NAME: text };
/** What the service has set of the reminder policy and is not as everywhere, as JSON: checked before it is deployed (infra/config.ts). */
const REMINDERS = text;
const writer = { ...record, OUTBOX_FUNCTION: text, REMINDERS };
/** JSON of a shape. */
function json<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.pipe(
      text,
      z.transform((value: string): unknown => JSON.parse(value)),
    ),
    schema,
  );
}

const line = text.check(z.maxLength(200));
/** Whom to turn to in danger, by phone or by text message, as the service's own page says it. */
export const crisisContactSchema = z.union([
  z.object({ when: line, call: z.string().check(z.regex(/^[\d ]{3,20}$/)), note: z.optional(line) }),
  z.object({
    when: line,
    text: z.string().check(z.regex(/^[\d ]{3,20}$/)),
    word: line,
    note: z.optional(line),
  }),
]);
export type CrisisContact = z.infer<typeof crisisContactSchema>;
const CRISIS_CONTACTS = json(z.array(crisisContactSchema).check(z.minLength(1)));

const code = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/));
const page = {
  ...record,
  SERVICE_NAME: text,
  REMINDERS,
  LINK_WORKER_ADDRESS: text,
  CRISIS_CONTACTS,
  /** Whether the deployer may use the NHS logo and typeface. */
  NHS_IDENTITY: z.enum(['yes', 'no']),
};
/**
 * A team of link workers, and the postcode districts that it looks after; the one without any looks after all the rest. `email`: where
 * they read their mail, if that is not where all teams do.
 */
export const teamSchema = z.object({
  id: code.check(z.maxLength(40)),
  name: line,
  postcodeDistricts: z.array(z.string().check(z.regex(/^[A-Z]{1,2}[0-9][A-Z0-9]?$/))),
  email: z.optional(z.email()),
});
export type Team = z.infer<typeof teamSchema>;
const TEAMS = json(z.array(teamSchema).check(z.minLength(1)));

const intake = {
  TEAMS,
  SECRET_ARN: text,
  /** Where a newsletter of the deployer's own is signed up for; empty where there is none. */
  NEWSLETTER_URL: z.string(),
  LAWFUL_BASIS: json(z.object({ article6: code, article9: code })),
};
/** JSON, which the functions themselves read: no other needs to know of what it consists. */
const LICENSED_MEASURES = text;
const times = z.coerce.number().check(z.int(), z.positive());
const throttling = {
  /** Whether CloudFront stands before the API: whose address a request comes from depends on it. */
  EDGE: z.enum(['on', 'off']),
  /** How many forms one client address may send. */
  FORMS_PER_TEN_MINUTES: times,
  /** How many requests one client of the JSON API may send. */
  API_PER_MINUTE: times,
};
const session = {
  SECRET_ARN: text,
  /** After so long without use a session is over, and after so many hours whatever happens. */
  SESSION_IDLE_MINUTES: times,
  SESSION_HOURS: times,
};
/** Who says that people are who they are, and how. */
const signIn = {
  BASE_URL: text,
  IDENTITY_ISSUER: text,
  CLIENT_ID: text,
  /** The secret or the key of an issuer's confidential client; empty where the client has none. */
  CLIENT_SECRET_ARN: z.string(),
  SIGN_IN_SCOPES: text,
  /** The claims that say which roles somebody has and which teams they belong to. */
  CLAIMS: json(z.object({ roles: text, teams: text })),
  /** What the issuer calls each role. */
  ROLE_NAMES: json(z.record(z.enum(ROLES), text)),
};
export const environments = {
  /** Reads the table. */
  record: z.object(record),
  /** Names teams. */
  teams: z.object({ TEAMS }),
  /** Reads referrals only. */
  reader: z.object(page),
  /** The same, by links that are made with a key. */
  calendar: z.object({ ...page, SECRET_ARN: text }),
  /** Changes referrals and shows pages. */
  page: z.object({ ...writer, ...page, ...throttling }),
  /** Changes referrals for whoever has a link and, for some of it, a code. */
  provider: z.object({ ...writer, ...page, ...throttling, SECRET_ARN: text }),
  /** Takes in referrals. */
  intake: z.object({ ...writer, ...page, ...throttling, ...intake }),
  /** Takes in referrals from other systems. */
  api: z.object({ ...writer, ...page, ...throttling, ...intake, IDENTITY_ISSUER: text, BASE_URL: text }),
  /** Knows who is signed in. */
  session: z.object({ ...record, ...session }),
  /** Shows letters, with what was measured: to whoever has a link, and to people who have signed in. */
  letters: z.object({ ...page, ...session, LICENSED_MEASURES }),
  /** Shows pages to people who have signed in, and changes referrals for them. */
  workspace: z.object({ ...writer, ...page, ...throttling, ...session, TEAMS }),
  /** The same, with the measures for which the deployer has a licence. */
  plan: z.object({
    ...writer,
    ...page,
    ...throttling,
    ...session,
    TEAMS,
    LICENSED_MEASURES,
  }),
  /** Asks the person the questions of measures. */
  measures: z.object({ ...writer, ...page, ...throttling, LICENSED_MEASURES }),
  /** Shows reports of programmes to people who have signed in. */
  report: z.object({ ...page, ...session, LICENSED_MEASURES, REPORTS: text }),
  /** Shows figures over time to coordinators, of their teams. */
  insights: z.object({ ...page, ...session, TEAMS, REPORTS: text }),
  /** The same for the directory, whose export says whole addresses. */
  directory: z.object({ ...writer, ...page, ...throttling, ...session, TEAMS, BASE_URL: text }),
  /** Shows who looked, and changes no referral. */
  audit: z.object({ ...page, ...session, TEAMS }),
  /** Lets people sign in. */
  signIn: z.object({ ...page, ...session, ...signIn, TEAMS }),
  /** Derives keys. */
  secret: z.object({ SECRET_ARN: text }),
  /** Changes referrals. */
  writer: z.object(writer),
  /** Changes what is kept of a person, and makes the keys by which they are found. */
  personalData: z.object({ ...writer, SECRET_ARN: text }),
  /** Does what is due. */
  sweep: z.object({ ...writer, PERSONAL_DATA_FUNCTION: text }),
  /** Shows what may be done with a person's data, and has it done. */
  rights: z.object({ ...page, ...session, TEAMS, PERSONAL_DATA_FUNCTION: text }),
  /** Makes executions, and keys of persons, anew. */
  rebuild: z.object({ ...writer, SECRET_ARN: text, STATE_MACHINE_ARN: text }),
  /** Counts how things stand, team by team. */
  gauges: z.object({ ...record, TEAMS }),
  /** Sees which entries of the directory are old. */
  directorySweep: z.object({ ...record, OUTBOX_FUNCTION: text, CONFIRM_AFTER_DAYS: times }),
  /** Sends email, answers tokens, starts executions. */
  outbox: z.object({
    ...record,
    REMINDERS,
    SERVICE_NAME: text,
    STATE_MACHINE_ARN: text,
    CONFIGURATION_SET: text,
    SENDER: text,
    BASE_URL: text,
    LINK_WORKER_ADDRESS: text,
    COORDINATOR_ADDRESS: text,
    TEAMS,
    CRISIS_CONTACTS,
  }),
  /** Serves files. */
  assets: z.object({}),
} as const;

export type EnvironmentKind = keyof typeof environments;
export type Environment<K extends EnvironmentKind> = z.infer<(typeof environments)[K]>;

/**
 * The function's environment; what it says of reminders is put in force. Throws at the first use when a variable is missing, naming it and no value.
 */
export function environment<K extends EnvironmentKind>(kind: K): Environment<K> {
  const result = environments[kind].safeParse(process.env);
  if (!result.success) {
    const names = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new Error(`environment variables missing or empty: ${names}`);
  }
  if ('REMINDERS' in result.data) putInForce(result.data.REMINDERS);
  return result.data as Environment<K>;
}

/** What a service may set of reminders, and of how long all is kept: what happens when nobody acts. */
export type Reminders = { figures?: Figures; quietHours?: QuietHours; retention?: Partial<Retention> };

let inForce: string | undefined;

function putInForce(json: string): void {
  if (json === inForce) return;
  const { figures = {}, quietHours, retention }: Reminders = JSON.parse(json);
  useFigures(figures);
  useQuietHours(quietHours);
  useRetention(retention);
  inForce = json;
}
