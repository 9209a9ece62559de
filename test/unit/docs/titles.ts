/** Finds a test by its title in the text of its file, as Biome lays it out. */

/** Modifiers by which a test is not run, or is taken for right when it fails. */
const NOT_RUN = /\.(skip|todo|fails)\b/;

/** What leaves a whole block of tests out; `skipIf` has a reason, and is for one tier only. */
const BLOCK = /^( *)describe((?:\.\w+)*)/;

/** Whether a text has a test of this title that is run: the first argument of it, test or their each, in no block that is left out. */
export function isRunIn(text: string, title: string): boolean {
  const lines = text.split('\n');
  return lines.some((line, number) => {
    const at = ["'", '"', '`'].map((quote) => line.indexOf(`(${quote}${title}${quote}`)).find((i) => i >= 0);
    if (at === undefined) return false;
    const indent = indentOf(line);
    // The table of an each may stand between.
    const begins = lines
      .slice(0, number + 1)
      .findLastIndex((each) => indentOf(each) <= indent && /\bit\b|\btest\b/.test(each.split('(')[0] ?? ''));
    const statement = [...lines.slice(begins, number), line.slice(0, at)].join('\n').trimStart();
    const called = /^(?:it|test)((?:\.\w+)*)(.*)$/s.exec(statement);
    if (!called || NOT_RUN.test(called[1] ?? '')) return false;
    const [, chain = '', table = ''] = called;
    const isCalled = table === '' || (/\.(each|for)$/.test(chain) && /[)`]$/.test(table));
    return isCalled && !isLeftOut(lines.slice(0, begins), indent);
  });
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

/** Whether what begins behind these lines, so far to the right, is in a block that is not run. */
function isLeftOut(before: readonly string[], indent: number): boolean {
  let within = indent;
  for (const line of [...before].reverse()) {
    const [, spaces = '', chain = ''] = BLOCK.exec(line) ?? [];
    if (!BLOCK.test(line) || spaces.length >= within) continue;
    if (NOT_RUN.test(chain)) return true;
    within = spaces.length;
  }
  return false;
}
