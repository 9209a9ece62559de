/** What is kept warm and may have changed meanwhile: it is looked after at the door, before a request is answered. */

const keepers: ((now: string) => Promise<void>)[] = [];

/** Has a module's warm copy freshened before every request of the functions that carry the module. It decides by itself whether it is time. */
export function keptFresh(freshen: (now: string) => Promise<void>): void {
  keepers.push(freshen);
}

/** Freshens what this function keeps warm. */
export async function freshen(now: string): Promise<void> {
  await Promise.all(keepers.map((keeper) => keeper(now)));
}
