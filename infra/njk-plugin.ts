/**
 * Lets a handler import a Nunjucks template: `import template from './pages/offer.njk'`. The template and everything that it
 * extends, imports or includes are compiled at build time, so that a function carries neither the compiler nor the sources.
 * `virtual:assets` holds the stylesheet and the icon, `virtual:api-schemas` what the API's description says of its content. The same
 * loading serves esbuild (the bundles) and Vite (the unit tests).
 */
import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vitest/config';
import { assetsModule } from './assets.ts';
import { compileTemplate } from './templates.ts';

/** Modules that the build makes, by name. */
const VIRTUAL: ReadonlyMap<string, () => string | Promise<string>> = new Map<
  string,
  () => string | Promise<string>
>([
  ['virtual:assets', assetsModule],
  ['virtual:api-schemas', apiSchemas],
]);

/** Not imported by name: Vite would read all that it imports for a part of its own configuration. */
async function apiSchemas(): Promise<string> {
  const file = new URL('./api-schemas.ts', import.meta.url).href;
  const { apiSchemasModule }: typeof import('./api-schemas.ts') = await import(file);
  return apiSchemasModule();
}

/** esbuild: compiles templates as it meets them. */
export function njkForEsbuild(): EsbuildPlugin {
  return {
    name: 'njk',
    setup(build) {
      build.onLoad({ filter: /\.njk$/ }, ({ path }) => ({ contents: compileTemplate(path), loader: 'js' }));
      for (const [name, make] of VIRTUAL) {
        const filter = new RegExp(`^${name}$`);
        build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'virtual' }));
        build.onLoad({ filter, namespace: 'virtual' }, async () => ({
          contents: await make(),
          loader: 'js',
        }));
      }
    },
  };
}

/** Vite (and so Vitest): the same. */
export function njkForVite(): VitePlugin {
  return {
    name: 'njk',
    enforce: 'pre',
    resolveId: (id) => (VIRTUAL.has(id) ? `\0${id}` : undefined),
    load(id) {
      const made = VIRTUAL.get(id.replace('\0', ''));
      if (made) return made();
      return id.endsWith('.njk') ? compileTemplate(id) : undefined;
    },
  };
}
