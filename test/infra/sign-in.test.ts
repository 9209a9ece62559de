/** Who may come in, people and systems, and the secret that keyed hashes and signatures are made with. */
import { describe, expect, test } from 'vitest';
import { ROLES } from '../../functions/shared/roles.ts';
import { FUNCTION_PLANS, type FunctionName } from '../../infra/functions.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';
import { TOKEN_ROUTES } from '../../infra/web.ts';
import { production, type Resource, readable, Service, target } from './service.ts';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const issuer = 'https://login.service.nhs.uk/realms/referrals';
const service = new Service({ ...production, apiClients: ['gp-system', 'Hospital'] });
const development = new Service();
const own = { issuer, clientId: 'referrals' };
const elsewhere = new Service({ identity: own });

/** The clients of systems, and apart from them the one of people. */
const systemsIn = (at: Service) =>
  at.all(CLIENT).filter(([, { Properties }]) => Properties.ClientName !== 'people');
const peopleIn = (at: Service) =>
  at.all(CLIENT).find(([, { Properties }]) => Properties.ClientName === 'people') as [string, Resource];
const namesIn = (at: Service) => systemsIn(at).map(([, { Properties }]) => Properties.ClientName);
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

  test('asks everybody for a second factor that is no text message, and for a long password', () => {
    expect(service.only(POOL).Properties).toMatchObject({
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      UserPoolTier: 'ESSENTIALS',
      Policies: { PasswordPolicy: { MinimumLength: 14, TemporaryPasswordValidityDays: 3 } },
    });
  });

  test('has a group for each role and each team', () => {
    const at = new Service({
      teams: [
        { id: 'camden', name: 'Camden', postcodeDistricts: ['NW1', 'NW3'] },
        { id: 'all', name: 'Everywhere else', postcodeDistricts: [] },
      ],
    });
    expect(at.all('AWS::Cognito::UserPoolGroup').map(([, { Properties }]) => Properties.GroupName)).toEqual([
      ...ROLES,
      'team:camden',
      'team:all',
    ]);
  });
});

describe('the client of people', () => {
  const [id, { Properties }] = peopleIn(service);

  test('is public, for codes alone, and leads back to our own pages', () => {
    expect(Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      CallbackURLs: [`${production.baseUrl}/sign-in/callback`],
      LogoutURLs: [`${production.baseUrl}/`],
      SupportedIdentityProviders: ['COGNITO'],
      // Neither by password nor in any other way past the pages that ask for the second factor.
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
    });
  });

  test('has pages of its own, without which Cognito shows none', () => {
    expect(service.only('AWS::Cognito::UserPoolDomain').Properties).toMatchObject({ ManagedLoginVersion: 2 });
    expect(service.only('AWS::Cognito::ManagedLoginBranding').Properties).toMatchObject({
      ClientId: { Ref: id },
      UseCognitoProvidedValues: true,
    });
  });

  test('leads back to the address that AWS gives the API, and its function knows it', () => {
    // Without a circle: Template takes none.
    const [client] = peopleIn(development);
    const [[api]] = development.all('AWS::ApiGatewayV2::Api') as [[string, unknown]];
    expect(JSON.stringify(peopleIn(development)[1].Properties.CallbackURLs)).toContain(api);
    expect(variablesOf(development)).toMatchObject({
      CLIENT_ID: { Ref: client },
      BASE_URL: { 'Fn::GetAtt': [api, 'ApiEndpoint'] },
    });
  });
});

describe('the gateway', () => {
  const routes = (at: Service) =>
    Object.fromEntries(
      at.all('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [Properties.RouteKey, Properties]),
    );

  test('lets nobody through to the routes for systems without a token of theirs that allows it', () => {
    const [id, { Properties }] = development.all('AWS::ApiGatewayV2::Authorizer')[0] as [string, Resource];
    expect(Properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: systemsIn(development).map(([client]) => ({ Ref: client })) },
    });
    expect(readable(variablesOf(development).IDENTITY_ISSUER)).toBe(
      readable((Properties.JwtConfiguration as { Issuer: unknown }).Issuer),
    );
    for (const [key, route] of Object.entries(routes(development))) {
      const scope = TOKEN_ROUTES[key];
      expect(route).toMatchObject(
        scope === undefined
          ? { AuthorizationType: 'NONE' }
          : { AuthorizationType: 'JWT', AuthorizerId: { Ref: id }, AuthorizationScopes: [scope] },
      );
    }
    expect(Object.keys(routes(development))).toEqual(expect.arrayContaining(Object.keys(TOKEN_ROUTES)));
  });

  test('asks an issuer of one’s own for the audience that is configured, and leaves it to the function where none is', () => {
    const apiAudience = ['https://referrals.example.org/api'];
    const at = new Service({ identity: { ...own, apiAudience } });
    expect(at.only('AWS::ApiGatewayV2::Authorizer').Properties.JwtConfiguration).toEqual({
      Issuer: issuer,
      Audience: apiAudience,
    });
    for (const without of [elsewhere, new Service(production)]) {
      expect(without.all('AWS::ApiGatewayV2::Authorizer')).toEqual([]);
      expect(routes(without)['POST /api/referrals']?.AuthorizationType).toBe('NONE');
    }
  });
});

describe('the clients of systems', () => {
  test('are those that are configured, and in development one more', () => {
    expect(namesIn(service)).toEqual(['gp-system', 'Hospital']);
    expect(namesIn(development)).toEqual(['sandbox']);
    expect(namesIn(new Service({ apiClients: ['gp'] }))).toEqual(['gp', 'sandbox']);
    expect(namesIn(new Service(production))).toEqual([]);
  });

  test('get tokens for an hour by a secret, and nobody signs in through them', () => {
    for (const [, { Properties }] of systemsIn(service)) {
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

describe('an issuer of the deployer’s own', () => {
  const clientSecretArn = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:client-a1b2c3';
  const readers = (at: Service) =>
    (Object.keys(FUNCTION_PLANS) as FunctionName[]).filter((name) =>
      at.permissions(target(at.fn(name)[1].Properties.Role)).some((line) => line.endsWith(clientSecretArn)),
    );

  test('knows us by a name that is configured', () => {
    expect(variablesOf(elsewhere)).toMatchObject({
      IDENTITY_ISSUER: issuer,
      CLIENT_ID: 'referrals',
      CLIENT_SECRET_ARN: '',
    });
    expect(readers(elsewhere)).toEqual([]);
  });

  test('may ask for a secret, which the function that signs people in may read and no other', () => {
    const at = new Service({ identity: { ...own, clientSecretArn } });
    expect(variablesOf(at)).toMatchObject({ CLIENT_SECRET_ARN: clientSecretArn });
    expect(readers(at)).toEqual(['sign-in']);
  });
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

/** What the function that signs people in is told. */
function variablesOf(at: Service): Record<string, unknown> {
  const { Environment } = at.fn('sign-in')[1].Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  return Environment.Variables;
}
