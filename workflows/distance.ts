/** How far postcode districts are from each other, as the crow flies. */

/** The middle of each district, by its name: degrees north and east. */
export type Districts = Readonly<Record<string, readonly [latitude: number, longitude: number]>>;

const EARTH_KILOMETRES = 6371;

/** Kilometres between the middles of two districts; undefined where one of them is not known. */
export function kilometresBetween(districts: Districts, from: string, to: string): number | undefined {
  const [a, b] = [from, to].map((name) => (Object.hasOwn(districts, name) ? districts[name] : undefined));
  if (!a || !b) return undefined;
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (one: number, other: number) => Math.sin(radians(one - other) / 2) ** 2;
  const haversine = half(a[0], b[0]) + Math.cos(radians(a[0])) * Math.cos(radians(b[0])) * half(a[1], b[1]);
  return 2 * EARTH_KILOMETRES * Math.asin(Math.sqrt(haversine));
}
