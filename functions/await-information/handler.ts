/** The state machine's AwaitInformation: asks the referrer or the person for more. */
import { awaitStep } from '../shared/task.ts';

export const handler = awaitStep('information');
