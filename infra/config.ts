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
import type { Reminders } from '../functions/shared/environment.ts';
import { QUIET_HOURS } from '../workflows/quiet.ts';
import { FIGURES } from '../workflows/reminder-policy.ts';
import { RETENTION, type Retention } from '../workflows/retention-policy.ts';
import { camelCase, SETTABLE } from './setting-kinds.ts';
import { type Configuration, type ConfigurationOverrides, serviceSchema } from './settings.ts';

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
  const ofAnIssuer = [identity.clientId, identity.clientSecretArn, ...identity.apiAudience];
  if (identity.issuer === '' && ofAnIssuer.some((each) => each !== '')) {
    return 'service.identity.clientId, clientSecretArn and apiAudience are of an issuer of your own, but service.identity.issuer does not say which: set it, or leave them empty to let people sign in with Cognito.';
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
