/** The body of a request, and how big it may be. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Referrals are small, by form or as JSON; whatever is bigger than this is none. */
export const MAXIMUM_BODY_BYTES = 64 * 1024;

/** A body as text; undefined when it is too big, which is told without decoding it. */
export function bodyOf({
  body = '',
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string | undefined {
  const encoding = isBase64Encoded ? 'base64' : 'utf8';
  if (Buffer.byteLength(body, encoding) > MAXIMUM_BODY_BYTES) return undefined;
  return isBase64Encoded ? Buffer.from(body, encoding).toString('utf8') : body;
}
