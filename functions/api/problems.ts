/** What the API answers when something is wrong: problem documents (RFC 9457), for programs by their type and for people in words. */
import type { Fault } from '../../workflows/submission.ts';
import type { Invalid, NotEligible } from './schemas.ts';

/** Every problem: the status, and a title that is always the same. */
export const PROBLEMS = {
  'not-json': { status: 400, title: 'The body is not JSON' },
  'no-idempotency-key': { status: 400, title: 'The Idempotency-Key is missing or cannot be used' },
  'not-a-page': { status: 400, title: 'There is no such page' },
  'no-token': { status: 401, title: 'A valid access token is needed' },
  'not-allowed': { status: 403, title: 'The access token does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-application-json': { status: 415, title: 'The body has another type than application/json' },
  invalid: { status: 422, title: 'The referral has faults' },
  'not-eligible': { status: 422, title: 'The person is not eligible' },
  'key-used-before': { status: 422, title: 'The Idempotency-Key was used for another referral' },
  'too-many': { status: 429, title: 'Too many requests' },
  failed: { status: 500, title: 'Something went wrong' },
  'try-again': { status: 503, title: 'It cannot be done at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemKind = keyof typeof PROBLEMS;

/** What problems say of themselves is the same wherever the service is deployed, so it is no address. */
export const typeOf = (kind: ProblemKind) => `urn:problem-type:open-social-prescribing:${kind}`;

/** Some problems say more than their parts. */
export type More = Partial<Pick<Invalid, 'errors'> & Pick<NotEligible, 'programme' | 'criteria' | 'others'>>;

/** A request that is answered by a problem document. */
export class Problem extends Error {
  override name = 'Problem';
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly more: More;
  readonly headers: Record<string, string>;

  /** @param detail what happened, and what to do, for people. */
  constructor(
    kind: ProblemKind,
    detail: string,
    { more = {}, headers = {} }: { more?: More; headers?: Record<string, string> } = {},
  ) {
    super(kind);
    this.kind = kind;
    this.detail = detail;
    this.more = more;
    this.headers = headers;
  }

  /** The document. `instance` is the request's id, a UUID. */
  document(instance: string): Record<string, unknown> {
    const { status, title } = PROBLEMS[this.kind];
    return {
      type: typeOf(this.kind),
      title,
      status,
      detail: this.detail,
      instance: `urn:uuid:${instance}`,
      ...this.more,
    };
  }
}

/** Where a fault is: a JSON pointer (RFC 6901) as a fragment, "#/person/dateOfBirth"; "#" is the whole body. */
export function pointerTo(path: Fault['path']): string {
  return `#${path.map((part) => `/${encodeURIComponent(escaped(String(part)))}`).join('')}`;
}

function escaped(part: string): string {
  return part.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
}
