/** The evaluator of alarms is right: AWS's own examples of missing data, formulas, and who is told of what. */
import { describe, expect, test } from 'vitest';
import type { DataPoint } from '../../local/metrics.ts';
import { type AlarmState, Alarms, evaluate, type Planned } from './alarms.ts';
import { worksOut } from './formula.ts';

const PERIOD = 300_000;
const NOW = 100 * PERIOD;
const properties = (name: string, more: object = {}) => ({
  AlarmName: `S-${name}`,
  AlarmDescription: '',
  AlarmActions: ['topic'],
  OKActions: ['topic'],
  ComparisonOperator: 'GreaterThanOrEqualToThreshold' as const,
  EvaluationPeriods: 3,
  Threshold: 1,
  TreatMissingData: 'ignore' as const,
  Namespace: 'S',
  MetricName: name,
  Dimensions: [],
  Statistic: 'Maximum' as const,
  Period: PERIOD / 1000,
  ...more,
});
/** `0 X - -`: below the threshold, above it, missing, missing, in the periods up to `NOW`. */
const pointsOf = (picture: string, name = 'm'): DataPoint[] =>
  picture.split(' ').flatMap((each, i, all) =>
    each === '-'
      ? []
      : [
          {
            ...{ namespace: 'S', name, by: {}, value: each === 'X' ? 1 : 0 },
            at: NOW - (all.length - i) * PERIOD + 1000,
          },
        ],
  );

describe('missing data, as the table in AWS’s documentation has it for 3 of 3 periods', () => {
  const KEPT = 'kept';
  test.each([
    ['0 - X - X', 'OK', 'OK', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'OK'],
    ['- - - - -', KEPT, 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', KEPT, 'ALARM', 'OK'],
  ])('%s', (picture, ignore, breaching, notBreaching) => {
    for (const before of ['OK', 'ALARM'] as AlarmState[]) {
      const said = (['ignore', 'breaching', 'notBreaching'] as const).map((TreatMissingData) =>
        evaluate(properties('m', { TreatMissingData }), pointsOf(picture), NOW, before),
      );
      expect(said).toEqual([ignore === KEPT ? before : ignore, breaching, notBreaching]);
    }
  });
});

describe('a formula', () => {
  test('fills, adds, takes away, multiplies, and finds the highest', () => {
    const metrics = { a: [1, undefined, 3], b: [undefined, undefined, 5] };
    expect(worksOut('FILL(a, 0) + FILL(b, 0)', metrics)).toEqual([1, 0, 8]);
    expect(worksOut('FILL(a, 0) - FILL(b, 0) + b', metrics)).toEqual([undefined, undefined, 3]);
    expect(worksOut('a * b', metrics)).toEqual([undefined, undefined, 15]);
    expect(worksOut('a + FILL(b, 2) * a * a', metrics)).toEqual([3, undefined, 48]);
    expect(worksOut('MAX([a, b])', metrics)).toEqual([1, undefined, 5]);
  });

  test('is missing where every metric of it is', () => {
    const nothing = [undefined, undefined];
    expect(worksOut('FILL(a, 0) - FILL(b, 0)', { a: nothing, b: nothing })).toEqual(nothing);
  });

  test.each(['a / b', 'MIN([a])', 'a +', 'FILL(a)', 'c'])('%s is not known', (formula) => {
    expect(() => worksOut(formula, { a: [1], b: [2] })).toThrow(formula);
  });
});

test('values are of their metric and dimensions alone, and of whole periods until now', () => {
  const alarm = properties('m', {
    Dimensions: [{ Name: 'code', Value: 'A' }],
    Statistic: 'Sum',
    Threshold: 3,
    EvaluationPeriods: 1,
  });
  const one = (at: number, by = { code: 'A' }): DataPoint => ({
    namespace: 'S',
    name: 'm',
    by,
    at,
    value: 1.5,
  });
  const said = (points: DataPoint[]) => evaluate(alarm, points, NOW, 'OK');
  expect(said([one(NOW - 1), one(NOW - PERIOD)])).toBe('ALARM');
  expect(said([one(NOW - 1), one(NOW)])).toBe('OK');
  expect(said([one(NOW - 1), one(NOW - PERIOD - 1)])).toBe('OK');
  expect(said([one(NOW - 1), one(NOW - 1, { code: 'B' })])).toBe('OK');
  const counts = (points: DataPoint[]) => evaluate({ ...alarm, Statistic: 'SampleCount' }, points, NOW, 'OK');
  expect(counts([one(NOW - 1), one(NOW - 1)])).toBe('OK');
  expect(counts([one(NOW - 1), one(NOW - 1), one(NOW - 1)])).toBe('ALARM');
});

describe('who is told', () => {
  const alarm = (name: string, more: object = {}): Planned => ({
    type: 'AWS::CloudWatch::Alarm',
    properties: properties(name, { EvaluationPeriods: 1, ...more }),
  });
  const silent = { AlarmActions: [], OKActions: [] };
  const group = (name: string, of: string[], more: object = {}): Planned => ({
    type: 'AWS::CloudWatch::CompositeAlarm',
    properties: {
      ...{ AlarmName: `S-${name}`, AlarmDescription: '', AlarmActions: ['topic'], OKActions: ['topic'] },
      AlarmRule: `(${of.map((each) => `ALARM("arn:aws:cloudwatch:r:1:alarm:S-${each}")`).join(' OR ')})`,
      ...more,
    },
  });
  const planned = [
    alarm('lone'),
    alarm('page', silent),
    alarm('work', silent),
    group('pages', ['page']),
    group('works', ['work'], {
      ActionsSuppressor: 'arn:aws:cloudwatch:r:1:alarm:S-pages',
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 300,
    }),
  ];
  const live = (...moments: Record<string, string>[]) => {
    const alarms = new Alarms(planned, 'S-');
    for (const [i, moment] of moments.entries()) {
      const points = Object.entries(moment).flatMap(([name, picture]) => pointsOf(picture, name));
      const later = i * PERIOD;
      alarms.look(
        points.map((point) => ({ ...point, at: point.at + later })),
        NOW + later,
      );
    }
    return alarms;
  };
  const quiet = { lone: '0', page: '0', work: '0' };

  test('each change once, and a group in place of its alarms', () => {
    const rings = { lone: 'X', page: 'X', work: '0' };
    const alarms = live(quiet, rings, rings, quiet, quiet);
    expect(alarms.told).toEqual([
      { name: 'lone', state: 'ALARM' },
      { name: 'pages', state: 'ALARM' },
      { name: 'lone', state: 'OK' },
      { name: 'pages', state: 'OK' },
    ]);
  });

  test('of one cause once: a group that the other explains is silent until the other has been over for a while', () => {
    const both = { ...quiet, page: 'X', work: 'X' };
    const left = { ...quiet, work: 'X' };
    expect(live(quiet, both, quiet, quiet).told.map(({ name }) => name)).toEqual(['pages', 'pages']);
    expect(live(quiet, both, left).told.map(({ name }) => name)).toEqual(['pages', 'pages']);
    expect(live(quiet, both, left, left, left).told.at(-1)).toEqual({ name: 'works', state: 'ALARM' });
  });

  test('a rule that says more than that one of several rings is not known', () => {
    const strange = group('odd', ['page'], { AlarmRule: 'NOT ALARM("arn:aws:cloudwatch:r:1:alarm:S-page")' });
    expect(() => new Alarms([...planned, strange], 'S-').look([], NOW)).toThrow('NOT');
  });
});
