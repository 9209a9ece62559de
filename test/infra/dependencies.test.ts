/**
 * Dependencies point one way: infra → functions → workflows. local and test see all; nothing sees them. And the rules in workflows/
 * are pure: no AWS, no input or output, no clock.
 *
 * Written by hand because dependency-cruiser reads TypeScript with the compiler's old API, which TypeScript 7 does not have.
 */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rooms = ['workflows', 'functions', 'infra', 'local', 'test'] as const;
type Room = (typeof rooms)[number];

/** What each room may import from. */
const sees: Record<Room, readonly Room[]> = {
  workflows: ['workflows'],
  functions: ['workflows', 'functions'],
  infra: ['workflows', 'functions', 'infra'],
  local: ['workflows', 'functions', 'infra', 'local'],
  test: rooms,
};

/** The packages that the rules may use: they compute and do nothing else. */
const purePackages = ['zod', 'date-fns', '@date-fns/tz', 'libphonenumber-js', 'postcode'];

interface Source {
  path: string;
  room: Room;
  /** The text with comments blanked, so that prose is not taken for code. */
  code: string;
}

const sources: Source[] = rooms.flatMap((room) =>
  globSync(`${room}/**/*.{ts,mts,js,mjs}`, { cwd: root })
    .filter((path) => !path.includes('node_modules'))
    .map((path) => ({ path, room, code: withoutComments(readFileSync(join(root, path), 'utf8')) })),
);
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

describe('the sources', () => {
  test('are found in every room that matters', () => {
    const found = new Set(sources.map(({ room }) => room));
    expect([...found]).toEqual(expect.arrayContaining(['workflows', 'functions', 'infra', 'test']));
  });

  test('point one way', () => {
    const wrong = sources.flatMap(({ path, room, code }) =>
      importsOf(code)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(root, join(root, dirname(path), specifier)))
        .filter((to) => !sees[room].includes(to.split('/')[0] as Room) && isRoom(to.split('/')[0]))
        .map((to) => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('that are deployed use only what package.json says is deployed', () => {
    const wrong = sources
      .filter(({ room }) => room === 'functions' || room === 'workflows')
      .flatMap(({ path, code }) =>
        packagesOf(code)
          // In code that writes code, what is imported is only known then.
          .filter((name) => !(name in dependencies) && !isTypesOnly(code, name) && !name.startsWith('${'))
          .map((name) => `${path} imports ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  test('in workflows know no AWS, no file, no network', () => {
    const wrong = sources
      .filter(({ room }) => room === 'workflows')
      .flatMap(({ path, code }) => [
        ...[...packagesOf(code), ...builtinsOf(code)]
          .filter((name) => !purePackages.includes(name))
          .map((name) => `${path} imports ${name}`),
        ...[/\bfetch\s*\(/, /\bprocess\./, /\bconsole\./, /\bglobalThis\b/, /\bset(?:Timeout|Interval)\b/]
          .filter((pattern) => pattern.test(code))
          .map((pattern) => `${path} uses ${pattern.source}`),
      ]);
    expect(wrong).toEqual([]);
  });

  test('in workflows and functions read no clock: time is an argument', () => {
    const wrong = sources
      .filter(({ room }) => room === 'workflows' || room === 'functions')
      .flatMap(({ path, code }) => clocksIn(code).map((clock) => `${path}: ${clock}`));
    expect(wrong).toEqual([]);
  });

  test('in workflows decide nothing by chance', () => {
    const wrong = sources
      .filter(({ room, code }) => room === 'workflows' && /\bMath\.random\b|\bcrypto\./.test(code))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});

describe('the rules themselves notice', () => {
  test.each([
    "import { a } from '../infra/app.ts';",
    "import type { A } from '../infra/app.ts';",
    "import '../infra/app.ts';",
    "export * from '../infra/app.ts';",
    "export { a } from '../infra/app.ts';",
    "import {\n  a,\n  b,\n} from '../infra/app.ts';",
    "const a = await import('../infra/app.ts');",
    "const a = require('../infra/app.ts');",
    "type A = import('../infra/app.ts').A;",
  ])('the import in %s', (code) => {
    expect(importsOf(code)).toEqual(['../infra/app.ts']);
  });

  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const now = new Date( );',
    'const now = new Date;',
    'const now = Date();',
    'const now = new TZDate();',
    'const start = performance.now();',
    'const start = process.hrtime.bigint();',
    'const now = Temporal.Now.instant();',
    'isPast(date)',
  ])('the clock in %s', (code) => {
    expect(clocksIn(code)).not.toEqual([]);
  });

  test.each([
    'new Date(at)',
    'new Date(Date.parse(at))',
    'rule(now); // not Date.now()',
    "const label = 'What is new, Date?';",
    'type D = Date;',
  ])('and let pass %s', (code) => {
    expect(clocksIn(withoutComments(code))).toEqual([]);
  });

  test('comments are not code, and addresses are not comments', () => {
    expect(withoutComments("a; // import 'x'\n/* Date.now() */ b('https://c'); `//d`")).toBe(
      "a; \n b('https://c'); `//d`",
    );
  });
});

/** Everything that a file imports, by value or by type. */
function importsOf(code: string): string[] {
  const patterns = [
    /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g,
    // An address may end in the word.
    /(?<!\/)\bimport\s*['"]([^'"]+)['"]/g,
    /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function packagesOf(code: string): string[] {
  return (
    importsOf(code)
      // What is virtual is made by the bundler, of our own files.
      .filter((specifier) => !/^(\.|virtual:)/.test(specifier) && !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      )
  );
}

function builtinsOf(code: string): string[] {
  return importsOf(code).filter(isBuiltin);
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function isRoom(name: string | undefined): boolean {
  return rooms.some((room) => room === name);
}

/** Types vanish before anything is deployed. */
function isTypesOnly(code: string, name: string): boolean {
  return importsOf(code.replace(/\bimport\s+type\b[^;]*;/g, '')).every(
    (specifier) => !specifier.startsWith(name),
  );
}

function clocksIn(code: string): string[] {
  const clocks = [
    /\bDate\.now\b/g,
    /\bnew\s+\w*Date(?:Mini)?\s*\(\s*\)/g,
    /\bnew\s+\w*Date\s*[;,)\]]/g,
    /(?<![\w.]|new\s)Date\s*\(\s*\)/g,
    /\bperformance\.now\b/g,
    /\bprocess\.(?:hrtime|uptime)\b/g,
    /\bTemporal\.Now\b/g,
    // The functions of date-fns that ask what time it is.
    /\b(?:isPast|isFuture|isToday|isTomorrow|isYesterday|isThis\w+|startOfToday|endOfToday|formatDistanceToNow\w*|constructNow)\b/g,
  ];
  return clocks.flatMap((clock) => [...code.matchAll(clock)].map((match) => match[0]));
}

/** Leaves out comments, keeping text in quotes as it is. */
function withoutComments(text: string): string {
  return text.replace(
    /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, quoted?: string) => quoted ?? '',
  );
}
