/** Figures that the documents quote, read from the code and the settings so that they do not go stale. */
import { readFileSync } from 'node:fs';
import { withHash } from '../../../workflows/links.ts';
import {
  EXCUSED_IN_A_ROW,
  EXECUTION_DAYS,
  FIGURES,
  MISSED_POLICY,
} from '../../../workflows/reminder-policy.ts';
import { ASSUMED } from '../../bench/quotas.ts';

/** The settings that the service is deployed with where nobody changes them. */
const { service } = JSON.parse(readFileSync('cdk.json', 'utf8')).context;

const UNITS = { m: 'minute', h: 'hour', d: 'day', wd: 'working day' } as const;

/** A length as the policy writes it, in words: 2wd is "2 working days". */
function inWords(length = ''): string {
  const [, count, unit] = /^(\d+)(m|h|d|wd)$/.exec(length) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`no length: ${length}`);
  return `${count} ${UNITS[unit as keyof typeof UNITS]}${count === '1' ? '' : 's'}`;
}

/** The wait before reminder number `index` of a step. */
function wait(name: keyof typeof FIGURES, index = 0): string {
  return inWords(FIGURES[name].split(' ')[index]);
}

/** For how many days a link works that is sent now. */
function linkDays(purpose: 'person' | 'offer' | 'letters'): string {
  const sent = '2026-01-01T00:00:00.000Z';
  const [only] = withHash({ purpose, hashes: [] } as never, 'x', sent).hashes;
  return `${Math.round((Date.parse(only?.expiresAt ?? '') - Date.parse(sent)) / 86_400_000)} days`;
}

function missed(what: string): string {
  const row = MISSED_POLICY.find(({ follows }) => follows === what);
  if (row === undefined) throw new Error(`no policy for ${what}`);
  return String(row.inARow);
}

const QUOTED: Readonly<Record<string, string>> = {
  'review-remind': wait('review'),
  'urgent-remind': wait('urgent-review'),
  'urgent-escalate': wait('urgent-review', 1),
  'check-in': wait('check-in'),
  'execution-days': String(EXECUTION_DAYS),
  'missed-welfare': missed('welfare'),
  'missed-decision': missed('decision'),
  excused: String(EXCUSED_IN_A_ROW),
  'person-link': linkDays('person'),
  'offer-link': linkDays('offer'),
  'letters-link': linkDays('letters'),
  'recovery-days': String(service.retention.recoveryDays),
  'log-days': String(service.retention.logDays),
  'no-programme-months': String(service.retention.noProgrammeMonths),
  'programme-months': String(service.retention.programmeMonths),
  'young-until': String(service.retention.youngUntil),
  'warn-days': String(service.retention.warnDays),
  'open-days': String(ASSUMED.openDays),
  'fewer-than': String(service.reports.fewerThan),
  'idle-minutes': String(service.signIn.idleMinutes),
  'session-hours': String(service.signIn.hours),
};

/** A text with its figures put in. Throws for a figure that there is not. */
export function quoting(text: string): string {
  return text.replaceAll(/\{\{([a-z-]+)\}\}/g, (_, name: string) => {
    const value = QUOTED[name];
    if (value === undefined) throw new Error(`no figure ${name}`);
    return value;
  });
}
