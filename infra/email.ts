/** Who email comes from, and on what terms it is sent. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Configuration } from './config.ts';

export class Email extends Construct {
  readonly configurationSetName: string;
  readonly #identity: ses.EmailIdentity;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
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
   * Lets a role send raw email from the sender's address. SES checks the configuration set as a resource of its own: a grant on
   * the identity alone loses every message that names one.
   */
  grantSend(role: iam.Role): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['ses:SendRawEmail'],
        resources: [
          this.#identity.emailIdentityArn,
          Stack.of(this).formatArn({
            service: 'ses',
            resource: 'configuration-set',
            resourceName: this.configurationSetName,
            arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
          }),
        ],
      }),
    );
  }
}
