/**
 * Parts of dependencies that no function runs, left out of the bundles: modules replaced by the little that the functions need of
 * them, and modules shortened to it. They would be half of a bundle.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import type { MetadataJson } from 'libphonenumber-js/core';
import phoneNumbers from 'libphonenumber-js/metadata.min.json';
import { leanerErrors, leanerSchemas } from './leaner-sdk.ts';

const root = resolve(import.meta.dirname, '..');

/** By what is imported, and by whom. */
const REPLACED: { filter: RegExp; importer?: RegExp; contents: string }[] = [
  // Lambda gives credentials in environment variables; the default chain also knows SSO, profiles, metadata services.
  {
    filter: /^@aws-sdk\/credential-provider-node$/,
    contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
  },
  // None of the operations in use streams events.
  {
    filter: /^@smithy\/core\/event-streams$/,
    contents: `export class EventStreamSerde {}
      export const eventStreamSerdeProvider = () => undefined;
      export const resolveEventStreamSerdeConfig = (config) => config;`,
  },
  // DynamoDB's client makes one, and no command of it looks into it: that is for services that tell where to ask them.
  { filter: /^@aws-sdk\/endpoint-cache$/, contents: 'export class EndpointCache {}' },
  // SHA-256 written out, for whoever has no crypto of Node's.
  { filter: /\/Sha256Js$/, importer: /@smithy/, contents: 'export const Sha256Js = undefined;' },
  // For the retry mode "adaptive", which nobody asks for.
  {
    filter: /\/DefaultRateLimiter$/,
    importer: /@smithy/,
    contents: `export class DefaultRateLimiter { constructor() { throw new Error('adaptive retries are not in this bundle'); } }`,
  },
  // A table of 1,500 file types, to guess those of attachments. Our mail has none.
  {
    filter: /\/mime-types\.js$/,
    importer: /nodemailer/,
    contents: `export const detectMimeType = () => 'application/octet-stream'; export const detectExtension = () => 'bin';`,
  },
  // Content by URL, which our mail refuses.
  {
    filter: /\/fetch\/index\.js$/,
    importer: /nodemailer/,
    contents: `export default () => { throw new Error('not in this bundle'); };`,
  },
  // Numbers of other countries are checked by their shape alone, without this: see workflows/phone.ts.
  {
    filter: /^libphonenumber-js\/metadata\.min\.json$/,
    contents: `export default ${JSON.stringify(britishOnly(phoneNumbers))};`,
  },
];

/** By the file of a client of AWS. */
const SHORTENED: { file: RegExp; shorten: (source: string, path: string) => string }[] = [
  { file: /schemas[\\/]schemas_0\.js/, shorten: leanerSchemas },
  { file: /models[\\/]errors\.js/, shorten: leanerErrors },
  // A client reads its version there, for the name by which it introduces itself.
  {
    file: /package\.json/,
    shorten: (source) => `export default ${JSON.stringify({ version: JSON.parse(source).version })};`,
  },
];

/** esbuild: leaves out what no function runs. */
export function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    setup(build) {
      REPLACED.forEach(({ filter, importer, contents }, i) => {
        build.onResolve({ filter }, (args) =>
          !importer || importer.test(args.importer) ? { path: String(i), namespace: 'leave-out' } : undefined,
        );
        build.onLoad({ filter: new RegExp(`^${i}$`), namespace: 'leave-out' }, () => ({
          contents,
          resolveDir: root,
        }));
      });
      for (const { file, shorten } of SHORTENED) {
        const filter = new RegExp(
          `[\\\\/]@aws-sdk[\\\\/]client-[\\w-]+[\\\\/](dist-es[\\\\/])?${file.source}$`,
        );
        build.onLoad({ filter }, async ({ path }) => ({
          contents: shorten(await readFile(path, 'utf8'), path),
          loader: 'js',
        }));
      }
    },
  };
}

/**
 * What libphonenumber knows of numbers that begin with +44: the United Kingdom's and the three islands' that share its code. It
 * answers the same with it for those numbers, and for numbers in the British way of writing; it knows no others.
 */
export function britishOnly({ version, countries }: MetadataJson): MetadataJson {
  const { GB, GG, IM, JE } = countries;
  return {
    version,
    country_calling_codes: { '44': ['GB', 'GG', 'IM', 'JE'] },
    countries: { GB, GG, IM, JE } as MetadataJson['countries'],
    nonGeographic: {} as MetadataJson['nonGeographic'],
  };
}
