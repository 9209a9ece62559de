/** The HTTP API: which function answers which address, how many requests it takes, and what it writes down about them. */
import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Scope } from '../functions/shared/oauth.ts';
import { type PageFunction, pascalCase } from './functions.ts';
import type { Configuration } from './settings.ts';
import type { SignIn } from './sign-in.ts';

type Method = 'GET' | 'POST';

/** Every address, one by one. What is not here is answered 404 by the API itself and never reaches a function. */
export const ROUTES: readonly (readonly [
  path: string,
  methods: readonly Method[],
  answeredBy: PageFunction,
])[] = [
  ['/', ['GET'], 'public-forms'],
  ['/privacy', ['GET'], 'public-forms'],
  ['/refer', ['GET'], 'public-forms'],
  ['/refer/professional', ['GET', 'POST'], 'public-forms'],
  ['/refer/myself', ['GET', 'POST'], 'public-forms'],
  ['/refer/myself/{step}', ['GET', 'POST'], 'public-forms'],
  ['/refer/someone-i-know', ['GET', 'POST'], 'public-forms'],
  ['/refer/someone-i-know/{step}', ['GET', 'POST'], 'public-forms'],
  ['/refer/return/{draft}', ['GET', 'POST'], 'public-forms'],
  ['/refer/help-now/{reference}', ['GET'], 'public-forms'],
  ['/refer/sent/{reference}', ['GET'], 'public-forms'],
  ['/information/{link}', ['GET', 'POST'], 'more-information'],
  ['/offer/{link}', ['GET', 'POST'], 'provider-offer'],
  ['/offers', ['GET', 'POST'], 'provider-offers'],
  ['/offers/{link}', ['GET', 'POST'], 'provider-offers'],
  ['/offers/{link}/report/{programme}', ['GET'], 'report'],
  ['/register/{link}', ['GET', 'POST'], 'session-register'],
  ['/register/{link}/list', ['GET', 'POST'], 'session-register'],
  ['/register/{link}/group', ['GET', 'POST'], 'session-register'],
  ['/groups/{reference}', ['GET', 'POST'], 'session-register'],
  ['/register/{link}/calendar.ics', ['GET'], 'calendar'],
  ['/person/{link}/calendar.ics', ['GET'], 'calendar'],
  ['/person/{link}', ['GET', 'POST'], 'person-page'],
  ['/person/corrected', ['GET'], 'person-page'],
  ['/person/{link}/feedback', ['GET', 'POST'], 'person-voice'],
  ['/person/{link}/check-in', ['GET', 'POST'], 'person-voice'],
  ['/person/{link}/contact', ['GET', 'POST'], 'person-voice'],
  ['/status/{link}', ['GET'], 'referrer-status'],
  ['/letters/{link}', ['GET', 'POST'], 'letters'],
  ['/measures/{link}', ['GET', 'POST'], 'person-measures'],
  ['/report', ['GET'], 'report'],
  ['/report/{programme}', ['GET'], 'report'],
  ['/insights', ['GET'], 'insights'],
  ['/api', ['GET'], 'api'],
  ['/api/openapi.json', ['GET'], 'api'],
  ['/api/referrals', ['POST'], 'api'],
  ['/api/referrals/{reference}', ['GET'], 'api'],
  ['/api/services', ['GET'], 'api'],
  ['/api/services/{id}', ['GET'], 'api'],
  ['/worklist', ['GET'], 'worklist'],
  ['/worklist/search', ['GET', 'POST'], 'worklist'],
  ['/team', ['GET', 'POST'], 'team'],
  ['/referrals/{reference}', ['GET', 'POST'], 'link-worker-review'],
  ['/referrals/{reference}/letters/{reader}', ['GET'], 'letters'],
  ['/referrals/{reference}/questions', ['GET', 'POST'], 'link-worker-answers'],
  ['/referrals/{reference}/contacts', ['GET', 'POST'], 'link-worker-contacts'],
  ['/directory', ['GET'], 'directory'],
  ['/directory/new', ['GET', 'POST'], 'directory'],
  ['/directory/import', ['GET', 'POST'], 'directory'],
  ['/directory/export.json', ['GET'], 'directory'],
  ['/directory/export.csv', ['GET'], 'directory'],
  ['/directory/{programme}', ['GET', 'POST'], 'directory'],
  ['/assurance/{link}', ['GET', 'POST'], 'directory'],
  ['/referrals/{reference}/plan', ['GET', 'POST'], 'link-worker-plan'],
  ['/referrals/{reference}/measures', ['GET', 'POST'], 'link-worker-plan'],
  ['/referrals/{reference}/summary', ['GET', 'POST'], 'link-worker-plan'],
  ['/referrals/{reference}/data', ['GET', 'POST'], 'data-rights'],
  ['/referrals/{reference}/data/copy', ['POST'], 'data-rights'],
  ['/referrals/{reference}/data/correct', ['GET', 'POST'], 'data-rights'],
  ['/referrals/{reference}/data/erase', ['GET', 'POST'], 'data-rights'],
  ['/audit', ['GET'], 'audit'],
  ['/sign-in', ['GET', 'POST'], 'sign-in'],
  ['/sign-in/callback', ['GET'], 'sign-in'],
  ['/sign-out', ['POST'], 'sign-in'],
  ['/account', ['GET'], 'sign-in'],
  ['/assets/{file}', ['GET'], 'web-assets'],
];

