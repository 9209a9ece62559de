/** Prints what was measured: headings, notes and aligned columns. */

/** A column's heading; numbers stand right. */
export type Column = string | { readonly right: string };

export function heading(text: string): void {
  console.log(`\n${text}\n${'='.repeat(text.length)}`);
}

export function note(text: string): void {
  console.log(text);
}

/** Rows under their headings, each column as wide as its widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const titles = columns.map((column) => (typeof column === 'string' ? column : column.right));
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of [titles, widths.map((width) => '-'.repeat(width)), ...rows]) {
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      return typeof columns[i] === 'string' ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(cells.join('  ').trimEnd());
  }
}

export function number(value: number, decimals = 0): string {
  return value.toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function seconds(ms: number): string {
  return `${number(ms / 1000, 1)} s`;
}

/** Dollars with enough digits that a small price is not nothing. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 0.1 ? 6 : 2)}`;
}
