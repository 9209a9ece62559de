/** The state machine's AwaitReview: asks a link worker to review. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('review');
