/** Which route of an HTTP API answers a request, by the API's own rules. */
import { CloudError } from './errors.ts';

export interface Route {
  /** As in the template: `GET /review/{link}`, `ANY /{proxy+}`, `$default`. */
  readonly key: string;
  readonly method: string;
  readonly segments: readonly string[];
}

export interface Match<R extends Route> {
  readonly route: R;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const METHODS = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** Reads a route's key. */
export function parseRouteKey(key: string): Route {
  if (key === '$default') return { key, method: 'ANY', segments: ['{proxy+}'] };
  const [method = '', path = ''] = key.split(' ');
  if (!METHODS.has(method) || !path.startsWith('/')) throw new CloudError(`${key} is not the key of a route`);
  return { key, method, segments: segmentsOf(path) };
}

/**
 * The route that answers, if any: an exact one before one with parameters, that before a greedy one, `$default` last; among
 * equals the one that names the method.
 */
export function match<R extends Route>(
  routes: readonly R[],
  method: string,
  path: string,
): Match<R> | undefined {
  const segments = segmentsOf(path);
  let best: { found: Match<R>; rank: readonly number[] } | undefined;
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    const pathParameters = parametersOf(route, segments);
    if (!pathParameters) continue;
    const rank = rankOf(route);
    if (!best || isBefore(rank, best.rank)) best = { found: { route, pathParameters }, rank };
  }
  return best?.found;
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function parametersOf(route: Route, segments: readonly string[]): Record<string, string> | undefined {
  if (route.key === '$default') return {};
  const parameters: Record<string, string> = {};
  for (const [i, pattern] of route.segments.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(pattern)?.[1];
    if (greedy !== undefined) {
      if (segments.length <= i || segments.slice(i).join('/') === '') return undefined;
      parameters[greedy] = segments.slice(i).map(decode).join('/');
      return parameters;
    }
    const segment = segments[i];
    const parameter = /^\{(.+)\}$/.exec(pattern)?.[1];
    if (segment === undefined || (parameter === undefined ? segment !== pattern : segment === ''))
      return undefined;
    if (parameter !== undefined) parameters[parameter] = decode(segment);
  }
  return segments.length === route.segments.length ? parameters : undefined;
}

/** A number for each segment and one for the method; lower comes first. */
function rankOf(route: Route): number[] {
  const segments = route.segments.map((segment) => {
    if (segment.endsWith('+}')) return 2;
    return segment.startsWith('{') ? 1 : 0;
  });
  return [route.key === '$default' ? 1 : 0, ...segments, route.method === 'ANY' ? 1 : 0];
}

function isBefore(left: readonly number[], right: readonly number[]): boolean {
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
