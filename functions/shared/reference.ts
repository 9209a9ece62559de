/** References as people type them. */

/** With or without the letters in front, hyphens and capitals. A digit in it tells it from a name. */
const REFERENCE = /^\s*(?:SP[\s-]*)?(?=[\s\S]*\d)([0-9A-Z]{4})[\s-]*([0-9A-Z]{4})\s*$/i;

/** The reference that a text is, as we write it: "SP-7K4M-2Q9X"; undefined where it is none. */
export function referenceIn(text: string): string | undefined {
  const [, first, second] = REFERENCE.exec(text) ?? [];
  return first && second ? `SP-${first}-${second}`.toUpperCase() : undefined;
}
