/** The table that holds every referral, and the key it is encrypted with. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { pendingWindow } from './encryption.ts';
import { INDEXES, WITHOUT_INDEXES } from './indexes.ts';
import type { Configuration } from './settings.ts';
import { PARTITIONS, type TableAccess } from './table-access.ts';

/** Actions that need the key for writing. */
const WRITING: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

export class Storage extends Construct {
  readonly table: dynamodb.Table;
  /** Without it the same person is not found again; everything else goes on. */
  readonly secret: secretsmanager.Secret;
  readonly #key: kms.Key;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    const production = configuration.stage === 'production';
    const removalPolicy = production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.#key = new kms.Key(this, 'Key', {
      description: `Encrypts the referrals of ${configuration.stackName}`,
      enableKeyRotation: true,
      removalPolicy,
      pendingWindow: pendingWindow(configuration),
    });
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.#key,
      // Counts and drafts go by themselves, some time after this; whether they still hold is checked in code.
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: configuration.retention.recoveryDays,
      },
      deletionProtection: production,
      removalPolicy,
    });
    const without = String(this.node.tryGetContext(WITHOUT_INDEXES) ?? '').split(',');
    for (const { indexName, partition, sort } of INDEXES) {
      if (without.includes(indexName)) continue;
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partition, type: dynamodb.AttributeType.STRING },
        ...(sort === undefined ? {} : { sortKey: { name: sort, type: dynamodb.AttributeType.STRING } }),
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
      });
    }
    // Rotated by npm run rotate, not by a schedule: docs/adr/0023.
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Keys of ${configuration.stackName}: keyed hashes of people, signatures of forms`,
      encryptionKey: this.#key,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
  }

  /** Lets a role read the secret. CDK's own grant lets it be described too, which nobody needs. */
  grantSecret(role: iam.Role): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [this.secret.secretArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.#key.keyArn],
        conditions: this.#only('secretsmanager'),
      }),
    );
  }

  /** The key is used by that service, on the caller's behalf, and in no other way. */
  #only(service: 'dynamodb' | 'secretsmanager') {
    return { StringEquals: { 'kms:ViaService': `${service}.${Stack.of(this).region}.amazonaws.com` } };
  }

  /** Lets a role do exactly these things to the table, and use its key for them through DynamoDB only. */
  grant(role: iam.Role, access: TableAccess): void {
    const { indexes = [], ...byAction } = access;
    const actions = Object.keys(byAction);
    if (actions.length === 0 && indexes.length === 0) return;
    for (const [partitions, together] of byPartitions(byAction)) {
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: together.map((action) => `dynamodb:${action}`),
          resources: [this.table.tableArn],
          // It holds where a request names no key, too: of these actions, only a scan names none.
          ...(partitions.includes(PARTITIONS.ANY)
            ? {}
            : { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } } }),
        }),
      );
    }
    if (indexes.length > 0) {
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: ['dynamodb:Query'],
          resources: indexes.map((index) => `${this.table.tableArn}/index/${index}`),
        }),
      );
    }
    // What CDK's own grants give, without their wildcards and only when DynamoDB asks on the caller's behalf.
    const reading = ['kms:Decrypt', 'kms:DescribeKey'];
    const writing = [
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ];
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: actions.some((action) => WRITING.has(action)) ? [...reading, ...writing] : reading,
        resources: [this.#key.keyArn],
        conditions: this.#only('dynamodb'),
      }),
    );
  }
}

/** The actions that reach the same partitions, with the patterns of those. */
function byPartitions(byAction: Omit<TableAccess, 'indexes'>): [patterns: string[], actions: string[]][] {
  const together = new Map<string, [patterns: string[], actions: string[]]>();
  for (const [action, partitions] of Object.entries(byAction)) {
    const patterns = partitions.map((partition) => PARTITIONS[partition]).sort();
    const known = together.get(patterns.join());
    if (known) known[1].push(action);
    else together.set(patterns.join(), [patterns, [action]]);
  }
  return [...together.values()];
}
