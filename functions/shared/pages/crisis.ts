/** Whom to turn to in danger: for every page, and for what the firewall says. */
import type { CrisisContact } from '../environment.ts';

/** What to do, and the link that does it. */
export function crisisContactInWords(contact: CrisisContact) {
  const { when, note } = contact;
  return 'call' in contact
    ? { when, note, verb: 'Call', words: contact.call, href: `tel:${contact.call.replaceAll(' ', '')}` }
    : {
        when,
        note,
        verb: 'Text',
        words: `${contact.word} to ${contact.text}`,
        href: `sms:${contact.text.replaceAll(' ', '')}?body=${encodeURIComponent(contact.word)}`,
      };
}
