/** Whose request it is: the address that throttling counts by. */
import { isIP } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * The client's address: an IPv4 address as it is, an IPv6 address as its /64 network ("2001:db8:0:1::/64"), which is what one household
 * or device is given and may change within at will.
 *
 * Without the edge the connection's own address is the client's. Behind it (`edge`) the connection is CloudFront's, which writes whom it
 * serves at the end of x-forwarded-for; the API then adds CloudFront itself. What comes before is whatever the client liked to send.
 * When the header says nothing usable, the connection's address is all there is.
 */
export function clientAddress(event: APIGatewayProxyEventV2, edge: boolean): string {
  const { sourceIp } = event.requestContext.http;
  const connection = grouped(sourceIp) ?? sourceIp;
  if (!edge) return connection;
  const forwarded = (event.headers['x-forwarded-for'] ?? '').split(',').map((entry) => entry.trim());
  if (sameAddress(forwarded.at(-1), sourceIp)) forwarded.pop();
  return grouped(forwarded.at(-1)) ?? connection;
}

/** True when both are the same address, however it is written. */
function sameAddress(left: string | undefined, right: string): boolean {
  return left === right || (isIP(left ?? '') === 6 && groupsOf(left ?? '').join() === groupsOf(right).join());
}

/** The address that stands for all of one client's; undefined when it is no address. */
function grouped(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : undefined;
  const groups = groupsOf(address);
  // An IPv4 address written as IPv6 is one client, not a network of them.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return groups.slice(6).flatMap(bytesOf).join('.');
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, in lower case and without leading zeros; none of anything else. */
function groupsOf(address: string): string[] {
  const [unscoped = ''] = address.split('%');
  if (isIP(unscoped) !== 6) return [];
  // URLs write every address in one way.
  const [head = '', tail] = new URL(`http://[${unscoped}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}
