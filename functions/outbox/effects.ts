/** The effects of outbox entries: the only place that sends email, answers task tokens and starts executions. */
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import {
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { MailTags } from '../shared/email/tags.ts';

/** What the outbox can do in the world. Every one of them may be done twice with no more effect than once, but for email. */
export type Effects = {
  send(mail: { to: string; raw: Uint8Array; tags: MailTags }): Promise<void>;
  /** Resolves too when nobody waits for the token any more: the decision is in the table. */
  answer(token: string, output: Record<string, string>): Promise<void>;
  /** Stops an execution; resolves too when it has ended already. */
  stop(execution: string): Promise<void>;
  /** Stops one execution, if named and still there, and starts another. */
  start(execution: string, input: Record<string, string>, stop?: string): Promise<void>;
};

/** Effects through SES and Step Functions. */
export function awsEffects(settings: {
  stateMachineArn: string;
  configurationSet: string;
  sender: string;
}): Effects {
  const ses = new SESClient({});
  const sfn = new SFNClient({});
  const stop = async (execution: string) => {
    const executionArn = `${settings.stateMachineArn.replace(':stateMachine:', ':execution:')}:${execution}`;
    await unless(['ExecutionDoesNotExist'], () => sfn.send(new StopExecutionCommand({ executionArn })));
  };
  return {
    async send({ to, raw, tags }) {
      await ses.send(
        new SendRawEmailCommand({
          Source: settings.sender,
          Destinations: [to],
          ConfigurationSetName: settings.configurationSet,
          RawMessage: { Data: raw },
          Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
        }),
      );
    },
    async answer(token, output) {
      await unless(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken'], () =>
        sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) })),
      );
    },
    stop,
    async start(execution, input, replaced) {
      if (replaced !== undefined) await stop(replaced);
      await unless(['ExecutionAlreadyExists'], () =>
        sfn.send(
          new StartExecutionCommand({
            stateMachineArn: settings.stateMachineArn,
            name: execution,
            input: JSON.stringify(input),
          }),
        ),
      );
    },
  };
}

/** Does it; errors of these names mean that it is done already. */
async function unless(names: readonly string[], doIt: () => Promise<unknown>): Promise<void> {
  try {
    await doIt();
  } catch (error) {
    if (!(error instanceof Error && names.includes(error.name))) throw error;
  }
}
