/** SQS on a laptop, as far as it keeps what failed for an operator to see: queues are listed, looked into and emptied (AWS JSON 1.0). */
import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Metrics } from './metrics.ts';
import type { QueuePlan } from './resources.ts';

const list = z.object({ QueueNamePrefix: z.string().default('') });
const one = z.object({ QueueUrl: z.string() });

export class Queues {
  readonly #queues: readonly (QueuePlan & { messages: string[] })[];
  readonly #metrics: Metrics;

  constructor(plans: readonly QueuePlan[], metrics: Metrics) {
    this.#queues = plans.map((plan) => ({ ...plan, messages: [] }));
    this.#metrics = metrics;
  }

  /** Puts a message into a queue, by its ARN. */
  send(arn: string, message: string): void {
    this.#queues.find((queue) => queue.arn === arn)?.messages.push(message);
  }

  /** Says how many messages lie in each queue where there are any: AWS says it every minute, and says nothing of queues that rest. */
  measure(): void {
    for (const { name: QueueName, messages } of this.#queues) {
      if (messages.length === 0) continue;
      this.#metrics.add('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, messages.length);
    }
  }

  /** Answers one call: the status and what to send as JSON. */
  call(operation: string, body: string): { status: number; answer: unknown } {
    const asked: unknown = JSON.parse(body || '{}');
    if (operation === 'ListQueues') {
      const { QueueNamePrefix } = list.parse(asked);
      const found = this.#queues.filter(({ name }) => name.startsWith(QueueNamePrefix));
      return { status: 200, answer: { QueueUrls: found.map(({ url }) => url) } };
    }
    const queue = this.#queues.find(({ url }) => url === one.safeParse(asked).data?.QueueUrl);
    if (!queue) return { status: 400, answer: { __type: 'com.amazonaws.sqs#QueueDoesNotExist' } };
    switch (operation) {
      case 'PurgeQueue':
        queue.messages = [];
        return { status: 200, answer: {} };
      case 'ReceiveMessage': {
        const [Body] = queue.messages;
        const Messages =
          Body === undefined
            ? []
            : [
                {
                  Body,
                  MD5OfBody: createHash('md5').update(Body).digest('hex'),
                  ReceiptHandle: randomUUID(),
                },
              ];
        return { status: 200, answer: { Messages } };
      }
      default:
        return { status: 400, answer: { __type: 'com.amazonaws.sqs#UnsupportedOperation' } };
    }
  }
}
