/**
 * Whatever valid referral there may be, as it is typed and as it is kept. What becomes of typed text is said here anew, not asked of the code
 * under test: spaces around go, letters are composed (NFC), invisible characters go, postcodes are spaced, NHS numbers are digits.
 */
import fc, { type Arbitrary } from 'fast-check';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { COMMUNICATION_NEEDS, CONTACT_METHODS } from '../../workflows/request.ts';
import { NOW } from '../unit/workflows/builders.ts';

export type Json = Record<string, unknown>;

/** A value as it is typed, and as it is kept. */
export type Both<T = unknown> = { typed: T; kept: T };

/** What is kept as it is typed. */
function plain<T>(arbitrary: Arbitrary<T>): Arbitrary<Both<T>> {
  return arbitrary.map((value) => ({ typed: value, kept: value }));
}

/** An object of such values; those that are not `required` may be absent. */
function parts(shape: Record<string, Arbitrary<Both>>, required: string[]): Arbitrary<Both<Json>> {
  return fc.record(shape, { requiredKeys: required }).map((values) => {
    const of = (which: keyof Both) =>
      Object.fromEntries(
        Object.entries(values as Record<string, Both>).map(([key, value]) => [key, value[which]]),
      );
    return { typed: of('typed'), kept: of('kept') };
  });
}

/** Changes both in the same way. */
function changed({ typed, kept }: Both<Json>, change: (value: Json) => Json): Both<Json> {
  return { typed: change(typed), kept: change(kept) };
}

/** What editors and other people's forms leave around and between letters. Joiners are spelling, so they are not among these. */
const AROUND = [
  '',
  ' ',
  '  ',
  '\t',
  '\n',
  '\u00a0',
  '\u3000',
  '\u200b',
  '\ufeff',
  '\u202b',
  '\u0000',
  '\r\n',
];
const BETWEEN = ['\u200b', '\u00ad', '\ufeff', '\u2060', '\u0007', '\u202a'];

type Noise = { before: string; after: string; decomposed: boolean; between?: string | undefined; at: number };
const noise: Arbitrary<Noise> = fc.record({
  before: fc.constantFrom(...AROUND),
  after: fc.constantFrom(...AROUND),
  decomposed: fc.boolean(),
  between: fc.option(fc.constantFrom(...BETWEEN), { nil: undefined, freq: 3 }),
  at: fc.nat({ max: 200 }),
});

/** Text as somebody may type or paste it, of what is to be kept. */
function typed(kept: string, { before, after, decomposed, between, at }: Noise): string {
  const points = [...(decomposed ? kept.normalize('NFD') : kept)];
  if (between !== undefined) points.splice(at % (points.length + 1), 0, between);
  return before + points.join('') + after;
}

function noisy(kept: Arbitrary<string>): Arbitrary<Both<string>> {
  return fc.tuple(kept, noise).map(([text, noise]) => ({ typed: typed(text, noise), kept: text }));
}

/** What can be kept: composed, nothing invisible but joiners and line ends, no spaces around, not empty, not too long. */
function keepable(text: string, most: number): string | undefined {
  const kept = text
    .normalize('NFC')
    .replace(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    // What stood apart before may belong together now.
    .normalize('NFC')
    .trim();
  const says = /[^\s\u200c\u200d]/.test(kept);
  return says && kept.length <= most ? kept : undefined;
}

/** Names and words in the scripts of people who live here, and what writing them needs. */
const WORDS = [
  ...["O'Brien", 'D’Arcy-O’Neill', 'Nguyễn', 'Zoë', 'Łukasz', 'İpek', 'Ng', 'X Æ', 'Siân', 'ß', 'Ångström'],
  ...['李', '王小明', '𠮷野', 'さくら', '김민준', 'สมชาย', 'தமிழ்', 'ਗੁਰਪ੍ਰੀਤ', 'मोहन', 'বাংলা'],
  ...['علی‌رضا', 'محمد', 'שָׁלוֹם', 'فاطمة الزهراء', 'Ольга', 'Γιώργος', 'አበበ', '𐐀𐐩', 'ქეთევან', 'Հայկ'],
  ...[
    '👩‍👧',
    '🇬🇧',
    '𝒜',
    'é',
    'e\u0301\u0323',
    'a\u0300\u0301\u0302',
    '<b>',
    '&amp;',
    '{{x}}',
    "'; --",
    '\u0024{x}',
    'null',
    '%00',
  ],
];

function words(most: number): Arbitrary<string> {
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
  );
  return fc
    .oneof(
      { weight: 12, arbitrary: fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => all.join(' ')) },
      // Just what fits.
      { weight: 1, arbitrary: fc.constantFrom('x'.repeat(most), '李'.repeat(most), '𠮷'.repeat(most / 2)) },
    )
    .map((text) => keepable(text, most))
    .filter((text) => text !== undefined);
}

