/** Whatever can be wrong with a referral in one place, and where that is. */
import fc, { type Arbitrary } from 'fast-check';
import { LIMITS } from '../../workflows/fields.ts';
import type { Json } from './people.ts';

/** What is wrong, where, and how a valid referral becomes so. */
export type Fault = { what: string; place: Place; spoil: (input: Json) => unknown };

const PROFESSIONAL = {
  kind: 'professional',
  name: 'Dr Amara Okafor',
  role: 'GP',
  organisation: 'Example Practice',
  email: 'a.okafor@practice.example',
};
const REACHABLE = { phone: '07700 900982' };

type Place = (string | number)[];
type Change = (input: Json) => unknown;

/** A copy with another value at a place; `undefined` takes it out. What is missing on the way is made. */
function put(input: Json, place: Place, value: unknown): Json {
  const copy = structuredClone(input);
  let at: Json = copy;
  for (const part of place.slice(0, -1)) {
    at[part] ??= {};
    at = at[part] as Json;
  }
  const last = place.at(-1) as string;
  if (value === undefined) delete at[last];
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** What a place needs around it so that the only fault is the one put there. */
function around(input: Json, place: Place): Json {
  let ready = input;
  const [part, field, inner] = place;
  if (part === 'referrer' && field !== undefined && field !== 'kind')
    ready = put(ready, ['referrer'], PROFESSIONAL);
  if (part === 'referrer' && field === 'respondTo' && inner !== undefined) {
    ready = put(ready, ['referrer', 'respondTo'], { name: 'Ward', email: 'ward@hospital.example' });
  }
  // Whoever is to be written to says so, and there is a way to make contact that is not the one at fault.
  if (part === 'person' && field !== undefined) {
    const { contact = {}, ...person } = ready.person as { contact?: Json };
    const { preferred: _preferred, ...kept } = contact;
    ready = put(ready, ['person'], {
      ...person,
      ...(field === 'phone' ? { address: '12 Example Street' } : REACHABLE),
      contact: { ...kept, mayEmail: true },
    });
  }
  if (field === 'oneName') ready = put(ready, ['person', 'firstName'], 'An');
  if (part === 'person' && field === 'communication' && inner !== undefined) {
    ready = put(ready, ['person', 'communication'], { needs: [] });
  }
  if (part === 'request' && field === 'risks' && inner !== undefined) {
    ready = put(ready, ['request', 'risks'], { known: true, detail: 'Lives alone' });
  }
  if (part === 'request' && field === 'consent' && (inner === 'reason' || inner === 'detail')) {
    ready = put(ready, ['referrer'], PROFESSIONAL);
    ready = put(ready, ['request', 'consent'], {
      given: false,
      reason: 'best-interests',
      detail: 'In a coma',
    });
  }
  return ready;
}

/** A fault that is a value put at a place; undefined takes away what is there. */
function at(what: string, place: string, value: unknown): [what: string, place: Place, change: Change] {
  const path = place.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return [what, path, (input) => put(around(input, path), path, value)];
}

const LINES = [
  ...['referrer.name', 'referrer.role', 'referrer.organisation', 'referrer.respondTo.name'],
  ...['person.gpPracticeName', 'person.communication.language'],
];
const TEXTS = [
  ...['person.address', 'person.contact.note', 'person.communication.detail'],
  ...['request.needs', 'request.whatMatters', 'request.risks.detail', 'request.consent.detail'],
];
const NAMES = ['person.firstName', 'person.familyName'];
const EMAILS = ['referrer.email', 'referrer.respondTo.email', 'person.email', 'person.gpPracticeEmail'];
const PHONES = ['referrer.phone', 'person.phone'];
const CODES = [
  'person.nhsNumber',
  'person.postcode',
  'person.gpPracticeCode',
  'person.dateOfBirth',
  'request.programmeId',
];
const ENUMS = ['referrer.kind', 'person.contact.preferred', 'request.consent.reason'];
const BOOLEANS = [
  ...[
    'person.oneName',
    'person.contact.leaveMessage',
    'person.contact.phonePrivate',
    'person.contact.mayEmail',
  ],
  ...['request.danger', 'request.askLinkWorker', 'request.risks.known', 'request.consent.given'],
];
const OBJECTS = [
  ...['referrer', 'person', 'request', 'referrer.respondTo', 'person.contact', 'person.communication'],
  ...['request.risks', 'request.consent', 'person.communication.needs'],
];
const MANDATORY = [
  ...[
    'referrer',
    'referrer.kind',
    'referrer.name',
    'referrer.role',
    'referrer.organisation',
    'referrer.email',
  ],
  ...[
    'referrer.respondTo.name',
    'referrer.respondTo.email',
    'person',
    'person.familyName',
    'person.dateOfBirth',
  ],
  ...['person.postcode', 'person.gpPracticeCode', 'person.communication.needs', 'request', 'request.needs'],
  ...['request.risks', 'request.risks.known', 'request.risks.detail', 'request.danger', 'request.consent'],
  ...['request.consent.given', 'request.consent.reason', 'request.consent.detail'],
];

const NOT_TEXT = [null, 7, true, [], {}, ['x'], { x: 1 }];
const EMPTY = ['', ' ', '\n\t ', '\u200b', '\ufeff\u00ad ', '\u0000', '\u200d'];
const WRONG: Record<string, readonly string[]> = {
  email: [
    'x',
    'a@b',
    '@people.example',
    'a b@people.example',
    'a@b..example',
    'jo..k@people.example',
    'a@people.example, b@people.example',
  ],
  phone: ['call me', '123', '07700', '+', '0'.repeat(40), '07700 900982 ext', '+1', '٠٧٧٠٠٩٠٠٩٨٢'],
  'person.nhsNumber': [
    '999 123 4567',
    '9434765918',
    '1111111111',
    '943476591',
    '94347659190',
    '943.476.5919',
    'unknown',
    '９４３４７６５９１９',
  ],
  'person.postcode': ['NW1', 'NW1 8A', 'NW1 8ABC', '12345', 'London', 'NW1/8AB', '1NW 8AB', 'SW1A'],
  'person.gpPracticeCode': ['F8301', 'F830100', '883010', 'FF3010', 'F83 010', 'Example Practice'],
  'person.dateOfBirth': [
    '2007-02-30',
    '31/3/2007',
    '2007-3-1',
    '2999-01-01',
    '2026-11-24',
    '1850-01-01',
    '0000-00-00',
    '2007-03-31T00:00:00Z',
    'x',
  ],
  'request.programmeId': ['no-such-programme', 'Hive-Music', 'hive-music ', 'constructor', '__proto__'],
};

const FAULTS: [what: string, place: Place, change: Change][] = [
  ...MANDATORY.map((place) => at('missing', place, undefined)),
  ...NAMES.map((place) => at('too long', place, 'x'.repeat(LIMITS.name + 1))),
  ...LINES.map((place) => at('too long', place, '李'.repeat(LIMITS.line + 1))),
  ...TEXTS.map((place) => at('too long', place, 'é'.repeat(LIMITS.text + 1))),
  ...EMAILS.map((place) => at('too long', place, `${'a'.repeat(LIMITS.line)}@people.example`)),
  ...[...NAMES, ...LINES, ...TEXTS, ...EMAILS, ...PHONES, ...CODES].flatMap((place) => [
    ...NOT_TEXT.map((value) => at('no text', place, value)),
    ...EMPTY.map((value) => at('empty', place, value)),
  ]),
  ...BOOLEANS.flatMap((place) =>
    ['yes', 'true', 0, 1, null, []].map((value) => at('neither true nor false', place, value)),
  ),
  ...OBJECTS.flatMap((place) => [null, 7, 'x', false].map((value) => at('no object', place, value))),
  ...[...ENUMS, 'person.communication.needs.0'].flatMap((place) =>
    ['', 'pigeon', 'constructor', '__proto__', 'toString', null, 7, [], {}].map((value) =>
      at('not in the list', place, value),
    ),
  ),
  ...EMAILS.flatMap((place) => (WRONG.email ?? []).map((value) => at('no address', place, value))),
  ...PHONES.flatMap((place) => (WRONG.phone ?? []).map((value) => at('no number', place, value))),
  ...CODES.flatMap((place) => (WRONG[place] ?? []).map((value) => at('not right', place, value))),
  [
    'no name to call them by',
    ['person', 'firstName'],
    (input) => put(put(input, ['person', 'firstName'], undefined), ['person', 'oneName'], undefined),
  ],
  [
    'no way to make contact',
    ['person', 'contact', 'note'],
    (input) =>
      ['phone', 'email', 'address', 'contact'].reduce(
        (rest, way) => put(rest, ['person', way], undefined),
        input,
      ),
  ],
  [
    'nobody said whether we may write',
    ['person', 'contact', 'mayEmail'],
    (input) =>
      put(put(input, ['person', 'email'], 'a@people.example'), ['person', 'contact', 'mayEmail'], undefined),
  ],
  [
    'a letter to no address',
    ['person', 'contact', 'preferred'],
    (input) =>
      put(
        put(around(input, ['person', 'contact']), ['person', 'address'], undefined),
        ['person', 'contact', 'preferred'],
        'letter',
      ),
  ],
  [
    'an interpreter of no language',
    ['person', 'communication', 'language'],
    (input) => put(input, ['person', 'communication'], { needs: ['braille', 'interpreter'] }),
  ],
  [
    'somebody who refers themself and does not agree',
    ['request', 'consent', 'given'],
    (input) =>
      put(put(input, ['referrer'], { kind: 'self' }), ['request', 'consent'], {
        given: false,
        reason: 'best-interests',
        detail: 'x',
      }),
  ],
  ...[null, 7, 'x', true, []].map((value): (typeof FAULTS)[0] => ['no referral', [], () => value]),
];

/** Where a key that nobody knows may be. */
const OPEN: Place[] = [
  ...[
    [],
    ['referrer'],
    ['referrer', 'respondTo'],
    ['person'],
    ['person', 'contact'],
    ['person', 'communication'],
  ],
  ...[['request'], ['request', 'risks'], ['request', 'consent']],
];
const KNOWN = new Set([
  ...MANDATORY,
  ...LINES,
  ...TEXTS,
  ...NAMES,
  ...EMAILS,
  ...PHONES,
  ...CODES,
  ...BOOLEANS,
  ...ENUMS,
  ...OBJECTS,
]);
const key = fc
  .oneof(
    fc.constantFrom(
      'shoeSize',
      'a/b',
      '~',
      '~1',
      '',
      ' ',
      '#',
      '%25',
      '/',
      'é',
      '👟',
      'constructor',
      'toString',
      'hasOwnProperty',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ maxLength: 12 }),
  )
  .filter((key) => key !== '__proto__');

/** Anything that makes a valid referral wrong in one place. */
export const anyFault: Arbitrary<Fault> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(...FAULTS).map(([what, place, spoil]) => ({ what, place, spoil })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...OPEN), key).map(([parent, name]) => {
      const place = [...parent, KNOWN.has([...parent, name].join('.')) ? 'shoeSize' : name];
      return {
        what: 'nobody reads it',
        place,
        spoil: (input: Json) => put(around(input, place), place, 'x'),
      };
    }),
  },
);

/** How many different faults there are, besides keys that nobody knows. */
export const FAULT_COUNT = FAULTS.length;
