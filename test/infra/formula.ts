/** CloudWatch's metric math, as far as the alarms of the template use it: sums, differences, products, FILL and MAX. Anything else throws. */

/** The values of a metric, period by period, the oldest first; undefined where there is none. */
export type Series = readonly (number | undefined)[];

type Node = (metrics: Readonly<Record<string, Series>>) => Series;

/** Works a formula out over metrics of equal length, by their ids. */
export function worksOut(formula: string, metrics: Readonly<Record<string, Series>>): Series {
  const tokens = formula.match(/[A-Za-z]\w*|\d+(\.\d+)?|\S/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`${formula}: ${token ?? 'the end'} where ${wanted ?? 'a value'} should be`);
    }
    return token;
  };
  const value = (): Node => {
    const name = take();
    if (name === 'FILL') {
      take('(');
      const inner = value();
      take(',');
      const filling = Number(take());
      take(')');
      return (given) => {
        // Of metrics none of which has a value there is nothing to fill.
        const isEmpty = Object.values(given).every((series) => series.every((each) => each === undefined));
        return inner(given).map((each) => (isEmpty ? undefined : (each ?? filling)));
      };
    }
    if (name === 'MAX') {
      take('(');
      take('[');
      const inner = [value()];
      while (tokens[at] === ',') {
        take(',');
        inner.push(value());
      }
      take(']');
      take(')');
      return (given) => {
        const all = inner.map((each) => each(given));
        return (all[0] ?? []).map((_, i) => {
          const there = all.map((series) => series[i]).filter((each) => each !== undefined);
          return there.length === 0 ? undefined : Math.max(...there);
        });
      };
    }
    if (!(name in metrics)) throw new Error(`${formula}: ${name} is not known`);
    return (given) => given[name] ?? [];
  };
  const joined = (left: Series, right: Series, join: (one: number, other: number) => number): Series =>
    left.map((one, i) => {
      const other = right[i];
      return one === undefined || other === undefined ? undefined : join(one, other);
    });
  const product = (): Series => {
    let result = value()(metrics);
    while (tokens[at] === '*') {
      take('*');
      result = joined(result, value()(metrics), (one, other) => one * other);
    }
    return result;
  };
  let result = product();
  while (at < tokens.length) {
    const sign = take();
    if (sign !== '+' && sign !== '-') throw new Error(`${formula}: ${sign} is not known`);
    result = joined(result, product(), (one, other) => (sign === '+' ? one + other : one - other));
  }
  return result;
}
