/**
 * Charts as SVG, which Apache ECharts lays out and writes. They say what the table beside them says. Shapes and dashes tell series apart as well as colours, which all
 * have a contrast of at least 3:1 with white. Why ECharts, and what is taken out of what it writes: docs/adr/0025.
 */
import { LineChart, type LineSeriesOption, ScatterChart, type ScatterSeriesOption } from 'echarts/charts';
import {
  type GridComponentOption,
  GridSimpleComponent,
  type LegendComponentOption,
  LegendPlainComponent,
} from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([LineChart, ScatterChart, GridSimpleComponent, LegendPlainComponent, SVGRenderer]);

type Options = ComposeOption<
  LineSeriesOption | ScatterSeriesOption | GridComponentOption | LegendComponentOption
>;

/** A line or a kind of mark, with a value of at least 0 for each place; one that is not shown leaves a gap. */
export type Series = { name: string; values: readonly (number | undefined)[] };
/** `lines`: places along the bottom, such as months. `dots`: places down the side, such as age bands. */
export type Chart = {
  kind: 'lines' | 'dots';
  places: readonly string[];
  /** At most four, no two of the same name. */
  series: readonly Series[];
  /** The axis goes at least so far. */
  most?: number;
  /** What the numbers are, at their axis. */
  unit: string;
};

/** What text is laid out for. The style sheet sets it so: the page allows no other style. */
export const FONT = { fontSize: 14, fontFamily: 'Arial, sans-serif' } as const;

/** Lengths in units of the drawing, which is about as many pixels wide on a phone. */
const WIDTH = 360;
const LINES_HEIGHT = 220;
const LEGEND_ROW = 24;
/** From mark to mark of a row, which never hide each other. */
const MARK = 12;
const AXIS_AND_UNIT = 50;
/** Beside a row: how wide a name may be, how high its lines are, how many they may be, and how many letters fit into one. */
const NAME = { width: 130, lineHeight: 16, lines: 4, letters: 14 } as const;

const TEXT = { ...FONT, color: '#212b32' } as const;
const AXIS = { color: '#4c6272' } as const;
const EDGE = { borderColor: '#fff', borderWidth: 1 } as const;
const GRID = { color: '#d8dde0' } as const;

type Look = { color: string; dash: 'solid' | number[]; symbol: string; symbolSize: number };
const LOOKS: readonly Look[] = [
  { color: '#005eb8', dash: 'solid', symbol: 'circle', symbolSize: 10 },
  { color: '#d5281b', dash: [8, 4], symbol: 'rect', symbolSize: 9 },
  { color: '#006747', dash: [2, 3], symbol: 'triangle', symbolSize: 11 },
  { color: '#7c2855', dash: [10, 3, 2, 3], symbol: 'diamond', symbolSize: 12 },
];

/** The SVG of a chart, as markup: the same for the same chart. All text in it is escaped. Throws for more series than can be told apart. */
export function chartSvg(chart: Chart): string {
  const lines = chart.kind === 'lines';
  const legendRows = chart.series.length > 1 ? Math.ceil(chart.series.length / 2) : 0;
  const top = 10 + legendRows * LEGEND_ROW;
  const row = Math.max(NAME.lineHeight * linesOf(chart) + 14, MARK * (chart.series.length + 1));
  const height = top + (lines ? LINES_HEIGHT : row * chart.places.length + AXIS_AND_UNIT);
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    const [places, numbers] = [placesOf(chart), numbersOf(chart)];
    const options: Options = {
      animation: false,
      legend: legendRows > 0 ? legendOf(chart) : [],
      grid: { ...{ left: 4, right: 12, top, bottom: 4 }, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      ...(lines ? { xAxis: places, yAxis: numbers } : { xAxis: numbers, yAxis: places }),
      series: chart.series.map((series, i) => seriesOf(chart, series, i)),
    };
    drawn.setOption(options);
    return allowed(drawn.renderToSVGString());
  } finally {
    // Its timers would keep the process.
    drawn.dispose();
  }
}

