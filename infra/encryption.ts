/** The key of what operators see: logs, and the topics that alarms go to. What people's referrals are encrypted with is another one. */
import { Aspects, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Configuration } from './settings.ts';

/** How long a key that is to be deleted can be called back. A key deleted by mistake takes all that it encrypts with it. */
export function pendingWindow({ stage }: Configuration): Duration {
  return Duration.days(stage === 'production' ? 30 : 7);
}

export class OperationsKey extends Construct {
  readonly #key: kms.Key;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    const { stackName, stage } = configuration;
    this.#key = new kms.Key(this, 'Key', {
      description: `Encrypts the logs and alarms of ${stackName}`,
      enableKeyRotation: true,
      removalPolicy: stage === 'production' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      pendingWindow: pendingWindow(configuration),
    });
    const { account, region, partition } = Stack.of(this);
    this.#key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        resources: ['*'],
        // A log is encrypted before it can be named here.
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
          },
        },
      }),
    );
    this.#key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
  }

  /** Encrypts every log and every topic of a construct, also those that are added to it later. */
  encryptAll(scope: Construct): void {
    Aspects.of(scope).add({
      visit: (node) => {
        if (node instanceof logs.CfnLogGroup) node.kmsKeyId = this.#key.keyArn;
        if (node instanceof sns.CfnTopic) node.kmsMasterKeyId = this.#key.keyArn;
      },
    });
  }
}

/** A topic that alarms of this account go to, over TLS, and nothing else. */
export function alarmTopic(scope: Construct, id: string, displayName: string): sns.Topic {
  const topic = new sns.Topic(scope, id, { displayName, enforceSSL: true });
  // The topic's own policy takes the place of the one that lets the account's services publish.
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
}
