/** Turns a template into the answer of an HTTP API: with the headers that every page of ours carries. */

import { iconName, nhsLogoName, nhsStylesheetName, stylesheetName } from 'virtual:assets';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { CrisisContact } from '../environment.ts';
import { crisisContactInWords } from './crisis.ts';
import { render, type Template } from './render.ts';

/** What pages know of the service. */
export type Site = {
  serviceName: string;
  /** The link workers' address, for questions. */
  linkWorkers?: string;
  /** Whom to turn to in danger. */
  crisisContacts: readonly CrisisContact[];
  /** Whether the deployer may use the NHS logo and typeface. */
  nhsIdentity: boolean;
  /** Who is signed in, and what the forms of their session carry. */
  signedIn?: {
    name: string;
    csrf: string;
    links?: readonly { text: string; href: string }[];
    /** They coordinate a team, and see what may be done with a person's data. */
    coordinates?: boolean;
  };
};

/** What somebody entered, and what is wrong with it, by field name. */
export type Form = {
  values: Readonly<Record<string, string | undefined>>;
  errors?: Readonly<Record<string, string>>;
};

export type Page = {
  title: string;
  template: Template;
  context?: object;
  /** The form on the page, if it has one. With errors the page is a 422. */
  form?: Form | undefined;
  /** The form's fields in the order of the page, so that the summary lists errors in the same order. */
  fields?: readonly string[];
  statusCode?: number;
  headers?: Record<string, string>;
  /** Where, besides to us, the answers to its forms may lead on: sources as a content security policy has them. */
  formsLeadTo?: string;
};

/**
 * Nothing but our own stylesheet and icon is loaded, no script runs, nobody frames the page, forms come back to us. The NHS's typeface
 * comes from its own servers, and from nowhere else.
 */
function contentSecurityPolicy({ nhsIdentity }: Site, { formsLeadTo }: Page): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action 'self'${formsLeadTo === undefined ? '' : ` ${formsLeadTo}`}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(nhsIdentity ? ['font-src https://assets.nhs.uk'] : []),
  ].join('; ');
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
};

/** The answer that shows a page. */
export function page(site: Site, page: Page): APIGatewayProxyStructuredResultV2 {
  const { title, template, context = {}, form, fields = [], headers = {} } = page;
  const errorList = errorsOf(form, fields);
  const body = render(template, {
    ...site,
    crisisContacts: site.crisisContacts.map(crisisContactInWords),
    stylesheetName: site.nhsIdentity ? nhsStylesheetName : stylesheetName,
    iconName,
    nhsLogoName,
    title,
    errorList,
    form: { values: form?.values ?? {}, errors: form?.errors ?? {} },
    ...context,
  });
  return {
    statusCode: page.statusCode ?? (errorList.length > 0 ? 422 : 200),
    headers: {
      ...PAGE_HEADERS,
      'content-security-policy': contentSecurityPolicy(site, page),
      ...headers,
    },
    body,
  };
}

/** The errors with a link to the field of each, in the order of the page. A date's link leads to its day. */
function errorsOf(form: Form | undefined, fields: readonly string[]): { text: string; href: string }[] {
  const position = (name: string) => (fields.includes(name) ? fields.indexOf(name) : fields.length);
  return Object.entries(form?.errors ?? {})
    .sort(([a], [b]) => position(a) - position(b))
    .map(([name, text]) => ({ text, href: `#${isDate(name) ? `${name}-day` : name}` }));
}

/** The fields of three boxes. */
const DATES = new Set([
  'dateOfBirth',
  'firstSessionDate',
  'contactDate',
  'nextDate',
  'holdUntil',
  'takenOn',
  'awayFrom',
  'awayUntil',
]);

/** Of some fields of three boxes there are several: cohorts' first days, and the days to look at a plan's actions again. */
function isDate(name: string): boolean {
  return DATES.has(name) || name.endsWith('startsOn') || name.startsWith('reviewOn-');
}
