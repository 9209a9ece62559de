/** The configuration: what is accepted, what wins, and what a person is told when it is wrong. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../infra/app.ts';
import {
  ConfigurationError,
  environmentVariable,
  exampleSettings,
  readConfiguration,
  remindersOf,
  settingNames,
} from '../../infra/config.ts';
import { FUNCTION_PLANS } from '../../infra/functions.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';
import { laptopSettings } from '../../local/settings.ts';
import { RETENTION } from '../../workflows/retention-policy.ts';
import { teamsFor } from '../deployed/many.ts';
import { licensedInstrument } from '../unit/workflows/builders.ts';
import { certificate, production } from './service.ts';

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: { service: Record<string, unknown> };
};

/** The message of the configuration error. */
function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

const manyWords = [0, 1, 2, 3].map((value) => ({ value, text: 'x'.repeat(290) }));
const manyItems = [1, 2, 3].map((i) => ({
  ...licensedInstrument.items[0],
  id: `item-${i}`,
  text: 'x'.repeat(290),
}));

test('a licensed measure is taken with its licence, and there are none unless somebody brings one', () => {
  expect(readConfiguration({ context }).licensedMeasures).toEqual([]);
  const environment = { OSP_LICENSED_MEASURES: JSON.stringify([licensedInstrument]) };
  expect(readConfiguration({ context, environment }).licensedMeasures).toEqual([licensedInstrument]);
});

describe('reminders', () => {
  const reading = (environment: Record<string, string>) => () => readConfiguration({ context, environment });

  test('functions are told only what is not as everywhere', () => {
    expect(remindersOf(reading({})())).toEqual({});
    const own = {
      OSP_REMINDERS_OFFER: '2wd 2d 36h',
      OSP_REMINDERS_CHECK_IN: '14d',
      OSP_QUIET_HOURS_WEEKENDS: 'false',
    };
    expect(remindersOf(reading(own)())).toEqual({
      figures: { offer: '2wd 2d 36h', 'check-in': '14d' },
      quietHours: { from: '20:00', until: '08:00', weekends: false },
    });
  });

  test.each([
    ['OSP_REMINDERS_OFFER', '3wd 3wd'],
    ['OSP_REMINDERS_OFFER', '3wd 0d 4wd'],
    ['OSP_REMINDERS_REVIEW', 'soon'],
    ['OSP_REMINDERS_SESSION', '1wd'],
    ['OSP_REMINDERS_CHECK_IN', '900d'],
    ['OSP_QUIET_HOURS_FROM', '8 pm'],
  ])('%s as %s is refused, with what would be right', (variable, value) => {
    expect(complaint(reading({ [variable]: value }))).toContain(`(from ${variable})`);
  });

  test('functions are told of their own periods of retention, and none is kept for less than is sane', () => {
    const own = { OSP_RETENTION_PROGRAMME_MONTHS: '120', OSP_RETENTION_WARN_DAYS: '60' };
    expect(remindersOf(reading(own)())).toEqual({ retention: { programmeMonths: 120, warnDays: 60 } });
    expect(complaint(reading({ OSP_RETENTION_PROGRAMME_MONTHS: '12' }))).toContain(
      'service.retention.programmeMonths is 12, so that a record of care would go before',
    );
  });

  test('settings that are too long for a function are refused before they are deployed', () => {
    const teams = Array.from({ length: 50 }, (_, i) => ({
      id: `team-${i}`,
      name: 'A team whose name is as long as some people would have it, and then a little longer',
      postcodeDistricts: i === 0 ? [] : [`N${i}`],
    }));
    expect(complaint(synthesizing({ teams }))).toMatch(
      /^The settings of outbox have \d+ bytes, and Lambda takes 4096\. The longest are TEAMS/,
    );
  });

  test('there is room for the teams among whom 100,000 referrals are shared out on the emulator', () => {
    const teams = teamsFor(100_000, laptopSettings().teams);
    expect(teams).toHaveLength(40);
    expect(synthesizing({ ...laptopSettings(), teams, baseUrl: 'http://127.0.0.1:65535' })).not.toThrow();
  });
});

