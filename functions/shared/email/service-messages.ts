/** The words of emails to the coordinator that are about no referral. */
import type { EmailMessage } from './compose.ts';

/** Whose address does not work. */
export type AddressOf = 'provider' | 'link-worker' | 'coordinator';

/** What a message says: an address does not work, or email was held for everybody. */
export type ServiceNews =
  | { kind: 'address'; whose: AddressOf; programmeId?: string }
  | { kind: 'held'; since: string };

const whoseWords: Record<AddressOf, string[]> = {
  provider: [
    'What we send to a provider comes back, or is refused, so we send nothing there any more: no offers, and no requests to record who came. The page shows whose address it is.',
    'Please phone them and put the address in the directory right. The link workers of those who were to hear from them have it in their worklist.',
  ],
  'link-worker': [
    'What we send to an address of the link workers comes back, or is refused, so we send nothing there any more. Everything is in their worklist; nobody is told by email that it is.',
    'Please tell them now, and have whoever runs the system put the address right in its settings.',
  ],
  coordinator: [
    'What we send to the coordinator’s address comes back, or is refused. Please have whoever runs the system put it right in its settings.',
  ],
};

/** The email to the coordinator. `held.since` is in words by then. */
export function serviceMessage(
  news: ServiceNews,
  facts: { serviceName: string; url: string; since?: string },
): EmailMessage & { subject: string } {
  const footer = [`Sent automatically by ${facts.serviceName}. This email holds no personal details.`];
  if (news.kind === 'address') {
    const subject = 'An address that we write to does not work';
    const label = news.whose === 'provider' ? 'Open the directory' : 'Sign in';
    const action = { label, url: facts.url };
    return { subject, heading: subject, paragraphs: whoseWords[news.whose], action, footer };
  }
  const subject = 'Emails went out late';
  return {
    subject,
    heading: subject,
    facts: facts.since === undefined ? [] : [{ label: 'Held since', value: facts.since }],
    paragraphs: [
      'For a time no email of the service was taken: its sending was paused, or there was too much at once. None is lost. They are going out now, the last of them within an hour or so.',
      'Whoever waits for an answer may have waited longer than usual. If this comes again, please ask whoever runs the system to look at its sending limits.',
    ],
    footer,
  };
}
