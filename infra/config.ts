/**
 * The configuration of one deployment: the `service` key of cdk.json's context, checked before anything is synthesized.
 *
 * A setting can be overridden, later ones winning, by
 *   1. the environment:      OSP_BASE_URL=https://… OSP_RETENTION_LOG_DAYS=30
 *   2. the CDK command line: -c service.baseUrl=https://… -c service.retention.logDays=30
 *   3. the caller of `synthesize({ overrides })`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import {
  crisisContactSchema,
  type Reminders,
  type Team,
  teamSchema,
} from '../functions/shared/environment.ts';
import { ROLES, type Role } from '../functions/shared/roles.ts';
import { LICENSED_IDS, licensedInstrumentSchema } from '../workflows/instrument.ts';
import { QUIET_HOURS } from '../workflows/quiet.ts';
import { FIGURES, type Figure } from '../workflows/reminder-policy.ts';
import { LEAST_RETENTION, MOST_RETENTION, RETENTION, type Retention } from '../workflows/retention-policy.ts';

/** The retention periods that CloudWatch Logs has; it refuses any other. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** One setting: how it is checked, the rule in words, and a value that is right. */
function setting<T extends z.ZodType>(schema: T, rule: string, example: unknown) {
  return schema.meta({ rule, example });
}

/** Whole numbers arrive as text from the environment and the command line. */
function wholeNumber(least: number, most: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value),
    z.int().min(least).max(most),
  );
}

/** Lists and objects arrive as JSON from the environment and the command line. */
function fromJson<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }, schema);
}

/** Names arrive with commas between them from the environment and the command line. */
function names<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    const list = value.split(',').map((name) => name.trim());
    return list.filter((name) => name !== '');
  }, schema);
}

/** `true` and `false` arrive as text from the environment and the command line. */
function yesOrNo() {
  return z.preprocess(
    (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
    z.boolean(),
  );
}

/** Somebody who is phoned when an alarm rings. An alarm's description, where they are shown, has no room for long texts. */
function phoned(who: string, example: string) {
  return setting(
    z
      .string()
      .refine(
        (text) => text === '' || (/^[^\p{Cc}]{1,80}$/u.test(text) && /\p{L}/u.test(text) && isPhoned(text)),
      ),
    `must be "" (only in development) or the name and telephone number of ${who}, 80 characters at most`,
    example,
  );
}

/** Whether a text has a number that can be dialled, of six digits at least. */
function isPhoned(text: string): boolean {
  return /\d(?:[ ()-]*\d){5}/.test(text);
}

/** How often one address may do something in five minutes before the firewall makes it wait. */
function rate(what: string, example: number) {
  return setting(
    // AWS WAF counts from 10 on.
    wholeNumber(10, 1_000_000),
    `must be how many ${what} one address may send in five minutes, 10 to 1000000`,
    example,
  );
}

/**
 * The lengths of a figure of the reminder policy: as many as it has, each at least a minute and at most a year, so that there always is a next
 * reminder. Before a session no working days are counted.
 */
function waits(name: Figure) {
  const example = FIGURES[name];
  const count = example.split(' ').length;
  const units = name === 'session' ? 'mhd' : 'mhdw';
  return setting(
    z.string().refine((text) => {
      const all = text.split(' ');
      return all.length === count && all.every((each) => isWait(each, units));
    }),
    `must be ${count === 1 ? 'a length of time' : `${count} lengths of time with spaces between them`}, each a whole number and m (minutes), h (hours), d (days)${name === 'session' ? '' : ' or wd (working days)'}, from 1m to 366d`,
    example,
  );
}

const MINUTES = { m: 1, h: 60, d: 1440, wd: 1440 } as const;

function isWait(text: string, units: string): boolean {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})(m|h|d|wd)$/.exec(text) ?? [];
  if (unit === '' || !units.includes(unit.charAt(0))) return false;
  return Number(count) * MINUTES[unit as keyof typeof MINUTES] <= 366 * 1440;
}

/** Which figures a service may set. */
const SETTABLE = Object.keys(FIGURES).filter(
  (name) => name !== 'hold' && name !== 'session-reminder',
) as Figure[];

/** A period of the retention policy. */
function kept(name: keyof Retention, what: string) {
  const [least, most] = [LEAST_RETENTION[name], MOST_RETENTION[name]];
  return setting(wholeNumber(least, most), `must be ${what}, ${least} to ${most}`, RETENTION[name]);
}

