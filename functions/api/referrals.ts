/** Referrals from other systems: sent once however often they are sent, and asked after without a word about the person. */
import { openOffer, waitsOnList } from '../../workflows/change.ts';
import { admitted, type NotEligible } from '../../workflows/eligibility.ts';
import { asOthersSee, holdOf } from '../../workflows/held-back.ts';
import type { Referral } from '../../workflows/referral.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { parseSubmission } from '../../workflows/submission.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { recordReferral } from '../shared/intake.ts';
import { progressInWords } from '../shared/pages/status.ts';
import { referrals } from '../shared/record.ts';
import { type Answer, type Call, clientOf, jsonOf } from './answers.ts';
import { Problem, pointerTo } from './problems.ts';
import { type Accepted, REFERENCE, type Status } from './schemas.ts';

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;

/** Takes in a referral. The same key with the same content gives the same reference. */
export async function submit(call: Call): Promise<Answer> {
  const clientId = await clientOf(call, 'referrals/submit');
  const input = jsonOf(call);
  const key = idempotencyKey(call.headers['idempotency-key']);
  const parsed = parseSubmission(input, call.now, allProgrammes());
  if ('faults' in parsed) {
    throw new Problem('invalid', 'Put right what `errors` names, and send the referral again.', {
      more: {
        errors: parsed.faults.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message })),
      },
    });
  }
  const checked = admitted(allProgrammes(), parsed, call.now);
  if ('notEligible' in checked) throw notEligible(checked.notEligible);
  const { submission } = checked;
  const { state, referral } = await recordReferral(submission, { key, now: call.now, clientId });
  if (state === 'conflict') {
    throw new Problem(
      'key-used-before',
      `This key stands for ${referral.reference}, which says something else. Use a new key for another referral.`,
    );
  }
  const receipt = receiptOf(referral);
  return {
    status: state === 'created' ? 201 : 200,
    headers: { location: receipt.links.self, 'cache-control': 'no-store' },
    body: {
      ...receipt,
      status: 'received',
      ...(submission.request.danger ? { danger: whomToCall() } : {}),
    } satisfies Accepted,
  };
}

/** Where a referral is, for the system that sent it. For everybody else there is none. */
export async function status(call: Call): Promise<Answer> {
  const clientId = await clientOf(call, 'referrals/read');
  const { reference = '' } = call.path;
  const found = REFERENCE.test(reference)
    ? await referrals(environment('api').TABLE_NAME).byReference(reference)
    : [];
  const referral = found.find((each) => each.clientId === clientId);
  if (!referral) {
    throw new Problem('not-found', 'This client has sent no referral with this reference.');
  }
  return { body: statusOf(asOthersSee(referral)) };
}

function statusOf(referral: Referral): Status {
  const { stage, questions } = referral;
  const by = stage === 'programme' ? undefined : answerBy(referral);
  const { status, next } = progressInWords(
    {
      stage,
      waitlisted: waitsOnList(openOffer(referral)),
      askedYou: questions.at(-1)?.to === 'referrer',
      heldUntil: holdOf(referral)?.until,
    },
    'referrer',
  );
  return {
    ...receiptOf(referral),
    stage,
    status,
    next,
    ...(by === undefined ? {} : { by }),
    ...(isEnded(referral) ? { ending: referral.ending.kind } : {}),
    ...(referral.stage === 'closed' ? { closedAt: referral.closedAt } : {}),
  };
}

function receiptOf({ reference, createdAt }: Referral) {
  const self = `${environment('api').BASE_URL}/api/referrals/${reference}`;
  return { reference, receivedAt: createdAt, links: { self } };
}

function whomToCall() {
  return {
    advice:
      'A link worker is told at once, but may read it hours later. If somebody is in danger now, call one of these.',
    contacts: environment('api').CRISIS_CONTACTS,
  };
}

/** The key, with or without the quotes of a structured field (RFC 9651): they stand for the same. */
function idempotencyKey(header: string | undefined): string {
  const key = /^"(.*)"$/.exec(header ?? '')?.[1] ?? header;
  if (key === undefined || !IDEMPOTENCY_KEY.test(key)) {
    throw new Problem(
      'no-idempotency-key',
      'Send Idempotency-Key: 1 to 255 printable ASCII characters, new for each referral and the same when it is sent again.',
    );
  }
  return key;
}

function notEligible({ wanted, doubts, others }: NotEligible): Problem {
  const named = ({ programme: { id, name } }: NotEligible['others'][number]) => ({ programmeId: id, name });
  return new Problem(
    'not-eligible',
    `${wanted ? `This person ${doubts.some(({ result }) => result === 'not-met') ? 'is not' : 'may not be'} eligible for “${wanted.programme.name}”.` : 'No programme is open to this person.'} ` +
      `${others.length > 0 ? 'Ask for one of `others`, or s' : 'S'}end request.askLinkWorker: true, and a link worker will look all the same.`,
    {
      more: {
        ...(wanted ? { programme: named(wanted), criteria: wanted.criteria } : {}),
        others: others.map(named),
      },
    },
  );
}
