import { readFileSync } from 'node:fs';
import { type HTMLElement, parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { type Chart, chartSvg, FONT } from '../../../functions/insights/pages/chart.ts';

/** All that there is in a drawing. */
const TAGS = new Set(['SVG', 'G', 'RECT', 'PATH', 'TEXT']);
const COLOURS = ['#005eb8', '#d5281b', '#006747', '#7c2855'];

const line = (values: (number | undefined)[]): Chart => ({
  ...{ kind: 'lines', unit: 'Days', places: values.map((_, i) => `Month ${i}`) },
  series: [{ name: 'Waits', values }],
});
const dots = (names: string[], ...series: (number | undefined)[][]): Chart => ({
  ...{ kind: 'dots', unit: 'People', places: names },
  series: series.map((values, i) => ({ name: `Series ${i}`, values })),
});
const drawn = (chart: Chart) => parse(chartSvg(chart));

/** Where something is: it is moved there, and text further by what its line is off. */
function placeOf(element: HTMLElement): { x: number; y: number } {
  const [x = 0, y = 0] = (element.getAttribute('transform')?.match(/-?[\d.]+/g) ?? []).map(Number).slice(-2);
  return { x: x + Number(element.getAttribute('x') ?? 0), y: y + Number(element.getAttribute('y') ?? 0) };
}

/** The marks of a series, and in the legend, where there is one. */
const marksOf = (svg: HTMLElement, colour = COLOURS[0]) =>
  svg.querySelectorAll(`path[fill="${colour}"][stroke="#fff"]`).map(placeOf);
const lineOf = (svg: HTMLElement, colour = COLOURS[0]) =>
  svg.querySelector(`path[stroke="${colour}"][stroke-width="2.5"]`);
/** The numbers at the axis, and where. */
const ticksOf = (svg: HTMLElement) =>
  svg
    .querySelectorAll('text')
    .filter(({ text }) => /^[\d,.]+$/.test(text))
    .map((text) => ({ value: Number(text.text.replaceAll(',', '')), ...placeOf(text) }));
const textsOf = (svg: HTMLElement) => svg.querySelectorAll('text').map(({ text }) => text.trim());

describe('a chart', () => {
  it('has each value of a line where its axis says, and a gap where none is shown', () => {
    const svg = drawn(line([0, 30, undefined, 15]));
    const at = new Map(ticksOf(svg).map(({ value, y }) => [value, y]));
    const marks = marksOf(svg);
    expect(marks.map(({ y }) => y)).toEqual([0, 30, 15].map((value) => at.get(value)));
    const [first, second, last] = marks.map(({ x }) => x);
    expect((last ?? 0) - (second ?? 0)).toBeCloseTo(2 * ((second ?? 0) - (first ?? 0)), 1);
    expect(lineOf(svg)?.getAttribute('d')?.match(/[ML]/g)).toEqual(['M', 'L', 'M']);
  });

  it('has each mark beside its name, as far along as its axis says', () => {
    const svg = drawn(dots(['Young', 'Middle', 'Old'], [4, undefined, 20], [10, 20, 0]));
    const [zero, ...others] = ticksOf(svg);
    const end = others.at(-1);
    if (!zero || !end) throw new Error('no axis');
    const marks = marksOf(svg).slice(0, 2);
    const along = marks.map(({ x }) => (x - zero.x) * (end.value / (end.x - zero.x)));
    expect(along.map((value) => Math.round(value * 10) / 10)).toEqual([4, 20]);
    const names = svg.querySelectorAll('text').filter(({ text }) => ['Young', 'Old'].includes(text));
    const off = names.map((name, i) => placeOf(name).y - (marks[i]?.y ?? 0));
    expect(off[0]).toBeCloseTo(off[1] ?? 0, 1);
    // Marks of one row are beneath each other, whatever their values are.
    const rows = COLOURS.slice(0, 2).map((colour) => marksOf(svg, colour)[0]?.y);
    expect(new Set(rows).size).toBe(2);
  });

  it.each([0, 1, 3, 7, 42, 99, 100, 1234, 25_000])('has whole numbers at its axis, up to %s', (most) => {
    for (const svg of [drawn(line([most])), drawn(dots(['Young'], [most]))]) {
      const ticks = ticksOf(svg).map(({ value }) => value);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(9);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect([ticks.includes(0), new Set(ticks).size]).toEqual([true, ticks.length]);
      expect(ticksOf(drawn(line([most]))).some(({ value }) => value >= most)).toBe(true);
    }
  });

  it('says what its numbers are, and goes as far as it is told', () => {
    for (const chart of [line([3, 40]), dots(['A', 'B'], [3, 40])]) {
      const svg = drawn({ ...chart, unit: 'Per cent', most: 100 });
      expect(textsOf(svg)).toContain('Per cent');
      expect(Math.max(...ticksOf(svg).map(({ value }) => value))).toBe(100);
    }
  });

  it('draws no more series than can be told apart, by colour, dash and shape', () => {
    for (const kind of ['lines', 'dots'] as const) {
      const values = [1, 2];
      const chart = (count: number): Chart => ({
        ...{ kind, unit: 'People', places: ['One', 'Two'] },
        series: Array.from({ length: count }, (_, i) => ({ name: `Series ${i}`, values })),
      });
      const svg = drawn(chart(4));
      const shapes = COLOURS.map((colour) =>
        svg.querySelector(`path[fill="${colour}"][stroke="#fff"]`)?.getAttribute('d'),
      );
      expect(shapes).not.toContain(undefined);
      expect(new Set(shapes).size).toBe(4);
      const dashes = COLOURS.map((colour) => lineOf(svg, colour)?.getAttribute('stroke-dasharray'));
      expect(new Set(dashes).size).toBe(kind === 'lines' ? 4 : 1);
      const legend = svg.querySelectorAll('text').filter(({ text }) => text.startsWith('Series'));
      expect(legend.map(({ text }) => text).sort()).toEqual([0, 1, 2, 3].map((i) => `Series ${i}`));
      // Above all marks, and with room for some words.
      const highest = Math.min(
        ...COLOURS.flatMap((colour) =>
          marksOf(svg, colour)
            .slice(0, 2)
            .map(({ y }) => y),
        ),
      );
      for (const { x, y } of legend.map(placeOf)) {
        expect(x).toBeLessThan(250);
        expect(y).toBeLessThan(highest - 12);
      }
      expect(() => chartSvg(chart(5))).toThrow();
    }
  });

  it('is the same for the same numbers, and carries nothing that a page does not allow', () => {
    for (const chart of [line([1, undefined, 3]), dots(['A', 'B'], [1, 2], [2, undefined])]) {
      const first = chartSvg(chart);
      expect(chartSvg(chart)).toBe(first);
      expect(
        parse(first)
          .querySelectorAll('*')
          .map(({ tagName }) => tagName)
          .filter((tag) => !TAGS.has(tag)),
      ).toEqual([]);
      expect(first).not.toMatch(/\s(?:style|class|id|on\w+|(?:xlink:)?href|ecmeta_\w+)=|url\(/);
    }
  });

  it('is laid out for the font that the style sheet gives it', () => {
    const path = new URL('../../../functions/web-assets/style.css', import.meta.url);
    const says = `font-family: ${FONT.fontFamily};\n  font-size: ${FONT.fontSize}px;`;
    expect(readFileSync(path, 'utf8')).toContain(`.osp-insight__chart text {\n  ${says}\n}`);
  });

  it.each(['{value} <b>"A&B"', '{a|x} {b}', '</svg><script> style="x"', "'{@[0]}' &lt;"])(
    'shows the name %s as it is',
    (name) => {
      const series = ['', '!'].map((end) => ({ name: `${name}${end}`, values: [1, 2] }));
      for (const kind of ['lines', 'dots'] as const) {
        const svg = parse(chartSvg({ kind, series, unit: name, places: [name, 'Other'] }));
        // As a place, in the legend twice, and as the unit; in the lines that it is broken into.
        const bare = (text: string) => text.replace(/\s/g, '');
        expect(bare(svg.text).split(bare(name)).length - 1).toBe(4);
        expect(new Set(svg.querySelectorAll('*').map(({ tagName }) => tagName))).toEqual(
          kind === 'lines' ? TAGS : new Set([...TAGS].filter((tag) => tag !== 'G')),
        );
      }
    },
  );

  it('keeps long names beside their row', () => {
    const long = 'The Association of Neighbours for Everything that Neighbours Do in Camden';
    const svg = drawn(dots([long, 'Next'], [1, 2]));
    const names = svg.querySelectorAll('text[text-anchor="end"]');
    const lines = names.slice(
      0,
      names.findIndex(({ text }) => text === 'Next'),
    );
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.map(({ text }) => text).join('')).toBe(
      'The Association of Neighbours for Everything that Neigh…',
    );
    const [next] = names.slice(-1).map(placeOf);
    expect(lines.every((line) => placeOf(line).y < (next?.y ?? 0) - 25)).toBe(true);
  });
});