/** The name of a setting has no hyphens: `check-in` → `checkIn`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function timeOfDay(what: string, example: string) {
  return setting(
    z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    `must be the time in London at which ${what}, as HH:MM`,
    example,
  );
}

/** The name of a claim in the issuer's tokens. */
function claim(what: string) {
  return setting(
    z.string().regex(/^[\x21-\x7e]{1,200}$/),
    `must be the name of the claim that says ${what}`,
    'cognito:groups',
  );
}

/** Whether everybody has exactly one team. */
function areTeams(teams: readonly Team[]): boolean {
  const ids = teams.map(({ id }) => id);
  const districts = teams.flatMap(({ postcodeDistricts }) => postcodeDistricts);
  const forTheRest = teams.filter(({ postcodeDistricts }) => postcodeDistricts.length === 0);
  return (
    new Set(ids).size === ids.length &&
    new Set(districts).size === districts.length &&
    forTheRest.length === 1
  );
}

const emailRule = 'must be one email address';

/** `https://host` with nothing behind it: links append their own path. Plain http only for the machine itself. */
function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isSafe(url) && url.origin === text;
}

function isSafe({ protocol, hostname }: URL): boolean {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && local);
}

/** An OpenID issuer: compared letter by letter with what tokens say, so a path and a slash at the end are its own affair. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const url = new URL(text);
  return isSafe(url) && url.username === '' && url.password === '';
}

/** So many characters the licensed measures may have, as JSON. */
const MOST_OF_LICENSED = 2400;

/** The client that development has for trying the JSON API. */
export const SANDBOX_CLIENT = 'sandbox';

