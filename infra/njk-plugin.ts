/**
 * Lets a handler import a Nunjucks template: `import template from './pages/offer.njk'`. The template and everything that it
 * extends, imports or includes are compiled at build time, so that a function carries neither the compiler nor the sources.
 * `virtual:assets` holds the stylesheet and the icon. The same loading serves esbuild (the bundles) and Vite (the unit tests).
 */
import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vitest/config';
import { assetsModule } from './assets.ts';
import { compileTemplate } from './templates.ts';

const ASSETS = 'virtual:assets';

/** esbuild: compiles templates as it meets them. */
export function njkForEsbuild(): EsbuildPlugin {
  return {
    name: 'njk',
    setup(build) {
      build.onLoad({ filter: /\.njk$/ }, ({ path }) => ({ contents: compileTemplate(path), loader: 'js' }));
      build.onResolve({ filter: /^virtual:assets$/ }, () => ({ path: ASSETS, namespace: 'assets' }));
      build.onLoad({ filter: /.*/, namespace: 'assets' }, async () => ({
        contents: await assetsModule(),
        loader: 'js',
      }));
    },
  };
}

/** Vite (and so Vitest): the same. */
export function njkForVite(): VitePlugin {
  return {
    name: 'njk',
    enforce: 'pre',
    resolveId: (id) => (id === ASSETS ? `\0${ASSETS}` : undefined),
    load(id) {
      if (id === `\0${ASSETS}`) return assetsModule();
      return id.endsWith('.njk') ? compileTemplate(id) : undefined;
    },
  };
}
