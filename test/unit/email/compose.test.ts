import fc from 'fast-check';
import { parse } from 'node-html-parser';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { composeEmail, type Email, htmlOf, textOf } from '../../../functions/shared/email/compose.ts';

const email: Email = {
  to: 'roisin@people.example',
  from: { name: 'Open Social Prescribing', address: 'referrals@example.org' },
  subject: 'A referral is offered to you (SP-7K4M-2Q9X)',
  message: {
    heading: 'A referral is offered to you',
    facts: [
      { label: 'Reference', value: 'SP-7K4M-2Q9X' },
      { label: 'Please reply by', value: '24 November 2026' },
    ],
    paragraphs: ['Please look at it and reply.', 'You do not need an account.'],
    action: { label: 'Look at the offer', url: 'https://example.org/offer/AbC-_123?a=1&b=2' },
    footer: ['Sent automatically.'],
  },
  key: 'referral:email:offer:provider:offer-1',
  now: '2026-11-24T10:00:00.000Z',
};

describe('an email', () => {
  it('is MIME that an independent parser reads as it was meant', async () => {
    const parsed = await PostalMime.parse(await composeEmail(email));
    expect(parsed).toMatchObject({
      subject: email.subject,
      from: { name: 'Open Social Prescribing', address: 'referrals@example.org' },
      to: [{ address: 'roisin@people.example' }],
      date: '2026-11-24T10:00:00.000Z',
    });
    expect(parsed.attachments).toEqual([]);
    expect(headers(parsed)).toMatchObject({
      'auto-submitted': 'auto-generated',
      'mime-version': '1.0',
    });
    expect(parsed.text?.trim()).toBe(textOf(email.message, email.from.name).trim());
    expect(parsed.html?.trim()).toBe(htmlOf(email.message, email.from.name).trim());
  });

  it('says the same in text and in HTML', async () => {
    const { text = '', html = '' } = await PostalMime.parse(await composeEmail(email));
    const { heading, facts = [], paragraphs, action, footer } = email.message;
    const document = parse(html);
    for (const words of [
      heading,
      ...facts.map(({ value }) => value),
      ...paragraphs,
      ...footer,
      action?.label ?? '',
    ]) {
      expect(text).toContain(words);
      expect(document.text).toContain(words);
    }
    expect(text).toContain(action?.url);
    expect(document.querySelector('a')?.getAttribute('href')).toBe(action?.url);
  });

  it('has no script and no picture, and loads nothing', () => {
    const document = parse(htmlOf(email.message, 'Service'));
    expect(document.querySelectorAll('script, img, link, iframe, table')).toEqual([]);
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect(document.querySelector('html')?.getAttribute('lang')).toBe('en-GB');
  });

  it('is the same to the byte when it is composed again, and another for another cause', async () => {
    const [first, again, other] = await Promise.all([
      composeEmail(email),
      composeEmail(email),
      composeEmail({ ...email, key: 'referral:email:offer:provider:offer-2' }),
    ]);
    expect(Buffer.from(again).equals(Buffer.from(first))).toBe(true);
    const ids = await Promise.all([first, other].map(async (raw) => (await PostalMime.parse(raw)).messageId));
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[0]).toMatch(/^<[0-9a-f]{40}@example\.org>$/);
  });

  it('keeps its lines short enough for every mail server', async () => {
    const lines = Buffer.from(await composeEmail(email))
      .toString('latin1')
      .split('\r\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200);
    expect(lines.every((line) => /^[\x20-\x7e\t]*$/.test(line))).toBe(true);
  });

  it('cannot be given a second recipient, another header, or markup, whatever its values hold', async () => {
    const hostile = `O'Brien <script>alert("x")</script>\r\nBcc: everyone@example.org`;
    const raw = await composeEmail({
      ...email,
      to: 'a@example.org, b@example.org',
      subject: `Subject\r\nBcc: everyone@example.org`,
      from: { name: hostile, address: 'referrals@example.org' },
      message: {
        heading: hostile,
        facts: [{ label: hostile, value: hostile }],
        paragraphs: [hostile],
        action: { label: hostile, url: `https://example.org/"><script>alert(1)</script>` },
        footer: [hostile],
      },
    });
    const parsed = await PostalMime.parse(raw);
    expect(parsed.bcc ?? []).toEqual([]);
    expect(parsed.to ?? []).toHaveLength(1);
    expect(parse(parsed.html ?? '').querySelectorAll('script')).toEqual([]);
    expect(parsed.html).not.toContain('<script');
    expect(parse(parsed.html ?? '').text).toContain(`O'Brien <script>alert("x")</script>`);
  });

  it('carries any words there and back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), async (words) => {
        const value = words.replace(/\s+/g, ' ').trim();
        const message = { ...email.message, paragraphs: [value] };
        const parsed = await PostalMime.parse(await composeEmail({ ...email, message }));
        expect(parsed.text?.trimEnd()).toBe(textOf(message, email.from.name).trimEnd());
        expect(parsed.html?.trimEnd()).toBe(htmlOf(message, email.from.name).trimEnd());
      }),
      { numRuns: 100 },
    );
  });
});

function headers(parsed: { headers: { key: string; value: string }[] }): Record<string, string> {
  return Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
}
