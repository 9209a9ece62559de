/** How it was: a few words and a scale of our own, after a session or at the end. */
import { type About, aboutsOf } from '../../workflows/feedback.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { mintNoteKey } from '../shared/notes.ts';
import { type Opened, type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { feedbackPage, thanksPage } from './pages/views.ts';
import { AGAIN, readSaid, tell } from './telling.ts';

/** The form, or the thanks after it was sent. It shows nothing of the person. */
export function showFeedback(visit: Visit, { referral }: Opened, errors?: FieldErrors): PageResult {
  const { now, fields, path, query } = visit;
  const back = `/person/${path.link}`;
  const { reference } = referral;
  if (query.sent === 'yes' || query.sent === 'concern') {
    return thanksPage({ ...site(), reference, back, concern: query.sent === 'concern' });
  }
  return feedbackPage({
    ...site(),
    reference,
    back,
    key: errors?.text === AGAIN || errors === undefined ? mintNoteKey(now) : (fields.key ?? mintNoteKey(now)),
    abouts: aboutsOf(referral),
    sessions: referral.programme?.sessions ?? [],
    form: errors ? { values: fields, errors } : { values: { about: aboutsOf(referral)[0] } },
  });
}

export async function sendFeedback(visit: Visit, opened: Opened): Promise<PageResult> {
  const { fields, path } = visit;
  const abouts: readonly About[] = aboutsOf(opened.referral);
  const about = abouts.find((known) => known === fields.about) ?? 'other';
  const said = readSaid(fields, about);
  if ('errors' in said) return showFeedback(visit, opened, said.errors);
  if (said.text === undefined && said.rating === undefined && said.concern === undefined) {
    return showFeedback(visit, opened, { text: 'Write a few words, or select how it was, or tick a box' });
  }
  const told = await tell(visit, opened, said);
  if (told.state === 'refused') return told.page;
  if (told.state === 'again') return showFeedback(visit, opened, { text: AGAIN });
  return redirect(`/person/${path.link}/feedback?sent=${said.concern === undefined ? 'yes' : 'concern'}`);
}
