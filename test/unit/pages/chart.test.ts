import { describe, expect, it } from 'vitest';
import { drawingOf } from '../../../functions/insights/pages/chart.ts';

const line = (values: (number | undefined)[]) => ({
  ...{ kind: 'lines' as const, unit: 'Days', places: values.map((_, i) => `Month ${i}`) },
  series: [{ name: 'Waits', values }],
});

describe('a chart', () => {
  it('has each value where its axis says, and a gap where none is shown', () => {
    const { ticks, series, top, bottom } = drawingOf(line([0, 30, undefined, 15]));
    expect(ticks.map(({ text }) => text)).toEqual(['0', '10', '20', '30']);
    const [{ path, points } = { path: '', points: [] }] = series;
    expect(points.map(({ y }) => y)).toEqual([bottom, top, (top + bottom) / 2]);
    expect(path.match(/[ML]/g)).toEqual(['M', 'L', 'M']);
  });

  it.each([0, 1, 3, 7, 42, 99, 100, 1234, 25_000])('has whole numbers at its axis, up to %s', (most) => {
    const at = drawingOf(line([most])).ticks.map(({ text }) => Number(text.replaceAll(',', '')));
    expect(at.length).toBeGreaterThan(1);
    expect(at.length).toBeLessThan(8);
    expect(at.every(Number.isInteger)).toBe(true);
    expect(at.at(-1)).toBeGreaterThanOrEqual(most);
  });

  it('draws no more series than can be told apart', () => {
    const [series] = line([1]).series;
    if (!series) throw new Error('no series');
    const all = drawingOf({ ...line([1]), series: Array.from({ length: 4 }, () => series) }).series;
    for (const of of ['colour', 'dash', 'shape'] as const) {
      expect(new Set(all.map((each) => each[of])).size).toBe(4);
    }
    expect(() => drawingOf({ ...line([1]), series: Array.from({ length: 5 }, () => series) })).toThrow();
  });
});
