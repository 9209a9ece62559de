/** Which metrics a template looks at, and which a log has. */
import { type DataPoint, embeddedIn } from '../../local/metrics.ts';
import type { Service } from './service.ts';

/** A metric by its namespace and name, with the values of its dimensions as far as they are plain text. */
export type Seen = { namespace: string; name: string; by: Record<string, string> };

/** Every metric that an alarm or a widget of a dashboard names. */
export function metricsIn(service: Service): Seen[] {
  const ofAlarms = service.all('AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => ofAlarm(Properties));
  const ofBoards = service
    .all('AWS::CloudWatch::Dashboard')
    .flatMap(([, { Properties }]) => ofDashboard(Properties.DashboardBody));
  return [...ofAlarms, ...ofBoards];
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
      Dimensions.map(({ Name, Value }) => [Name, typeof Value === 'string' ? Value : '…']),
    ),
  }));
}

/** What a dashboard shows. A row of a widget repeats what is as in the row before by a dot. */
function ofDashboard(body: unknown): Seen[] {
  const text = typeof body === 'string' ? body : joined(body);
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[][] } }[] };
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

/** `Fn::Join` with what AWS fills in left as a mark. */
function joined(node: unknown): string {
  const [glue, parts] = (node as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : '…')).join(glue);
}

/** Every metric in a log, in the order of its lines. Throws for a line that is not in the embedded metric format. */
export function measuredIn(log: string): DataPoint[] {
  return log.split('\n').flatMap(embeddedIn);
}
