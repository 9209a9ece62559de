/**
 * Fields of stored items that this release does not know. A release that comes after this one adds fields; where this one is deployed again, it has to
 * write them back as it found them: a legal hold that an older release dropped would be an erasure. No rule and no page sees them.
 */

/** Where an object carries them. What is spread into another object carries them on; JSON does not have them. */
const UNKNOWN = Symbol('fields that this release does not know');

type Fields = Record<string, unknown>;

/** Whether this process has met any: mostly there are none, and nothing is to be restored. */
let anyMet = false;

/** What a schema made of a stored item, which carries in each of its objects what the schema left out. */
export function carryUnknown<T>(stored: unknown, known: T): T {
  if (!hasUnknown(stored, known)) return known;
  anyMet = true;
  return both(stored, known, (from, to) => {
    const unknown = Object.entries(from).filter(([name]) => !(name in to));
    return unknown.length === 0 ? {} : { [UNKNOWN]: Object.fromEntries(unknown) };
  });
}

/** What a schema made of an item that is to be stored, with the fields that the item carries. */
export function restoreUnknown<T>(item: unknown, known: T): T {
  return anyMet ? both(item, known, (from) => (from as { [UNKNOWN]?: Fields })[UNKNOWN] ?? {}) : known;
}

function hasUnknown(from: unknown, to: unknown): boolean {
  if (Array.isArray(from) && Array.isArray(to)) return from.some((each, i) => hasUnknown(each, to[i]));
  if (!isFields(from) || !isFields(to)) return false;
  for (const name in from) if (!(name in to) || hasUnknown(from[name], to[name])) return true;
  return false;
}

/** Goes through an object and what a schema made of it side by side. Arrays keep their order in a schema, and objects their names. */
function both<T>(from: unknown, to: T, more: (from: Fields, to: Fields) => object): T {
  if (Array.isArray(from) && Array.isArray(to)) return to.map((each, i) => both(from[i], each, more)) as T;
  if (!isFields(from) || !isFields(to)) return to;
  const known = Object.entries(to).map(([name, value]) => [name, both(from[name], value, more)]);
  return { ...more(from, to), ...Object.fromEntries(known) } as T;
}

/** Sets and binary values are no objects with fields: they stay as they are. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
