/** How DynamoDB is reached: by record.ts for referrals, and by whoever keeps items of another kind (throttle.ts, session.ts, drafts). */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

let shared: DynamoDBDocumentClient | undefined;

/** The client of this function, made once and kept warm. */
export function documents(): DynamoDBDocumentClient {
  shared ??= documentsOf(new DynamoDBClient({}));
  return shared;
}

/** A client that reads and writes plain values, leaving out what is undefined. */
export function documentsOf(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
