/** The state machine's AwaitProvider: puts the offer to the provider. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('provider');
