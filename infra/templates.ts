/** Nunjucks templates at build time: where they are, what they refer to, and how they are compiled. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import nunjucks from 'nunjucks';

const functionsFolder = resolve(import.meta.dirname, '..', 'functions');
const nhsukFolder = join(
  dirname(createRequire(import.meta.url).resolve('nhsuk-frontend/package.json')),
  'dist',
);

const shortNamesFile = fileURLToPath(new URL('../functions/shared/pages/short-names.ts', import.meta.url));

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
    `import { shortNames } from ${JSON.stringify(shortNamesFile)};`,
    ...uses.map((used, i) => `import use${i} from ${JSON.stringify(templateFile(used))};`),
    `const code = (function () {\n${shorten(compiled)}\n})();`,
    `export default { name: ${JSON.stringify(name)}, code, uses: [${uses.map((_, i) => `use${i}`).join(', ')}] };`,
  ].join('\n');
}

/**
 * What Nunjucks writes thousands of times, and the short way to say it with shared/pages/short-names.ts: pages become a quarter
 * smaller. Whatever is not met in this form stays as it is, and works as well.
 */
const SHORT: [long: RegExp, short: string][] = [
  [
    /^(function \w+\(env, context, frame, runtime, cb\) \{)$/m,
    '$1\nvar [look, member, show, call, within, is, filter, put, turn, has, missing] = shortNames(env, context, () => frame, runtime);',
  ],
  [/runtime\.contextOrFrameLookup\(context, frame, /, 'look('],
  [/runtime\.memberLookup\(/, 'member('],
  [/runtime\.suppressValue\(/, 'show('],
  [/, env\.opts\.autoescape\)/, ')'],
  [/runtime\.callWrap\(/, 'call('],
  [/runtime\.inOperator\(/, 'within('],
  [/env\.getTest\(("\w+")\)\.call\(context, /, 'is($1, '],
  [/env\.getFilter\(("\w+")\)\.call\(context, /, 'filter($1, '],
  [
    /frame\.set\("(\w+)", (t_\d+), true\);\nif\(frame\.topLevel\) \{\ncontext\.setVariable\("\1", \2\);\n\}\nif\(frame\.topLevel\) \{\ncontext\.addExport\("\1", \2\);\n\}/,
    'put("$1", $2);',
  ],
  [
    /frame\.set\("loop\.index", (t_\d+) \+ 1\);\n(?:frame\.set\("loop\.\w+", [^;]+\);\n)+frame\.set\("loop\.length", (t_\d+)\);/,
    'turn($1, $2);',
  ],
  [
    /if\(Object\.prototype\.hasOwnProperty\.call\((t_\d+), ("\w+")\)\) \{\nvar (t_\d+) = (t_\d+\.\w+);\n\} else \{\ncb\(new Error\("cannot import '\w+'"\)\); return;\n\}/,
    'if(missing($1, $2, cb)) return;\nvar $3 = $4;',
  ],
  [/Object\.prototype\.hasOwnProperty\.call\(/, 'has('],
];

/** Compiled code in the short way. What stands in quotes is text of the page and stays. */
function shorten(compiled: string): string {
  return SHORT.reduce(
    (code, [long, short]) =>
      code.replace(new RegExp(`"(?:[^"\\\\]|\\\\.)*"|${long.source}`, `g${long.flags}`), (found) =>
        found.startsWith('"') ? found : found.replace(long, short),
      ),
    compiled,
  );
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
