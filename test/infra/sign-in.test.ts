/** Who may call the JSON API, and the secret that keyed hashes and signatures are made with. */
import { describe, expect, test } from 'vitest';
import type { ConfigurationOverrides } from '../../infra/config.ts';
import { FUNCTION_PLANS, type FunctionName } from '../../infra/functions.ts';
import { production, readable, Service, target } from './service.ts';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const issuer = 'https://login.service.nhs.uk/realms/referrals';
const service = new Service({ ...production, apiClients: ['gp-system', 'Hospital'] });
const development = new Service();
const elsewhere = new Service({ identity: { issuer } });

const namesIn = (at: Service) => at.all(CLIENT).map(([, { Properties }]) => Properties.ClientName);
const outputOf = (at: Service, name: string) => at.template.findOutputs('*')[name]?.Value;

describe('the pool', () => {
  test('lets nobody sign up, and knows people by their email address, in whatever case', () => {
    expect(service.only(POOL).Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
  });

  test.each([
    ['production', service, 'ACTIVE', 'Retain'],
    ['development', development, 'INACTIVE', 'Delete'],
  ])('is protected and kept in production: %s', (_, at, protection, policy) => {
    expect(at.only(POOL)).toMatchObject({
      Properties: { DeletionProtection: protection },
      DeletionPolicy: policy,
    });
  });

  test.each<[string, ConfigurationOverrides, string]>([
    ['the stack and the account', {}, 'opensocialprescribing-AccountId'],
    ['the configuration', { identity: { domainPrefix: 'camden-referrals' } }, 'camden-referrals'],
  ])('has an address made of %s', (_, overrides, prefix) => {
    const at = new Service(overrides);
    expect(readable(at.only('AWS::Cognito::UserPoolDomain').Properties.Domain)).toBe(prefix);
    expect(readable(outputOf(at, 'TokenUrl'))).toBe(
      'https://SignInPoolDomain.auth.Region.amazoncognito.com/oauth2/token',
    );
  });
});

describe('the clients', () => {
  test('are those that are configured, and in development one more', () => {
    expect(namesIn(service)).toEqual(['gp-system', 'Hospital']);
    expect(namesIn(development)).toEqual(['sandbox']);
    expect(namesIn(new Service({ apiClients: ['gp'] }))).toEqual(['gp', 'sandbox']);
    expect(namesIn(new Service(production))).toEqual([]);
  });

  test('get tokens for an hour by a secret, and nobody signs in through them', () => {
    for (const [, { Properties }] of service.all(CLIENT)) {
      expect(Properties).toMatchObject({
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
        AccessTokenValidity: 60,
        TokenValidityUnits: { AccessToken: 'minutes' },
      });
      expect(Properties).not.toHaveProperty('SupportedIdentityProviders');
      expect((Properties.AllowedOAuthScopes as unknown[]).map(readable)).toEqual([
        'SignInPoolReferrals/submit',
        'SignInPoolReferrals/read',
      ]);
    }
    expect(service.only('AWS::Cognito::UserPoolResourceServer').Properties).toMatchObject({
      Identifier: 'referrals',
      Scopes: [{ ScopeName: 'submit' }, { ScopeName: 'read' }],
    });
  });
});

test("the issuer is the pool's, or the deployer's own, and then nothing of Cognito's is there", () => {
  const [[pool]] = service.all(POOL) as [[string, unknown]];
  expect(outputOf(service, 'TokenIssuer')).toEqual({ 'Fn::GetAtt': [pool, 'ProviderURL'] });
  expect(outputOf(elsewhere, 'TokenIssuer')).toBe(issuer);
  expect(outputOf(elsewhere, 'TokenUrl')).toBeUndefined();
  expect(JSON.stringify(elsewhere.template.toJSON())).not.toContain('AWS::Cognito');
});

describe('the secret', () => {
  test.each([
    ['production', service, 'Retain'],
    ['development', development, 'Delete'],
  ])('is 64 characters of chance, kept in production: %s', (_, at, policy) => {
    expect(at.only('AWS::SecretsManager::Secret')).toMatchObject({
      Properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
      DeletionPolicy: policy,
    });
  });

  test('is read by the functions that are told where it is, and by no other', () => {
    const names = Object.keys(FUNCTION_PLANS) as FunctionName[];
    const told = names.filter((name) => {
      const { Environment } = service.fn(name)[1].Properties as { Environment: { Variables: object } };
      return 'SECRET_ARN' in Environment.Variables;
    });
    const allowed = names.filter((name) => {
      const role = target(service.fn(name)[1].Properties.Role);
      const permissions = service.permissions(role).filter((line) => line.startsWith('secretsmanager:'));
      if (permissions.length > 0)
        expect(permissions).toEqual(['secretsmanager:GetSecretValue on StorageSecret']);
      return permissions.length > 0;
    });
    expect(allowed).toEqual(told);
    expect(told).toContain('public-forms');
    expect(told).not.toContain('outbox');
  });
});
