/** Whatever a program, or a cat, may send to the public forms. */
import fc, { type Arbitrary } from 'fast-check';
import type { TrappedForm } from '../../functions/public-forms/trap.ts';
import { FORM_FIELDS, stepsOf } from '../../workflows/form.ts';
import type { Request } from '../unit/functions/environment.ts';
import { NOW, validFields } from '../unit/workflows/builders.ts';

const ODD = [
  ...['', ' ', '0', '-1', 'NaN', 'null', 'undefined', 'true', '[object Object]', '__proto__', 'constructor'],
  ...[
    "'",
    '"',
    '<script>alert(1)</script>',
    '{{7*7}}',
    '{% raw %}',
    '\u0024{7*7}',
    '%00',
    '\u0000',
    '\ud800',
    '\uffff',
  ],
  ...[
    '../../etc/passwd',
    'a\r\nset-cookie: x=y',
    '١٢٣',
    '𝟙',
    '\u202e',
    'x'.repeat(9000),
    '𠮷'.repeat(2500),
    '9'.repeat(400),
  ],
  ...[
    '31',
    '2',
    '2026',
    '0000',
    '99',
    'yes',
    'no',
    'hive-music',
    'best-interests',
    'known',
    'other',
    'professional',
  ],
];
const text = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
);
const SPECIAL = [
  'submissionKey',
  'served',
  'website',
  'action',
  'saveTo',
  'change',
  '__proto__',
  'constructor',
  'toString',
  '',
];
const fieldName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...FORM_FIELDS) },
  { weight: 2, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 1, arbitrary: text },
);
/** A form that is right but for some fields, or one of garbage alone. */
const fields = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(fieldName, text), { maxLength: 12 }))
  .map(
    ([right, pairs]) =>
      ({ ...(right ? validFields : {}), ...Object.fromEntries(pairs) }) as Record<string, string>,
  );

const STEPS = [
  ...stepsOf('someone-i-know').map(({ id }) => id),
  'check',
  'save',
  'saved',
  'help-now',
  'sent',
];
const step = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...STEPS) }, { weight: 1, arbitrary: text });
const query = fc.dictionary(fc.oneof(fc.constantFrom('programme', 'missing', 'change'), text), text, {
  maxKeys: 3,
});

/** The forms that say when they were shown. */
export const FORMS: readonly TrappedForm[] = ['begin', 'check', 'professional'];

/** What is sent, but for the cookie: `draft` says whether that of a draft goes with it, or garbage; `served`, as which form. */
export type Garbage = Omit<Request, 'cookies' | 'now'> & {
  draft: boolean | string;
  served: TrappedForm | undefined;
};

/** A request to any address of the public forms. */
export const anyGarbage: Arbitrary<Garbage> = fc.record({
  route: fc.constantFrom(
    ...[
      'POST /refer/professional',
      'GET /refer/professional',
      'POST /refer/myself',
      'POST /refer/someone-i-know',
    ],
    ...['GET /refer/myself', 'GET /refer', 'GET /', 'GET /privacy'],
    ...['POST /refer/myself/{step}', 'GET /refer/myself/{step}', 'POST /refer/someone-i-know/{step}'],
    ...['POST /refer/myself/{step}', 'GET /refer/someone-i-know/{step}', 'POST /refer/return/{draft}'],
    ...['GET /refer/return/{draft}', 'GET /refer/sent/{reference}', 'GET /refer/help-now/{reference}'],
  ),
  path: fc.record({ step, draft: text, reference: text }),
  query,
  fields,
  draft: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.oneof(fc.constant(false), text) },
  ),
  served: fc.option(fc.constantFrom(...FORMS), { nil: undefined }),
});

/** Enough later than when the forms were shown that a person may have filled them in. */
export const LATER = new Date(Date.parse(NOW) + 60_000).toISOString();
