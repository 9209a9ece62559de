/** What a drill needs: the cloud, whoever watches the alarms, and an operator with the runbook's commands. */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { LATEST } from '../../../local/reputation.ts';
import { after } from '../../../workflows/time.ts';
import type { Cloud } from '../cloud.ts';
import { Referral } from '../people.ts';
import type { Watch } from '../watch.ts';

const OPERATE = join(import.meta.dirname, '../../../infra/operate.ts');

/** More than anybody tries while a drill lasts. */
export const FOR_LONG = 100_000;

/** What happens to an alarm: something is wrong, it rings, the runbook is followed, it is over. Which others ring of the same cause. */
export type Drill = { also?: readonly string[]; run(scene: Scene): Promise<void> };

/** A line of the log. */
export type Line = Record<string, unknown> & { message?: string; error?: string };

export class Scene {
  readonly control: Cloud;
  readonly watch: Watch;
  #environment: Record<string, string> = {};
  #logBefore = 0;

  constructor(control: Cloud, watch: Watch) {
    this.control = control;
    this.watch = watch;
  }

  /** Before each drill: what the log has until then is of others, and so is what still fails. */
  async begin(): Promise<void> {
    await this.control.faults({});
    this.#environment = await this.control.environment('reminder-sweep');
    this.#logBefore = (await this.control.logs()).length;
  }

  /** Somebody is referred. */
  referred(fields: Record<string, string> = {}): Promise<Referral> {
    return Referral.submitted(this.control.baseUrl, fields);
  }

  /** Somebody is referred and offered to a provider: for whoever waits there no link worker is late, however long it takes. */
  async offered(): Promise<Referral> {
    const referral = await this.referred();
    await referral.match();
    return referral;
  }

  /** Time passes until somebody is late by so many hours; nothing else is wrong. */
  async untilLate(urgency: string, hours: number, step: number): Promise<void> {
    for (let passed = 0; passed < 30 * 24; passed += step) {
      if ((this.watch.latest('LongestOverdueHours', { urgency }) ?? 0) >= hours) return;
      await this.watch.skip(step);
    }
    throw new Error(`nobody is ${hours} hours late in 30 days`);
  }

  /**
   * Time passes until the reminder of somebody who waits was tried in vain five times (when it is due, and after five minutes, a quarter of an hour, one
   * hour and four) and the alarm says so.
   */
  async untilParked(): Promise<void> {
    for (let days = 0; days < 30; days++) {
      for (let skips = 0; skips < 6; skips++) {
        await this.watch.skip(4);
        if (this.watch.alarms.states.get('parked') === 'ALARM') return;
      }
    }
    throw new Error('nothing is parked in 30 days');
  }

  /** Link workers have in their worklist whom email does not reach, and put it right. */
  async reached(referral: Referral, newEmail: string): Promise<void> {
    const address = `${this.control.baseUrl}/referrals/${referral.reference}/contacts`;
    const page = await (await referral.opened('amina', address)).submit('reach', {
      newEmail,
      reached: 'Phoned',
    });
    if (page.status !== 200) throw new Error(`${page.status} ${page.text}`);
    await this.control.settle();
  }

  /** Whoever was referred for a drill is out of the way of the next one. */
  async signposted(referral: Referral): Promise<void> {
    const page = await referral.opened();
    await page.submit('decide', { decision: 'signpost', signpostedTo: 'The drop-in at the library' });
    await this.control.settle();
  }

  /** The same of somebody who was offered to a provider, or is in a programme: they tell a link worker that they leave. */
  async left(referral: Referral): Promise<void> {
    const page = await referral.opened();
    await page.submit('told-leaves', { leaves: 'yes' });
    await this.control.settle();
  }

  /** Who is still on a worklist or in a programme: with them another drill, days later, would have somebody who is late. */
  async open(): Promise<unknown[]> {
    const rows = await this.control.table();
    const worklist = rows.filter(({ worklistKey: key }) => key && !String(key).startsWith('9#closing#'));
    return worklist.map(({ reference }) => reference);
  }

