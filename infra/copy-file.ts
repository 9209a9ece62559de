/** The copy of everything about a person as one file that any browser opens, prints and needs nothing else for. */
import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { copyInWords } from '../functions/data-rights/pages/copy-sections.ts';
import type { Copy } from '../functions/personal-data/copy.ts';

const FUNCTIONS = join(import.meta.dirname, '..', 'functions');

const FILE = `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ title }}</title>
<style>
body { font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; }
dl > div { border-bottom: 1px solid #d8dde0; display: grid; gap: 0 1rem; grid-template-columns: 1fr 2fr; padding: 0.25rem 0; }
dt { font-weight: bold; }
dt, dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{% include "data-rights/pages/copy-body.njk" %}
</main>
</body>
</html>
`;

/** The file's text. */
export function copyFile(copy: Copy): string {
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(FUNCTIONS), {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  return environment.renderString(FILE, {
    title: 'Everything that is kept about one person',
    ...copyInWords(copy),
  });
}
