/** How urgent something is, in words and colours that every list shares. */
import type { Urgency } from '../../../workflows/worklist.ts';

export const urgencyWords: Record<Urgency, { tag: string; filter: string; colour: string }> = {
  danger: { tag: 'Danger', filter: 'In danger', colour: 'red' },
  risk: { tag: 'Known risks', filter: 'Known risks', colour: 'orange' },
  none: { tag: 'No known risks', filter: 'No known risks', colour: 'grey' },
};
