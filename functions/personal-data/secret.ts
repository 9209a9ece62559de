/** Names for what stays when a person is erased: nobody can make them again, once the secret that they are made of is forgotten. */
import { createHash, randomBytes } from 'node:crypto';

/** A new secret. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** What stands in a group's registers, or among a programme's waits, in a person's place: of the form of a referral's id. */
export function strangerOf(secret: string, where: string): string {
  return createHash('sha256').update(`stranger ${secret} ${where}`).digest('hex').slice(0, 32);
}
