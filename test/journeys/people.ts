/** What people do with a referral, through pages and emails alone. */
import { randomUUID } from 'node:crypto';
import { type Fields, type Page, visit } from './browser.ts';
import { Cloud, type Mail } from './cloud.ts';
import { signIn, type Who } from './sign-in.ts';

/** How far the clock moves at a time while waiting for an email. */
const STEP_HOURS = 12;

/** The emails that ask the team to decide something, as their subjects begin or go on. */
const ASKS = {
  review: /waits for your review|Your question about a referral was answered/,
  welfare: /contact a person/,
} as const;
type Ask = keyof typeof ASKS;

/** One referral on one cloud, and everyone who has to do with it. */
export class Referral {
  readonly cloud: Cloud;
  readonly reference: string;
  readonly addresses: { person: string; referrer: string; gp: string };
  readonly #seen = new Set<string>();

  private constructor(cloud: Cloud, reference: string, addresses: Referral['addresses']) {
    this.cloud = cloud;
    this.reference = reference;
    this.addresses = addresses;
  }

  /** A professional refers a young person in Camden. `fields` replaces what the form would hold. */
  static async submitted(baseUrl: string, fields: Fields = {}): Promise<Referral> {
    const cloud = new Cloud(baseUrl);
    const mark = randomUUID().slice(0, 8);
    const answers = { ...formOf(mark), ...fields };
    const form = await professionalForm(cloud);
    const sent = await form.submit(undefined, answers);
    const reference = /\bSP-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(sent.text)?.[0];
    if (sent.status !== 200 || !reference) throw new Error(`not sent: ${sent.status} ${sent.text}`);
    await cloud.settle();
    return new Referral(cloud, reference, {
      person: answers.email ?? '',
      referrer: answers.referrerEmail ?? '',
      gp: answers.gpPracticeEmail ?? '',
    });
  }

  /** One that came in by another way. */
  static known(cloud: Cloud, reference: string, addresses: Referral['addresses']): Referral {
    return new Referral(cloud, reference, addresses);
  }

  /** Every email about this referral. */
  async mails(): Promise<Mail[]> {
    return (await this.cloud.inbox()).filter((mail) => mail.text.includes(this.reference));
  }

  /**
   * The newest link of a kind not seen before; moves the clock until one comes by email, at most `days` days: two weeks from one session to
   * the next, and two more where Christmas and New Year fall on its weekday.
   */
  async link(kind: string, days = 30): Promise<string> {
    return this.#next(`a ${kind} link`, (mail) => linkIn(mail, kind), days);
  }

