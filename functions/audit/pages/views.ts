/** The audit of one referral: every look, by whom, at what and how; nothing of the person. */
import type { Referral } from '../../../workflows/referral.ts';
import { ANY_TEAM } from '../../../workflows/teams.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import type { AuditEntry } from '../../shared/audit-entry.ts';
import type { Team } from '../../shared/environment.ts';
import { readerOf } from '../../shared/looks.ts';
import { lookedAtWords, readerWords, rolesInWords } from '../../shared/pages/looks.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import audit from './audit.njk';

export type AuditView = Site & {
  /** The reference that was asked for. */
  asked: string;
  error?: string;
  found?: {
    reference: string;
    team: string | undefined;
    /** Absent where it was erased. */
    referral: Pick<Referral, 'person' | 'questions'> | undefined;
    /** When it was erased. */
    erasedAt?: string | undefined;
    teams: readonly Team[];
    entries: readonly AuditEntry[];
    /** Whether these are the newest, and after which entry the next page goes on. */
    first: boolean;
    older: string | undefined;
  };
};

export function auditPage({ asked, error, found, ...site }: AuditView) {
  const nameOf = (team: string) => found?.teams.find(({ id }) => id === team)?.name ?? team;
  const address = (more: Record<string, string>) =>
    `/audit?${new URLSearchParams({ reference: asked, ...more })}`;
  return page(site, {
    title: 'Who has looked at a referral',
    template: audit,
    context: {
      found: found && {
        reference: found.reference,
        team: nameOf(found.team ?? ANY_TEAM),
        erased: found.erasedAt && dateInWords(found.erasedAt),
        entries: found.entries.map((entry) => entryInWords(entry, found.referral, nameOf)),
        file: address({ format: 'csv' }),
        newest: found.first ? undefined : address({}),
        older: found.older === undefined ? undefined : address({ before: found.older }),
      },
    },
    form: { values: { reference: asked }, errors: error === undefined ? {} : { reference: error } },
    fields: ['reference'],
  });
}

function entryInWords(
  { at, kind, page: lookedAt, link, by, name, roles, teams = [], reason }: AuditEntry,
  referral: Pick<Referral, 'person' | 'questions'> | undefined,
  nameOf: (team: string) => string,
) {
  const signedIn = by !== undefined;
  return {
    when: inWords(at),
    who: signedIn ? (name ?? by) : readerWords[readerOf(link ?? '', referral)],
    what: [rolesInWords(roles), ...teams.map(nameOf)].filter(Boolean).join(', '),
    lookedAt: capitalised(kind ? doneWords[kind] : lookedAt ? lookedAtWords[lookedAt] : 'not recorded'),
    how: signedIn ? 'Signed in' : `By the link ${link ?? ''}`,
    beside: signedIn ? / of (SP-\S+)$/.exec(link ?? '')?.[1] : undefined,
    reason,
  };
}

/** What was done that is no look. */
const doneWords: Record<NonNullable<AuditEntry['kind']>, string> = {
  'audit-read': 'this audit',
  corrected: 'nothing: put the person’s details right',
  'hold-placed': 'nothing: placed a legal hold',
  'hold-released': 'nothing: released the legal hold',
  'erasure-refused': 'nothing: asked to erase it, which was refused',
  erased: 'nothing: erased everything about the person',
};

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
