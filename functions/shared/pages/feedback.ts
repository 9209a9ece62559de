/** What people tell us on their own page, in words. */
import type { Concern, ConcernKind, Rating } from '../../../workflows/referral.ts';

/** The service's own scale. */
export const ratingWords: Record<Rating, string> = {
  'very-good': 'Very good',
  good: 'Good',
  mixed: 'Mixed',
  poor: 'Not good',
  'very-poor': 'Bad',
};

/** A concern, as the team reads it. */
export const concernWords: Record<ConcernKind, string> = {
  unsafe: 'The person says that they do not feel safe',
  'left-at-risk': 'The person left while a risk was open',
  contact: 'The person asks to be contacted',
  'colleague-note': 'A colleague of another team has left a note',
};

/** The same, where a colleague of another team may have said so. */
export function concernInWords({ kind, by }: Pick<Concern, 'kind' | 'by'>): string {
  return kind === 'unsafe' && by
    ? 'A colleague of another team says that the person may not be safe'
    : concernWords[kind];
}
