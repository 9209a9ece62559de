/**
 * What cdk-nag's rules for AWS solutions find in the templates and we leave as it is, each with the reason. `on` is matched against the
 * construct's path. A finding that is not here fails the tests, and so does an entry that is found no more.
 */
export interface Accepted {
  readonly finding: string;
  readonly on: RegExp;
  readonly reason: string;
}

/** Functions that may write spans: AWS X-Ray has no resource to narrow it to. */
const TRACING = /^OpenSocialPrescribing\/Functions\/\w+\/Role\/DefaultPolicy\/Resource$/;

export const ACCEPTED: readonly Accepted[] = [
  {
    finding: 'AwsSolutions-APIG4',
    on: /^OpenSocialPrescribing\/Web\/Api\/(GET|POST)-[^/]*\/Resource$/,
    reason:
      'Who may see a page is decided in the function: by a session, a link from an email, or a token of the JSON API. Some pages are for everybody. test/unit/functions/authorization.test.ts holds the whole matrix of routes and people.',
  },
  {
    finding: 'AwsSolutions-COG1',
    on: /^OpenSocialPrescribing\/SignIn\/Pool\/Resource$/,
    reason:
      'Passwords have at least 14 characters and no rules of composition, as the National Cyber Security Centre advises (three random words), and a second factor is required of everybody.',
  },
  {
    finding: 'AwsSolutions-COG8',
    on: /^OpenSocialPrescribing\/SignIn\/Pool\/Resource$/,
    reason:
      'The Plus plan judges sign-ins by risk, for people who may sign in with a password alone. Nobody may here: the authenticator app is asked for at every sign-in.',
  },
  {
    finding: 'AwsSolutions-IAM5[Resource::*]',
    on: TRACING,
    reason:
      'xray:PutTraceSegments and xray:PutTelemetryRecords have no narrower resource. That it is these and no others, permissions.test.ts sees to.',
  },
  {
    finding: 'AwsSolutions-IAM5[Resource::*]',
    on: /^OpenSocialPrescribing\/Workflow\/StateMachine\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'To log and to be traced, a state machine needs actions of CloudWatch Logs (deliveries) and AWS X-Ray that have no narrower resource.',
  },
  {
    finding:
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:OpenSocialPrescribing-referral:*]',
    on: /^OpenSocialPrescribing\/Functions\/(Outbox|RebuildExecutions)\/Role\/DefaultPolicy\/Resource$/,
    reason:
      "An execution's name is the id of its referral, which is not known beforehand. Only executions of this state machine.",
  },
  {
    finding:
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
    on: /^OpenSocialPrescribing\/Functions\/Outbox\/Role\/DefaultPolicy\/Resource$/,
    reason:
      "In development only: in the sandbox SES wants leave to use the recipients' identities too. A condition keeps it to the one sender.",
  },
  {
    finding: 'AwsSolutions-SQS3',
    on: /^OpenSocialPrescribing\/Reminders\/DeadLetters\/Resource$/,
    reason:
      'It is the queue of dead letters, of the clock and of the functions that it calls. cdk-nag looks for a queue that sends its own letters there.',
  },
  {
    finding: 'AwsSolutions-SF1',
    on: /^OpenSocialPrescribing\/Workflow\/StateMachine\/Resource$/,
    reason:
      'Errors are logged. The events of every execution stay in its history, and a second copy of twelve weeks of waiting would say nothing more.',
  },
  {
    finding: 'AwsSolutions-SMG4',
    on: /^OpenSocialPrescribing\/Storage\/Secret\/Resource$/,
    reason:
      'npm run rotate rotates it, in two steps between which every warm function learns of the new key; what was made before goes on working (docs/adr/0023). A schedule of Secrets Manager swaps a secret at once.',
  },
  {
    finding: 'AwsSolutions-CFR1',
    on: /^OpenSocialPrescribing-edge\/Distribution\/Resource$/,
    reason: 'People on a journey, and families abroad who help with a form, are not to be shut out.',
  },
  {
    finding: 'AwsSolutions-CFR3',
    on: /^OpenSocialPrescribing-edge\/Distribution\/Resource$/,
    reason:
      'Addresses of pages carry the secrets that open them, and an access log would keep those (docs/adr/0002). The firewall counts, and API Gateway logs the route without its values.',
  },
  {
    finding: 'AwsSolutions-CFR4',
    on: /^OpenSocialPrescribing-edge\/Distribution\/Resource$/,
    reason:
      "Only at an address of CloudFront's own, where nobody can say otherwise: with a name of the deployer's, TLS 1.2 is the least. npm run deploy says so in production.",
  },
];
