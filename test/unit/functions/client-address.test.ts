import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { clientAddress } from '../../../functions/shared/client-address.ts';

/** A request over this connection with this x-forwarded-for. */
function from(sourceIp: string, forwarded?: string): APIGatewayProxyEventV2 {
  return {
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    requestContext: { http: { sourceIp } },
  } as unknown as APIGatewayProxyEventV2;
}

const CLOUDFRONT = '130.176.1.9';

describe('without the edge', () => {
  it.each([
    ['203.0.113.7', undefined, '203.0.113.7'],
    ['203.0.113.7', '203.0.113.7', '203.0.113.7'],
    ['203.0.113.7', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1:a::7', '198.51.100.1', '2001:db8:0:1::/64'],
  ])('the connection from %s with %j counts as %s', (sourceIp, forwarded, address) => {
    expect(clientAddress(from(sourceIp, forwarded), false)).toBe(address);
  });
});

describe('behind the edge', () => {
  it.each([
    ['whom CloudFront serves', '203.0.113.7, 130.176.1.9', '203.0.113.7'],
    ['the same, if the API added nothing', '203.0.113.7', '203.0.113.7'],
    ['not whom the client names', '198.51.100.1, 203.0.113.7, 130.176.1.9', '203.0.113.7'],
    ['not CloudFront, though the client names it', '130.176.1.9, 203.0.113.7, 130.176.1.9', '203.0.113.7'],
    ['not a network the client names', '2001:db8::1, 203.0.113.7, 130.176.1.9', '203.0.113.7'],
    ['without spaces', '198.51.100.1,203.0.113.7,130.176.1.9', '203.0.113.7'],
    ['an IPv6 network', '198.51.100.1, 2001:DB8:0:1:a:b:c:d, 130.176.1.9', '2001:db8:0:1::/64'],
    ['IPv4 written as IPv6', '::ffff:203.0.113.7, 130.176.1.9', '203.0.113.7'],
  ])('%s', (_, forwarded, address) => {
    expect(clientAddress(from(CLOUDFRONT, forwarded), true)).toBe(address);
  });

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['only the connection', CLOUDFRONT],
    ['no address', 'unknown, 130.176.1.9'],
    ['a port', '203.0.113.7:4711, 130.176.1.9'],
    ['nonsense', ',,:::, <script>, 130.176.1.9'],
  ])('%s: the connection is all there is', (_, forwarded) => {
    expect(clientAddress(from(CLOUDFRONT, forwarded), true)).toBe(CLOUDFRONT);
  });

  it('knows an IPv6 connection in any spelling', () => {
    const event = from('2600:9000:0:0:0:0:0:1', '203.0.113.7, 2600:9000::1');
    expect(clientAddress(event, true)).toBe('203.0.113.7');
  });
});

it.each([
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', true],
  ['2001:db8:0:1::1', '2001:0DB8:0000:0001:0000::2', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['2001:db8::1', '2001:db8:1::1', false],
  ['::1', '::2', true],
  ['fe80::1%eth0', 'fe80::2', true],
  ['203.0.113.7', '203.0.113.8', false],
])('%s and %s are one client: %s', (left, right, same) => {
  expect(clientAddress(from(left), false) === clientAddress(from(right), false)).toBe(same);
});
