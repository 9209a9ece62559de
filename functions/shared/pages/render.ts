/** Renders templates that were compiled at build time. Every value is escaped unless a template says otherwise. */
import nunjucks from 'nunjucks/browser/nunjucks-slim.js';

/** What importing a `.njk` file yields. */
export type Template = { name: string; code: object; uses: readonly Template[] };

const templates = new Map<string, Template>();

const loader = {
  getSource(name: string) {
    const template = templates.get(name);
    if (!template) throw new Error(`template ${name} is not in the bundle`);
    return { src: { type: 'code', obj: template.code }, path: name, noCache: false };
  },
};

const environment = new nunjucks.Environment([loader as unknown as nunjucks.ILoader], { autoescape: true });

/** The HTML of a template for a context. */
export function render(template: Template, context: object): string {
  add(template);
  return environment.render(template.name, context);
}

function add(template: Template): void {
  if (templates.has(template.name)) return;
  templates.set(template.name, template);
  template.uses.forEach(add);
}
