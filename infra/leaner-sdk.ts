/**
 * The generated sources of an AWS client, written so that a bundler can tell what is not used: of Lambda, say, one operation of 80 and
 * none of 56 errors. They are generated line by line in one form; whatever has another form stays as it is.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The errors that functions tell apart by their class (`instanceof`). Whoever imports another one learns it from the build, which
 * does not find it: add it here.
 */
const BY_CLASS = ['ConditionalCheckFailedException'];

/** Clients of whose errors we tell none from another, so that they may be called as the service calls them. */
const NAMED_BY_SERVICE = /client-ses.dist-es$/;
/** Retried because of what the client calls them. */
const RETRIED_BY_NAME = ['LimitExceededException'];

const ERROR_CLASS = /^export class (\w+) extends __BaseException \{\n(?: .*\n)*\}\n/gm;
const REGISTRATION = /^n0_registry\.registerError\(\w+\$, (\w+)\);\n/gm;
const OTHERWISE_CALLED = /^export var (\w+)\$ = \[-3, n0, \w+,\n\s*\{ \[_aQE\]: /gm;
const ERRORS_IMPORT = /^import \{(.*)\} from "\.\.\/models\/errors";$/m;

/** Schemas of operations and what they take and give, `schemas_0.js`. */
export function leanerSchemas(source: string, path: string): string {
  const left = errorsLeftOut(path);
  return withPlainKeys(source)
    .replace(REGISTRATION, (line, name) => (left.has(name) ? '' : line))
    .replace(ERRORS_IMPORT, (_, names: string) => {
      const kept = names.split(',').filter((name) => !left.has(name.trim()));
      return `import {${kept.join(',')}} from "../models/errors";`;
    });
}

/** Classes of errors, `errors.js`. */
export function leanerErrors(source: string, path: string): string {
  const left = errorsLeftOut(path);
  return source.replace(ERROR_CLASS, (text, name) => (left.has(name) ? '' : text));
}

/**
 * `{ http: […] }` for `{ [_h]: […] }`, where `_h` is a constant. A computed key may run code, so for their sake every operation
 * would stay, and every shape that one of them names.
 */
function withPlainKeys(schemas: string): string {
  const constants = new Map(
    Array.from(schemas.matchAll(/^const (_\w+) = ("[^"]*");$/gm), ([, name, text]) => [name, text]),
  );
  return schemas.replace(/\[(_\w+)\]: /g, (key, name) => {
    const text = constants.get(name);
    return text ? `${text}: ` : key;
  });
}

/**
 * The errors that need no class of their own: without one, the client throws its service's base exception with the same name,
 * message, fault, status and members (as they came, undecoded), and retries it the same. That does not hold, so they stay, for
 * errors with a hint for retries and, unless that does not matter, for those that the service calls otherwise than the client ("Throttling",
 * ThrottlingException).
 */
function errorsLeftOut(path: string): Set<string> {
  const folder = resolve(path, '..', '..');
  const classes = readFileSync(resolve(folder, 'models', 'errors.js'), 'utf8');
  const schemas = readFileSync(resolve(folder, 'schemas', 'schemas_0.js'), 'utf8');
  const left = new Set(Array.from(schemas.matchAll(REGISTRATION), ([, name = '']) => name));
  for (const [, name = ''] of schemas.matchAll(OTHERWISE_CALLED)) {
    if (!NAMED_BY_SERVICE.test(folder) || RETRIED_BY_NAME.includes(name)) left.delete(name);
  }
  for (const [text, name = ''] of classes.matchAll(ERROR_CLASS)) {
    if (text.includes('$retryable')) left.delete(name);
  }
  for (const name of BY_CLASS) left.delete(name);
  return left;
}
