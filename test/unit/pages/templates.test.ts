import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { describe, expect, it, vi } from 'vitest';
import type { Template } from '../../../functions/shared/pages/render.ts';
import { compileTemplate, templateFile } from '../../../infra/templates.ts';
import { samplePages } from './samples.ts';

const { rendered } = vi.hoisted(() => ({
  rendered: [] as { template: string; context: object; html: string }[],
}));

vi.mock(import('../../../functions/shared/pages/render.ts'), async (original) => {
  const { render } = await original();
  return {
    render(template: Template, context: object) {
      const html = render(template, context);
      rendered.push({ template: template.name, context, html });
      return html;
    },
  };
});

/** Nunjucks with its own compiler and nothing made shorter. */
const plain = new nunjucks.Environment(
  {
    getSource: (name: string) => ({
      src: readFileSync(templateFile(name), 'utf8'),
      path: name,
      noCache: false,
    }),
  } as nunjucks.ILoader,
  { autoescape: true, trimBlocks: true, lstripBlocks: true },
);

describe('templates, as the build writes them', () => {
  it('give the pages that Nunjucks gives', () => {
    const pages = Object.values(samplePages(' <b>&"\'</b> {{ 7 * 7 }}'));
    for (const page of pages) page();
    expect(rendered.length).toBeGreaterThanOrEqual(pages.length);
    for (const { template, context, html } of rendered) {
      expect(html, template).toBe(plain.render(template, context));
    }
  });

  it('keep every text as it is, even one that looks like compiled code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'osp-templates-'));
    const file = join(folder, 'page.njk');
    const text = 'runtime.memberLookup(a, \\"b\\"), env.opts.autoescape) runtime.suppressValue(c)';
    writeFileSync(file, `${text.replaceAll('\\', '')}{{ shown.here }}`);
    const compiled = compileTemplate(file);
    rmSync(folder, { recursive: true });
    expect(compiled).toContain(text);
    expect(compiled).toContain('output += show(member((look("shown")),"here"));');
  });
});
