/** Which properties of resources the embedded cloud reads. Others are refused where they would change what happens. */
import * as z from 'zod';
import type { EventPattern } from './plan.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const indexes = z.array(
  z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.record(z.string(), z.unknown()) }),
);
export const tableRequest = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: indexes.optional(),
  LocalSecondaryIndexes: indexes.optional(),
});
export type TableRequest = z.infer<typeof tableRequest>;

export const functionProperties = z.object({
  FunctionName: z.string().optional(),
  Handler: z.string(),
  Code: z.union([z.object({ S3Key: z.string() }), z.object({ ZipFile: z.string() })]),
  Environment: z
    .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
  // CloudFormation's own defaults.
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Role: z.string().optional(),
});
export const eventInvokeProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.literal(2).default(2),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({}),
});
export const stateMachineProperties = z.object({
  StateMachineName: z.string().optional(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
});
export const scheduleProperties = z.object({
  Name: z.string().optional(),
  GroupName: z.string().default('default'),
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  FlexibleTimeWindow: z.object({ Mode: z.enum(['OFF', 'FLEXIBLE']) }).default({ Mode: 'OFF' }),
  Target: z.object({ Arn: z.string(), Input: z.string().default('{}') }),
});
export const eventPattern: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(z.string(), z.union([z.array(z.string()), eventPattern])),
);
/** SES's event bus is the default one; other destinations are other services, which are not here. */
export const destinationProperties = z.object({
  ConfigurationSetName: z.string(),
  EventDestination: z.object({
    Enabled: z.boolean().default(true),
    MatchingEventTypes: z.array(z.string()),
    EventBridgeDestination: z.object({ EventBusArn: z.string().endsWith(':event-bus/default') }),
  }),
});
export const ruleProperties = z.object({
  EventBusName: z.literal('default').default('default'),
  EventPattern: eventPattern,
  State: z.string().default('ENABLED'),
  Targets: z.array(
    z.object({
      Arn: z.string(),
      // What else a target may have changes what it is given.
      Input: z.never().optional(),
      InputPath: z.never().optional(),
      InputTransformer: z.never().optional(),
    }),
  ),
});
export const secretProperties = z.object({
  GenerateSecretString: z.strictObject({
    PasswordLength: z.coerce.number().int().positive().default(32),
    ExcludePunctuation: z.literal(true),
  }),
});
export const resourceServerProperties = z.object({
  UserPoolId: z.string(),
  Identifier: z.string(),
  Scopes: z.array(z.object({ ScopeName: z.string() })).default([]),
});
export const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
export const clientKind = z.object({ AllowedOAuthFlows: z.tuple([z.enum(['client_credentials', 'code'])]) });
export const apiClientProperties = z.object({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  GenerateSecret: z.literal(true),
  AllowedOAuthFlows: z.tuple([z.literal('client_credentials')]),
  AllowedOAuthScopes: z.array(z.string()),
  // Cognito's own defaults.
  AccessTokenValidity: z.coerce.number().int().positive().default(1),
  TokenValidityUnits: z
    .object({ AccessToken: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours') })
    .default({ AccessToken: 'hours' }),
});
export const peopleClientProperties = z.object({
  UserPoolId: z.string(),
  GenerateSecret: z.literal(false).default(false),
  AllowedOAuthScopes: z.array(z.enum(['openid', 'email', 'profile'])),
  CallbackURLs: z.array(z.string()).min(1),
  LogoutURLs: z.array(z.string()).default([]),
});
export const groupProperties = z.object({ UserPoolId: z.string(), GroupName: z.string() });
export const integrationProperties = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
/** Other kinds of authorizers than of JSON Web Tokens are not here. */
export const authorizerProperties = z.object({
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()).nonempty() }),
});
export const routeProperties = z.object({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});
