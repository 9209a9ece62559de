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
  'person.phone': 'At least one of phone, email and address is needed. Numbers from abroad begin with +.',
  'person.contact': 'How to make contact safely. What nobody said is not allowed.',
  'person.contact.phonePrivate': 'Nobody else answers it or reads its messages',
  'person.postcode': 'In full; ZZ99 3VZ for somebody with no fixed address',
  'person.address': 'House and street, for letters',
  'person.gpPracticeCode': 'ODS code; V81997 for no practice, V81999 where it is not known',
  'person.communication': 'What the person needs so that they can understand and be understood (DAPB1605)',
  'person.communication.language': 'Of the interpreter; needed where there is to be one',
  'request.programmeId': 'A programmeId of /api/services; left out, a link worker advises',
  'request.needs': 'What would help, and why',
  'request.whatMatters': 'In the person’s own words',
  'request.risks': 'At least one entry: “no known risks” is one',
  'request.danger': 'Somebody is in danger now. The answer then says whom to call: do not wait for us.',
  'request.consent': 'Only a professional can refer without, in the person’s best interests',
  'request.askLinkWorker': 'Not eligible, and a link worker is to look all the same',
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
      const description = FIELD_WORDS[place];
      if (description !== undefined && path.at(-2) === 'properties') jsonSchema.description = description;
      shorten(jsonSchema);
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