const serviceSchema = z.strictObject({
  stackName: setting(
    // Function and state machine names start with it and may have 64 characters.
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
      .max(40),
    'must be 1 to 40 letters, digits and hyphens, starting with a letter',
    'OpenSocialPrescribing',
  ),
  stage: setting(
    z.enum(['development', 'production']),
    'must be "development" (data goes when the stack goes) or "production" (data is protected and kept)',
    'development',
  ),
  serviceName: setting(
    // It becomes part of email headers and page titles.
    z
      .string()
      .regex(/^[^\p{Cc}\p{Zl}\p{Zp}<>"]*\S[^\p{Cc}\p{Zl}\p{Zp}<>"]*$/u)
      .max(80),
    'must be the name that people see, 1 to 80 characters on one line, without < > or quotation marks',
    'Camden Social Prescribing',
  ),
  baseUrl: setting(
    z.string().refine((text) => text === '' || isBaseUrl(text)),
    'must be "" (links use the address that AWS gives the API) or https:// and a host name, with no path and no slash at the end',
    'https://referrals.example.org',
  ),
  senderAddress: setting(z.email(), emailRule, 'referrals@example.org'),
  linkWorkerAddress: setting(z.email(), emailRule, 'link-workers@example.org'),
  coordinatorAddress: setting(z.email(), emailRule, 'coordinator@example.org'),
  alarmAddress: setting(
    // It is written on every resource as a tag, and tags have no apostrophe.
    z.email().refine((address) => !address.includes("'")),
    `${emailRule} without an apostrophe`,
    'operations@example.org',
  ),
  onCall: setting(
    z.strictObject({
      engineer: phoned('whoever is on call for faults, and whoever stands in', 'On call 020 7946 0001'),
      coordinator: phoned('the coordinator, who phones people and providers', 'Tom Wells 020 7946 0002'),
      owner: phoned('the owner of the service, who decides', 'Ada Lovelace 020 7946 0003'),
      dataProtection: phoned('the data protection officer', 'Grace Hopper 020 7946 0004'),
    }),
    'must be an object',
    { engineer: '', coordinator: '', owner: '', dataProtection: '' },
  ),
  crisisContacts: setting(
    fromJson(z.array(crisisContactSchema).min(1).max(8)),
    'must be a list of whom to turn to in danger, each with "when", and "call" or "text" and "word"',
    [{ when: 'Life in danger', call: '999', note: 'or go to A&E' }],
  ),
  nhsIdentity: setting(
    z.preprocess((value) => ({ true: true, false: false })[String(value)] ?? value, z.boolean()),
    'must be true (you may use the NHS logo and typeface: see the NHS identity guidelines) or false',
    false,
  ),
  newsletterUrl: setting(
    z.string().refine((text) => text === '' || (URL.canParse(text) && new URL(text).protocol === 'https:')),
    'must be "" (no newsletter is offered) or the https address where people sign up for yours, by themselves and apart from any referral',
    'https://your-service.org.uk/newsletter',
  ),
  lawfulBasis: setting(
    z.strictObject({
      article6: setting(
        z.enum([
          'public-task',
          'legitimate-interests',
          'legal-obligation',
          'contract',
          'vital-interests',
          'consent',
        ]),
        'must be your basis under Article 6 of the UK GDPR: public-task, legitimate-interests, legal-obligation, contract, vital-interests or consent',
        'public-task',
      ),
      article9: setting(
        z.enum(['health-or-social-care', 'public-health', 'substantial-public-interest', 'explicit-consent']),
        'must be your condition under Article 9 of the UK GDPR: health-or-social-care, public-health, substantial-public-interest or explicit-consent',
        'health-or-social-care',
      ),
    }),
    'must be an object',
    { article6: 'public-task', article9: 'health-or-social-care' },
  ),
  reminders: setting(
    z.strictObject(Object.fromEntries(SETTABLE.map((name) => [camelCase(name), waits(name)]))),
    'must be an object',
    Object.fromEntries(SETTABLE.map((name) => [camelCase(name), FIGURES[name]])),
  ),
  quietHours: setting(
    z.strictObject({
      from: timeOfDay('quiet hours begin', '20:00'),
      until: timeOfDay('quiet hours end; the same as "from" for none', '08:00'),
      weekends: setting(
        yesOrNo(),
        'must be true (weekends and bank holidays are quiet all day) or false (they are as other days)',
        true,
      ),
    }),
    'must be an object',
    QUIET_HOURS,
  ),
  throttling: setting(
    z.strictObject({
      requestsPerSecond: setting(
        wholeNumber(1, 10_000),
        'must be a whole number of requests a second, 1 to 10000',
        50,
      ),
      burst: setting(wholeNumber(1, 5_000), 'must be a whole number of requests at once, 1 to 5000', 100),
      // A whole hospital may share one address.
      formsPerTenMinutes: setting(
        wholeNumber(1, 100_000),
        'must be how many forms one address may send in ten minutes, 1 to 100000',
        60,
      ),
      apiPerMinute: setting(
        wholeNumber(1, 100_000),
        'must be how many requests one client of the JSON API may send in a minute, 1 to 100000',
        120,
      ),
    }),
    'must be an object',
    { requestsPerSecond: 50, burst: 100, formsPerTenMinutes: 60, apiPerMinute: 120 },
  ),
  apiClients: setting(
    names(
      z
        .array(
          z
            .string()
            .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/)
            .max(64)
            .refine((name) => name !== SANDBOX_CLIENT),
        )
        .refine((list) => new Set(list).size === list.length),
    ),
    `must be the names of the systems that refer through the JSON API, each once: letters, digits and hyphens, and not "${SANDBOX_CLIENT}", which development has by itself`,
    ['camden-gp-system'],
  ),
  identity: setting(
    z.strictObject({
      issuer: setting(
        z.string().refine((text) => text === '' || isIssuer(text)),
        'must be "" (Amazon Cognito signs people in and gives out the tokens of the JSON API) or the https:// address of an OpenID issuer of yours',
        'https://login.example.org/realms/referrals',
      ),
      domainPrefix: setting(
        z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/),
        'must be "" (it is made from the stack and the account) or the beginning of the address at which Cognito gives out tokens: 1 to 63 small letters, digits and hyphens',
        'camden-referrals',
      ),
      clientId: setting(
        z.string().regex(/^[\x21-\x7e]{0,200}$/),
        'must be "" (Cognito makes it) or what your own issuer calls this service: 1 to 200 characters without spaces',
        '0oa1b2c3d4e5f6g7h8i9',
      ),
      clientSecretArn: setting(
        z.string().regex(/^(arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+)?$/),
        'must be "" (the client has no secret) or the ARN of a secret in AWS Secrets Manager that holds the secret, or the private key as a JWK, that your own issuer asks of this service',
        'arn:aws:secretsmanager:eu-west-2:123456789012:secret:issuer-client-a1b2c3',
      ),
      scopes: setting(
        z.string().regex(/^(?=.*\bopenid\b)[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/),
        'must be the scopes to ask the issuer for, with single spaces between them and openid among them',
        'openid email profile',
      ),
      rolesClaim: claim('which roles somebody has'),
      teamsClaim: claim('which teams somebody belongs to ("team:" and the id of each)'),
      roleNames: setting(
        fromJson(
          z
            .strictObject(
              Object.fromEntries(ROLES.map((role) => [role, z.string().min(1).max(200)])) as Record<
                Role,
                z.ZodString
              >,
            )
            .refine((names) => new Set(Object.values(names)).size === ROLES.length),
        ),
        `must be an object with what the issuer calls each role, and no two the same: ${ROLES.join(', ')}`,
        Object.fromEntries(ROLES.map((role) => [role, role])),
      ),
    }),
    'must be an object',
    { issuer: '', domainPrefix: '', clientId: '', clientSecretArn: '', scopes: 'openid email profile' },
  ),
  signIn: setting(
    z.strictObject({
      idleMinutes: setting(
        wholeNumber(5, 120),
        'must be after how many minutes without use somebody is signed out, 5 to 120',
        30,
      ),
      hours: setting(
        wholeNumber(1, 24),
        'must be after how many hours somebody is signed out whatever happens, 1 to 24',
        12,
      ),
    }),
    'must be an object',
    { idleMinutes: 30, hours: 12 },
  ),
  teams: setting(
    fromJson(z.array(teamSchema).min(1).max(50).refine(areTeams)),
    'must be a list of the teams of link workers, each with "id" (small letters, digits and hyphens), "name" and "postcodeDistricts", and "email" where a team has an address of its own; no id and no district twice, and exactly one team without districts, which looks after all the rest',
    [{ id: 'all', name: 'Link workers', postcodeDistricts: [] }],
  ),
  directory: setting(
    z.strictObject({
      confirmAfterDays: setting(
        wholeNumber(30, 1100),
        'must be after how many days a provider is asked whether their entry in the directory is still right, 30 to 1100',
        365,
      ),
    }),
    'must be an object',
    { confirmAfterDays: 365 },
  ),
  reports: setting(
    z.strictObject({
      months: setting(
        z.union([z.literal(1), z.literal(3), z.literal(6), z.literal(12)]),
        'must be for how many months a report is: 1, 3, 6 or 12',
        3,
      ),
      fewerThan: setting(
        wholeNumber(3, 20),
        'must be from which number of people on a report shows numbers, 3 to 20',
        5,
      ),
    }),
    'must be an object',
    { months: 3, fewerThan: 5 },
  ),
  licensedMeasures: setting(
    fromJson(
      z
        .array(licensedInstrumentSchema)
        .refine((all) => new Set(all.map(({ id }) => id)).size === all.length)
        // A function's environment has room for 4 KB altogether.
        .refine((all) => JSON.stringify(all).length <= MOST_OF_LICENSED),
    ),
    `must be [] or a list of the licensed measures that you have a licence for (${LICENSED_IDS.join(', ')}), each once, with "id", "version", "name", "citation", "licence" (with its reference), "answers" from the lowest value up, and "items" with "id", "text", "short" and "better"; ${MOST_OF_LICENSED} characters at most`,
    [
      {
        id: 'swemwbs',
        version: '1',
        name: 'SWEMWBS',
        citation: '…',
        licence: 'your licence and its reference',
        answers: [
          { value: 1, text: '…' },
          { value: 2, text: '…' },
        ],
        items: [{ id: 'one', text: '…', short: '…', better: 'higher' }],
        total: { better: 'higher' },
      },
    ],
  ),
  edge: setting(
    z.strictObject({
      enabled: setting(
        yesOrNo(),
        'must be true (CloudFront and a firewall stand before the pages) or false (they do not)',
        true,
      ),
      certificateArn: setting(
        z.string().regex(/^(arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+)?$/),
        'must be "" or the ARN of a certificate of AWS Certificate Manager in us-east-1, where CloudFront looks for it',
        'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
      ),
      formsPerFiveMinutes: rate('forms', 300),
      apiPerFiveMinutes: rate('requests to the JSON API', 1500),
      requestsPerFiveMinutes: rate('requests of any kind', 3000),
    }),
    'must be an object',
    {
      enabled: false,
      certificateArn: '',
      formsPerFiveMinutes: 300,
      apiPerFiveMinutes: 1500,
      requestsPerFiveMinutes: 3000,
    },
  ),
  retention: setting(
    z.strictObject({
      logDays: setting(
        wholeNumber(1, 3653).refine((days) => LOG_RETENTION_DAYS.includes(days)),
        `must be one of the numbers of days that CloudWatch Logs offers: ${LOG_RETENTION_DAYS.join(', ')}`,
        90,
      ),
      recoveryDays: setting(
        wholeNumber(1, 35),
        'must be how many days back the table can be restored to, 1 to 35',
        35,
      ),
      noProgrammeMonths: kept(
        'noProgrammeMonths',
        'for how many months a referral that led to no programme is kept after it is closed',
      ),
      programmeMonths: kept(
        'programmeMonths',
        'for how many months a referral with sessions, which is a record of care, is kept after it is closed',
      ),
      youngUntil: kept('youngUntil', 'until which birthday a young person’s record of care is kept at least'),
      warnDays: kept('warnDays', 'how many days before anything is erased by itself coordinators are told'),
    }),
    'must be an object',
    { logDays: 90, recoveryDays: 35, ...RETENTION },
  ),
  budget: setting(
    z.strictObject({
      dollarsAMonth: setting(
        wholeNumber(0, 10_000_000),
        'must be how many US dollars a month the AWS account may cost before alarmAddress is told, or 0 for no budget',
        100,
      ),
    }),
    'must be an object',
    { dollarsAMonth: 100 },
  ),
});

