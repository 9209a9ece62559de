/**
 * CloudWatch's alarms, as the template has them, over metrics that were really measured: periods, statistics, formulas, missing data ("Configuring
 * how CloudWatch alarms treat missing data" in AWS's documentation), composite alarms, and who is told. What the template uses and this does
 * not know throws.
 */
import * as z from 'zod';
import type { DataPoint } from '../../local/metrics.ts';
import { type Series, worksOut } from './formula.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** CloudWatch looks at some periods more than it has to evaluate, in case some have no data: AWS's examples have two more. */
const MORE_PERIODS = 2;

const metric = {
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
};
const statistic = z.enum(['Sum', 'Maximum', 'SampleCount']);
const named = { ...metric, Statistic: statistic, Period: z.number() };
const query = z.union([
  z.strictObject({
    Id: z.string(),
    Expression: z.string(),
    Label: z.string().optional(),
    // Every formula is made for the alarm and over its own period.
    Period: z.number().optional(),
    ReturnData: z.literal(true).default(true),
  }),
  z.strictObject({
    Id: z.string(),
    MetricStat: z.strictObject({
      Metric: z.strictObject(metric),
      Stat: statistic,
      Period: z.number(),
    }),
    ReturnData: z.literal(false),
  }),
]);
const common = {
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
};
const simple = {
  ...common,
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore']),
};
const alarmProperties = z.union([
  z.strictObject({ ...simple, ...named }),
  z.strictObject({ ...simple, Metrics: z.array(query) }),
]);
const compositeProperties = z.strictObject({
  ...common,
  AlarmRule: z.string(),
  ActionsSuppressor: z.string().optional(),
  // Shorter than the five minutes from one look to the next.
  ActionsSuppressorWaitPeriod: z.number().max(299).optional(),
  ActionsSuppressorExtensionPeriod: z.number().optional(),
});
type Properties = z.infer<typeof alarmProperties>;

/** An alarm in CloudFormation's words, with what it refers to filled in. */
export type Planned = { readonly type: string; readonly properties: Readonly<Record<string, unknown>> };

type Metric = z.infer<z.ZodObject<typeof metric>> & { stat: z.infer<typeof statistic>; seconds: number };

/** What one metric alarm says at `now`, in milliseconds, after it said `before`, of data that came until then. */
export function evaluate(
  properties: Properties,
  points: readonly DataPoint[],
  now: number,
  before: AlarmState,
): AlarmState {
  const { EvaluationPeriods: needed, Threshold, ComparisonOperator, TreatMissingData } = properties;
  const breaches = (value: number) =>
    ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold;
  const real = seriesOf(properties, points, now).filter((value) => value !== undefined);
  // Where there are enough, what is missing does not matter.
  const looked = real.slice(-needed);
  const breaching = looked.filter(breaches).length;
  const missing = needed - looked.length;
  switch (TreatMissingData) {
    case 'breaching':
      return breaching + missing >= needed ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaching >= needed ? 'ALARM' : 'OK';
    case 'ignore':
      if (breaching >= needed) return 'ALARM';
      return breaching + missing >= needed ? before : 'OK';
  }
}

/** The values that an alarm compares, period by period, the oldest first. */
function seriesOf(properties: Properties, points: readonly DataPoint[], now: number): Series {
  const length = properties.EvaluationPeriods + MORE_PERIODS;
  if (!('Metrics' in properties)) {
    const { Statistic: stat, Period: seconds } = properties;
    return valuesOf({ ...properties, stat, seconds }, points, now, length);
  }
  const [formula, ...others] = properties.Metrics.filter((each) => 'Expression' in each);
  if (!formula || others.length > 0) throw new Error(`${properties.AlarmName} has not one formula`);
  const metrics = properties.Metrics.flatMap((each) => {
    if (!('MetricStat' in each)) return [];
    const { Metric: which, Stat: stat, Period: seconds } = each.MetricStat;
    return [[each.Id, valuesOf({ ...which, stat, seconds }, points, now, length)] as const];
  });
  return worksOut(formula.Expression, Object.fromEntries(metrics));
}

function valuesOf(
  { Namespace, MetricName, Dimensions, stat, seconds }: Metric,
  points: readonly DataPoint[],
  now: number,
  length: number,
): Series {
  const by = new Map(Dimensions.map(({ Name, Value }) => [Name, Value]));
  const own = points.filter(
    (point) =>
      point.namespace === Namespace &&
      point.name === MetricName &&
      Object.keys(point.by).length === by.size &&
      Object.entries(point.by).every(([name, value]) => by.get(name) === value),
  );
  return Array.from({ length }, (_, i) => {
    const from = now - (length - i) * seconds * 1000;
    const values = own.filter(({ at }) => at >= from && at < from + seconds * 1000).map(({ value }) => value);
    return values.length === 0 ? undefined : STATISTICS[stat](values);
  });
}

