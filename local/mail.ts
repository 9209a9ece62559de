/**
 * SES on a laptop: aws-ses-v2-local takes and parses the mail; in front of it are the checks by which real SES refuses mail, and
 * behind it the inbox. Nothing leaves the machine.
 */
import { once } from 'node:events';
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { getStoreReadonly } from 'aws-ses-v2-local/dist/store.js';
import type { Clock } from './clock.ts';
import type { EventBus } from './event-bus.ts';
import type { Faults } from './faults.ts';
import { send } from './http.ts';
import type { Inbox } from './inbox.ts';
import { type SentMail, sesEvents } from './mail-events.ts';
import type { Metrics } from './metrics.ts';
import type { EventDestinationPlan } from './plan.ts';
import { Reputation } from './reputation.ts';
import type { Usage } from './usage.ts';

export interface MailRules {
  readonly eventDestinations: readonly EventDestinationPlan[];
  /** Addresses and domains that may send. */
  readonly identities: readonly string[];
  readonly configurationSets: readonly string[];
}

export interface MailServices {
  readonly bus: Pick<EventBus, 'publish'>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly inbox: Inbox;
  readonly metrics: Metrics;
  readonly usage: Usage;
}

type Serve = (config: { host: string; port: number }) => Promise<Server>;

export class Mail {
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #rules: MailRules;
  readonly #services: MailServices;
  readonly #reputation: Reputation;

  private constructor(server: Server, rules: MailRules, services: MailServices) {
    this.#server = server;
    this.#rules = rules;
    this.#services = services;
    this.#reputation = new Reputation(services.metrics);
  }

  static async start(rules: MailRules, services: MailServices): Promise<Mail> {
    const { default: serve } = createRequire(import.meta.url)('aws-ses-v2-local') as { default: Serve };
    return new Mail(await serve({ host: '127.0.0.1', port: 0 }), rules, services);
  }

  async handle(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(body.toString());
    const refusal = this.#refusal(form);
    if (refusal) {
      send(response, 400, 'text/xml', errorXml(...refusal));
      return;
    }
    const { status, type, text } = await this.#forward(request, body);
    const messageId = /<MessageId>([^<]+)<\/MessageId>/.exec(text)?.[1];
    if (messageId !== undefined) this.#keep(messageId, form);
    send(response, status, type, text);
  }

  /** Says how many of the latest emails came back. */
  measure(): void {
    this.#reputation.measure();
  }

  close(): void {
    this.#agent.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #refusal(form: URLSearchParams): [code: string, message: string] | undefined {
    const fault = this.#services.faults.takeRefusal();
    if (fault !== undefined) return [fault, 'Injected fault'];
    const set = form.get('ConfigurationSetName');
    if (set !== null && !this.#rules.configurationSets.includes(set)) {
      return ['ConfigurationSetDoesNotExist', `Configuration set <${set}> does not exist.`];
    }
    const source = form.get('Source') ?? fromOf(form.get('RawMessage.Data') ?? '');
    const address = /<([^<>]+)>\s*$/.exec(source)?.[1] ?? source.trim();
    const domain = address.slice(address.lastIndexOf('@') + 1);
    if (this.#rules.identities.some((identity) => identity === address || identity === domain))
      return undefined;
    return [
      'MessageRejected',
      `Email address is not verified. The following identities failed the check: ${address}`,
    ];
  }

  async #forward(
    request: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; type: string; text: string }> {
    const { port } = this.#server.address() as AddressInfo;
    const { authorization, 'content-type': contentType } = request.headers;
    const forwarded = httpRequest({
      agent: this.#agent,
      host: '127.0.0.1',
      port,
      method: request.method,
      path: request.url,
      headers: {
        'content-length': body.length,
        ...(authorization === undefined ? {} : { authorization }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
    });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    return {
      status: answer.statusCode ?? 500,
      type: String(answer.headers['content-type'] ?? 'text/xml'),
      text,
    };
  }

  /** Moves a mail from the emulator's memory, which it shares among all its servers of a process, into the inbox. */
  #keep(messageId: string, form: URLSearchParams): void {
    const { emails } = getStoreReadonly();
    const index = emails.findIndex((email) => email.messageId === messageId);
    const [email] = index < 0 ? [] : emails.splice(index, 1);
    if (!email) return;
    const { clock, inbox, usage } = this.#services;
    const { to, cc, bcc } = email.destination;
    const recipients = [...to, ...cc, ...bcc].flatMap(addressesOf);
    inbox.add({
      id: messageId,
      at: clock.iso(),
      from: email.from,
      to: recipients,
      subject: email.subject,
      text: email.body.text ?? '',
      html: email.body.html ?? '',
    });
    usage.emails += recipients.length;
    const source = email.from;
    this.#publish({ messageId, at: clock.iso(), source, recipients, subject: email.subject }, form);
  }

  /** Tells the event bus what became of it, where the configuration set says so. */
  #publish(mail: Omit<SentMail, 'tags' | 'configurationSet'>, form: URLSearchParams): void {
    const configurationSet = form.get('ConfigurationSetName') ?? '';
    const wanted = this.#rules.eventDestinations
      .filter((each) => each.configurationSet === configurationSet)
      .flatMap(({ eventTypes }) => eventTypes);
    const events = sesEvents({ ...mail, configurationSet, tags: tagsIn(form) });
    this.#reputation.sent(events.map(({ type }) => type));
    for (const event of events) {
      if (wanted.includes(event.type)) this.#services.bus.publish('aws.ses', event.detailType, event.detail);
    }
  }
}

/** `Tags.member.1.Name=to&Tags.member.1.Value=person` → `{ to: ['person'] }`. */
function tagsIn(form: URLSearchParams): Record<string, string[]> {
  const names = [...form].filter(([key]) => /^Tags\.member\.\d+\.Name$/.test(key));
  return Object.fromEntries(
    names.map(([key, name]) => [name, [form.get(key.replace(/Name$/, 'Value')) ?? '']]),
  );
}

/** `Ada <ada@example.org>, bob@example.org` → both addresses. */
function addressesOf(header: string): string[] {
  return header.match(/[^\s<>",;]+@[^\s<>",;]+/g) ?? [];
}

/** The sender in a raw message's header. */
function fromOf(data: string): string {
  const [header = ''] = Buffer.from(data, 'base64')
    .toString()
    .split(/\r?\n\r?\n/);
  const unfolded = header.replace(/\r?\n[ \t]+/g, ' ');
  return /^from:\s*(.*)$/im.exec(unfolded)?.[1] ?? '';
}

function errorXml(code: string, message: string): string {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped}</Message></Error></ErrorResponse>`;
}
