/** Who email comes from, and on what terms it is sent. */
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Configuration } from './config.ts';

export class Email extends Construct {
  readonly configurationSetName: string;
  readonly #identity: ses.EmailIdentity;
  readonly #configuration: Configuration;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.#configuration = configuration;
    const configurationSet = new ses.ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ses.ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.configurationSetName = configurationSet.configurationSetName;
    this.#identity = new ses.EmailIdentity(this, 'Sender', {
      identity: ses.Identity.email(configuration.senderAddress),
    });
  }

  /**
   * Lets a function send raw email from the sender's address. SES checks the configuration set as a resource of its own: a grant on
   * the identity alone loses every message that names one.
   */
  grantSend(fn: lambda.Function): void {
    const stack = Stack.of(this);
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ses:SendRawEmail'],
        resources: [
          this.#identity.emailIdentityArn,
          stack.formatArn({
            service: 'ses',
            resource: 'configuration-set',
            resourceName: this.configurationSetName,
          }),
        ],
      }),
    );
    if (this.#configuration.stage === 'development') {
      // Where a recipient is a verified identity of the account, as in SES's sandbox everyone must be, SES asks for leave to
      // use that identity too, and who the recipients will be is not known here. The sender stays the only one.
      fn.addToRolePolicy(
        new iam.PolicyStatement({
          actions: ['ses:SendRawEmail'],
          resources: [stack.formatArn({ service: 'ses', resource: 'identity', resourceName: '*' })],
          conditions: { StringEquals: { 'ses:FromAddress': this.#configuration.senderAddress } },
        }),
      );
    }
  }
}