const STATISTICS: Readonly<Record<Metric['stat'], (values: number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  SampleCount: (values) => values.length,
};

/** Somebody was told that an alarm rings, or that it is over. */
export type Told = { readonly name: string; readonly state: 'ALARM' | 'OK' };

/** All alarms of a template, and in which state each is. */
export class Alarms {
  /** By name, without what comes before it. */
  readonly states = new Map<string, AlarmState>();
  /** Who was told what, in order. */
  readonly told: Told[] = [];
  readonly #single: readonly Properties[];
  readonly #composite: readonly z.infer<typeof compositeProperties>[];
  readonly #prefix: string;
  /** Until when composite alarms whose suppressor rings, or has just rung, tell nobody. */
  readonly #quietUntil = new Map<string, number>();
  /** Of those that tell somebody: what was told last. */
  readonly #toldLast = new Map<string, Told['state']>();

  /** @param prefix of the alarms' names. */
  constructor(planned: readonly Planned[], prefix: string) {
    const ofType = (type: string) =>
      planned.filter((each) => each.type === type).map(({ properties }) => properties);
    this.#prefix = prefix;
    this.#single = ofType('AWS::CloudWatch::Alarm').map((each) => alarmProperties.parse(each));
    this.#composite = ofType('AWS::CloudWatch::CompositeAlarm').map((each) =>
      compositeProperties.parse(each),
    );
    for (const { AlarmName } of [...this.#single, ...this.#composite]) {
      this.states.set(this.#short(AlarmName), 'INSUFFICIENT_DATA');
    }
  }

  /** The names of the alarms of one metric or formula. */
  get single(): string[] {
    return this.#single.map(({ AlarmName }) => this.#short(AlarmName));
  }

  /** The names of those that are made of others, with the names of these. */
  get composite(): Map<string, string[]> {
    return new Map(
      this.#composite.map(({ AlarmName, AlarmRule }) => [this.#short(AlarmName), this.#partsOf(AlarmRule)]),
    );
  }

  /** The names of all that ring. */
  get ringing(): string[] {
    return [...this.states].filter(([, state]) => state === 'ALARM').map(([name]) => name);
  }

  /** Looks at what was measured until `now`, in milliseconds: it has to reach back as far as the longest alarm does. */
  look(points: readonly DataPoint[], now: number): void {
    for (const each of this.#single) {
      const name = this.#short(each.AlarmName);
      this.states.set(name, evaluate(each, points, now, this.states.get(name) ?? 'INSUFFICIENT_DATA'));
    }
    for (const { AlarmName, AlarmRule } of this.#composite) {
      const rings = this.#partsOf(AlarmRule).some((part) => this.states.get(part) === 'ALARM');
      this.states.set(this.#short(AlarmName), rings ? 'ALARM' : 'OK');
    }
    for (const each of [...this.#single, ...this.#composite]) this.#tell(each, now);
  }

  #tell(each: Properties | z.infer<typeof compositeProperties>, now: number): void {
    if (each.AlarmActions.length === 0) return;
    const name = this.#short(each.AlarmName);
    const state = this.states.get(name);
    if (state === undefined || state === 'INSUFFICIENT_DATA' || this.#isQuiet(name, each, now)) return;
    if (state === (this.#toldLast.get(name) ?? 'OK')) return;
    this.#toldLast.set(name, state);
    this.told.push({ name, state });
  }

  /** Whether nobody is to be told now: what suppresses it rings, or rang just now. That it waits for that is over before anybody looks again. */
  #isQuiet(name: string, each: object, now: number): boolean {
    if (!('ActionsSuppressor' in each)) return false;
    const { ActionsSuppressor = '', ActionsSuppressorExtensionPeriod = 0 } = compositeProperties.parse(each);
    if (this.states.get(this.#ofArn(ActionsSuppressor)) === 'ALARM') {
      this.#quietUntil.set(name, now + ActionsSuppressorExtensionPeriod * 1000);
    }
    return now <= (this.#quietUntil.get(name) ?? Number.NEGATIVE_INFINITY);
  }

  /** A rule that is nothing but `ALARM("…") OR ALARM("…")`. */
  #partsOf(rule: string): string[] {
    const left = rule.replace(/ALARM\("[^"]+"\)/g, '').replace(/[()\s]|\bOR\b/g, '');
    if (left !== '') throw new Error(`the rule ${rule} has ${left}`);
    return [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, arn = '']) => this.#ofArn(arn));
  }

  #ofArn(arn: string): string {
    return this.#short(arn.slice(arn.indexOf(':alarm:') + ':alarm:'.length));
  }

  #short(name: string): string {
    return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : name;
  }
}
