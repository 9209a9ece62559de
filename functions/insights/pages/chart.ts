/**
 * Charts as what an SVG consists of: lines and marks with their places, which a template writes down (chart.njk). They say what the table beside them says. Shapes and
 * dashes tell series apart as well as colours, which all have a contrast of at least 3:1 with white. Why no library: docs/adr/0025.
 */

/** A line over the places of the axis; a value that is not shown leaves a gap. */
export type Series = { name: string; values: readonly (number | undefined)[] };
/** `lines`: places along the bottom, such as months. `dots`: places down the side, such as age bands. */
export type Chart = {
  kind: 'lines' | 'dots';
  places: readonly string[];
  series: readonly Series[];
  /** The axis goes at least so far. */
  most?: number;
  /** What the numbers are, at their axis. */
  unit: string;
};

type Point = { x: number; y: number };

/** In units of the drawing, of which text is 13 high. */
const WIDTH = 460;
const ROW = { lines: 200, dots: 44 } as const;
const LEFT = { lines: 44, dots: 150 } as const;
const RIGHT = 16;
const LEGEND_ROW = 20;
const LEGEND_COLUMN = 200;
const LETTERS = 22;
const LINE = 15;

const LOOKS = [
  { colour: '#005eb8', dash: '', shape: 'M-5,0A5,5,0,1,1,5,0A5,5,0,1,1,-5,0Z' },
  { colour: '#d5281b', dash: '8 4', shape: 'M-4.5,-4.5H4.5V4.5H-4.5Z' },
  { colour: '#006747', dash: '2 3', shape: 'M0,-5.5L5.5,4.5H-5.5Z' },
  { colour: '#7c2855', dash: '10 3 2 3', shape: 'M0,-6L6,0L0,6L-6,0Z' },
] as const;

/** The drawing of a chart of at most four series. Throws for more. */
export function drawingOf({ kind, places, series, unit, most = 1 }: Chart) {
  if (series.length > LOOKS.length) throw new Error('more series than can be told apart');
  const lines = kind === 'lines';
  const legendRows = series.length > 1 ? Math.ceil(series.length / 2) : 0;
  const top = 14 + legendRows * LEGEND_ROW;
  const left = LEFT[kind];
  const across = WIDTH - left - RIGHT;
  const down = lines ? ROW.lines : ROW.dots * places.length;
  const ticks = ticksOf(Math.max(most, ...series.flatMap(({ values }) => values.map((value = 0) => value))));
  const highest = ticks.at(-1) ?? 1;
  const placeAt = (i: number) =>
    lines ? left + (across * (i + 0.5)) / places.length : top + ROW.dots * (i + 0.5);
  const valueAt = (value: number) =>
    lines ? top + down - (down * value) / highest : left + (across * value) / highest;
  const pointOf = (value: number, i: number): Point =>
    lines ? { x: placeAt(i), y: valueAt(value) } : { x: valueAt(value), y: placeAt(i) };
  return {
    ...{ lines, width: WIDTH, height: top + down + (lines ? 28 : 44), unit },
    ...{
      left,
      top,
      right: WIDTH - RIGHT,
      bottom: top + down,
      middle: { x: left + across / 2, y: top + down / 2 },
    },
    ticks: ticks.map((value) => ({ text: value.toLocaleString('en-GB'), at: round(valueAt(value)) })),
    places: places.map((name, i) => ({ at: round(placeAt(i)), lines: textOf(name, placeAt(i)) })),
    series: series.map(({ name, values }, i) => {
      const points = values.map((value, place) => (value === undefined ? undefined : pointOf(value, place)));
      return {
        ...{ name, ...(LOOKS[i] ?? LOOKS[0]), path: lines ? pathOf(points) : '' },
        points: points.flatMap((point) => (point ? [{ x: round(point.x), y: round(point.y) }] : [])),
        legend: legendRows > 0 && {
          x: left + LEGEND_COLUMN * (i % 2),
          y: 12 + LEGEND_ROW * Math.floor(i / 2),
        },
      };
    }),
  };
}

/** Round numbers from 0 to the first that is not below the highest value: about five, of whole numbers. */
function ticksOf(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / 5));
  const step = Math.max(1, ([1, 2, 5, 10].find((each) => each * power * 5 >= highest) ?? 10) * power);
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, i) => i * step);
}

/** A line through the points, broken where there is none. */
function pathOf(points: readonly (Point | undefined)[]): string {
  return points
    .flatMap((point, i) => (point ? [`${points[i - 1] ? 'L' : 'M'}${round(point.x)},${round(point.y)}`] : []))
    .join('');
}

/** A long name in lines around a height: the axis is not wide. */
function textOf(name: string, at: number): { text: string; y: number }[] {
  const lines: string[] = [];
  for (const word of name.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LETTERS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const shown = lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]}…`] : lines;
  return shown.map((text, i) => ({ text, y: round(at + 4 + LINE * (i - (shown.length - 1) / 2)) }));
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
