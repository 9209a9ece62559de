/** A reason not to start or to stop, in words for the person at the keyboard. It is shown as one line, without a stack. */
export class CloudError extends Error {
  override name = 'CloudError';
}

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
