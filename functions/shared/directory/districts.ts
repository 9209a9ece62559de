/** The middles of postcode districts that this service was deployed with (districts.json; docs/adr/0014), checked when they are first read. */
import * as z from 'zod/mini';
import type { Districts } from '../../../workflows/distance.ts';
import json from './districts.json' with { type: 'json' };

const degrees = (most: number) => z.number().check(z.minimum(-most), z.maximum(most));

/** As the file has them: `{ "NW1": [51.53, -0.14] }`. */
export const districtsSchema = z.record(
  z.string().check(z.regex(/^[A-Z]{1,2}\d[A-Z\d]?$/)),
  z.tuple([degrees(90), degrees(180)]),
);

export const districts: Districts = districtsSchema.parse(json);
