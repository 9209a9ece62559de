/** The state machine's AwaitWelfareContact: asks a link worker to contact the person. */
import { awaitStep } from '../shared/step.ts';

export const handler = awaitStep('welfare');
