import { readFileSync } from 'node:fs';
import { parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { documentsInWords } from '../../../functions/link-worker-review/pages/documents.ts';
import { personPage } from '../../../functions/person-page/pages/views.ts';
import { buildStylesheet } from '../../../infra/assets.ts';
import type { SentEmail, Undelivered } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW } from '../workflows/builders.ts';
import { samplePages } from './samples.ts';

/** Characters that must never reach a page as markup, nor be taken for a template. */
const HOSTILE = ` <script>alert('x')</script>"><img src=x onerror=alert(1)> & {{ 7 * 7 }} {% raw %}`;

const pages = Object.entries(samplePages());

describe.each(pages)('the page %s', (name, answer) => {
  const { statusCode, headers = {}, body = '' } = answer();
  const document = parse(body);

  it('is HTML in British English with one heading, a title, a skip link and a main part', () => {
    expect(body.startsWith('<!DOCTYPE html>')).toBe(true);
    expect(document.querySelector('html')?.getAttribute('lang')).toBe('en-GB');
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect(document.querySelector('title')?.text).toMatch(/^.{5,} – Open Social Prescribing$/);
    const skip = document.querySelector('a')?.getAttribute('href');
    expect(document.querySelector(skip ?? '')?.tagName).toBe('MAIN');
  });

  it('says whom to ask', () => {
    const asked = document.querySelector('footer a[href^="mailto:"]');
    expect([asked?.text, asked?.getAttribute('href')]).toEqual([
      'link-workers@service.example',
      'mailto:link-workers@service.example',
    ]);
  });

  it('has headings in order', () => {
    const levels = document
      .querySelectorAll('main h1, main h2, main h3')
      .map(({ tagName }) => Number(tagName[1]));
    const afterFirst = levels.slice(levels.indexOf(1));
    expect(afterFirst.every((level, i) => i === 0 || level <= (afterFirst[i - 1] ?? 0) + 1)).toBe(true);
  });

  it('runs no script, has no style in place and loads nothing from elsewhere', () => {
    expect(document.querySelectorAll('script, style, [style], iframe, object')).toEqual([]);
    expect(body).not.toMatch(/\son[a-z]+=/i);
    const loaded = document
      .querySelectorAll('link, img')
      .map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? '');
    expect(loaded.filter((address) => !address.startsWith('/assets/'))).toEqual([]);
  });

  it('is not stored, not framed, and tells no other site where it was', () => {
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
    });
    const fonts = name.endsWith('-nhs') ? '; font-src https://assets.nhs.uk' : '';
    // Signing in leads to the issuer, which may lead on to others.
    const forms = name === 'sign-in' ? "'self' https:" : "'self'";
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'${fonts}`,
    );
  });

  it('has ids that are unique, and references that lead somewhere', () => {
    const ids = document.querySelectorAll('[id]').map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [
      ...document.querySelectorAll('label[for]').map((label) => label.getAttribute('for')),
      ...document
        .querySelectorAll('[aria-describedby], [aria-labelledby]')
        .flatMap((element) =>
          `${element.getAttribute('aria-describedby') ?? ''} ${element.getAttribute('aria-labelledby') ?? ''}`
            .trim()
            .split(/\s+/),
        ),
      ...document.querySelectorAll('a[href^="#"]').map((link) => link.getAttribute('href')?.slice(1)),
    ];
    expect(references.filter((reference) => !ids.includes(reference ?? ''))).toEqual([]);
  });

  it('labels every field, and puts every choice into a fieldset with a legend', () => {
    const fields = document.querySelectorAll('input:not([type=hidden]), textarea, select');
    const labelled = new Set(document.querySelectorAll('label').map((label) => label.getAttribute('for')));
    expect(fields.filter((field) => !labelled.has(field.id)).map(({ id }) => id)).toEqual([]);
    const loose = document
      .querySelectorAll('input[type=radio]')
      .filter((radio) => !radio.closest('fieldset')?.querySelector('legend')?.text.trim());
    expect(loose).toEqual([]);
  });

  it('says what is wrong, in the title, above the form and beside each field', () => {
    const errors = document.querySelectorAll('.nhsuk-error-message');
    const summary = document.querySelectorAll('.nhsuk-error-summary a');
    expect(summary).toHaveLength(errors.length);
    expect(statusCode === 422).toBe(errors.length > 0);
    expect(name.endsWith('-errors')).toBe(errors.length > 0);
    expect((document.querySelector('title')?.text ?? '').startsWith('Error: ')).toBe(errors.length > 0);
  });

  it('holds no leftovers of templates', () => {
    expect(body).not.toMatch(/undefined|\[object|NaN|\{\{|\{%/);
  });
});

describe('words that people write', () => {
  it.each(Object.entries(samplePages(HOSTILE)))('stay words on %s', (_name, answer) => {
    const { body = '' } = answer();
    expect(parse(body).querySelectorAll('script, img:not(.osp-header__logo)')).toEqual([]);
    expect(body).not.toContain('<script');
    expect(body).not.toContain('alert(1)>');
  });

  it('are shown as they were written', () => {
    const { body = '' } = samplePages(HOSTILE).review?.() ?? {};
    expect(parse(body).text).toContain(`O'Brien <script>alert('x')</script>`);
    expect(body).toContain('{{ 7 * 7 }}');
  });

  it('stay in the form when something is wrong, to the last space', () => {
    const { body = '' } = samplePages()['professional-errors']?.() ?? {};
    const form = parse(body);
    expect(form.querySelector('#needs')?.text).toBe('  Lonely since moving.\n\n    Sings.');
    expect(form.querySelector('#referrerEmail')?.getAttribute('value')).toBe('amara');
    expect(form.querySelector('#dateOfBirth-day')?.getAttribute('value')).toBe('31');
    const checked = form.querySelectorAll('input[checked]').map((field) => field.getAttribute('value'));
    expect(checked).toEqual(['yes', 'known']);
  });
});

describe('the error summary', () => {
  it.each(pages.filter(([name]) => name.endsWith('-errors')))(
    'lists errors in the order of %s',
    (_, answer) => {
      const document = parse(answer().body ?? '');
      const targets = document
        .querySelectorAll('.nhsuk-error-summary a')
        .map((link) => link.getAttribute('href')?.slice(1) ?? '');
      const fields = document
        .querySelectorAll('input, textarea, select, #send')
        .map((field) => field.id)
        .filter((id) => targets.includes(id));
      expect(targets).toEqual(fields);
    },
  );
});

const textOf = (name: string) => parse(samplePages()[name]?.().body ?? '').structuredText;

describe('the offer', () => {
  const withoutIdentity = [
    'offer-door',
    'offer',
    'offer-errors',
    'offer-waitlisted',
    'offer-waitlisted-open',
    'offer-accepted',
    'offer-declined',
  ];

  it.each(withoutIdentity)('tells nobody who the person is (%s)', (name) => {
    const { body = '' } = samplePages()[name]?.() ?? {};
    expect(body).not.toMatch(/Róisín|Brien|roisin@|07700|\b8AB\b|943 ?476|\b2009\b/);
  });

  it.each(['offer-door', 'offer-waitlisted'])(
    'tells nothing of the person before it is opened (%s)',
    (name) => {
      expect(textOf(name)).not.toMatch(/16 to 17|\bNW1\b|under 18|Crowded|singing|text messages/i);
    },
  );

  it('tells what somebody needs to decide, risks in the link worker’s words', () => {
    const text = textOf('offer');
    expect(text).toMatch(/Under 18:.*16 to 17/s);
    expect(text).toContain('NW1');
    expect(text).toContain('Crowded rooms can be hard');
    expect(text).not.toContain('panic attacks');
    expect(textOf('offer-risks-unsaid')).toContain(
      'There may be risks: ask the link worker before you accept',
    );
    expect(textOf('offer-waitlisted-open')).toContain('No known risks');
    expect(textOf('contact')).toContain('Crowded rooms can be hard');
    expect(textOf('contact')).not.toContain('panic attacks');
  });

  it('says under 18 only of those who are', () => {
    expect(textOf('offer-waitlisted-open')).not.toMatch(/under 18/i);
    expect(textOf('contact')).toContain('3 April 2009 (age 17)');
  });

  it('on the waiting list says so, and takes accept, still waiting or decline', () => {
    expect(textOf('offer-waitlisted')).toContain('Recorded: on your waiting list since 24 November 2026');
    expect(textOf('offer-waitlisted')).toContain('Still waiting');
    expect(textOf('offer')).not.toContain('Still waiting');
    expect(textOf('offer-still-waitlisted')).toContain('You said on 24 November 2026');
  });

  it('says which group a place is held in, and how many are left, before anything is chosen', () => {
    for (const name of ['offer-group', 'offer-group-called'] as const) {
      const facts =
        parse(samplePages()[name]?.().body ?? '').querySelector('.nhsuk-summary-list')?.text ?? '';
      expect(facts).toMatch(
        /Group\s+2 sessions of 90 minutes from Tuesday 12 January 2027 at 4:00 pm, weekly, at Room 2/,
      );
      expect(facts).toMatch(/Places\s+One is held for this person\. Of 12, 1 more is free/);
    }
  });

  it('promises nobody in a group what is done where there is none: their provider is called, and not asked every few weeks', () => {
    for (const name of ['offer-group', 'offer-group-called', 'offer-group-full'] as const) {
      expect(textOf(name)).not.toMatch(/every 4 weeks|again in 4 weeks|Put them on the waiting list/);
    }
    expect(textOf('offer-group')).toMatch(
      /There is no room for them in this group\s+The team is told\. We ask you when a place is free/,
    );
    const full = textOf('offer-group-full');
    expect(full).toContain('You said that there is no room for them, and the team was told');
    expect(full).not.toMatch(/Accept: a place is free|please accept here|do not answer/);
    expect(textOf('offer-group-called')).toContain('A place in your group is held for them now');
  });

  it('shows no contact details when the programme has ended', () => {
    expect(textOf('offer-over')).toContain('no longer shown');
    expect(textOf('offer-over')).not.toContain('Show contact details');
  });

  it('proposes the first session', () => {
    const form = parse(samplePages().offer?.().body ?? '');
    const value = (name: string) => form.querySelector(`[name="${name}"]`)?.getAttribute('value');
    expect([value('firstSessionDate-day'), value('firstSessionDate-month')]).toEqual(['3', '12']);
    expect([value('firstSessionDate-year'), value('firstSessionTime')]).toEqual(['2026', '16:00']);
  });
});

describe('the review', () => {
  it('asks for the risks in words for the provider when there are any, and offers what was written last', () => {
    const form = parse(samplePages().review?.().body ?? '');
    expect(form.querySelector('#riskSummary')?.text).toBe('Crowded rooms are hard.');
    expect(parse(samplePages()['review-errors']?.().body ?? '').querySelector('#riskSummary')).toBeNull();
  });

  it('can be read after the decision, without a form to decide', () => {
    for (const name of ['case', 'case-closed', 'case-signposted']) {
      const page = parse(samplePages()[name]?.().body ?? '');
      expect(page.structuredText).toContain('07700 900982');
      expect(page.structuredText).toContain('panic attacks');
      expect(page.querySelector('form [name=decision], form [name=outcome]')).toBeNull();
    }
  });

  it('says where the referral is', () => {
    expect(textOf('case')).toContain('3 of 12 sessions held');
    expect(textOf('case-offer')).toMatch(/Offered to .*, who have not replied yet/);
    expect(textOf('case-closed')).toContain('The person could not be reached');
    expect(textOf('case-signposted')).toContain('The library');
  });
});

describe('the case', () => {
  it('says which documents were sent, when and how, and leads to them', () => {
    const closed = parse(samplePages()['case-closed']?.().body ?? '');
    const links = closed
      .querySelectorAll('main li a')
      .filter((link) => !link.classList.contains('osp-filters__link'));
    expect(links.map((link) => link.getAttribute('href')?.split('/').slice(3).join('/'))).toEqual([
      ...['summary', 'letters/person', 'letters/referrer', 'letters/gp'],
    ]);
    expect(textOf('case-closed')).toContain('Is on its way');
    expect(textOf('case')).not.toContain('Documents sent');
  });

  it('says of a letter that was not sent, or did not arrive, that it was not, until it is sent once more', () => {
    const { person, referrer } = inReview();
    const at = NOW;
    const howOf = (more: Partial<SentEmail>, undelivered: Partial<Undelivered> = {}) => {
      const missed = [{ id: 'email-1', message: 'letter-person', to: 'person' } as const];
      const entry = { number: 1, at, to: 'person', why: 'bounced', missed, ...undelivered } as const;
      const sent = [{ at, message: 'letter-person', to: 'person', ...more } as SentEmail];
      const [letter] = documentsInWords({
        ...{ person, referrer, stage: 'closed', sent },
        undelivered: Object.keys(undelivered).length > 0 ? [entry as Undelivered] : [],
      });
      return letter?.how;
    };
    expect(howOf({})).toMatch(/^Sent by email on Monday 23 November 2026 at 9:00.am$/);
    expect(howOf({ notSent: true })).toMatch(/^Not sent, because the address does not work: tried on Monday/);
    expect(howOf({}, { why: 'bounced' })).toMatch(/^Sent by email on .*, and did not arrive$/);
    // Somebody told them otherwise; or it went once more to the address that was put right.
    const settledAt = later(at, { hours: 2 });
    expect(howOf({}, { settledAt })).toMatch(/did not arrive$/);
    expect(howOf({ at: later(at, { hours: 3 }) }, { settledAt })).toMatch(
      /^Sent by email on .* at 12:00.*m$/,
    );
    // What was unwanted has arrived, and another email is another email.
    expect(howOf({}, { why: 'complained' })).not.toContain('arrive');
    expect(howOf({}, { missed: [{ id: 'email-2', message: 'letter-gp', to: 'gp-practice' }] })).not.toContain(
      'arrive',
    );
    expect(howOf({ to: 'link-worker' })).toContain('to be printed and posted. The team was told on');
    expect(howOf({ to: 'link-worker', notSent: true })).toBe('No email address: to be printed and posted');
  });
});

describe('the register', () => {
  it('names the person beside the form, also when something is wrong', () => {
    for (const name of ['register', 'register-errors']) {
      expect(textOf(name)).toContain("Róisín O'Brien");
      expect(textOf(name)).toContain('The session was not held');
    }
  });
});

describe('letters', () => {
  it('speak to each reader of a person who could not be reached', () => {
    expect(textOf('letter-person-declined')).toContain('We tried to reach you and could not.');
    expect(textOf('letter-person-ended-early-unreached')).toContain('We tried to reach you and could not');
    expect(textOf('letter-gp-declined')).toContain('We tried to reach the person and could not.');
    expect(textOf('letter-referrer-ended-early-unreached')).toMatch(/tried to reach Róisín .* and could not/);
    expect(textOf('letter-person-ended-early')).toContain('As you agreed');
  });

  it.each(pages.filter(([name]) => name.startsWith('letter-person-')))(
    'do not speak of their reader as of a stranger (%s)',
    (_name, answer) => {
      const letter = parse(answer().body ?? '').querySelector('.osp-letter')?.structuredText ?? '';
      expect(letter).not.toMatch(/the person|this person/i);
    },
  );

  it('to be printed say so on the screen alone', () => {
    const box = parse(samplePages()['letter-print-person']?.().body ?? '').querySelector('.osp-flag');
    expect(box?.classNames).toContain('osp-screen-only');
    expect(box?.structuredText).toContain('07700 900982');
    expect(textOf('letter-person-declined')).not.toContain('07700');
  });
});

describe('the person’s page', () => {
  it('claims no step that was never taken', () => {
    const { body = '' } = samplePages()['person-declined']?.() ?? {};
    expect(body).toContain('could not go further');
    expect(body).not.toContain('A place is found');
    expect(body).not.toContain('I want to leave');
  });
});

describe('the person’s next session', () => {
  const session = { number: 1, startsAt: '2026-11-17T16:00:00.000Z', endsAt: '2026-11-17T17:30:00.000Z' };
  const later = { number: 2, startsAt: '2026-12-01T16:00:00.000Z', endsAt: '2026-12-01T17:30:00.000Z' };
  const planned = { status: 'planned' as const };
  const view = {
    serviceName: 'Open Social Prescribing',
    crisisContacts: [],
    nhsIdentity: false,
    reference: 'SP-7K4M-2Q9X',
    stage: 'programme' as const,
    now: '2026-11-24T10:00:00.000Z',
    address: '/person/x',
    planned: 12,
  };
  const statusOf = (coming: (typeof session & typeof planned)[]) => {
    const sessions = [{ ...session, ...planned }, ...coming];
    return parse(personPage({ ...view, sessions }).body ?? '').querySelector('.osp-status')?.structuredText;
  };

  it('is never one that has passed', () => {
    expect(statusOf([])).not.toContain('next session');
    expect(statusOf([{ ...session, ...planned }])).not.toContain('next session');
  });

  it('is the first to come of those planned and those that follow by the calendar', () => {
    expect(statusOf([{ ...later, ...planned }])).toContain('Tuesday 1 December 2026 at 4:00 pm');
  });
});

describe('closed doors', () => {
  it.each(pages.filter(([name]) => name.includes('door')))(
    'tell nobody who the person is (%s)',
    (name, answer) => {
      // A provider's own programme is what they look for; to anybody else it would tell of the person.
      const { body = '' } = answer();
      expect(body).not.toMatch(/Róisín|Brien|roisin@|07700|\bNW1\b|943 ?476|\b2009\b|choir|panic/);
      expect(body.includes('Hive')).toBe(name.startsWith('offer-door'));
      expect(parse(body).querySelectorAll('form button[name=action][value=open]')).toHaveLength(1);
    },
  );
});

describe('the stylesheet', () => {
  it('holds every class of every page that NHS.UK frontend or we style', async () => {
    const stylesheet = classesOf(await buildStylesheet());
    const known = classesOf(
      readFileSync(
        new URL('../../../node_modules/nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css', import.meta.url),
        'utf8',
      ),
    );
    const used = new Set(
      pages.flatMap(([, answer]) =>
        parse(answer().body ?? '')
          .querySelectorAll('[class]')
          .flatMap((element) => element.classNames.split(/\s+/)),
      ),
    );
    const missing = [...used].filter(
      (name) => (known.has(name) || name.startsWith('osp-')) && !stylesheet.has(name),
    );
    expect(missing.filter((name) => !UNSTYLED.has(name))).toEqual([]);
  });

  it('loads nothing, least of all the typeface that is the NHS’s own', async () => {
    const stylesheet = await buildStylesheet();
    expect(stylesheet).not.toMatch(/url\(|@import|@font-face|frutiger|https?:/i);
    expect(stylesheet.length).toBeLessThan(90_000);
  });
});

/** Hides what a choice asks further where NHS.UK frontend's script runs; here a rule of our own does. */
const UNSTYLED = new Set(['nhsuk-radios__conditional--hidden']);

/** The classes that a stylesheet has rules for; those that it only looks at beside or inside of others are not among them. */
function classesOf(css: string): Set<string> {
  const styled = css.replace(/:(?:not|has)\([^()]*(?:\([^()]*\)[^()]*)*\)/g, '');
  return new Set([...styled.matchAll(/\.([A-Za-z][\w-]*)/g)].map((match) => match[1] ?? ''));
}
