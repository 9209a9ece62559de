/** The body of a request, and how big it may be. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * Whatever is bigger than this is no referral, by form or as JSON: a form with every box full (workflows/fields.ts: LIMITS) of a script
 * like Bengali, where each letter is nine characters of what browsers send, is a little smaller.
 */
export const MAXIMUM_BODY_BYTES = 320 * 1024;

/** A body as text; undefined when it is too big, which is told without decoding it. */
export function bodyOf({
  body = '',
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string | undefined {
  const encoding = isBase64Encoded ? 'base64' : 'utf8';
  if (Buffer.byteLength(body, encoding) > MAXIMUM_BODY_BYTES) return undefined;
  return isBase64Encoded ? Buffer.from(body, encoding).toString('utf8') : body;
}
