/** Who may call the JSON API: the systems that refer, each a client with a secret of its own, and who gives out their tokens. */
import { Aws, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { SCOPES, type Scope } from '../functions/shared/oauth.ts';
import { type Configuration, SANDBOX_CLIENT } from './config.ts';

/** For so long a token works, also after its client was taken away. */
const TOKEN_VALIDITY = Duration.hours(1);

const WHAT_SCOPES_ALLOW: Record<Scope, string> = {
  'referrals/submit': 'Send referrals',
  'referrals/read': 'Ask where referrals are',
};

export class SignIn extends Construct {
  /** The OpenID issuer whose tokens the JSON API takes. */
  readonly issuer: string;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    const { identity, stage, apiClients } = configuration;
    this.issuer = identity.issuer || this.#cognito(configuration, namesOf(stage, apiClients));
    new CfnOutput(this, 'TokenIssuer', {
      value: this.issuer,
      description: 'The OpenID issuer whose tokens the JSON API takes',
    }).overrideLogicalId('TokenIssuer');
  }

  /** A pool with its clients. Gives the pool's issuer. */
  #cognito(configuration: Configuration, names: readonly string[]): string {
    const production = configuration.stage === 'production';
    const pool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      // What people will sign in with cannot be changed later, and another pool would have another issuer.
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      deletionProtection: production,
      removalPolicy: production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { stackName, identity } = configuration;
    const domain = pool.addDomain('Domain', {
      // Its name is taken or free for all accounts of a Region together.
      cognitoDomain: {
        domainPrefix: identity.domainPrefix || `${stackName.toLowerCase()}-${Aws.ACCOUNT_ID}`,
      },
    });
    const scopes = SCOPES.map(
      (name) =>
        new cognito.ResourceServerScope({
          scopeName: name.split('/')[1] ?? '',
          scopeDescription: WHAT_SCOPES_ALLOW[name],
        }),
    );
    const server = pool.addResourceServer('Referrals', { identifier: 'referrals', scopes });
    for (const name of names) {
      // CDK's own construct leaves a client the ways in that Cognito gives by default, which are for people.
      new cognito.CfnUserPoolClient(this, `Client-${name}`, {
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
    }
    new CfnOutput(this, 'TokenUrl', {
      value: `${domain.baseUrl()}/oauth2/token`,
      description: 'Where referring systems fetch their tokens',
    }).overrideLogicalId('TokenUrl');
    return pool.userPoolProviderUrl;
  }
}

/** The clients: those that are configured, and in development one more to try the API with. */
function namesOf(stage: Configuration['stage'], configured: readonly string[]): string[] {
  return stage === 'development' ? [...configured, SANDBOX_CLIENT] : [...configured];
}
