/**
 * The schemas of the JSON API's description, made at build time from those by which the API checks and answers. What makes them is
 * larger than they are, and they are the same at every start.
 */
import { brotliCompressSync } from 'node:zlib';
import * as z from 'zod/mini';
import { ANSWERS } from '../functions/api/schemas.ts';
import { allProgrammes } from '../functions/shared/directory/directory.ts';
import { submissionSchema } from '../workflows/submission.ts';

/** What the name of a field of a referral does not say, by its place. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  referrer: 'Who refers. They hear that it arrived, and how it ended.',
  'referrer.role': 'Role and service',
  'referrer.respondTo': 'Who is to hear how it ended, where it is not the referrer',
  'person.firstName': 'Left out only with oneName: true',
  'person.oneName': 'The person has one name, which is in familyName',
  'person.nhsNumber': 'Ten digits with the right check digit, with or without spaces and dashes',
  'person.phone': 'Numbers from abroad begin with +',
  'person.contact':
    'How to make contact safely: what nobody said is not allowed. Without phone, email and address, the note says how.',
  'person.contact.mayEmail':
    'Needed with an email address: whether we may write to it, so that nobody else reads it. Taken as false where it is the address of the family member or friend who refers.',
  'person.contact.phonePrivate': 'Nobody else answers it or reads its messages',
  'person.postcode': 'In full; ZZ99 3VZ for somebody with no fixed address',
  'person.address': 'House and street, for letters',
  'person.gpPracticeCode': 'ODS code; V81997 for no practice, V81999 where it is not known',
  'person.communication': 'What the person needs so that they can understand and be understood (DAPB1605)',
  'person.communication.language':
    'The one that the person prefers; needed where there is to be an interpreter',
  'request.programmeId': 'A programmeId of /api/services; left out, a link worker advises',
  'request.needs': 'What would help, and why',
  'request.whatMatters': 'In the person’s own words',
  'request.risks': 'At least one entry: “no known risks” is one',
  'request.danger': 'Somebody is in danger now. The answer then says whom to call: do not wait for us.',
  'request.consent': 'Of the person; or why they cannot decide, and why it is in their best interests',
  'request.askLinkWorker': 'Not eligible, or perhaps not, and a link worker is to look all the same',
};

/** What is checked by more than a shape: what can be said of the shape, and an example that passes. */
const FIELD_SHAPES: Readonly<Record<string, { pattern?: string; examples: string[] }>> = {
  // Nobody lives for more than 120 years.
  'person.dateOfBirth': { pattern: '^(19|20)', examples: ['2007-03-31'] },
  'person.nhsNumber': { examples: ['943 476 5919'] },
  'person.phone': { examples: ['07700 900982'] },
  'person.postcode': {
    pattern: '^[A-Za-z]{1,2}\\d[A-Za-z\\d]? ?\\d[A-Za-z]{2}$',
    examples: ['NW1 8AB'],
  },
  'person.gpPracticeCode': { examples: ['F83010'] },
  'referrer.phone': { examples: ['020 7946 0000'] },
};

/** What a path in a JSON schema has besides the names of fields. */
const STRUCTURE = new Set(['properties', 'oneOf', 'items']);

/** The ES module behind `virtual:api-schemas`. */
export function apiSchemasModule(): string {
  const compressed = brotliCompressSync(JSON.stringify(apiSchemas())).toString('base64');
  return `import { brotliDecompressSync } from 'node:zlib';
    export const schemas = () => JSON.parse(brotliDecompressSync(Buffer.from('${compressed}', 'base64')).toString());`;
}

/** The schemas by name: of a referral as it is sent, and of every answer. */
function apiSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(ANSWERS)) registry.add(schema, { id });
  const answers = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => shorten(jsonSchema),
  });
  // Which moment it is makes no difference to what can be said in a JSON schema.
  const referral = z.toJSONSchema(submissionSchema('', allProgrammes()), {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      const place = path.filter((part) => typeof part === 'string' && !STRUCTURE.has(part)).join('.');
      if (path.at(-2) === 'properties') {
        const description = FIELD_WORDS[place];
        if (description !== undefined) jsonSchema.description = description;
        shorten(jsonSchema);
        Object.assign(jsonSchema, FIELD_SHAPES[place]);
      } else shorten(jsonSchema);
    },
  });
  return Object.fromEntries(
    Object.entries({ Referral: referral, ...answers.schemas }).map(([name, schema]) => {
      const { $schema: _dialect, $id: _id, ...rest } = schema as Record<string, unknown>;
      return [name, rest];
    }),
  );
}

/** Leaves out what says again, at length, what the format or the type says already. */
function shorten(schema: Record<string, unknown>): void {
  if (['date', 'date-time', 'uuid'].includes(String(schema.format))) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
