/** SQS on a laptop, as far as it keeps what failed for an operator to see: queues are listed, looked into and emptied (AWS JSON 1.0). */
import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';
import type { QueuePlan } from './plan.ts';

const RESTS_AFTER_MS = 6 * 3_600_000;

const list = z.object({ QueueNamePrefix: z.string().default('') });
const one = z.object({ QueueUrl: z.string() });

export class Queues {
  readonly #queues: readonly (QueuePlan & { messages: string[]; used: number })[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #metrics: Metrics;

  constructor(plans: readonly QueuePlan[], clock: Pick<Clock, 'now'>, metrics: Metrics) {
    this.#queues = plans.map((plan) => ({ ...plan, messages: [], used: Number.NEGATIVE_INFINITY }));
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Puts a message into a queue, by its ARN. */
  send(arn: string, message: string): void {
    const queue = this.#queues.find((each) => each.arn === arn);
    if (!queue) return;
    queue.messages.push(message);
    queue.used = this.#clock.now();
  }

  /** Says how many messages lie in each queue: AWS says it every minute, and nothing of queues that are empty and that nobody has used for six hours. */
  measure(): void {
    for (const { name: QueueName, messages, used } of this.#queues) {
      if (messages.length === 0 && this.#clock.now() - used > RESTS_AFTER_MS) continue;
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
    queue.used = this.#clock.now();
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
