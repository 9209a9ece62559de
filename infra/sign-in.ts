/**
 * Who may come in: people who work with referrals, and the systems that refer through the JSON API. Cognito knows both, or an OpenID issuer
 * of the deployer's own.
 */
import { Aws, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SCOPES, type Scope } from '../functions/shared/oauth.ts';
import { teamGroup } from '../functions/shared/roles.ts';
import { type Configuration, SANDBOX_CLIENT } from './settings.ts';

/** For so long a system's token works, also after its client was taken away. */
const TOKEN_VALIDITY = Duration.hours(1);
/** People's tokens are looked at once, when they come in: their session is ours. These are the shortest that Cognito has. */
const SHORTEST = { token: Duration.minutes(5), refresh: Duration.hours(1) };
/** For so long somebody may take over the pages of Cognito: the first time they set up a second factor. */
const MINUTES_TO_SIGN_IN = 15;

const WHAT_SCOPES_ALLOW: Record<Scope, string> = {
  'referrals/submit': 'Send referrals',
  'referrals/read': 'Ask where referrals are',
};

export interface SignInProps {
  readonly configuration: Configuration;
  /** Where people come back to, without a slash at the end. */
  readonly baseUrl: string;
}

export class SignIn extends Construct {
  /** The OpenID issuer that signs people in, and whose tokens the JSON API takes. */
  readonly issuer: string;
  /** What it calls this service. */
  readonly clientId: string;
  /** For whom tokens of the JSON API are: one of these has to be in each. With none the gateway cannot tell. */
  readonly apiAudience: readonly string[];
  readonly #clientSecretArn: string;

  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    const { identity } = props.configuration;
    this.#clientSecretArn = identity.clientSecretArn;
    [this.issuer, this.clientId, this.apiAudience] =
      identity.issuer === ''
        ? this.#cognito(props)
        : [identity.issuer, identity.clientId, identity.apiAudience];
    new CfnOutput(this, 'TokenIssuer', {
      value: this.issuer,
      description: 'The OpenID issuer that signs people in, and whose tokens the JSON API takes',
    }).overrideLogicalId('TokenIssuer');
  }

  /** Lets a function read the secret that the deployer's issuer asks for, where it does. */
  grantClientSecret(fn: lambda.Function): void {
    if (this.#clientSecretArn === '') return;
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [this.#clientSecretArn],
      }),
    );
  }

  /** A pool with its clients. Gives the pool's issuer, and the ids of the client of people and of those of systems. */
  #cognito({
    configuration,
    baseUrl,
  }: SignInProps): [issuer: string, clientId: string, systems: readonly string[]] {
    const { stackName, stage, identity, apiClients, serviceName } = configuration;
    const production = stage === 'production';
    const pool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      // What people sign in with cannot be changed later, and another pool would have another issuer.
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      // Nobody without a second factor; no text messages, which can be taken over with the number.
      mfa: cognito.Mfa.REQUIRED,
      mfaSecondFactor: { sms: false, otp: true },
      // Three random words, as the National Cyber Security Centre has it: long, and no rules that people work around.
      passwordPolicy: {
        minLength: 14,
        requireDigits: false,
        requireLowercase: false,
        requireSymbols: false,
        requireUppercase: false,
        tempPasswordValidity: Duration.days(3),
      },
      featurePlan: cognito.FeaturePlan.ESSENTIALS,
      userInvitation: {
        emailSubject: `Your account at ${serviceName}`,
        emailBody: `You have an account at ${serviceName}. Within 3 days, sign in at ${baseUrl}/sign-in with {username} and the password {####} Then choose a password of your own, and set up an authenticator app.`,
      },
      deletionProtection: production,
      removalPolicy: production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const domain = pool.addDomain('Domain', {
      // Its name is taken or free for all accounts of a Region together.
      cognitoDomain: {
        domainPrefix: identity.domainPrefix || `${stackName.toLowerCase()}-${Aws.ACCOUNT_ID}`,
      },
      managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    new CfnOutput(this, 'TokenUrl', {
      value: `${domain.baseUrl()}/oauth2/token`,
      description: 'Where referring systems fetch their tokens',
    }).overrideLogicalId('TokenUrl');
    this.#groups(pool, configuration);
    // Cognito's tokens for systems name the client, and nobody whom they are for.
    const systems = this.#systems(pool, namesOf(stage, apiClients));
    return [pool.userPoolProviderUrl, this.#people(pool, baseUrl, identity.scopes).ref, systems];
  }

  /** A group for each role and each team: whoever is in it has the role, or belongs to the team. */
  #groups(pool: cognito.UserPool, { identity, teams }: Configuration): void {
    for (const [role, groupName] of Object.entries(identity.roleNames)) {
      new cognito.CfnUserPoolGroup(this, `Role-${role}`, { userPoolId: pool.userPoolId, groupName });
    }
    for (const { id, name } of teams) {
      new cognito.CfnUserPoolGroup(this, `Team-${id}`, {
        userPoolId: pool.userPoolId,
        groupName: teamGroup(id),
        description: name,
      });
    }
  }

  /** The client that people sign in through: public, since the code is worth nothing without the browser that asked for it. */
  #people(pool: cognito.UserPool, baseUrl: string, scopes: string): cognito.CfnUserPoolClient {
    const client = new cognito.CfnUserPoolClient(this, 'People', {
      userPoolId: pool.userPoolId,
      clientName: 'people',
      generateSecret: false,
      allowedOAuthFlowsUserPoolClient: true,
      allowedOAuthFlows: ['code'],
      allowedOAuthScopes: scopes.split(' '),
      callbackUrLs: [`${baseUrl}/sign-in/callback`],
      logoutUrLs: [`${baseUrl}/`],
      supportedIdentityProviders: ['COGNITO'],
      // Nobody signs in past the pages that ask for the second factor.
      explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      preventUserExistenceErrors: 'ENABLED',
      authSessionValidity: MINUTES_TO_SIGN_IN,
      idTokenValidity: SHORTEST.token.toMinutes(),
      accessTokenValidity: SHORTEST.token.toMinutes(),
      refreshTokenValidity: SHORTEST.refresh.toMinutes(),
      tokenValidityUnits: { idToken: 'minutes', accessToken: 'minutes', refreshToken: 'minutes' },
    });
    // Without a style of its own Cognito shows its pages to nobody.
    new cognito.CfnManagedLoginBranding(this, 'Pages', {
      userPoolId: pool.userPoolId,
      clientId: client.ref,
      useCognitoProvidedValues: true,
    });
    return client;
  }

  /** A client for each system that refers. Gives their ids. */
  #systems(pool: cognito.UserPool, names: readonly string[]): string[] {
    const scopes = SCOPES.map(
      (name) =>
        new cognito.ResourceServerScope({
          scopeName: name.split('/')[1] ?? '',
          scopeDescription: WHAT_SCOPES_ALLOW[name],
        }),
    );
    const server = pool.addResourceServer('Referrals', { identifier: 'referrals', scopes });
    return names.map((name) => {
      // CDK's own construct leaves a client the ways in that Cognito gives by default, which are for people.
      const client = new cognito.CfnUserPoolClient(this, `Client-${name}`, {
        userPoolId: pool.userPoolId,
        clientName: name,
        generateSecret: true,
        allowedOAuthFlowsUserPoolClient: true,
        allowedOAuthFlows: ['client_credentials'],
        allowedOAuthScopes: scopes.map(({ scopeName }) => `${server.userPoolResourceServerId}/${scopeName}`),
        explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
        preventUserExistenceErrors: 'ENABLED',
        accessTokenValidity: TOKEN_VALIDITY.toMinutes(),
        tokenValidityUnits: { accessToken: 'minutes' },
      });
      return client.ref;
    });
  }
}

/** The clients: those that are configured, and in development one more to try the API with. */
function namesOf(stage: Configuration['stage'], configured: readonly string[]): string[] {
  return stage === 'development' ? [...configured, SANDBOX_CLIENT] : [...configured];
}
