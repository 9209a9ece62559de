/**
 * The files that pages link: a stylesheet and an icon, each named after its content so that it can be cached for ever.
 * The stylesheet is NHS.UK frontend's, reduced to what the templates use, followed by ours. The NHS's own typeface and logo are
 * in files of their own, for deployers who may use them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { PurgeCSS } from 'purgecss';
import { reachableSources, templateFile } from './templates.ts';

const functionsFolder = resolve(import.meta.dirname, '..', 'functions');

/** The parts of class names: letters, digits, dashes, underscores. */
const CLASS_NAME = /[A-Za-z][\w-]*/g;

let module: Promise<string> | undefined;

/** The ES module behind `virtual:assets`: the files' names and contents. Built once a process. */
export function assetsModule(): Promise<string> {
  module ??= buildAssetsModule();
  return module;
}

async function buildAssetsModule(): Promise<string> {
  const stylesheet = await buildStylesheet();
  const nhsStylesheet = await buildStylesheet({ nhsTypeface: true });
  const nhsLogo = readNhsLogo();
  const icon = readFileSync(join(functionsFolder, 'web-assets', 'icon.svg'), 'utf8').trim();
  const values = {
    stylesheetName: hashedName('style', stylesheet, 'css'),
    stylesheet,
    iconName: hashedName('icon', icon, 'svg'),
    icon,
    nhsStylesheetName: hashedName('style-nhs', nhsStylesheet, 'css'),
    nhsStylesheet,
    nhsLogoName: hashedName('logo-nhs', nhsLogo, 'svg'),
    nhsLogo,
  };
  return Object.entries(values)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join('\n');
}

/** NHS.UK frontend's stylesheet with only what the templates use, then ours, minified. */
export async function buildStylesheet({ nhsTypeface = false } = {}): Promise<string> {
  const nhsuk = readFileSync(templateFile('nhsuk/nhsuk-frontend.min.css'), 'utf8');
  const templates = reachableSources();
  const [reduced] = await new PurgeCSS().purge({
    css: [{ raw: withoutSearchFields(nhsuk.replace(/\/\*# sourceMappingURL=.*/, '')) }],
    content: templates.map((raw) => ({ raw, extension: 'njk' })),
    defaultExtractor: (content) => content.match(CLASS_NAME) ?? [],
    safelist: { standard: ['html', 'body', ...composedClasses(templates)] },
    keyframes: true,
    variables: true,
  });
  const own = readFileSync(join(functionsFolder, 'web-assets', 'style.css'), 'utf8');
  const css = reduced?.css ?? '';
  const { code } = await transform((nhsTypeface ? css : withoutNhsTypeface(css)) + own, {
    loader: 'css',
    minify: true,
    legalComments: 'none',
  });
  return code.trim();
}

/** The macros put some class names together ("nhsuk-tag--" and a colour): whatever begins so is kept. */
function composedClasses(templates: string[]): RegExp[] {
  const names = templates.flatMap((template) => template.match(CLASS_NAME) ?? []);
  const literal = names.filter((name) => name.startsWith('nhsuk-') && name.endsWith('-'));
  // Or a variable and a size: `set classNames = "nhsuk-label"`, then `classNames ~ "--"`.
  const inVariables = templates.flatMap((template) =>
    [...template.matchAll(/set (\w+) = "(nhsuk-[\w-]+)"/g)]
      .filter(([, variable]) => template.includes(`${variable} ~ "--"`))
      .map(([, , name]) => `${name}--`),
  );
  return [...new Set([...literal, ...inVariables])].map((prefix) => new RegExp(`^${prefix}`));
}

/** No field of ours is of this type, whose icon would be another file. */
function withoutSearchFields(css: string): string {
  return css.replaceAll(/[^{}]*\[type=search\][^{}]*\{[^}]*\}/g, '');
}

/** Frutiger is the NHS's own and loaded from its servers; a service must be allowed to use it. */
function withoutNhsTypeface(css: string): string {
  return css.replace(/@font-face\s*\{[^}]*\}/g, '').replaceAll(/Frutiger W01,\s*/g, '');
}

/** The logo as NHS.UK frontend's header draws it, white on whatever is behind. */
function readNhsLogo(): string {
  const header = readFileSync(templateFile('nhsuk/components/header/template.njk'), 'utf8');
  const path = /<svg class="nhsuk-header__logo"[\s\S]*?(<path fill="currentcolor"[^>]*>)/.exec(header)?.[1];
  if (path === undefined) throw new Error('NHS.UK frontend’s header has no logo where it had one');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 80">${path.replace('currentcolor', '#fff')}</svg>`;
}

function hashedName(name: string, content: string, extension: string): string {
  return `${name}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}.${extension}`;
}
