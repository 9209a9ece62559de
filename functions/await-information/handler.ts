/** The state machine's AwaitInformation: asks the referrer or the person for more. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('information');
