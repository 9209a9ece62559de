/** The provider's page: what the directory says of their programme, and whether that is right. Opened by a link in an email. */
import { type Assurance, checkSecret, roundOf, withAnswer } from '../../workflows/assurance.ts';
import { clean } from '../../workflows/checks.ts';
import type { Programme } from '../../workflows/directory.ts';
import { changesBetween, entryOf } from '../../workflows/directory-entry.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { londonDate } from '../../workflows/time.ts';
import { deliverAssurance } from '../shared/deliver.ts';
import { everyProgramme } from '../shared/directory/directory.ts';
import { assuranceIdOf } from '../shared/directory/links.ts';
import { storeAssurance, storedAssurance, storeEntry } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { readToken } from '../shared/links.ts';
import { Message, note } from '../shared/log.ts';
import type { Form } from '../shared/pages/page.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { entryAt, type Known } from './entries.ts';
import { assurancePage, assuredPage } from './pages/views.ts';

/** How often an answer is tried again on the newest version. */
const ATTEMPTS = 8;

type Opened = Known & { state: Assurance };

export async function showAssurance(visit: Visit): Promise<PageResult> {
  const opened = await open(visit);
  if ('refused' in opened) return opened.refused;
  const { answer } = opened.state;
  return answer ? assuredPage({ ...site(), programme: opened.programme, answer }) : ask(opened);
}

export async function answerAssurance(visit: Visit): Promise<PageResult> {
  const { fields, now } = visit;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const opened = await open(visit);
    if ('refused' in opened) return opened.refused;
    const { programme, version, state } = opened;
    const right = fields.action === 'right';
    const text = clean(fields.text);
    if (state.answer) return answered(opened, right ? 'right' : 'changed', right ? '' : text);
    if (fields.version !== String(version)) return ask(opened, { values: fields }, true);
    if (!right) {
      const error =
        text === ''
          ? 'Enter what has changed'
          : text.length > LIMITS.text
            ? `Use ${LIMITS.text} characters or fewer`
            : undefined;
      if (error !== undefined) return ask(opened, { values: fields, errors: { text: error } });
    } else if (!(await confirm(opened, now))) {
      continue;
    }
    if (await keepAnswer(programme, right ? 'right' : 'changed', right ? '' : text, now)) {
      return redirect(`/assurance/${visit.path.link}`);
    }
  }
  return problemPage('try-again', site());
}

/** The entry that the link is of, if it still opens it; otherwise the page that says why not. */
async function open({ path, now }: Visit): Promise<Opened | { refused: PageResult }> {
  const token = readToken(path.link);
  const programme = everyProgramme().find(({ id }) => assuranceIdOf(id) === token?.referralId);
  const { TABLE_NAME } = environment('record');
  const [known, state] = programme
    ? await Promise.all([entryAt(programme.id), storedAssurance(TABLE_NAME, programme.id)])
    : [];
  if (!known || !state || !token) return refuse('unknown');
  const check = checkSecret(known.programme, state, token.hash, now);
  return check === 'open' ? { ...known, state } : refuse(check);
}

function refuse(reason: 'unknown' | 'expired' | 'revoked'): { refused: PageResult } {
  note(Message.linkRefused, { reason, step: 'assurance' });
  return { refused: problemPage(reason === 'unknown' ? 'not-found' : reason, site()) };
}

function ask({ programme, version }: Opened, form?: Form, changed = false): PageResult {
  return assurancePage({ ...site(), programme, version, form, changed });
}

/** An answer is there already: it stands. Who sent another one is told. */
function answered({ programme, state }: Opened, result: string, text: string): PageResult {
  const { answer } = state;
  if (!answer) throw new Error('nothing was answered');
  const same = answer.result === result && (answer.text ?? '') === text;
  return assuredPage({ ...site(), programme, answer, ...(same ? {} : { typed: text, late: true }) });
}

/** The entry is right today. False when somebody changed it at the same moment. */
async function confirm({ programme, stored }: Opened, now: string): Promise<boolean> {
  const confirmed = { ...programme, assuredOn: londonDate(now) };
  const changes = changesBetween(entryOf(programme), entryOf(confirmed));
  if (changes.length === 0) return true;
  const entry = { programme: confirmed, at: now, how: 'confirmed', changes } as const;
  return storeEntry(environment('record').TABLE_NAME, stored, entry);
}

/** Keeps what the provider said, whatever else happens to the item at the same moment. */
async function keepAnswer(
  programme: Programme,
  result: 'right' | 'changed',
  text: string,
  now: string,
): Promise<boolean> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('directory');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await storedAssurance(TABLE_NAME, programme.id);
    // Over meanwhile: the entry was confirmed in another way.
    if (!state || state.round !== roundOf(programme)) return true;
    if (state.answer) return true;
    if (!(await storeAssurance(TABLE_NAME, programme.id, withAnswer(state, result, text, now)))) continue;
    if (result === 'changed') await deliverAssurance(OUTBOX_FUNCTION, programme.id, now);
    return true;
  }
  return false;
}
