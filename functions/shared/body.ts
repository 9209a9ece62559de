/** The body of a request, and how big it may be. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

type Body = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>;

/**
 * Whatever is bigger than this is no referral, by form or as JSON: a form with every box full (workflows/fields.ts: LIMITS) of a script
 * like Bengali, where each letter is nine characters of what browsers send, is a little smaller.
 */
export const MAXIMUM_BODY_BYTES = 320 * 1024;

/** A body as text; undefined when it is too big, which is told without decoding it. */
export function bodyOf(event: Body): string | undefined {
  return bytesOf(event, MAXIMUM_BODY_BYTES)?.toString('utf8');
}

/** A body as it came; undefined when it is longer than `most`. */
export function bytesOf({ body = '', isBase64Encoded }: Body, most: number): Buffer | undefined {
  const encoding = isBase64Encoded ? 'base64' : 'utf8';
  return Buffer.byteLength(body, encoding) > most ? undefined : Buffer.from(body, encoding);
}

/**
 * The text of a file. Spreadsheets save CSV in the encoding of the computer, which in the United Kingdom is windows-1252; whatever is no
 * UTF-8 is taken for that.
 */
export function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
