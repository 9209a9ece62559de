/** The person answers how things are for them, by the link in an email: at the start, in the middle and at the end of their programme. */
import { isDeepStrictEqual } from 'node:util';
import type { FieldErrors } from '../../workflows/form.ts';
import {
  declineMeasures,
  keyOfLink,
  NOT_WANTED,
  type Occasion,
  pointOfLink,
} from '../../workflows/measure-times.ts';
import { type Measurement, measureField, measurementSchema, readMeasures } from '../../workflows/measures.ts';
import { oneOfCase } from '../shared/case-file.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { instrumentsHere, keepMeasures } from '../shared/measures.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import {
  audit,
  type Opened,
  openLink,
  type PageResult,
  pages,
  redirect,
  site,
  type Visit,
} from '../shared/web.ts';
import { answeredPage, answersPage, questionsPage } from './pages/views.ts';

export const handler = pages({
  'GET /measures/{link}': async (visit) => {
    const opened = await openAsked(visit);
    if ('page' in opened) return opened.page;
    const { referral, link } = opened;
    if (!link.recorded) return ask(visit, opened);
    const { at, decision } = link.recorded;
    const notWanted = decision === NOT_WANTED;
    return answeredPage({ ...site(), reference: referral.reference, at, notWanted });
  },
  'POST /measures/{link}': async (visit) => {
    const opened = await openAsked(visit);
    if ('page' in opened) return opened.page;
    const recorded = opened.link.recorded && (await recordedBy(opened));
    if (visit.fields.action === 'open') return recorded ? show(visit, opened, recorded) : ask(visit, opened);
    return recorded === undefined && wantsNone(visit)
      ? decline(visit, opened)
      : record(visit, opened, recorded);
  },
});

type Asked = Opened & { point: Occasion };

async function openAsked(visit: Visit): Promise<Asked | { page: PageResult }> {
  const opened = await openLink(visit, 'measures');
  const point = pointOfLink(opened.id);
  return point ? { ...opened, point } : { page: problemPage('not-found', site()) };
}

function instruments() {
  return instrumentsHere(environment('measures').LICENSED_MEASURES);
}

/** The questions. Nothing of the person is on them. */
function ask({ fields }: Visit, { referral, point }: Asked, errors?: FieldErrors): PageResult {
  return questionsPage({
    ...site(),
    reference: referral.reference,
    point,
    instruments: instruments(),
    ...(errors ? { form: { values: fields, errors } } : {}),
  });
}

function recordedBy({ referral, id }: Opened): Promise<Measurement | undefined> {
  const { TABLE_NAME } = environment('measures');
  const key = keyOfLink(referral, id);
  return oneOfCase(TABLE_NAME, { id: referral.id, kind: 'MEASURES', key }, measurementSchema);
}

/** Whether they said so, of all at once or of each: what is only left empty may have been sent by mistake. */
function wantsNone({ fields }: Visit): boolean {
  const names = instruments().flatMap((each) =>
    each.items.flatMap((item) => [
      measureField(each, item),
      ...(item.ownWords ? [measureField(each, item, true)] : []),
    ]),
  );
  return fields.action === 'decline' || names.every((name) => fields[name] === '');
}

/** They would rather not answer: that is noted, and they can still change their mind. */
async function decline({ now, path }: Visit, { referral, id: link }: Asked): Promise<PageResult> {
  const { state } = await referrals(environment('measures').TABLE_NAME).change(referral.id, now, (current) =>
    declineMeasures(current, link, now),
  );
  if (state === 'stored') note(Message.referralChanged, { referralId: referral.id, stage: referral.stage });
  return redirect(`/measures/${path.link}`);
}

/** Keeps the answers. Sent again, what was recorded first stands, and is shown. */
async function record(visit: Visit, opened: Asked, recorded: Measurement | undefined): Promise<PageResult> {
  const { now, fields } = visit;
  const { id: link, point, referral } = opened;
  const read = readMeasures({ ...fields, point }, instruments());
  if ('errors' in read)
    return recorded ? show(visit, opened, recorded, true) : ask(visit, opened, read.errors);
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('measures');
  const measurement: Measurement = { key: keyOfLink(referral, link), at: now, ...read };
  const { kept, referral: changed } = await keepMeasures(
    TABLE_NAME,
    { id: referral.id, now, link },
    measurement,
  );
  if (changed) {
    note(Message.referralChanged, { referralId: referral.id, stage: changed.stage });
    await deliver(OUTBOX_FUNCTION, changed, now);
  }
  return isDeepStrictEqual(kept.sets, measurement.sets)
    ? redirect(`/measures/${visit.path.link}`)
    : show(visit, opened, kept, true);
}

/** What was answered; each look is in the audit. `other`: what was just sent was something else. */
async function show(visit: Visit, opened: Asked, recorded: Measurement, other = false): Promise<PageResult> {
  await audit(visit, opened, 'measures');
  return answersPage({
    ...site(),
    reference: opened.referral.reference,
    recorded,
    other,
    instruments: instruments(),
  });
}