/** How many lines the longest name is given beside its row. */
function linesOf({ places }: Chart): number {
  return Math.min(NAME.lines, Math.ceil(Math.max(...places.map(({ length }) => length)) / NAME.letters));
}

/** The axis of the places: the first on top or on the left. */
function placesOf(chart: Chart) {
  const lines = chart.kind === 'lines';
  const { width, lineHeight } = NAME;
  const most = NAME.lines * NAME.letters;
  // Names that are broken take the whole width, however short the lines are.
  const broken = linesOf(chart) > 1 && {
    ...{ width, lineHeight, height: lineHeight * linesOf(chart) },
    ...({ overflow: 'break', lineOverflow: 'truncate' } as const),
  };
  return {
    type: 'category' as const,
    data: chart.places.map((name) => (name.length > most ? `${name.slice(0, most - 1)}…` : name)),
    inverse: !lines,
    axisLabel: { ...TEXT, ...(lines ? {} : { interval: 0, ...broken }) },
    axisLine: { lineStyle: AXIS },
    axisTick: { show: lines, alignWithLabel: true, interval: 0, lineStyle: AXIS },
    splitLine: { show: !lines, lineStyle: GRID },
  };
}

/** The axis of the numbers: whole ones, from 0. */
function numbersOf({ kind, unit, most = 1 }: Chart) {
  const lines = kind === 'lines';
  return {
    type: 'value' as const,
    name: unit,
    nameLocation: lines ? ('end' as const) : ('middle' as const),
    nameTextStyle: { ...TEXT, ...(lines ? { align: 'left' as const } : {}) },
    min: 0,
    max: (values: { max: number }) => (values.max < most ? most : null),
    minInterval: 1,
    axisLabel: { ...TEXT, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: GRID },
  };
}

/** Two columns: one legend would break its rows where nobody can tell beforehand. */
function legendOf({ kind, series }: Chart): LegendComponentOption[] {
  const names = series.map(({ name }) => name);
  return ['0', '50%'].map((left, column) => ({
    data: names.filter((_, i) => i % 2 === column),
    ...{ orient: 'vertical', left, top: 4, padding: 0, selectedMode: false },
    ...{ itemWidth: kind === 'lines' ? 34 : 12, itemHeight: 12, itemGap: LEGEND_ROW - 14 },
    textStyle: TEXT,
  }));
}

function seriesOf(chart: Chart, { name, values }: Series, i: number): LineSeriesOption | ScatterSeriesOption {
  const look = LOOKS[i];
  if (!look) throw new Error('more series than can be told apart');
  const { dash, ...mark } = look;
  const marks = { name, silent: true, ...mark, itemStyle: { ...EDGE, opacity: 1 } };
  const shown = values.map((value) => value ?? Number.NaN);
  if (chart.kind === 'lines') {
    return {
      type: 'line',
      ...marks,
      showAllSymbol: true,
      lineStyle: { width: 2.5, type: dash },
      data: shown,
    };
  }
  const aside = MARK * (i - (chart.series.length - 1) / 2);
  return { type: 'scatter', ...marks, symbolOffset: [0, aside], data: shown.map((value, at) => [value, at]) };
}

/**
 * Without styles, which the page does not allow: what ECharts writes for a pointer, and the font, which is in the style sheet. Without names that differ from
 * drawing to drawing, and so without clipping: every value is inside the axes. Without its notes on what is what, and without keeping the space at
 * the end of a line, which would move it. No text is touched: quotes and brackets are escaped in it.
 */
function allowed(svg: string): string {
  return svg.replace(
    /<(style|defs)\b.*?<\/\1>\n?| (?:style|class|clip-path|xml:space|pointer-events|ecmeta_\w+)="[^"]*"/gs,
    '',
  );
}