/**
 * The routes for systems, which bring a token, and what it has to allow. The gateway turns away who brings none that counts, before a function
 * runs; the function checks the same once more. People bring a cookie, which only the function can read (docs/adr/0011).
 */
export const TOKEN_ROUTES: Readonly<Record<string, Scope>> = {
  'POST /api/referrals': 'referrals/submit',
  'GET /api/referrals/{reference}': 'referrals/read',
};

/** What is written down about a request. Not its path, which carries the link's secret, and not who sent it. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  responseBytes: '$context.responseLength',
});

/** The API alone. It exists before the functions, since the outbox writes its address into emails. */
export class Web extends Construct {
  readonly api: apigateway.HttpApi;
  /** The address that AWS gives the API, without a slash at the end. */
  readonly url: string;
  /** The address that people use, without a slash at the end. */
  readonly baseUrl: string;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.api = new apigateway.HttpApi(this, 'Api', {
      apiName: configuration.stackName,
      description: `The pages of ${configuration.serviceName}`,
      createDefaultStage: false,
    });
    // Behind the edge, whoever does not know the stage's name does not get past the firewall: docs/adr/0007.
    const stageName = configuration.edge.enabled ? unguessable() : '$default';
    this.url = configuration.edge.enabled ? `${this.api.apiEndpoint}/${stageName}` : this.api.apiEndpoint;
    this.baseUrl = configuration.baseUrl || this.url;
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName,
      autoDeploy: true,
      throttle: {
        rateLimit: configuration.throttling.requestsPerSecond,
        burstLimit: configuration.throttling.burst,
      },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(
          new logs.LogGroup(this, 'AccessLog', {
            retention: configuration.retention.logDays,
            removalPolicy:
              configuration.stage === 'production' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
          }),
        ),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
  }

  /** Connects every route to its function, each with a permission for that route alone. */
  route(
    functions: Readonly<Record<PageFunction, lambda.IFunction>>,
    { issuer, apiAudience }: Pick<SignIn, 'issuer' | 'apiAudience'>,
  ): void {
    const tokens =
      apiAudience.length === 0
        ? undefined
        : new HttpJwtAuthorizer('Tokens', issuer, { jwtAudience: [...apiAudience] });
    const integrations = new Map<PageFunction, HttpLambdaIntegration>();
    for (const [path, methods, name] of ROUTES) {
      const integration =
        integrations.get(name) ?? new HttpLambdaIntegration(pascalCase(name), functions[name]);
      integrations.set(name, integration);
      for (const method of methods) {
        const scope = TOKEN_ROUTES[`${method} ${path}`];
        this.api.addRoutes({
          path,
          methods: [apigateway.HttpMethod[method]],
          integration,
          ...(scope && tokens ? { authorizer: tokens, authorizationScopes: [scope] } : {}),
        });
      }
    }
  }
}

/** The last part of the stack's own id, which CloudFormation makes up for every stack and keeps for its life. */
function unguessable(): string {
  return Fn.select(2, Fn.split('/', Aws.STACK_ID));
}
