/**
 * In which order answers tell how things went. Not that in which they were recorded: what was answered on paper at the start is often entered after the
 * person has answered at the end by their link.
 */
import { RECENT_DAYS } from './measure-times.ts';
import { type Measurement, type Point, takenAt } from './measures.ts';
import type { Referral } from './referral.ts';
import { after } from './time.ts';

/** Other answers have no place of their own: it is their day that says where they belong. */
const RANK: Record<Exclude<Point, 'in-between'>, number> = { baseline: 0, middle: 1, end: 2, 'follow-up': 3 };

/**
 * By the programme in which they were given (those of shortly before somebody got their place are its own), in it by the occasion, and for one occasion by
 * when they were taken. What was taken in between comes after the latest occasion that had been by then.
 */
export function inOrder(
  measurements: readonly Measurement[],
  { offers }: Pick<Referral, 'offers'>,
): Measurement[] {
  const begins = offers.flatMap(({ result, repliedAt }) =>
    result === 'accepted' && repliedAt !== undefined ? [after(repliedAt, { days: -RECENT_DAYS })] : [],
  );
  // What was taken before the first programme goes with it.
  const dated = measurements.map((measurement) => {
    const at = takenAt(measurement);
    return {
      measurement,
      at,
      programme: Math.max(
        0,
        begins.findLastIndex((begin) => begin <= at),
      ),
    };
  });
  const placed = dated.map((each) => {
    const { point } = each.measurement;
    if (point !== 'in-between') return { ...each, rank: RANK[point] };
    const before = dated.flatMap(({ measurement, at, programme }) =>
      programme === each.programme && at <= each.at && measurement.point !== 'in-between'
        ? [RANK[measurement.point]]
        : [],
    );
    return { ...each, rank: Math.max(-1, ...before) };
  });
  return placed
    .sort((a, b) => a.programme - b.programme || a.rank - b.rank || byTime(a, b))
    .map(({ measurement }) => measurement);
}

type Dated = { measurement: Measurement; at: string };

function byTime(a: Dated, b: Dated): number {
  return a.at.localeCompare(b.at) || a.measurement.at.localeCompare(b.measurement.at);
}
