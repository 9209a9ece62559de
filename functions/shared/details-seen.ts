/** What a form carries so that it is noticed when somebody changes a person's details after it was shown. */
import { createHash } from 'node:crypto';
import { type Person, personSchema } from '../../workflows/request.ts';

/** Stands for the details as they are: the same details give the same, in whatever order they are stored. */
export function seenOf(person: Person): string {
  return createHash('sha256')
    .update(JSON.stringify(personSchema.parse(person)))
    .digest('base64url')
    .slice(0, 22);
}
