/** Has what a coordinator asks for done by the function that may do it, and waits for what comes of it. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Fields } from '../../workflows/form.ts';
import type { RightsAnswer } from '../personal-data/handler.ts';
import { environment } from '../shared/environment.ts';
import type { SignedIn } from '../shared/session.ts';
import type { Visit } from '../shared/web.ts';

/** What is asked for. */
export type Act =
  | { act: 'copy' | 'release' | 'erase' }
  | { act: 'hold'; reason: string }
  | { act: 'correct'; fields: Fields; seen: string };

const lambda = new LambdaClient({});

/** Rejects where it failed: whatever was begun goes on by itself, and asking again is safe. */
export async function ask(
  { now, requestId }: Visit,
  { sub, name, roles, teams }: SignedIn,
  reference: string,
  act: Act,
): Promise<RightsAnswer> {
  const { FunctionError, Payload = [] } = await lambda.send(
    new InvokeCommand({
      FunctionName: environment('rights').PERSONAL_DATA_FUNCTION,
      Payload: JSON.stringify({ ...act, now, requestId, reference, who: { sub, name, roles, teams } }),
    }),
  );
  if (FunctionError !== undefined) throw new Error('the function for personal data failed');
  return JSON.parse(Buffer.from(Payload).toString()) as RightsAnswer;
}
