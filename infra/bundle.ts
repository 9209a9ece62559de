/**
 * Bundles every function: `functions/<name>/handler.ts` → `dist/functions/<name>/index.mjs`, with its AWS clients inside and nothing
 * left to install. Run directly, it writes them all and prints their sizes.
 */
import { globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { leaveOut } from './leave-out.ts';
import { njkForEsbuild } from './njk-plugin.ts';

const root = resolve(import.meta.dirname, '..');

/** What bundling yields: each function's size in bytes and whether it renders pages, and esbuild's account of it all. */
export type Bundles = {
  sizes: { name: string; bytes: number; rendersPages: boolean }[];
  metafile: Metafile;
};

/** The names of the functions: the folders of functions/ that have a handler. */
export function functionNames(): string[] {
  return globSync('functions/*/handler.ts', { cwd: root })
    .map((file) => basename(dirname(file)))
    .sort();
}

/** Bundles the functions (or `only` some of them) into `outdir`. The same sources give the same bytes. */
export async function bundleFunctions({
  outdir = join(root, 'dist', 'functions'),
  only,
}: {
  outdir?: string;
  only?: readonly string[];
} = {}): Promise<Bundles> {
  const names = functionNames().filter((name) => !only || only.includes(name));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `functions/${name}/handler.ts`, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    // Some dependencies are CommonJS and require Node's own modules.
    banner: {
      js: "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);",
    },
    plugins: [njkForEsbuild(), leaveOut()],
    metafile: true,
    logLevel: 'warning',
  });
  if (!only) removeOthers(outdir, names);
  return { sizes: sizesOf(metafile), metafile };
}

/** Removes what is left of functions that are no more. Those that are stay in place: somebody may be running them. */
function removeOthers(outdir: string, names: readonly string[]): void {
  for (const entry of readdirSync(outdir)) {
    if (!names.includes(entry)) rmSync(join(outdir, entry), { recursive: true, force: true });
  }
}

function sizesOf(metafile: Metafile): Bundles['sizes'] {
  return Object.entries(metafile.outputs)
    .map(([file, output]) => ({
      name: basename(dirname(file)),
      bytes: output.bytes,
      rendersPages: 'functions/shared/pages/render.ts' in output.inputs,
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The sizes as a table for people. */
export function sizeTable(sizes: Bundles['sizes']): string {
  const width = Math.max(...sizes.map(({ name }) => name.length));
  return sizes
    .map(({ name, bytes, rendersPages }) => {
      const size = bytes.toLocaleString('en-GB').padStart(9);
      return `${name.padEnd(width)} ${size} bytes${rendersPages ? '  pages' : ''}`;
    })
    .join('\n');
}

if (import.meta.main) {
  const { sizes, metafile } = await bundleFunctions();
  const meta = join(root, 'dist', 'meta');
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'functions.json'), JSON.stringify(metafile));
  console.log(sizeTable(sizes));
}
