/** The copy of everything about a person, as a page. */
import type { Copy } from '../../personal-data/copy.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import copyTemplate from './copy.njk';
import { copyInWords } from './copy-sections.ts';

export function copyPage({ reference, copy, ...site }: Site & { reference: string; copy: Copy }) {
  return page(site, {
    title: 'Everything that is kept about one person',
    template: copyTemplate,
    context: { reference, ...copyInWords(copy) },
  });
}
