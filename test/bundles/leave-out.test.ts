import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import allCountries from 'libphonenumber-js/metadata.min.json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { britishOnly, leaveOut } from '../../infra/leave-out.ts';
import { isPhone } from '../../workflows/phone.ts';

/** The services that functions call, with one operation of each. */
const SERVICES = [
  { name: 'DynamoDB', from: '@aws-sdk/client-dynamodb', command: 'ScanCommand', input: { TableName: 't' } },
  { name: 'Lambda', from: '@aws-sdk/client-lambda', command: 'InvokeCommand', input: { FunctionName: 'f' } },
  { name: 'SFN', from: '@aws-sdk/client-sfn', command: 'StopExecutionCommand', input: { executionArn: 'e' } },
  {
    name: 'SecretsManager',
    from: '@aws-sdk/client-secrets-manager',
    command: 'GetSecretValueCommand',
    input: { SecretId: 's' },
  },
  { name: 'SES', from: '@aws-sdk/client-ses', command: 'GetSendQuotaCommand', input: {} },
] as const;
type Service = (typeof SERVICES)[number];
type Sdk = Record<string, new (argument: object) => { send(command: object): Promise<unknown> }>;

let folder: string;
/** The clients as functions have them. */
let bundled: Sdk;

/** Bundles a module that exports `names` of `from`, for each pair. Gives the file. */
async function bundle(exported: { names: readonly string[]; from: string }[]): Promise<string> {
  const outfile = join(folder, `${exported[0]?.names[0]}.mjs`);
  await build({
    stdin: {
      contents: exported
        .map(({ names, from }) => `export { ${names.join(', ')} } from '${from}';`)
        .join('\n'),
      resolveDir: import.meta.dirname,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    plugins: [leaveOut()],
    logLevel: 'silent',
  });
  return outfile;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osp-leave-out-'));
  const file = await bundle([
    ...SERVICES.map(({ name, from, command }) => ({
      names: [`${name}Client`, `${name}ServiceException`, command],
      from,
    })),
    { names: ['ConditionalCheckFailedException'], from: '@aws-sdk/client-dynamodb' },
  ]);
  bundled = await import(file);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Asks the service, which answers with an error. Gives the questions and what was thrown in the end. */
async function ask(sdk: Sdk, { name, command, input }: Service, error: string, statusCode = 400) {
  const { [`${name}Client`]: Client, [command]: Command } = sdk;
  if (!Client || !Command) throw new Error(`the client of ${name} is not whole`);
  const answer =
    name === 'SES'
      ? `<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>So it is</Message></Error></ErrorResponse>`
      : JSON.stringify({
          __type: `com.amazonaws#${error}`,
          message: 'So it is',
          reason: 'WHY',
          Reason: 'Why',
        });
  const asked: object[] = [];
  const client = new Client({
    region: 'eu-west-2',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 2,
    requestHandler: {
      handle: async ({ method, path, query, body }: Record<string, unknown>) => {
        asked.push({
          method,
          path,
          query,
          body: body instanceof Uint8Array ? new TextDecoder().decode(body) : body,
        });
        const headers = { 'x-amzn-requestid': 'r', 'x-amzn-errortype': error };
        return { response: { statusCode, headers, body: new TextEncoder().encode(answer) } };
      },
    },
  });
  const thrown = await client.send(new Command(input)).then(
    () => undefined,
    (reason: unknown) => reason as Record<string, unknown>,
  );
  return { asked, thrown };
}

/** All that a function or the client's own retries can read from an error, and whether it is one of the service. */
async function told(sdk: Sdk, service: Service, error: string, statusCode: number) {
  const { asked, thrown = {} } = await ask(sdk, service, error, statusCode);
  const { name, message, $fault, $retryable, $metadata, reason, Reason } = thrown;
  const ofService = thrown instanceof (sdk[`${service.name}ServiceException`] as Sdk[string]);
  // How long it waited before it asked again is left to chance.
  const metadata = { ...($metadata as object), totalRetryDelay: undefined };
  return { asked, ofService, name, message, $fault, $retryable, metadata, reason, Reason };
}

describe.each(SERVICES)('the client of $name', (service) => {
  it('asks, and tells every error, as the whole one does', async () => {
    const whole: Sdk = await import(service.from);
    const base = whole[`${service.name}ServiceException`] as Sdk[string];
    const errors = Object.keys(whole).filter((key) => whole[key]?.prototype instanceof base);
    expect(errors.length).toBeGreaterThan(10);
    const compare = async (error: string) => {
      const { thrown } = await ask(whole, service, error);
      const statusCode = thrown?.$fault === 'server' ? 500 : 400;
      const expected = await told(whole, service, error, statusCode);
      expect(expected).toMatchObject({ ofService: true, message: 'So it is' });
      const { name, ...rest } = await told(bundled, service, error, statusCode);
      // Of SES we tell no error from another: there the name may be what the service calls it.
      const named = service.name === 'SES' && name === error ? expected.name : name;
      expect({ ...rest, name: named }, error).toEqual(expected);
    };
    // SES says "AlreadyExists" for AlreadyExistsException, and any service may say what is new to us.
    const shorter = errors.map((error) => error.replace(/Exception$/, ''));
    await Promise.all([...new Set([...errors, ...shorter, 'NeverHeardOf'])].map(compare));
  });
});

describe('errors by class', () => {
  it('are there for those that functions tell apart so', async () => {
    const { thrown } = await ask(bundled, SERVICES[0], 'ConditionalCheckFailedException');
    expect(thrown).toBeInstanceOf(bundled.ConditionalCheckFailedException);
  });

  it('are missed at build time, not at run time, where they are not there', async () => {
    const missing = bundle([{ names: ['ResourceNotFoundException'], from: '@aws-sdk/client-dynamodb' }]);
    await expect(missing).rejects.toThrow('No matching export');
  });
});

describe('phone numbers', () => {
  it.each([
    '+441534 716800',
    '+44 1481 257300',
    '01624 673000',
    '020 7946 0000',
    '07700 900982',
    '0044 (0)20 79460000',
    '07700 9009',
  ])('%s is known as with the metadata of all countries', (text) => {
    const number = (metadata: typeof allCountries) => parsePhoneNumberFromString(text, 'GB', metadata);
    const known = (found = number(allCountries)) =>
      found && [found.number, found.country, found.isPossible(), found.isValid()];
    expect(known(number(britishOnly(allCountries)))).toEqual(known());
    expect(known()?.slice(0, 2)).toEqual([
      expect.stringMatching(/^\+44/),
      expect.stringMatching(/^(GB|GG|IM|JE)$/),
    ]);
  });

  it('are taken and refused as with the metadata of all countries', async () => {
    const { isPhone: bundledIsPhone } = await import(
      await bundle([{ names: ['isPhone'], from: '../../workflows/phone.ts' }])
    );
    const beginnings = [
      '',
      '0',
      '07',
      '020',
      '01534 ',
      '+44',
      '+44 (0)',
      '+4 4',
      '44',
      '0044',
      '00 44 ',
      '00',
      '+',
      '+1',
      '0033',
    ];
    const rest = fc.string({
      unit: fc.constantFrom(...'0123456789012345678901234567890123456789 -().'),
      maxLength: 16,
    });
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), rest, (beginning, digits) => {
        const text = beginning + digits;
        const expected = isPhone(text);
        taken[expected ? 'yes' : 'no'] += 1;
        expect(bundledIsPhone(text), text).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(300);
  });
});