  /** What the log has of a message since the drill began. */
  async logged(message: string): Promise<Line[]> {
    const lines = (await this.control.logs()).slice(this.#logBefore).split('\n');
    return lines
      .filter((line) => line.includes(message))
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Line)
      .filter((line) => line.message === message);
  }

  /** `npm run …`, as an operator types it. Gives what it says. */
  async npmRun(command: string, ...args: string[]): Promise<string> {
    const all = [OPERATE, command, ...args, '--base-url', this.control.baseUrl];
    return (await promisify(execFile)(process.execPath, all)).stdout;
  }

  /** `aws lambda invoke`: the runbook's way to run something by hand, with the time that it is. */
  async byHand(name: string, payload?: object): Promise<unknown> {
    const { FunctionError, Payload = [] } = await new LambdaClient(this.#reaching('LAMBDA')).send(
      new InvokeCommand({
        FunctionName: `${this.#stack}-${name}`,
        Payload: JSON.stringify(payload ?? { now: await this.control.now() }),
      }),
    );
    if (FunctionError) throw new Error(`${name} failed: ${Buffer.from(Payload)}`);
    await this.control.settle();
    return JSON.parse(Buffer.from(Payload).toString());
  }

  /** So many others write that nothing is left of what came back before: links of unfinished forms, which all arrive. */
  async othersWrite(): Promise<void> {
    const now = await this.control.now();
    const until = after(now, { hours: 1 });
    for (let sent = 0; sent < LATEST; sent++) {
      const to = `${randomUUID()}@people.example`;
      await this.byHand('outbox', {
        draft: { to, token: randomBytes(48).toString('base64url'), until },
        now,
      });
    }
  }

  /** What lies in the queue of what failed for good: the oldest, if there is one. */
  async letter(): Promise<Record<string, unknown> | undefined> {
    const { Messages } = await this.#sqs<{ Messages: { Body: string }[] }>('ReceiveMessage');
    return Messages[0] && JSON.parse(Messages[0].Body);
  }

  /** `aws sqs purge-queue`, as the runbook has it. */
  async emptyQueue(): Promise<void> {
    await this.#sqs('PurgeQueue');
  }

  /** A referral as the table has it. */
  async row(referral: Referral): Promise<Record<string, unknown>> {
    const rows = await this.control.table();
    const row = rows.find(({ sk, reference }) => sk === 'REFERRAL' && reference === referral.reference);
    if (!row) throw new Error(`${referral.reference} is not in the table`);
    return row;
  }

  /** Makes a stored referral one of another version of the schema, as where an older version of the service is deployed over a newer one. */
  async setVersion(referral: Referral, schemaVersion: number): Promise<{ id: string; before: number }> {
    const row = await this.row(referral);
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(this.#reaching('DYNAMODB')));
    await client.send(
      new UpdateCommand({
        TableName: this.#environment.TABLE_NAME,
        Key: { pk: row.pk, sk: row.sk },
        UpdateExpression: 'SET schemaVersion = :version',
        ExpressionAttributeValues: { ':version': schemaVersion },
      }),
    );
    return { id: String(row.id), before: Number(row.schemaVersion) };
  }

  get #stack(): string {
    return (this.#environment.AWS_LAMBDA_FUNCTION_NAME ?? '').replace(/-reminder-sweep$/, '');
  }

  #reaching(service: string) {
    return {
      endpoint: this.#environment[`AWS_ENDPOINT_URL_${service}`] ?? '',
      region: this.#environment.AWS_REGION ?? '',
      credentials: { accessKeyId: 'laptop', secretAccessKey: 'laptop' },
    };
  }

  async #sqs<T>(operation: string): Promise<T> {
    const ask = async (target: string, body: object) => {
      const answer = await fetch(this.#environment.AWS_ENDPOINT_URL_LAMBDA ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${target}` },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    };
    const { QueueUrls } = (await ask('ListQueues', { QueueNamePrefix: `${this.#stack}-Reminders` })) as {
      QueueUrls: string[];
    };
    return (await ask(operation, { QueueUrl: QueueUrls[0] })) as T;
  }
}
