/** Every setting of a deployment. How they are read is in config.ts. */
import * as z from 'zod';
import { crisisContactSchema, teamSchema } from '../functions/shared/environment.ts';
import { ROLES, type Role } from '../functions/shared/roles.ts';
import { LICENSED_IDS, licensedInstrumentSchema } from '../workflows/instrument.ts';
import { QUIET_HOURS } from '../workflows/quiet.ts';
import { FIGURES } from '../workflows/reminder-policy.ts';
import { RETENTION } from '../workflows/retention-policy.ts';
import {
  areTeams,
  camelCase,
  claim,
  emailRule,
  fromJson,
  isBaseUrl,
  isIssuer,
  kept,
  LOG_RETENTION_DAYS,
  MOST_OF_LICENSED,
  names,
  phoned,
  rate,
  SETTABLE,
  setting,
  timeOfDay,
  waits,
  wholeNumber,
  yesOrNo,
} from './setting-kinds.ts';

/** The client that development has for trying the JSON API. */
export const SANDBOX_CLIENT = 'sandbox';

export const serviceSchema = z.strictObject({
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
      apiAudience: setting(
        names(z.array(z.string().regex(/^[\x21-\x2b\x2d-\x7e]{1,200}$/))),
        'must be the names, one of which is the audience ("aud") of every token that your own issuer gives out for the JSON API; with none, the gateway lets every token through to the function, which checks it',
        ['https://referrals.example.org/api'],
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
  apiAudience: [],
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
