/** Nunjucks templates at build time: where they are, what they refer to, and how they are compiled. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

import nunjucks from 'nunjucks';

const functionsFolder = resolve(import.meta.dirname, '..', 'functions');
const nhsukFolder = join(
  dirname(createRequire(import.meta.url).resolve('nhsuk-frontend/package.json')),
  'dist',
);

/** NHS.UK frontend's macros are written for the two block options. */
const environment = new nunjucks.Environment([], { autoescape: true, trimBlocks: true, lstripBlocks: true });

/** A template's references: extends, import, from and include, each with a literal name. */
const REFERENCE = /\{%-?\s*(?:extends|import|from|include)\s+(["'])([^"']+)\1/g;

/** The file of a template name: `nhsuk/…` is NHS.UK frontend's, everything else lies under functions/. */
export function templateFile(name: string): string {
  return name.startsWith('nhsuk/') ? join(nhsukFolder, name) : join(functionsFolder, name);
}

/** The name by which templates refer to a file: its path inside functions/ or inside NHS.UK frontend. */
function templateName(file: string): string {
  const own = relative(functionsFolder, file);
  const name = own.startsWith('..') ? relative(nhsukFolder, file) : own;
  return name.split('\\').join('/');
}

function references(source: string): string[] {
  return [...new Set([...source.matchAll(REFERENCE)].map((match) => match[2] ?? ''))];
}

/** The ES module of a template file: its compiled functions and, by import, those of what it refers to. */
export function compileTemplate(file: string): string {
  const source = readFileSync(file, 'utf8');
  const name = templateName(file);
  const uses = references(source);
  const compiled = nunjucks.precompileString(source, {
    name,
    env: environment,
    wrapper: (templates) => (templates as unknown as { template: string }[])[0]?.template ?? '',
  });
  return [
    ...uses.map((used, i) => `import use${i} from ${JSON.stringify(templateFile(used))};`),
    `const code = (function () {\n${compiled}\n})();`,
    `export default { name: ${JSON.stringify(name)}, code, uses: [${uses.map((_, i) => `use${i}`).join(', ')}] };`,
  ].join('\n');
}

/** The source of every template that any function's pages reach, in a steady order. */
export function reachableSources(): string[] {
  const sources = new Map<string, string>();
  const visit = (name: string) => {
    if (sources.has(name)) return;
    const source = readFileSync(templateFile(name), 'utf8');
    sources.set(name, source);
    references(source).forEach(visit);
  };
  globSync('**/*.njk', { cwd: functionsFolder })
    .map((file) => file.split('\\').join('/'))
    .sort()
    .forEach(visit);
  return [...sources.values()];
}
