/** What the embedded cloud is to run, as read from a template (resources.ts). */

import type { Resource } from './assembly.ts';
import type { TableRequest } from './resource-properties.ts';
import type { Route } from './routing.ts';
import type { TableStatement } from './table-policy.ts';

export const REGION = 'eu-west-2';
export const ACCOUNT = '123456789012';

export interface FunctionPlan {
  /** The folder in functions/ as far as the template tells: the name without the stack's. */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly directory: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** The ARN of the queue for what nobody waited for and failed for good, where there is one. */
  readonly failuresTo: string | undefined;
  /** What its role lets it do to tables; undefined where it has no role, as in small templates of tests: it may do anything. */
  readonly mayToTables: readonly TableStatement[] | undefined;
}
export interface TablePlan {
  readonly name: string;
  /** What CreateTable is given. */
  readonly request: TableRequest;
}
export interface StateMachinePlan {
  readonly name: string;
  readonly arn: string;
  readonly definition: string;
}
export interface SchedulePlan {
  readonly arn: string;
  readonly everyMs: number;
  /** Whether it may come late. */
  readonly flexible: boolean;
  readonly functionArn: string;
  readonly input: string;
}
/** Which of the mail that a configuration set sends is told of to EventBridge: the kinds of event that SES publishes. */
export interface EventDestinationPlan {
  readonly configurationSet: string;
  readonly eventTypes: readonly string[];
}
/** Values of which a field has to have one, or a pattern for what is in the field. The other ways to compare are not known here. */
export type EventPattern = { readonly [field: string]: EventPattern | readonly string[] };
/** A rule of the default event bus: what is like the pattern goes to the functions. */
export interface RulePlan {
  readonly arn: string;
  readonly pattern: EventPattern;
  readonly functionArns: readonly string[];
}
export interface QueuePlan {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
}
export interface SecretPlan {
  readonly name: string;
  readonly arn: string;
  /** How many characters its value has. */
  readonly length: number;
}
export interface UserPoolPlan {
  readonly id: string;
  /** What its tokens name as theirs, and where it answers. */
  readonly issuer: string;
}
/** A client that gets tokens of its own accord, with nobody signed in. */
export interface ApiClientPlan {
  readonly pool: string;
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tokenSeconds: number;
}
/** A client through which people sign in. */
export interface PeopleClientPlan {
  readonly pool: string;
  readonly id: string;
  readonly scopes: readonly string[];
  /** Where people may come back to, signed in or signed out. */
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
}
export interface ApiRoute extends Route {
  readonly functionArn: string;
  /** Who is let through to the function: whoever brings such a token. Undefined: everybody. */
  readonly tokens: TokensPlan | undefined;
}
/** Tokens that an HTTP API looks at before it calls a function. */
export interface TokensPlan {
  readonly issuer: string;
  /** One of these is in the token as `aud`; where it has none, as `client_id`. */
  readonly audience: readonly string[];
  /** It has one of these; with none, any token will do. */
  readonly scopes: readonly string[];
}
export interface Plan {
  readonly functions: FunctionPlan[];
  readonly tables: TablePlan[];
  readonly stateMachines: StateMachinePlan[];
  readonly schedules: SchedulePlan[];
  readonly secrets: SecretPlan[];
  readonly queues: QueuePlan[];
  /** Alarms and composite alarms, as the template has them. Nobody is on call for a laptop; tests let them ring. */
  readonly alarms: { readonly type: string; readonly properties: Resource['Properties'] }[];
  readonly userPools: UserPoolPlan[];
  readonly apiScopes: { readonly pool: string; readonly scope: string }[];
  readonly apiClients: ApiClientPlan[];
  readonly peopleClients: PeopleClientPlan[];
  /** The groups that people may be in. */
  readonly groups: { readonly pool: string; readonly name: string }[];
  readonly apiId: string;
  readonly routes: ApiRoute[];
  readonly identities: string[];
  readonly configurationSets: string[];
  readonly eventDestinations: EventDestinationPlan[];
  readonly rules: RulePlan[];
}
