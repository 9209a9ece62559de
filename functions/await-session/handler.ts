/** The state machine's AwaitSession: plans the next session and waits for its register. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('session');
