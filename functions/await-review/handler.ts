/** The state machine's AwaitReview: asks a link worker to review. */
import { awaitStep } from '../shared/task.ts';

export const handler = awaitStep('review');
