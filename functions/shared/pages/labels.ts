/** Names as computers have them, for people to read. */

/** The name of a field as a label: "contactNote" is "Contact note", "goal-1-what" is "Goal 1 what". */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
