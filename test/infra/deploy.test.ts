/** What `npm run deploy` says before it touches an account, and in which order it deploys. */
import { describe, expect, test, vi } from 'vitest';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { readConfiguration, readContext } from '../../infra/config.ts';
import {
  type Account,
  choicesToKnow,
  type DeployStack,
  deployStacks,
  whatIsMissing,
} from '../../infra/deploy.ts';
import { deploymentsBefore, INDEXES } from '../../infra/indexes.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';
import { certificate, production, type Resource, synthesizeText } from './service.ts';

const account: Account = {
  region: async () => 'eu-west-2',
  credentials: async () => ({}),
  bootstrapped: async () => true,
  stageOf: async () => undefined,
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
    {
      ...{ region: fails, credentials: fails },
      ...{ bootstrapped: () => expect.unreachable(), stageOf: () => expect.unreachable() },
    },
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

test('a service for people, which would become a trial', async () => {
  const deployed = { ...account, stageOf: async () => 'production' };
  const trial = { context: readContext(), overrides: { ...production, stage: 'development' as const } };
  expect(await whatIsMissing(trial, deployed, directory)).toEqual([
    expect.stringMatching(/^The stage: OpenSocialPrescribing is deployed as production/),
  ]);
  expect(await whatIsMissing(ready, deployed, directory)).toEqual([]);
  const other = { ...account, stageOf: async () => 'development' };
  expect(await whatIsMissing(trial, other, directory)).toEqual([]);
});

test('with an edge, us-east-1 must be prepared too', async () => {
  const asked: string[] = [];
  const bootstrapped = async (region: string) => {
    asked.push(region);
    return region !== 'us-east-1';
  };
  const edge = { ...production, edge: { enabled: true, certificateArn: certificate } };
  const missing = await whatIsMissing(
    { context: readContext(), overrides: edge },
    { ...account, bootstrapped },
    directory,
  );
  expect(missing).toEqual([expect.stringContaining('npx cdk bootstrap aws://<account number>/us-east-1')]);
  expect(asked).toEqual(['eu-west-2', 'us-east-1']);
  expect(await whatIsMissing(ready, { ...account, bootstrapped }, directory)).toEqual([]);
});

const told = (overrides: ConfigurationOverrides) => readConfiguration({ context: readContext(), overrides });

test('in production, what the choice of a firewall means is said', () => {
  const enabled = (baseUrl: string, certificateArn: string) =>
    told({ ...production, baseUrl, edge: { enabled: true, certificateArn } });
  expect(choicesToKnow(told(production))).toEqual([expect.stringContaining('service.edge.enabled is false')]);
  expect(choicesToKnow(enabled('', ''))).toEqual([expect.stringContaining('TLS versions before 1.2')]);
  expect(choicesToKnow(enabled(production.baseUrl, certificate))).toEqual([]);
  expect(choicesToKnow(told({}))).toEqual([]);
});

describe('deploying', () => {
  const none = async () => undefined;
  const API = 'https://abc.execute-api.eu-west-2.amazonaws.com';
  const HOST = 'd111111abcdef8.cloudfront.net';

  /** A CLI that deploys nothing and remembers what it was asked. */
  function cli(): { asked: string[]; deployStack: DeployStack } {
    const asked: string[] = [];
    const deployStack: DeployStack = async (stack, args = []) => {
      asked.push([stack, ...args].join(' '));
      return stack.endsWith('-edge') ? { Host: HOST } : { ApiUrl: `${API}/51af3dc0` };
    };
    return { asked, deployStack };
  }

  test('without an edge it is one stack, at the address that is configured or the one of the API', async () => {
    const { asked, deployStack } = cli();
    const nobody = () => expect.unreachable();
    expect(await deployStacks(told({}), deployStack, nobody)).toEqual({ address: `${API}/51af3dc0` });
    expect(await deployStacks(told(production), deployStack, nobody)).toEqual({
      address: production.baseUrl,
    });
    expect(asked).toEqual(['OpenSocialPrescribing', 'OpenSocialPrescribing']);
  });

  test('with a name of its own the edge follows the service, which tells it where the API is', async () => {
    const { asked, deployStack } = cli();
    const own = told({ ...production, edge: { enabled: true, certificateArn: certificate } });
    expect(await deployStacks(own, deployStack, () => expect.unreachable())).toEqual({
      address: production.baseUrl,
      pointTo: HOST,
    });
    expect(asked).toEqual([
      `OpenSocialPrescribing -c service.baseUrl=${production.baseUrl}`,
      `OpenSocialPrescribing-edge --parameters OpenSocialPrescribing-edge:ApiUrl=${API}/51af3dc0`,
    ]);
  });

  test('without one, the service is told what CloudFront named it: afterwards, and from then on at once', async () => {
    const first = cli();
    const given = told({ edge: { enabled: true } });
    expect(await deployStacks(given, first.deployStack, none)).toEqual({ address: `https://${HOST}` });
    expect(first.asked).toEqual([
      'OpenSocialPrescribing',
      `OpenSocialPrescribing-edge --parameters OpenSocialPrescribing-edge:ApiUrl=${API}/51af3dc0`,
      `OpenSocialPrescribing -c service.baseUrl=https://${HOST}`,
    ]);
    const later = cli();
    expect(await deployStacks(given, later.deployStack, async () => HOST)).toEqual({
      address: `https://${HOST}`,
    });
    expect(later.asked).toEqual([
      `OpenSocialPrescribing -c service.baseUrl=https://${HOST}`,
      `OpenSocialPrescribing-edge --parameters OpenSocialPrescribing-edge:ApiUrl=${API}/51af3dc0`,
    ]);
  });

  test('new indexes come to a table that is there one in each deployment, and the edge after the last', async () => {
    const names = INDEXES.map(({ indexName }) => indexName);
    expect(deploymentsBefore(names, names)).toEqual([]);
    expect(deploymentsBefore(names.slice(1), names)).toEqual([]);
    expect(deploymentsBefore([...names, 'old'], names)).toEqual([]);
    expect(deploymentsBefore(['a'], ['a', 'b', 'c', 'd'])).toEqual(['c,d', 'd']);
    expect(() => deploymentsBefore(['a', 'b'], ['a', 'c'])).toThrow('has the indexes b, which this version');
    expect(() => deploymentsBefore(['a', 'b'], [])).toThrow('deploy the versions in between');

    const { asked, deployStack } = cli();
    const own = told({ ...production, edge: { enabled: true, certificateArn: certificate } });
    await deployStacks(own, deployStack, () => expect.unreachable(), ['c,d', 'd']);
    const service = `OpenSocialPrescribing -c service.baseUrl=${production.baseUrl}`;
    expect(asked.slice(0, 3)).toEqual([
      `${service} -c withoutIndexes=c,d`,
      `${service} -c withoutIndexes=d`,
      service,
    ]);
    expect(asked[3]).toMatch(/^OpenSocialPrescribing-edge /);
  });

  test('an index that is left out is not in the template, and nothing else changes', () => {
    const tableOf = () => {
      const { Resources } = JSON.parse(synthesizeText()) as { Resources: Record<string, Resource> };
      return Object.values(Resources).find(({ Type }) => Type === 'AWS::DynamoDB::Table')?.Properties;
    };
    const { GlobalSecondaryIndexes: all, AttributeDefinitions: _all, ...rest } = tableOf() ?? {};
    vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ withoutIndexes: 'standing,outbox' }));
    const { GlobalSecondaryIndexes: some, AttributeDefinitions: _some, ...same } = tableOf() ?? {};
    vi.unstubAllEnvs();
    const names = (indexes: unknown) =>
      (indexes as { IndexName: string }[]).map(({ IndexName }) => IndexName);
    expect(names(all)).toEqual(INDEXES.map(({ indexName }) => indexName));
    expect(names(some)).toEqual(names(all).filter((name) => name !== 'standing' && name !== 'outbox'));
    expect(same).toEqual(rest);
  });

  test('when the service is not deployed, nor is its edge', async () => {
    const asked: string[] = [];
    const failing: DeployStack = async (stack) => {
      asked.push(stack);
      throw new Error('not deployed');
    };
    await expect(deployStacks(told({ edge: { enabled: true } }), failing, none)).rejects.toThrow(
      'not deployed',
    );
    expect(asked).toEqual(['OpenSocialPrescribing']);
  });
});
