/** What `npm run deploy` says before it touches an account. */
import { expect, test } from 'vitest';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { readContext } from '../../infra/app.ts';
import { type Account, whatIsMissing } from '../../infra/deploy.ts';
import { production } from './service.ts';

const account: Account = {
  region: async () => 'eu-west-2',
  credentials: async () => ({}),
  bootstrapped: async () => true,
};
const real = allProgrammes().filter(({ example }) => !example);
const directory = real.map((entry) => ({
  ...entry,
  provider: { ...entry.provider, email: 'music@your-provider.org.uk' },
}));
const ready = { context: readContext(), overrides: production };
const fails = async () => {
  throw new Error('Region is missing');
};

test('nothing is missing', async () => {
  expect(await whatIsMissing(ready, account, directory)).toEqual([]);
});

test('a fresh clone lacks addresses of its own', async () => {
  expect(await whatIsMissing({ context: readContext() }, account, directory)).toEqual([
    expect.stringMatching(/^Your own addresses: service\.senderAddress, .* in cdk\.json still hold examples/),
  ]);
});

test('everything that is missing is said at once, and AWS is not asked without credentials', async () => {
  const missing = await whatIsMissing(
    { context: readContext(), environment: { OSP_STAGE: 'live' } },
    { region: fails, credentials: fails, bootstrapped: () => expect.unreachable() },
    directory,
  );
  expect(missing).toEqual([
    expect.stringContaining('service.stage is "live" (from OSP_STAGE)'),
    expect.stringContaining('AWS_REGION=eu-west-2'),
    expect.stringContaining('AWS_PROFILE'),
  ]);
});

test('an account that was not prepared', async () => {
  expect(await whatIsMissing(ready, { ...account, bootstrapped: async () => false }, directory)).toEqual([
    expect.stringContaining('npx cdk bootstrap aws://<account number>/eu-west-2'),
  ]);
});

test('an account that does not answer', async () => {
  expect(await whatIsMissing(ready, { ...account, bootstrapped: fails }, directory)).toEqual([
    'An answer from AWS in eu-west-2: Region is missing',
  ]);
});

test('a directory with invented programmes, or a provider whom no mail reaches', async () => {
  expect(await whatIsMissing(ready, account, allProgrammes())).toEqual([
    expect.stringMatching(/^The providers' own addresses: hive-music /),
    expect.stringMatching(/^A directory of real programmes: example-dementia-choir, /),
  ]);
});
