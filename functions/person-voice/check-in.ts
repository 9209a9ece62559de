/** How are you while you wait? Still wanted, something has changed or worries them, or no longer wanted. */
import { answerCheckIn, isWaiting, keepsPlace } from '../../workflows/check-in.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { asOthersSee } from '../../workflows/held-back.ts';
import { leave } from '../../workflows/leaving.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { mintNoteKey } from '../shared/notes.ts';
import { referrals } from '../shared/record.ts';
import { conflict, decide, type Opened, type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { checkInPage, stillWaitingPage, thanksPage } from './pages/views.ts';
import { AGAIN, readSaid, tell } from './telling.ts';

/** The questions, or what was answered. It shows nothing of the person. */
export function showWaiting(visit: Visit, { referral }: Opened, errors?: FieldErrors): PageResult {
  const { now, fields, path, query } = visit;
  const back = `/person/${path.link}`;
  const seen = asOthersSee(referral);
  const view = { ...site(), reference: referral.reference, back, keepsPlace: keepsPlace(seen) };
  if (query.sent === 'concern') return thanksPage({ ...view, concern: true });
  if (query.sent === 'waiting' || !isWaiting(seen)) {
    return stillWaitingPage({ ...view, waits: isWaiting(seen) });
  }
  const fresh = errors === undefined || errors.text === AGAIN;
  return checkInPage({
    ...view,
    key: fresh ? mintNoteKey(now) : (fields.key ?? mintNoteKey(now)),
    since: referral.createdAt,
    form: errors ? { values: fields, errors } : { values: {} },
  });
}

export async function answerWaiting(visit: Visit, opened: Opened): Promise<PageResult> {
  const { fields, path, now } = visit;
  const here = `/person/${path.link}/check-in`;
  switch (fields.answer) {
    case 'still-want':
      return stillWants(visit, opened);
    case 'worried': {
      const said = readSaid(fields, 'waiting');
      if ('errors' in said) return showWaiting(visit, opened, said.errors);
      // Whoever is worried is contacted, whether or not they ticked that they do not feel safe.
      const concern = said.concern ?? 'contact';
      const told = await tell(visit, opened, { ...said, concern }, (referral) =>
        answerCheckIn(referral, 'worried', now),
      );
      if (told.state === 'refused') return told.page;
      if (told.state === 'again') return showWaiting(visit, opened, { text: AGAIN });
      return redirect(`${here}?sent=concern`);
    }
    case 'no-longer': {
      if (fields.confirm !== 'yes') {
        return showWaiting(visit, opened, { confirm: 'Tick the box to confirm that you no longer want it' });
      }
      const decided = await decide(visit, opened, 'withdrawn', 'leave', (referral) =>
        leave(referral, opened.id, now),
      );
      return decided.state === 'stands'
        ? redirect(`/person/${path.link}`)
        : conflict(opened, 'person', { ...decided, recorded: undefined });
    }
    default:
      return showWaiting(visit, opened, { answer: 'Select one of the answers' });
  }
}

async function stillWants(visit: Visit, { referral: { id } }: Opened): Promise<PageResult> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const { now, path } = visit;
  const changed = await referrals(TABLE_NAME).change(id, now, (referral) =>
    answerCheckIn(referral, 'still-want', now),
  );
  if (changed.state === 'stored') {
    note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
    await deliver(OUTBOX_FUNCTION, changed.referral, now);
  }
  // Who waits no more is told where they are.
  return redirect(`/person/${path.link}/check-in?sent=waiting`);
}
