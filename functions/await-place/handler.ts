/** The state machine's AwaitPlace: waits on the provider's waiting list. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('place');