/** What one deployment is told. */
export type Configuration = z.infer<typeof serviceSchema>;

/** How Cognito, or what stands in for it, signs people in, whatever issuer of their own a deployer has. */
export const COGNITO: Partial<Configuration['identity']> = {
  issuer: '',
  clientId: '',
  clientSecretArn: '',
  scopes: 'openid email profile',
  rolesClaim: 'cognito:groups',
  teamsClaim: 'cognito:groups',
  roleNames: {
    'link-worker': 'link-worker',
    coordinator: 'coordinator',
    'provider-staff': 'provider-staff',
    auditor: 'auditor',
  },
};

/** Some of the settings, to lay over the others. */
export type ConfigurationOverrides = {
  [Key in keyof Configuration]?: Configuration[Key] extends object
    ? Partial<Configuration[Key]>
    : Configuration[Key];
};

/** A configuration that cannot be deployed. The message is meant for a person and names every fault at once. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/** The context in cdk.json. Throws a {@link ConfigurationError} when it cannot be read. */
export function readContext(): Record<string, unknown> {
  const path = join(import.meta.dirname, '../cdk.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')).context ?? {};
  } catch (error) {
    throw new ConfigurationError(`cdk.json cannot be read: ${(error as Error).message} (${path})`);
  }
}

/** Where settings come from, weakest first. */
export interface ConfigurationSources {
  /** The whole context of the app: `service` and any `service.<key>`. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ConfigurationOverrides;
}

/** Reads and checks the configuration. Throws a {@link ConfigurationError} that lists everything that is wrong. */
export function readConfiguration({
  context,
  environment = {},
  overrides = {},
}: ConfigurationSources): Configuration {
  const base = context.service;
  if (!isObject(base)) {
    throw new ConfigurationError(
      'The key "service" is missing from "context" in cdk.json, or is not an object. It holds the settings of the service, for example "service": { "stage": "development", … }.',
    );
  }
  const values = structuredClone(base);
  const origins = new Map<string, string>();
  const put = (key: string, value: unknown, origin: string) => {
    place(values, key.split('.'), value);
    origins.set(key, origin);
  };
  for (const key of settingNames()) {
    const variable = environmentVariable(key);
    const value = environment[variable];
    if (value !== undefined) put(key, value, `from ${variable}`);
  }
  for (const [key, value] of Object.entries(context)) {
    if (key.startsWith('service.')) put(key.slice('service.'.length), value, `from -c ${key}`);
  }
  for (const [key, value] of leaves(overrides)) put(key, value, 'from the caller');

  const result = serviceSchema.safeParse(values);
  if (!result.success) throw faults(result.error.issues.flatMap((issue) => inWords(issue, values, origins)));
  const contradictions = [
    edgeContradiction(result.data),
    identityContradiction(result.data),
    retentionContradiction(result.data),
  ];
  const found = contradictions.filter((contradiction) => contradiction !== undefined);
  if (found.length > 0) throw faults(found);
  if (result.data.stage === 'production') {
    const lacking = [...stillExamples(result.data), ...nobodyToPhone(result.data)];
    if (lacking.length > 0) throw faults(lacking);
  }
  return result.data;
}

/** In production every address is somebody's. */
function stillExamples(configuration: Configuration): string[] {
  return exampleSettings(configuration).map(
    (key) =>
      `service.${key} is still an example; production needs an address that is yours, for example ${setInJson(key, 'referrals@your-service.org.uk')}.`,
  );
}

/** Alarms tell whoever they wake to phone somebody: in production each of them has a number. */
function nobodyToPhone({ onCall }: Configuration): string[] {
  return Object.entries(onCall)
    .filter(([, text]) => text === '')
    .map(([who]) => {
      const { example } = describe(['onCall', who]);
      return `service.onCall.${who} is empty; production needs a name and a telephone number, which alarms show to whoever they wake, for example ${setInJson(who, example)}.`;
    });
}

/** CloudFront answers to its own names, and to another only with a certificate for it. */
function edgeContradiction({ baseUrl, edge }: Configuration): string | undefined {
  if (!edge.enabled) return undefined;
  const ownName = hostBehindEdge(baseUrl);
  if (ownName !== undefined && edge.certificateArn === '') {
    return `service.baseUrl is ${JSON.stringify(baseUrl)}, at which CloudFront answers only with a certificate for ${ownName}: set service.edge.certificateArn, or set baseUrl to "" to use the address that CloudFront gives.`;
  }
  if (ownName === undefined && edge.certificateArn !== '') {
    return 'service.edge.certificateArn is set, but service.baseUrl does not say for which address: set baseUrl too, for example "baseUrl": "https://referrals.example.org".';
  }
  return undefined;
}

/** Words that Cognito keeps for AWS itself in the addresses of its domains. */
const RESERVED_IN_DOMAINS = /aws|amazon|cognito/;

/** Clients are made in Cognito, and only where it is used; and its domain must have a name that it takes. */
function identityContradiction({ stackName, apiClients, identity }: Configuration): string | undefined {
  if (identity.issuer === '' && (identity.clientId !== '' || identity.clientSecretArn !== '')) {
    return 'service.identity.clientId and clientSecretArn are of an issuer of your own, but service.identity.issuer does not say which: set it, or set both to "" to let people sign in with Cognito.';
  }
  if (identity.issuer !== '' && identity.clientId === '') {
    return 'service.identity.issuer is set, but service.identity.clientId does not say what that issuer calls this service when people sign in: register it there, and set clientId.';
  }
  if (identity.issuer !== '') {
    return apiClients.length === 0
      ? undefined
      : `service.apiClients names ${apiClients.join(', ')}, but service.identity.issuer says that another service than Cognito gives out the tokens: register them there, and set apiClients to [].`;
  }
  const prefix = identity.domainPrefix || stackName.toLowerCase();
  const word = RESERVED_IN_DOMAINS.exec(prefix)?.[0];
  if (word === undefined) return undefined;
  const setting = identity.domainPrefix === '' ? 'stackName' : 'identity.domainPrefix';
  return `service.${setting} has "${word}" in it, which Cognito does not take in the address at which it gives out tokens: set service.identity.domainPrefix, for example "domainPrefix": "camden-referrals".`;
}

/** A record of care is not erased before a mere request. */
function retentionContradiction({ retention }: Configuration): string | undefined {
  const { noProgrammeMonths, programmeMonths } = retention;
  if (programmeMonths >= noProgrammeMonths) return undefined;
  return `service.retention.programmeMonths is ${programmeMonths}, so that a record of care would go before a referral that led to nothing, which is kept for noProgrammeMonths, ${noProgrammeMonths}: set it to as much or more.`;
}

/** What functions are told of reminders and retention: only what is not as everywhere, since their environment has little room. */
export function remindersOf({ reminders, quietHours, retention }: Configuration): Reminders {
  const figures = SETTABLE.flatMap((name) => {
    const set = reminders[camelCase(name)] ?? FIGURES[name];
    return set === FIGURES[name] ? [] : [[name, set]];
  });
  const names = Object.keys(RETENTION) as (keyof Retention)[];
  const periods = names.flatMap((name) =>
    retention[name] === RETENTION[name] ? [] : [[name, retention[name]]],
  );
  return {
    ...(figures.length === 0 ? {} : { figures: Object.fromEntries(figures) }),
    ...(isDeepStrictEqual(quietHours, QUIET_HOURS) ? {} : { quietHours }),
    ...(periods.length === 0 ? {} : { retention: Object.fromEntries(periods) }),
  };
}

/** The host of an address that is not CloudFront's own; undefined when there is none. */
export function hostBehindEdge(baseUrl: string): string | undefined {
  if (baseUrl === '') return undefined;
  const { host } = new URL(baseUrl);
  return host.endsWith('.cloudfront.net') ? undefined : host;
}

/** The environment variable that overrides a setting: `retention.logDays` → `OSP_RETENTION_LOG_DAYS`. */
export function environmentVariable(key: string): string {
  return `OSP_${key
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** The settings that hold a domain reserved for examples, which nobody can verify or read mail at. */
export function exampleSettings(configuration: Configuration): string[] {
  const reserved = /(^|[@.])(example(\.(org|com|net))?|test|invalid|localhost)$/;
  const keys = ['senderAddress', 'linkWorkerAddress', 'coordinatorAddress', 'alarmAddress'] as const;
  const found: string[] = keys.filter((key) => reserved.test(configuration[key]));
  if (configuration.baseUrl !== '' && reserved.test(new URL(configuration.baseUrl).hostname))
    found.push('baseUrl');
  return found;
}

/** Every setting's name, nested ones with a dot. */
export function settingNames(schema: z.ZodObject = serviceSchema): string[] {
  return Object.entries(schema.shape).flatMap(([key, value]) =>
    value instanceof z.ZodObject ? settingNames(value).map((inner) => `${key}.${inner}`) : [key],
  );
}

function faults(lines: string[]): ConfigurationError {
  const all = [...new Set(lines)];
  return new ConfigurationError(
    `The configuration cannot be used (the "service" key in cdk.json, OSP_… in the environment, -c service.…):\n${all.map((line) => `  - ${line}`).join('\n')}`,
  );
}

/** One fault in words: the key, what is wrong with it, and an example. */
function inWords(issue: z.core.$ZodIssue, values: unknown, origins: ReadonlyMap<string, string>): string[] {
  const path = settingAt(issue.path.map(String));
  if (issue.code === 'unrecognized_keys') {
    const known = settingNames();
    return issue.keys.map(
      (key) => `service.${[...path, key].join('.')} is not a setting. The settings are ${known.join(', ')}.`,
    );
  }
  const key = path.join('.');
  const { rule, example } = describe(path);
  const value = path.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), values);
  const origin = origins.get(key) ?? 'in cdk.json';
  const wrong = value === undefined ? 'is missing: it' : `is ${JSON.stringify(value)} (${origin}) but`;
  return [`service.${key} ${wrong} ${rule}, for example ${setInJson(path.at(-1) ?? key, example)}.`];
}

function setInJson(key: string, value: unknown): string {
  return `"${key}": ${JSON.stringify(value)}`;
}

function describe(path: readonly string[]): { rule: string; example: unknown } {
  const schema = path.reduce<z.core.$ZodType>((at, part) => insideOf(at, part) ?? at, serviceSchema);
  const meta = z.globalRegistry.get(schema) ?? {};
  return { rule: String(meta.rule ?? 'must be right'), example: meta.example };
}

/** The setting that a path leads to: what is wrong inside a list is a fault of the list. */
function settingAt(path: readonly string[]): string[] {
  let schema: z.core.$ZodType | undefined = serviceSchema;
  return path.filter((part) => {
    schema = schema && insideOf(schema, part);
    return schema !== undefined;
  });
}

function insideOf(schema: z.core.$ZodType, part: string): z.core.$ZodType | undefined {
  return schema instanceof z.ZodObject ? schema.shape[part] : undefined;
}

function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    into[head] = value;
    return;
  }
  const inner = into[head];
  const next = isObject(inner) ? inner : {};
  into[head] = next;
  place(next, rest, value);
}

function leaves(value: object, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (inner === undefined) return [];
    return isObject(inner) ? leaves(inner, `${prefix}${key}.`) : [[`${prefix}${key}`, inner]];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
