/** References as people type them. */

/** As we write it, with hyphens or spaces; one in twenty has no digit. */
const WRITTEN = /^\s*SP[\s-]+([0-9A-Z]{4})[\s-]+([0-9A-Z]{4})\s*$/i;

/** Or with parts left out, where a digit tells it from a name: "Spencerson" is one. */
const SHORTENED = /^\s*(?:SP[\s-]*)?(?=[\s\S]*\d)([0-9A-Z]{4})[\s-]*([0-9A-Z]{4})\s*$/i;

/** A group's, as we write it, with hyphens or spaces. */
const GROUP = /^\s*GR[\s-]+([0-9A-Z]{4})[\s-]+([0-9A-Z]{4})\s*$/i;

/** How far somebody got who began with what ours begin with; a name that begins so has a space after it and no digit. */
const BEGUN = /^\s*(SP|GR)(?:\s*-|[\s-]+(?=[\s\S]*\d))/i;

/** What the reference begins with that somebody meant: "SP" or "GR", where the text is none and cannot be a name; undefined otherwise. */
export function referenceBegunIn(text: string): string | undefined {
  return referenceIn(text) || groupReferenceIn(text) ? undefined : BEGUN.exec(text)?.[1]?.toUpperCase();
}

/** The reference of a group that a text is: "GR-7K4M-2Q9X"; undefined where it is none. */
export function groupReferenceIn(text: string): string | undefined {
  const [, first, second] = GROUP.exec(text) ?? [];
  return first && second ? `GR-${first}-${second}`.toUpperCase() : undefined;
}

/** The reference that a text is, as we write it: "SP-7K4M-2Q9X"; undefined where it is none. */
export function referenceIn(text: string): string | undefined {
  const [, first, second] = WRITTEN.exec(text) ?? SHORTENED.exec(text) ?? [];
  return first && second ? `SP-${first}-${second}`.toUpperCase() : undefined;
}
