import { describe, expect, it } from 'vitest';
import { match, parseRouteKey } from '../../local/routing.ts';
import { everyMs } from '../../local/schedule-expression.ts';

const routes = [
  '$default',
  'ANY /{proxy+}',
  'GET /review/{link}',
  'ANY /review/{link}',
  'GET /review/help',
  'GET /',
  'POST /letters/{link}/{page}',
].map(parseRouteKey);

describe('routing', () => {
  it.each([
    ['GET', '/', 'GET /', {}],
    ['GET', '/review/help', 'GET /review/help', {}],
    ['GET', '/review/a-link', 'GET /review/{link}', { link: 'a-link' }],
    ['POST', '/review/a-link', 'ANY /review/{link}', { link: 'a-link' }],
    ['GET', '/review/a%20b', 'GET /review/{link}', { link: 'a b' }],
    ['GET', '/review/%zz', 'GET /review/{link}', { link: '%zz' }],
    ['POST', '/letters/a/b', 'POST /letters/{link}/{page}', { link: 'a', page: 'b' }],
    ['GET', '/letters/a/b', 'ANY /{proxy+}', { proxy: 'letters/a/b' }],
    ['GET', '/review/', 'ANY /{proxy+}', { proxy: 'review/' }],
    ['POST', '/', '$default', {}],
  ])('%s %s goes to %s', (method, path, key, pathParameters) => {
    const found = match(routes, method, path);
    expect(found?.route.key).toBe(key);
    expect(found?.pathParameters).toEqual(pathParameters);
  });

  it('finds nothing where the API has nothing', () => {
    const few = ['GET /refer', 'POST /refer', 'GET /offer/{link}'].map(parseRouteKey);
    expect(match(few, 'DELETE', '/refer')).toBeUndefined();
    expect(match(few, 'HEAD', '/refer')).toBeUndefined();
    expect(match(few, 'GET', '/refer/')).toBeUndefined();
    expect(match(few, 'GET', '/offer/')).toBeUndefined();
    expect(match(few, 'GET', '/offer/a/b')).toBeUndefined();
  });

  it('refuses a key that is no route', () => {
    expect(() => parseRouteKey('$connect')).toThrow('$connect is not the key of a route');
  });
});

describe('schedule expressions', () => {
  it.each([
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('reads %s', (expression, ms) => {
    expect(everyMs(expression, 'Sweep')).toBe(ms);
  });

  it.each(['cron(0 9 * * ? *)', 'rate(0 minutes)', 'rate(5 parsecs)', 'at(2026-01-01T00:00:00)'])(
    'refuses %s',
    (expression) => {
      expect(() => everyMs(expression, 'Sweep')).toThrow(`Sweep has the schedule ${expression}`);
    },
  );
});