const name = noisy(words(LIMITS.name));
const line = noisy(words(LIMITS.line));
// As much as fits would be more than a body may have, in seven fields of the longest letters.
const text = noisy(words(LIMITS.text / 4));
const story = noisy(
  fc.oneof({ weight: 9, arbitrary: words(LIMITS.text / 4) }, { weight: 1, arbitrary: words(LIMITS.text) }),
);

const digit = fc.integer({ min: 0, max: 9 }).map(String);
const digits = (count: number) =>
  fc.array(digit, { minLength: count, maxLength: count }).map((all) => all.join(''));
const letters = (alphabet: string, count: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: count, maxLength: count }).map((all) => all.join(''));

/** Ten digits, the last of which makes Modulus 11 come out (NHS Data Dictionary). */
const nhsNumber: Arbitrary<Both<string>> = fc
  .tuple(digits(9), fc.constantFrom('', ' ', '-', '  '), noise)
  .map(([nine, between, noise]) => {
    const sum = [...nine].reduce((total, each, index) => total + Number(each) * (10 - index), 0);
    const check = (11 - (sum % 11)) % 11;
    const kept = `${nine}${check}`;
    const spaced = kept.replace(/^(...)(...)/, `$1${between}$2${between}`);
    return { typed: noise.before + spaced + noise.after, kept };
  })
  .filter(({ kept }) => kept.length === 10 && !/^(\d)\1*$/.test(kept));

const OUTWARD = ['A9', 'A99', 'AA9', 'AA99', 'A9A', 'AA9A'];
const postcode: Arbitrary<Both<string>> = fc.oneof(
  { weight: 1, arbitrary: plain(fc.constant('ZZ99 3VZ')) },
  { weight: 4, arbitrary: plain(fc.constantFrom('NW1 8AB', 'WC1H 9JE', 'N1C 4AG')) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...OUTWARD),
        letters('ABCDEFGHJKLMNPRSTUW', 3),
        digits(3),
        letters('ABDEFGHJLNPQRSTUWXYZ', 2),
      )
      .chain(([form, outer, numbers, inner]) => {
        let at = 0;
        const outward = form.replace(/./g, (part) => (part === 'A' ? outer : numbers)[at++ % 3] ?? '');
        const kept = `${outward} ${numbers[2]}${inner}`;
        const written = [kept, kept.toLowerCase(), kept.replace(' ', ''), kept.replace(' ', '   ')];
        return fc.tuple(fc.constantFrom(...written), noise).map(([typed, { before, after }]) => ({
          typed: before + typed + after,
          kept,
        }));
      }),
  },
);

const gpPracticeCode: Arbitrary<Both<string>> = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(letters('ABCDEFGHJKLMNPWY', 1), digits(5)).map((all) => all.join('')) },
    { weight: 1, arbitrary: fc.constantFrom('V81997', 'V81999') },
  )
  .chain((kept) => fc.constantFrom(kept, kept.toLowerCase(), ` ${kept}\n`).map((typed) => ({ typed, kept })));

const phone: Arbitrary<Both<string>> = noisy(
  fc.oneof(
    digits(9).map((nine) => `07${nine}`),
    digits(9).map((nine) => `07${nine.slice(0, 3)} ${nine.slice(3)}`),
    digits(8).map((eight) => `020 ${eight.slice(0, 4)} ${eight.slice(4)}`),
    digits(8).map((eight) => `+44 (0)20-${eight.slice(0, 4)}-${eight.slice(4)}`),
    digits(9).map((nine) => `0044 7${nine}`),
    fc
      .tuple(fc.constantFrom('1', '33', '48', '91', '353', '880'), digits(9))
      .map(([code, nine]) => `+${code} ${nine}`),
  ),
);

const atom = letters('abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789_+', 5);
const email: Arbitrary<Both<string>> = noisy(
  fc
    .tuple(
      fc.array(atom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join('.')),
      fc.option(fc.constantFrom("o'", 'mary-'), { nil: '' }),
      fc.constantFrom('people.example', 'practice.example', 'a-b.c9.example', 'UPPER.EXAMPLE'),
    )
    .map(([local, prefix, domain]) => `${prefix}${local}@${domain}`),
);

const DAY_MS = 86_400_000;
const daysAgo = (years: number) => Date.parse(NOW) - years * 365.25 * DAY_MS;
const dateOfBirth: Arbitrary<Both<string>> = plain(
  fc
    .oneof(
      fc.date({ min: new Date(daysAgo(119)), max: new Date(Date.parse(NOW)), noInvalidDate: true }),
      fc.date({ min: new Date(daysAgo(26)), max: new Date(daysAgo(15)), noInvalidDate: true }),
      fc.constantFrom(new Date('2008-02-29'), new Date(NOW.slice(0, 10)), new Date('1999-12-31')),
    )
    .map((date) => date.toISOString().slice(0, 10)),
);

