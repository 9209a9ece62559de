/** The table that holds every referral, and the key it is encrypted with. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Configuration } from './config.ts';

/** The sparse index of what is due; an item is in it only while something is. */
const DUE_INDEX = 'due';

/** What a function may do to the table. `QueryDue` reads the due index and nothing else. */
export type TableAction = 'GetItem' | 'PutItem' | 'UpdateItem' | 'QueryDue' | 'Scan';

const WRITING: ReadonlySet<TableAction> = new Set(['PutItem', 'UpdateItem']);

export class Storage extends Construct {
  readonly table: dynamodb.Table;
  readonly #key: kms.Key;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    const production = configuration.stage === 'production';
    const removalPolicy = production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.#key = new kms.Key(this, 'Key', {
      description: `Encrypts the referrals of ${configuration.stackName}`,
      enableKeyRotation: true,
      removalPolicy,
      // A key deleted by mistake takes every referral with it, so leave the longest time to notice.
      pendingWindow: Duration.days(production ? 30 : 7),
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
    this.table.addGlobalSecondaryIndex({
      indexName: DUE_INDEX,
      partitionKey: { name: 'dueShard', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'dueAt', type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
  }

  /** Lets a role do exactly these things to the table, and use its key for them through DynamoDB only. */
  grant(role: iam.Role, actions: readonly TableAction[]): void {
    if (actions.length === 0) return;
    const onTable = actions.filter((action) => action !== 'QueryDue').map((action) => `dynamodb:${action}`);
    if (onTable.length > 0) {
      role.addToPolicy(new iam.PolicyStatement({ actions: onTable, resources: [this.table.tableArn] }));
    }
    if (actions.includes('QueryDue')) {
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: ['dynamodb:Query'],
          resources: [`${this.table.tableArn}/index/${DUE_INDEX}`],
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
        conditions: {
          StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` },
        },
      }),
    );
  }
}
