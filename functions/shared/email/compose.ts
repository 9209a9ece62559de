/**
 * Composes an email: HTML and plain text from one structure, so that they cannot say different things. Every value is escaped.
 */
import { createHash } from 'node:crypto';
import MimeNode from 'nodemailer/lib/mime-node';

/** What an email says. */
export type EmailMessage = {
  heading: string;
  /** A few labelled values, such as the reference and the date to act by. */
  facts?: readonly { label: string; value: string }[];
  paragraphs: readonly string[];
  /** The one thing to do. */
  action?: { label: string; url: string };
  footer: readonly string[];
};

export type Email = {
  to: string;
  from: { name: string; address: string };
  subject: string;
  message: EmailMessage;
  /** Made from the mail's cause. The same key makes the same Message-ID, so a mail sent twice can be recognised. */
  key: string;
  /** The moment of sending (ISO). */
  now: string;
};

/** The whole message in MIME, as SES `SendRawEmail` takes it. The same input makes the same bytes. */
export async function composeEmail({ to, from, subject, message, key, now }: Email): Promise<Uint8Array> {
  const id = createHash('sha256').update(key).digest('hex').slice(0, 40);
  // Nodemailer's MIME tree itself: its composer adds attachments, calendars and files, of which our mail has none. A
  // boundary of our own, because a random one would make every retry of a mail another mail.
  const part = {
    baseBoundary: id,
    newline: 'win',
    textEncoding: 'Q',
    disableUrlAccess: true,
    disableFileAccess: true,
  };
  const root = new MimeNode('multipart/alternative', part);
  root.setHeader({
    From: from,
    // As an object, so that no character in an address can make it two.
    To: { name: '', address: to },
    Subject: subject,
    Date: new Date(now),
    'Message-ID': `<${id}@${from.address.split('@').at(-1)}>`,
    'MIME-Version': '1.0',
    // Out-of-office programs do not answer what says that it is automatic (RFC 3834).
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
  });
  const encoding = { 'Content-Transfer-Encoding': 'quoted-printable' };
  root
    .createChild('text/plain; charset=utf-8', part)
    .setHeader(encoding)
    .setContent(textOf(message, from.name));
  root
    .createChild('text/html; charset=utf-8', part)
    .setHeader(encoding)
    .setContent(htmlOf(message, from.name));
  return root.build();
}

/** The plain text. */
export function textOf(
  { heading, facts = [], paragraphs, action, footer }: EmailMessage,
  sender: string,
): string {
  return [
    heading,
    ...(facts.length ? [facts.map(({ label, value }) => `${label}: ${value}`).join('\n')] : []),
    ...paragraphs,
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    `--\n${sender}\n${footer.join('\n')}`,
  ]
    .join('\n\n')
    .concat('\n');
}

const FONT = 'font-family:Arial,Helvetica,sans-serif';

/** Colours for readers in the dark; everything else is styled in place, as mail programs want it. */
const STYLES =
  '@media (prefers-color-scheme:dark){.page{background:#15202b!important}.card{background:#1f2d3a!important}' +
  '.ink{color:#f0f4f5!important}.soft{color:#c2ccd4!important}.facts{background:#15202b!important}.link{color:#8ec5ff!important}}' +
  '@media (max-width:480px){.band{padding:16px!important}.card{padding:20px 16px!important}.button{display:block!important;text-align:center!important}}';

/** The HTML: one column without tables, readable at any width. */
export function htmlOf(message: EmailMessage, sender: string): string {
  const { heading, facts = [], paragraphs, action, footer } = message;
  const paragraph = (text: string) =>
    `<p class="ink" style="margin:0 0 16px;font-size:18px;line-height:1.5;color:#212b32">${escapeHtml(text)}</p>`;
  const fact = ({ label, value }: { label: string; value: string }) =>
    `<p style="margin:0 0 8px;font-size:16px;line-height:1.4"><span class="soft" style="color:#4c6272">${escapeHtml(label)}</span><br>` +
    `<strong class="ink" style="color:#212b32;font-size:18px">${escapeHtml(value)}</strong></p>`;
  const small = (text: string) =>
    `<p class="soft" style="margin:0 0 8px;font-size:14px;line-height:1.5;color:#4c6272">${escapeHtml(text)}</p>`;
  const body = [
    `<h1 class="ink" style="margin:0 0 20px;font-size:24px;line-height:1.3;color:#212b32">${escapeHtml(heading)}</h1>`,
    facts.length
      ? `<div class="facts" style="margin:0 0 20px;padding:16px 16px 8px;background:#f0f4f5;border-left:4px solid #005eb8">${facts.map(fact).join('')}</div>`
      : '',
    ...paragraphs.map(paragraph),
    action ? button(action) : '',
  ].join('\n');
  return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(heading)}</title>
<style>${STYLES}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f0f4f5;${FONT}">
<div class="page" role="article" lang="en-GB" style="background:#f0f4f5;padding:24px 12px;${FONT}">
<div style="max-width:600px;margin:0 auto">
<p class="band" style="margin:0;padding:16px 24px;background:#005eb8;color:#ffffff;font-size:18px;font-weight:bold">${escapeHtml(sender)}</p>
<div class="card" style="background:#ffffff;padding:28px 24px 20px">
${body}
</div>
<div style="padding:16px 4px">
${footer.map(small).join('\n')}
</div>
</div>
</div>
</body>
</html>
`;
}

function button({ label, url }: { label: string; url: string }): string {
  return [
    `<p style="margin:24px 0"><a class="button" href="${escapeHtml(url)}" style="display:inline-block;padding:14px 24px;background:#007f3b;color:#ffffff;font-size:18px;font-weight:bold;text-decoration:none;border-radius:4px">${escapeHtml(label)}</a></p>`,
    `<p class="soft" style="margin:0 0 8px;font-size:14px;line-height:1.5;color:#4c6272">If the button does not work, copy this address into your browser:<br><a class="link" href="${escapeHtml(url)}" style="color:#005eb8;word-break:break-all">${escapeHtml(url)}</a></p>`,
  ].join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