/** Synthesizes with empty bundles. */
const synthesizing = (overrides: ConfigurationOverrides) => () => {
  const bundles = mkdtempSync(join(tmpdir(), 'osp-config-'));
  try {
    for (const name of Object.keys(FUNCTION_PLANS)) {
      mkdirSync(join(bundles, name));
      writeFileSync(join(bundles, name, 'index.mjs'), '');
    }
    synthesize({ bundles, outdir: join(bundles, 'out'), validate: false, environment: {}, overrides });
  } finally {
    rmSync(bundles, { recursive: true });
  }
};

const withService = (changes: Record<string, unknown>) => ({
  context: { service: { ...context.service, ...changes } },
});

test('cdk.json is complete as it is, and writes to nobody real', () => {
  const configuration = readConfiguration({ context });
  expect(configuration.stage).toBe('development');
  expect(exampleSettings(configuration)).toEqual([
    'senderAddress',
    'linkWorkerAddress',
    'coordinatorAddress',
    'alarmAddress',
  ]);
});

describe('what wins', () => {
  test('the environment over cdk.json', () => {
    const environment = { OSP_BASE_URL: 'http://localhost:3000', OSP_RETENTION_LOG_DAYS: '30' };
    const { baseUrl, retention } = readConfiguration({ context, environment });
    expect({ baseUrl, retention }).toEqual({
      baseUrl: 'http://localhost:3000',
      retention: { logDays: 30, recoveryDays: 35, ...RETENTION },
    });
  });

  test('the command line over the environment', () => {
    const { stackName, throttling } = readConfiguration({
      context: { ...context, 'service.stackName': 'Brent', 'service.throttling.burst': '20' },
      environment: { OSP_STACK_NAME: 'Camden' },
    });
    expect(stackName).toBe('Brent');
    expect(throttling).toMatchObject({ requestsPerSecond: 50, burst: 20 });
  });

  test('a list over a list: with commas from the environment and the command line, or none at all', () => {
    const given = { ...context, service: { ...context.service, apiClients: ['gp'] } };
    const clients = (extra: object, environment = {}) =>
      readConfiguration({ context: { ...given, ...extra }, environment }).apiClients;
    expect(clients({})).toEqual(['gp']);
    expect(clients({}, { OSP_API_CLIENTS: 'gp, Camden-Hospital,' })).toEqual(['gp', 'Camden-Hospital']);
    expect(clients({ 'service.apiClients': 'a,b' }, { OSP_API_CLIENTS: 'c' })).toEqual(['a', 'b']);
    expect(clients({}, { OSP_API_CLIENTS: '' })).toEqual([]);
  });

  test('the caller over all', () => {
    const { stackName } = readConfiguration({
      context: { ...context, 'service.stackName': 'Brent' },
      overrides: { stackName: 'Islington' },
    });
    expect(stackName).toBe('Islington');
  });

  test('every setting can come from the environment', () => {
    expect(settingNames().map(environmentVariable)).toEqual([
      'OSP_STACK_NAME',
      'OSP_STAGE',
      'OSP_SERVICE_NAME',
      'OSP_BASE_URL',
      'OSP_SENDER_ADDRESS',
      'OSP_LINK_WORKER_ADDRESS',
      'OSP_COORDINATOR_ADDRESS',
      'OSP_ALARM_ADDRESS',
      'OSP_ON_CALL_ENGINEER',
      'OSP_ON_CALL_COORDINATOR',
      'OSP_ON_CALL_OWNER',
      'OSP_ON_CALL_DATA_PROTECTION',
      'OSP_CRISIS_CONTACTS',
      'OSP_NHS_IDENTITY',
      'OSP_NEWSLETTER_URL',
      'OSP_LAWFUL_BASIS_ARTICLE6',
      'OSP_LAWFUL_BASIS_ARTICLE9',
      'OSP_REMINDERS_WORKFLOW',
      'OSP_REMINDERS_REVIEW',
      'OSP_REMINDERS_URGENT_REVIEW',
      'OSP_REMINDERS_INFORMATION',
      'OSP_REMINDERS_OFFER',
      'OSP_REMINDERS_OFFER_QUESTION',
      'OSP_REMINDERS_PLACE',
      'OSP_REMINDERS_REGISTER',
      'OSP_REMINDERS_REGISTER_MISSING',
      'OSP_REMINDERS_WELFARE',
      'OSP_REMINDERS_FOLLOW_UP',
      'OSP_REMINDERS_SESSION',
      'OSP_REMINDERS_CHECK_IN',
      'OSP_REMINDERS_UNSAFE',
      'OSP_REMINDERS_LEFT_AT_RISK',
      'OSP_REMINDERS_CONTACT',
      'OSP_QUIET_HOURS_FROM',
      'OSP_QUIET_HOURS_UNTIL',
      'OSP_QUIET_HOURS_WEEKENDS',
      'OSP_THROTTLING_REQUESTS_PER_SECOND',
      'OSP_THROTTLING_BURST',
      'OSP_THROTTLING_FORMS_PER_TEN_MINUTES',
      'OSP_THROTTLING_API_PER_MINUTE',
      'OSP_API_CLIENTS',
      'OSP_IDENTITY_ISSUER',
      'OSP_IDENTITY_DOMAIN_PREFIX',
      'OSP_IDENTITY_CLIENT_ID',
      'OSP_IDENTITY_CLIENT_SECRET_ARN',
      'OSP_IDENTITY_SCOPES',
      'OSP_IDENTITY_API_AUDIENCE',
      'OSP_IDENTITY_ROLES_CLAIM',
      'OSP_IDENTITY_TEAMS_CLAIM',
      'OSP_IDENTITY_ROLE_NAMES',
      'OSP_SIGN_IN_IDLE_MINUTES',
      'OSP_SIGN_IN_HOURS',
      'OSP_TEAMS',
      'OSP_DIRECTORY_CONFIRM_AFTER_DAYS',
      'OSP_REPORTS_MONTHS',
      'OSP_REPORTS_FEWER_THAN',
      'OSP_LICENSED_MEASURES',
      'OSP_EDGE_ENABLED',
      'OSP_EDGE_CERTIFICATE_ARN',
      'OSP_EDGE_FORMS_PER_FIVE_MINUTES',
      'OSP_EDGE_API_PER_FIVE_MINUTES',
      'OSP_EDGE_REQUESTS_PER_FIVE_MINUTES',
      'OSP_RETENTION_LOG_DAYS',
      'OSP_RETENTION_RECOVERY_DAYS',
      'OSP_RETENTION_NO_PROGRAMME_MONTHS',
      'OSP_RETENTION_PROGRAMME_MONTHS',
      'OSP_RETENTION_YOUNG_UNTIL',
      'OSP_RETENTION_WARN_DAYS',
      'OSP_BUDGET_DOLLARS_A_MONTH',
    ]);
  });

  test('the settings of cdk.json are not changed on the way', () => {
    const before = structuredClone(context);
    readConfiguration({ context, overrides: { retention: { logDays: 7 } } });
    expect(context).toEqual(before);
  });
});

