/** Who email comes from, and on what terms it is sent. */
import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Configuration } from './settings.ts';

export class Email extends Construct {
  readonly configurationSetName: string;
  readonly #identity: ses.EmailIdentity;
  readonly #configuration: Configuration;
  readonly #bus: events.IEventBus;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    this.#configuration = configuration;
    // SES brings events to no other; EventBridge keeps them encrypted under a key of its own.
    this.#bus = events.EventBus.fromEventBusName(this, 'Bus', 'default');
    const configurationSet = new ses.ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ses.ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.configurationSetName = configurationSet.configurationSetName;
    configurationSet.addEventDestination('Undelivered', {
      destination: ses.EventDestination.eventBus(this.#bus),
      events: [
        ses.EmailSendingEvent.BOUNCE,
        ses.EmailSendingEvent.COMPLAINT,
        ses.EmailSendingEvent.REJECT,
        ses.EmailSendingEvent.DELIVERY_DELAY,
      ],
    });
    this.#identity = new ses.EmailIdentity(this, 'Sender', {
      identity: ses.Identity.email(configuration.senderAddress),
    });
  }

  /** Has a function called with whatever comes back about email of this service: docs/adr/0022. */
  tellOfUndelivered(fn: lambda.Function): void {
    new events.Rule(this, 'ComesBack', {
      description: 'Email of this service that did not arrive',
      eventBus: this.#bus,
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [this.configurationSetName] } } },
      },
      targets: [new targets.LambdaFunction(fn, { retryAttempts: 185, maxEventAge: Duration.hours(24) })],
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
