/** Which metrics a template looks at, and which a log has. */
import { type DataPoint, embeddedIn } from '../../local/metrics.ts';
import type { Service } from './service.ts';

/** A metric by its namespace and name, with the values of its dimensions; where AWS fills one in, `=>` and the logical id of what it is of. */
export type Seen = { namespace: string; name: string; by: Record<string, string> };

type Resources = Readonly<Record<string, { Type: string; Properties?: Record<string, unknown> }>>;

/** Every metric that an alarm or a widget of a dashboard names. */
export function metricsIn(service: Service): Seen[] {
  return metricsOf(service.template.toJSON().Resources as Resources);
}

/** The same, of the resources of a template. */
export function metricsOf(resources: Resources): Seen[] {
  return Object.values(resources).flatMap(({ Type, Properties = {} }) => {
    if (Type === 'AWS::CloudWatch::Alarm') return ofAlarm(Properties);
    return Type === 'AWS::CloudWatch::Dashboard' ? ofDashboard(Properties.DashboardBody) : [];
  });
}

/** What an alarm looks at: one metric, or several with a formula. */
export function ofAlarm(properties: Record<string, unknown>): Seen[] {
  type Named = { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: unknown }[] };
  const many = (properties.Metrics ?? []) as { MetricStat?: { Metric: Named } }[];
  const named = properties.MetricName
    ? [properties as Named]
    : many.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
  return named.map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    name: MetricName,
    by: Object.fromEntries(
      Dimensions.map(({ Name, Value }) => [Name, typeof Value === 'string' ? Value : filledIn(Value)]),
    ),
  }));
}

/** The body of a dashboard, with `=>` and the logical id where AWS fills something in. */
export function bodyOf(body: unknown): { widgets: { properties: { metrics?: unknown[][] } }[] } {
  return JSON.parse(typeof body === 'string' ? body : joined(body));
}

/** What a dashboard shows. A row of a widget repeats what is as in the row before by a dot. */
function ofDashboard(body: unknown): Seen[] {
  const { widgets } = bodyOf(body);
  return widgets.flatMap(({ properties: { metrics = [] } }) => {
    const rows: string[][] = [];
    for (const row of metrics) {
      const words = row.filter((each): each is string => typeof each === 'string');
      // An expression names no metric.
      if (words.length < 2) continue;
      const before = rows.at(-1) ?? [];
      const dots = words[0] === '...' ? before.slice(0, before.length - (words.length - 1)) : [];
      const whole =
        words[0] === '...'
          ? [...dots, ...words.slice(1)]
          : words.map((w, i) => (w === '.' ? (before[i] ?? '') : w));
      rows.push(whole);
    }
    return rows.map(([namespace = '', name = '', ...pairs]) => ({
      namespace,
      name,
      by: Object.fromEntries(
        Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i] ?? '', pairs[2 * i + 1] ?? '']),
      ),
    }));
  });
}

/** `Fn::Join` with what AWS fills in. */
function joined(node: unknown): string {
  const [glue, parts] = (node as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : filledIn(part))).join(glue);
}

/** `{ Ref: … }` and `{ 'Fn::GetAtt': [ … ] }`, by what they refer to. */
function filledIn(node: unknown): string {
  const { Ref, 'Fn::GetAtt': [of] = [] } = node as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return `=>${Ref ?? of}`;
}

/** Every metric in a log, in the order of its lines. Throws for a line that is not in the embedded metric format. */
export function measuredIn(log: string): DataPoint[] {
  return log.split('\n').flatMap(embeddedIn);
}