describe('what a person is told', () => {
  test.each([
    ['stage', 'live', '"development" (data goes'],
    ['stackName', '1st', 'starting with a letter'],
    ['stackName', 'a'.repeat(41), '1 to 40 letters'],
    ['serviceName', '', '1 to 80 characters'],
    ['serviceName', 'Camden\r\nBcc: everyone@example.org', 'on one line'],
    ['serviceName', '<b>Camden</b>', 'without < >'],
    ['senderAddress', 'bob', 'must be one email address'],
    ['senderAddress', 'a@example.org, b@example.org', 'must be one email address'],
    ['coordinatorAddress', 7, 'must be one email address'],
    ['alarmAddress', "o'brien@example.org", 'without an apostrophe'],
    ['baseUrl', 'https://example.org/', 'no slash at the end'],
    ['baseUrl', 'https://example.org/refer', 'no path'],
    ['baseUrl', 'http://example.org', 'https://'],
    ['baseUrl', 'https://user:secret@example.org', 'https:// and a host name'],
    ['baseUrl', 'referrals', 'https:// and a host name'],
    ['apiClients', ['gp', 'a b'], 'letters, digits and hyphens'],
    ['apiClients', ['gp', 'gp'], 'each once'],
    ['apiClients', ['sandbox'], 'not "sandbox", which development has by itself'],
    ['apiClients', [7], 'must be the names of the systems'],
    ['apiClients', {}, 'must be the names of the systems'],
    ['identity', 'https://login.example.org', 'must be an object'],
    ['throttling', 5, 'must be an object'],
    ['retention', null, 'must be an object'],
  ])('%s %j', (key, value, rule) => {
    const text = complaint(() => readConfiguration(withService({ [key]: value })));
    expect(text).toContain(`service.${key} is ${JSON.stringify(value)} (in cdk.json) but must`);
    expect(text).toContain(rule);
    expect(text).toMatch(new RegExp(`for example "${key}": .+\\.$`));
  });

  test.each([
    [
      'OSP_RETENTION_LOG_DAYS',
      '31',
      'service.retention.logDays is "31" (from OSP_RETENTION_LOG_DAYS) but must be one of',
    ],
    ['OSP_RETENTION_RECOVERY_DAYS', '36', 'must be how many days back the table can be restored to, 1 to 35'],
    ['OSP_RETENTION_NO_PROGRAMME_MONTHS', '11', 'is kept after it is closed, 12 to 360, for example'],
    ['OSP_RETENTION_PROGRAMME_MONTHS', '361', 'which is a record of care, is kept after it is closed'],
    ['OSP_RETENTION_YOUNG_UNTIL', '17', 'until which birthday a young person’s record of care is kept'],
    ['OSP_RETENTION_WARN_DAYS', '13', 'coordinators are told, 14 to 90, for example "warnDays": 30'],
    ['OSP_RETENTION_WARN_DAYS', 'a month', '(from OSP_RETENTION_WARN_DAYS) but must be how many days'],
    ['OSP_THROTTLING_BURST', 'many', 'must be a whole number of requests at once'],
    ['OSP_THROTTLING_REQUESTS_PER_SECOND', '0', 'must be a whole number of requests a second'],
    ['OSP_THROTTLING_REQUESTS_PER_SECOND', '', 'must be a whole number of requests a second'],
    ['OSP_THROTTLING_FORMS_PER_TEN_MINUTES', '0', 'must be how many forms one address may send'],
    ['OSP_EDGE_ENABLED', 'yes', 'must be true (CloudFront and a firewall stand before the pages) or false'],
    ['OSP_EDGE_FORMS_PER_FIVE_MINUTES', '9', 'must be how many forms one address may send in five minutes'],
    [
      'OSP_EDGE_CERTIFICATE_ARN',
      'arn:aws:acm:eu-west-2:123456789012:certificate/abc',
      'the ARN of a certificate of AWS Certificate Manager in us-east-1',
    ],
    [
      'OSP_API_CLIENTS',
      'gp,-gp',
      'service.apiClients is "gp,-gp" (from OSP_API_CLIENTS) but must be the names of the systems',
    ],
    [
      'OSP_IDENTITY_ISSUER',
      'http://login.example.org',
      'or the https:// address of an OpenID issuer of yours',
    ],
    ['OSP_IDENTITY_ISSUER', 'https://login.example.org/?realm=a', 'address of an OpenID issuer of yours'],
    ['OSP_IDENTITY_ISSUER', 'login', 'address of an OpenID issuer of yours'],
    ['OSP_IDENTITY_DOMAIN_PREFIX', 'Camden', '1 to 63 small letters, digits and hyphens'],
    ['OSP_IDENTITY_DOMAIN_PREFIX', 'camden-', '1 to 63 small letters, digits and hyphens'],
    ['OSP_IDENTITY_CLIENT_ID', 'a b', 'what your own issuer calls this service'],
    ['OSP_IDENTITY_CLIENT_SECRET_ARN', 'a-secret', 'the ARN of a secret in AWS Secrets Manager'],
    ['OSP_IDENTITY_SCOPES', 'email profile', 'and openid among them'],
    ['OSP_IDENTITY_SCOPES', 'openid  email', 'with single spaces between them'],
    ['OSP_IDENTITY_API_AUDIENCE', 'our api', 'the audience ("aud") of every token'],
    ['OSP_IDENTITY_ROLES_CLAIM', '', 'the name of the claim that says which roles somebody has'],
    ['OSP_IDENTITY_ROLE_NAMES', '{"link-worker":"lw"}', 'what the issuer calls each role'],
    [
      'OSP_IDENTITY_ROLE_NAMES',
      '{"link-worker":"a","coordinator":"a","provider-staff":"c","auditor":"d"}',
      'no two the same',
    ],
    ['OSP_SIGN_IN_IDLE_MINUTES', '4', 'after how many minutes without use somebody is signed out, 5 to 120'],
    ['OSP_SIGN_IN_HOURS', '25', 'after how many hours somebody is signed out whatever happens, 1 to 24'],
    [
      'OSP_ON_CALL_ENGINEER',
      'Ada Lovelace',
      'the name and telephone number of whoever is on call for faults',
    ],
    ['OSP_ON_CALL_COORDINATOR', '020 7946 0002', 'the name and telephone number of the coordinator'],
    ['OSP_ON_CALL_OWNER', `Ada ${'0'.repeat(80)}`, '80 characters at most'],
    ['OSP_TEAMS', '[]', 'must be a list of the teams of link workers'],
    ...[
      [{ ...licensedInstrument, id: 'pam' }],
      [{ ...licensedInstrument, licence: '' }],
      [licensedInstrument, licensedInstrument],
      // Too much for a function's environment.
      [{ ...licensedInstrument, answers: manyWords, items: manyItems }],
    ].map((measures) => [
      'OSP_LICENSED_MEASURES',
      JSON.stringify(measures),
      'must be [] or a list of the licensed measures',
    ]),
    ['OSP_TEAMS', '[{"id":"a b","name":"A","postcodeDistricts":[]}]', 'small letters, digits and hyphens'],
    ['OSP_TEAMS', '[{"id":"a","name":"A","postcodeDistricts":["NW1 8"]}]', 'must be a list of the teams'],
    [
      'OSP_TEAMS',
      '[{"id":"a","name":"A","postcodeDistricts":["NW1"]}]',
      'exactly one team without districts',
    ],
    [
      'OSP_TEAMS',
      '[{"id":"a","name":"A","postcodeDistricts":["NW1"]},{"id":"b","name":"B","postcodeDistricts":["NW1"]},{"id":"c","name":"C","postcodeDistricts":[]}]',
      'no district twice',
    ],
    ['OSP_STAGE', 'test', 'service.stage is "test" (from OSP_STAGE) but must be "development"'],
  ])('%s=%s', (variable, value, text) => {
    expect(complaint(() => readConfiguration({ context, environment: { [variable]: value } }))).toContain(
      text,
    );
  });

  test('a missing setting', () => {
    const { senderAddress: _, ...rest } = context.service;
    expect(complaint(() => readConfiguration({ context: { service: rest } }))).toContain(
      'service.senderAddress is missing: it must be one email address, for example "senderAddress": "referrals@example.org".',
    );
  });

  test('a misspelt setting, in cdk.json and on the command line', () => {
    expect(complaint(() => readConfiguration(withService({ senderAdress: 'a@example.org' })))).toContain(
      'service.senderAdress is not a setting. The settings are stackName, stage,',
    );
    expect(
      complaint(() => readConfiguration({ context: { ...context, 'service.retention.logdays': '7' } })),
    ).toContain('service.retention.logdays is not a setting.');
  });

  test('all faults at once', () => {
    const text = complaint(() =>
      readConfiguration(withService({ stage: 'live', senderAddress: 'bob', retention: { logDays: 2 } })),
    );
    expect(text.split('\n  - ')).toHaveLength(9);
  });

  test('no settings at all', () => {
    expect(complaint(() => readConfiguration({ context: {} }))).toContain('The key "service" is missing');
    expect(complaint(() => readConfiguration({ context: { service: 'x' } }))).toContain('is not an object');
  });

  test('production with the addresses of the example', () => {
    const text = complaint(() => readConfiguration(withService({ stage: 'production' })));
    expect(text).toContain(
      'service.senderAddress is still an example; production needs an address that is yours',
    );
    expect(readConfiguration({ context, overrides: production }).stage).toBe('production');
    expect(
      complaint(() =>
        readConfiguration({
          context,
          overrides: { ...production, baseUrl: 'https://referrals.example.org' },
        }),
      ),
    ).toContain('service.baseUrl is still an example');
  });

  test('production without somebody to phone', () => {
    const nobody = { ...production, onCall: { ...production.onCall, owner: '', dataProtection: '' } };
    const text = complaint(() => readConfiguration({ context, overrides: nobody }));
    expect(text.split('\n  - ').slice(1)).toEqual([
      expect.stringContaining(
        'service.onCall.owner is empty; production needs a name and a telephone number',
      ),
      expect.stringContaining('service.onCall.dataProtection is empty'),
    ]);
  });

  test('an address for CloudFront without its certificate, and a certificate without an address', () => {
    const told = (OSP_BASE_URL: string, OSP_EDGE_CERTIFICATE_ARN: string, OSP_EDGE_ENABLED = 'true') =>
      readConfiguration({
        context,
        environment: { OSP_BASE_URL, OSP_EDGE_CERTIFICATE_ARN, OSP_EDGE_ENABLED },
      });
    const [own, given] = ['https://referrals.service.nhs.uk', 'https://d111111abcdef8.cloudfront.net'];
    expect(complaint(() => told(own, ''))).toContain(
      'only with a certificate for referrals.service.nhs.uk: set service.edge.certificateArn',
    );
    expect(complaint(() => told('', certificate))).toContain(
      'service.baseUrl does not say for which address',
    );
    expect(complaint(() => told(given, certificate))).toContain('set baseUrl too');
    expect(told(own, certificate).edge.enabled).toBe(true);
    expect(told('', '').edge.enabled).toBe(true);
    expect(told(given, '').edge.enabled).toBe(true);
    // Nobody asks CloudFront then.
    expect(told(own, '', 'false').edge.enabled).toBe(false);
    expect(told('', certificate, 'false').edge.enabled).toBe(false);
  });

  test('clients of an issuer that is not ours, and a name that Cognito does not take', () => {
    const told = (environment: Record<string, string>) => readConfiguration({ context, environment });
    const own = {
      OSP_IDENTITY_ISSUER: 'https://login.service.nhs.uk/realms/referrals',
      OSP_IDENTITY_CLIENT_ID: 'referrals',
    };
    expect(complaint(() => told({ ...own, OSP_API_CLIENTS: 'gp' }))).toContain(
      'service.apiClients names gp, but service.identity.issuer says that another service than Cognito',
    );
    expect(told(own).identity.issuer).toBe(own.OSP_IDENTITY_ISSUER);
    expect(told({ ...own, OSP_IDENTITY_API_AUDIENCE: 'a, b' }).identity.apiAudience).toEqual(['a', 'b']);
    expect(told({ ...own, OSP_IDENTITY_ISSUER: 'http://localhost:9000/a/' }).identity.issuer).toMatch(/\/$/);
    const OSP_STACK_NAME = 'RickmansworthLaws';
    expect(complaint(() => told({ OSP_STACK_NAME }))).toContain(
      'service.stackName has "aws" in it, which Cognito does not take',
    );
    expect(complaint(() => told({ OSP_IDENTITY_DOMAIN_PREFIX: 'my-cognito' }))).toContain(
      'service.identity.domainPrefix has "cognito" in it',
    );
    expect(told({ OSP_STACK_NAME, OSP_IDENTITY_DOMAIN_PREFIX: 'rickmansworth' }).stackName).toBe(
      OSP_STACK_NAME,
    );
    expect(told({ OSP_STACK_NAME, ...own }).stackName).toBe(OSP_STACK_NAME);
  });

  test('an issuer that does not know us, and a client of no issuer', () => {
    const told = (environment: Record<string, string>) => readConfiguration({ context, environment });
    expect(complaint(() => told({ OSP_IDENTITY_ISSUER: 'https://login.service.nhs.uk' }))).toContain(
      'service.identity.clientId does not say what that issuer calls this service',
    );
    expect(complaint(() => told({ OSP_IDENTITY_API_AUDIENCE: 'referrals' }))).toContain(
      'service.identity.issuer does not say which',
    );
    expect(complaint(() => told({ OSP_IDENTITY_CLIENT_ID: 'referrals' }))).toContain(
      'service.identity.issuer does not say which',
    );
  });

  test('bundles that were not built', () => {
    expect(complaint(() => synthesize({ bundles: '/nowhere', outdir: '/nowhere', environment: {} }))).toMatch(
      /^The bundles of outbox, .* are missing in \/nowhere\. Build them first: npm run build$/,
    );
  });
});