  /** Where an email leads that asks the team for something; moves the clock until one comes that was not seen before. */
  async asked(what: Ask): Promise<string> {
    return this.#next(`a ${what} to do`, (mail) =>
      ASKS[what].test(mail.subject) ? pageIn(mail) : undefined,
    );
  }

  /** What the newest email not seen before has of something that emails may have. */
  async #next(what: string, find: (mail: Mail) => string | undefined, days = 16): Promise<string> {
    for (let hours = 0; ; hours += STEP_HOURS) {
      const found = (await this.mails()).filter((mail) => find(mail) !== undefined);
      const newest = found.at(-1);
      const isNew = newest !== undefined && !this.#seen.has(newest.id);
      for (const { id } of found) this.#seen.add(id);
      if (newest && isNew) return find(newest) ?? '';
      if (hours >= days * 24) throw new Error(`no email with ${what} for ${this.reference} in ${days} days`);
      await this.cloud.advance({ hours: STEP_HOURS });
    }
  }

  /** Opens the next email's link of a kind, steps in, and does something there. */
  async act(kind: string, action: string, fields: Fields, days?: number): Promise<Page> {
    const opened = await (await visit(await this.link(kind, days))).submit('open');
    const page = await opened.submit(action, fields);
    await this.cloud.settle();
    return page;
  }

  /** A page of the referral, as somebody of its team opens it who has just signed in. */
  async opened(
    who: Who = 'amina',
    address = `${this.cloud.baseUrl}/referrals/${this.reference}`,
  ): Promise<Page> {
    return signIn(this.cloud, new Map(), who, new URL(address).pathname);
  }

  /** The referral as a link worker reads it who follows the next email that asks for a review, and signs in. */
  async openReview(): Promise<Page> {
    return this.opened('amina', await this.asked('review'));
  }

  /** A link worker decides the review that the next email asks for. */
  async review(fields: Fields): Promise<Page> {
    return this.#decided(await this.openReview(), 'decide', fields);
  }

  /** A link worker records what came of the welfare contact that the next email asks for. */
  async welfare(fields: Fields): Promise<Page> {
    return this.#decided(await this.opened('amina', await this.asked('welfare')), 'welfare', fields);
  }

  async #decided(page: Page, action: string, fields: Fields): Promise<Page> {
    const decided = await page.submit(action, fields);
    await this.cloud.settle();
    return decided;
  }

  /** Matches; where there are known risks, with their summary for the provider. */
  async match(programmeId = 'hive-music', riskSummary = 'Better in small groups'): Promise<Page> {
    return this.matchOn(await this.openReview(), programmeId, riskSummary);
  }

  /** The same on the page, which somebody has opened. */
  async matchOn(opened: Page, programmeId: string, riskSummary = 'Better in small groups'): Promise<Page> {
    const risks = opened.has('riskSummary') ? { riskSummary } : {};
    const why = opened.has('rankingReason') ? { rankingReason: 'They know people there' } : {};
    const anyway = opened.has('matchAnyway') ? { matchAnyway: 'yes' } : {};
    return this.#decided(opened, 'decide', { decision: 'match', programmeId, ...risks, ...why, ...anyway });
  }

  /** The provider accepts, with the first session that the form proposes. */
  async accept(): Promise<Page> {
    return this.replyToOffer({ reply: 'accept' });
  }

  async replyToOffer(fields: Fields): Promise<Page> {
    return this.act('offer', 'reply', fields);
  }

  /** The newest code that went to the provider, and its email. */
  async code(): Promise<{ mail: Mail; code: string }> {
    const mail = (await this.mails()).findLast(({ subject }) => subject.startsWith('Your code'));
    const code = /^Code: (\d{6})$/m.exec(mail?.text ?? '')?.[1];
    if (!mail || code === undefined) throw new Error(`no code for ${this.reference}`);
    return { mail, code };
  }

  /** The facilitator fills in the register of the next session, when its email comes. */
  async register(entry: { held: 'yes'; attendance: string } | { held: 'cancelled' }): Promise<Page> {
    return this.recordAt(await this.link('register'), entry);
  }

  /** The same at a link that came before. */
  async recordAt(
    link: string,
    entry: { held: 'yes'; attendance: string } | { held: 'cancelled' },
  ): Promise<Page> {
    const opened = await (await visit(link)).submit('open');
    const came = entry.held === 'yes' ? opened.named(/^attendance-/) : [];
    const attendance = entry.held === 'yes' ? entry.attendance : '';
    const page = await opened.submit('record', {
      held: entry.held,
      ...Object.fromEntries(came.map((name) => [name, attendance])),
    });
    await this.cloud.settle();
    return page;
  }

  /** `count` sessions held and attended. */
  async attend(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.register({ held: 'yes', attendance: '5' });
  }

  /** The page of the person themself, by the newest link that they got. */
  async personPage(): Promise<Page> {
    const urls = (await this.mails()).flatMap((mail) => linkIn(mail, 'person') ?? []);
    const newest = urls.at(-1);
    if (!newest) throw new Error(`no person's link for ${this.reference}`);
    return visit(newest);
  }

  /** What the person's page says of the referral. */
  async status(): Promise<string> {
    return (await this.personPage()).text;
  }

  /** The closing letters, opened as their readers would, by reader; those to be printed by a link worker. */
  async letters(): Promise<Record<'person' | 'referrer' | 'gp', string>> {
    const letters: Record<string, string> = {};
    // They go out once it is too late to take the decision back.
    if (!(await this.mails()).some((mail) => linkIn(mail, 'letters'))) await this.cloud.advance({ hours: 1 });
    for (const mail of await this.mails()) {
      const [toPrint, reader] = /https?:\/\/\S+\/letters\/(person|gp)\b/.exec(mail.text) ?? [];
      if (toPrint && reader) letters[reader] = (await this.opened('amina', toPrint)).text;
      const url = linkIn(mail, 'letters');
      if (!url) continue;
      const to = Object.entries(this.addresses).find(
        ([, address]) => address !== '' && mail.to.join().includes(address),
      )?.[0];
      letters[to ?? 'nobody'] = (await (await visit(url)).submit('open')).text;
    }
    return letters as Record<'person' | 'referrer' | 'gp', string>;
  }

  /** The subjects of the emails to an address, in order. */
  async subjectsTo(address: string): Promise<string[]> {
    return (await this.mails())
      .filter((mail) => mail.to.join().includes(address))
      .map((mail) => mail.subject);
  }
}

/** The professional's form, ready to be sent. */
export async function professionalForm(cloud: Cloud): Promise<Page> {
  const form = await visit(`${cloud.baseUrl}/refer/professional`);
  await aMomentLater(cloud);
  return form;
}

/** Lets a form be filled in: nobody takes less time than programs do. */
export async function aMomentLater(cloud: Cloud): Promise<void> {
  await cloud.advance({ hours: 5 / 3600 });
}

/** Where an email leads whoever signs in: the page of the referral. */
export function pageIn(mail: Mail): string | undefined {
  return /https?:\/\/\S+\/referrals\/SP-[0-9A-Z-]{9}/.exec(mail.text)?.[0];
}

/** The link of a kind in an email. */
export function linkIn(mail: Mail, kind: string): string | undefined {
  // The page of a group is behind the same link, and asks for no register.
  return new RegExp(`https?://\\S+/${kind}/[A-Za-z0-9_-]{54}(?!/group)(\\?session=\\d+)?`).exec(
    mail.text,
  )?.[0];
}

/** A complete form of a professional for a young person in Camden; `mark` keeps addresses apart. */
export function formOf(mark: string): Fields {
  return {
    danger: 'no',
    referrerName: 'Dr Amara Okafor',
    referrerEmail: `referrer-${mark}@practice.example`,
    referrerPhone: '020 7946 0000',
    referrerRole: 'GP',
    referrerOrganisation: 'Example Practice',
    firstName: 'Róisín',
    familyName: "O'Brien",
    'dateOfBirth-day': '3',
    'dateOfBirth-month': '4',
    'dateOfBirth-year': '2008',
    nhsNumber: '943 476 5919',
    email: `person-${mark}@people.example`,
    contactMayEmail: 'yes',
    phone: '07700 900982',
    postcode: 'NW1 8AB',
    gpPracticeCode: 'F83010',
    gpPracticeEmail: `gp-${mark}@practice.example`,
    needs: 'Lonely since moving here; used to sing in a choir.',
    risks: 'none-known',
    communicationDetail: 'Prefers text messages',
    consent: 'yes',
  };
}