const boolean = plain(fc.boolean());
const contact = parts(
  {
    leaveMessage: boolean,
    phonePrivate: boolean,
    mayEmail: boolean,
    note: text,
    preferred: plain(fc.constantFrom(...CONTACT_METHODS)),
  },
  [],
);
const needs = plain(fc.subarray(Object.keys(COMMUNICATION_NEEDS)));
const communication = fc
  .tuple(parts({ needs, language: line, detail: text }, ['needs']), line)
  .map(([value, language]) =>
    (value.kept.needs as string[]).includes('interpreter') && !('language' in value.kept)
      ? {
          typed: { ...value.typed, language: language.typed },
          kept: { ...value.kept, language: language.kept },
        }
      : value,
  );

/** A way of making contact needs what it goes by. */
const NEEDED: Record<string, string> = { phone: 'phone', text: 'phone', email: 'email', letter: 'address' };

/** Whoever they are: all that is optional may be there or not, as far as one thing does not need another. */
const person: Arbitrary<Both<Json>> = fc
  .tuple(
    parts(
      {
        ...{
          firstName: name,
          familyName: name,
          dateOfBirth,
          postcode,
          gpPracticeCode,
          nhsNumber,
          email,
          phone,
        },
        ...{ address: text, contact, gpPracticeName: line, gpPracticeEmail: email, communication },
      },
      ['familyName', 'dateOfBirth', 'postcode', 'gpPracticeCode'],
    ),
    phone,
    fc.boolean(),
  )
  .map(([person, spare, mayEmail]) => {
    const withPhone = reachable(person.kept)
      ? person
      : { typed: { ...person.typed, phone: spare.typed }, kept: { ...person.kept, phone: spare.kept } };
    return changed(withPhone, (value) => {
      const contact = { ...(value.contact as Json | undefined) };
      if (
        NEEDED[String(contact.preferred)] !== undefined &&
        !((NEEDED[String(contact.preferred)] as string) in value)
      ) {
        delete contact.preferred;
      }
      if ('email' in value) contact.mayEmail ??= mayEmail;
      return {
        ...value,
        ...('firstName' in value ? {} : { oneName: true }),
        ...('contact' in value || 'email' in value ? { contact } : {}),
      };
    });
  });

function reachable(person: Json): boolean {
  return (
    ['phone', 'email', 'address'].some((way) => way in person) || 'note' in ((person.contact as Json) ?? {})
  );
}

const referrer: Arbitrary<Both<Json>> = fc.oneof(
  parts({ kind: plain(fc.constant('self')) }, ['kind']),
  parts(
    {
      ...{
        kind: plain(fc.constant('professional')),
        name: line,
        role: line,
        organisation: line,
        email,
        phone,
      },
      respondTo: parts({ name: line, email }, ['name', 'email']),
    },
    ['kind', 'name', 'role', 'organisation', 'email'],
  ),
  parts({ kind: plain(fc.constant('family-or-friend')), name: line, email, phone }, [
    'kind',
    'name',
    'email',
  ]),
  parts({ kind: plain(fc.constant('charity-worker')), name: line, organisation: line, email, phone }, [
    'kind',
    'name',
    'organisation',
    'email',
  ]),
);

const given = parts({ given: plain(fc.constant(true)) }, ['given']);
const bestInterests = parts(
  { given: plain(fc.constant(false)), reason: plain(fc.constant('best-interests')), detail: text },
  ['given', 'reason', 'detail'],
);
const request = (consent: Arbitrary<Both<Json>>) =>
  parts(
    {
      programmeId: plain(fc.constantFrom(...allProgrammes().map(({ id }) => id))),
      needs: story,
      whatMatters: text,
      risks: fc.oneof(
        parts({ known: plain(fc.constant(false)) }, ['known']),
        parts({ known: plain(fc.constant(true)), detail: text }, ['known', 'detail']),
      ),
      danger: boolean,
      consent,
      askLinkWorker: boolean,
    },
    ['needs', 'risks', 'danger', 'consent'],
  );

/** Any valid referral. Who refers themself can consent. */
export const anyReferral: Arbitrary<Both<Json>> = referrer.chain((by) => {
  const self = by.kept.kind === 'self';
  const consent = self
    ? given
    : fc.oneof({ weight: 3, arbitrary: given }, { weight: 1, arbitrary: bestInterests });
  return parts({ referrer: fc.constant(by), person, request: request(consent) }, [
    'referrer',
    'person',
    'request',
  ]);
});
