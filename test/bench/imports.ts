/** How long a fresh process takes to import each bundle: what a cold start pays before the handler can run. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { median } from './statistics.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The least that a function on DynamoDB can be: the document client and nothing of ours. */
const DOCUMENT_CLIENT = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export const handler = async ({ TableName, Key, Item }) =>
  client.send(Item ? new PutCommand({ TableName, Item }) : new GetCommand({ TableName, Key }));
`;

const IMPORT = `
const [, url] = process.argv;
const started = performance.now();
await import(url);
process.stdout.write(String(performance.now() - started), () => process.exit());
`;

export interface ImportTime {
  readonly name: string;
  readonly bytes: number;
  readonly ms: number;
}

/**
 * A bundle of the document client alone, made by the very same settings: the bundler bundles the functions that it finds beside
 * itself, so it is copied to a project that has this one. Returns the file.
 */
export async function bundleDocumentClient(folder: string): Promise<string> {
  const source = join(folder, 'functions/document-client');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'handler.ts'), DOCUMENT_CLIENT);
  cpSync(join(root, 'infra'), join(folder, 'infra'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const bundler: typeof import('../../infra/bundle.ts') = await import(
    pathToFileURL(join(folder, 'infra/bundle.ts')).href
  );
  await bundler.bundleFunctions();
  return join(folder, 'dist/functions/document-client/index.mjs');
}

/** The median time of importing each file, each time in a process of its own. The files take turns, so that none has a bad minute. */
export async function timeImports(files: ReadonlyMap<string, string>, times: number): Promise<ImportTime[]> {
  const measured = new Map([...files.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < times; round++) {
    for (const [name, file] of files) measured.get(name)?.push(await importOnce(file));
  }
  return [...files].map(([name, file]) => ({
    name,
    bytes: statSync(file).size,
    ms: median(measured.get(name) ?? []),
  }));
}

async function importOnce(file: string): Promise<number> {
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module', '--eval', IMPORT, pathToFileURL(file).href],
    { env: { AWS_REGION: 'eu-west-2', POWERTOOLS_LOG_LEVEL: 'SILENT' } },
  );
  return Number(stdout);
}
