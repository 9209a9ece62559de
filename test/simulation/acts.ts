/** What people do to a referral, each through the page that they see or the link that they were sent, and what they were answered. */
import type { Context } from 'aws-lambda';
import fc, { type Arbitrary } from 'fast-check';
import { handler as contacts } from '../../functions/link-worker-contacts/handler.ts';
import { handler as plan } from '../../functions/link-worker-plan/handler.ts';
import { handler as review } from '../../functions/link-worker-review/handler.ts';
import { handler as information } from '../../functions/more-information/handler.ts';
import { handler as personPage } from '../../functions/person-page/handler.ts';
import { handler as offer } from '../../functions/provider-offer/handler.ts';
import { handler as rebuild } from '../../functions/rebuild-executions/handler.ts';
import { handler as sweep } from '../../functions/reminder-sweep/handler.ts';
import { after, londonDate, type Span } from '../../workflows/time.ts';
import { type CaseWorld, type Fields, formOf, type Page, PEOPLE, type Who } from './case-world.ts';

const DECISIONS = ['match', 'ask-for-more', 'signpost', 'decline', 'hold', 'transfer'] as const;
type Decision = (typeof DECISIONS)[number];
const OTHER_ACTS = ['undo', 'assign', 'give-back', 'tell', 'contact', 'note', 'plan', 'preferences'] as const;

/** Something that somebody signed in does. `n` tells what they say from what others say. */
export type TeamAct = {
  what: Decision | (typeof OTHER_ACTS)[number];
  n: number;
  /** Clicked twice. */
  twice: boolean;
};
/** Somebody who is signed in, with what they do one after the other. `late`: by how many milliseconds their clicks come later than others'. */
export type TeamActor = { who: Who; late: number; acts: TeamAct[] };

const WORLD_ACTS = ['accept', 'decline', 'waitlist', 'answer', 'leave', 'pass', 'sweep', 'rebuild'] as const;
/** Something that the provider, the person, the clock or an operator does. */
export type WorldAct = { what: (typeof WORLD_ACTS)[number]; n: number };

export type Script = { before: TeamAct[]; team: TeamActor[]; world: WorldAct[][] };

const teamAct: Arbitrary<TeamAct> = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...DECISIONS) },
    { weight: 3, arbitrary: fc.constant('undo' as const) },
    { weight: 4, arbitrary: fc.constantFrom(...OTHER_ACTS) },
  ),
  n: fc.nat(1),
  twice: fc.boolean(),
});
const teamActor = (who: Who): Arbitrary<TeamActor> =>
  fc.record({
    who: fc.constant(who),
    late: fc.nat(900),
    acts: fc.array(teamAct, { minLength: 1, maxLength: 3 }),
  });
const worldAct: Arbitrary<WorldAct> = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('accept', 'decline', 'waitlist', 'answer', 'pass') },
    { weight: 2, arbitrary: fc.constantFrom('leave', 'sweep') },
    { weight: 1, arbitrary: fc.constant('rebuild') },
  ) as Arbitrary<WorldAct['what']>,
  n: fc.nat(3),
});

/** What was done before, two or three people of the team, and others. */
export const anyScript: Arbitrary<Script> = fc.record({
  before: fc.array(teamAct, { maxLength: 2 }),
  team: fc
    .tuple(teamActor('amina'), teamActor('tom'), fc.option(fc.constantFrom('grace', 'sam')))
    .chain(([one, other, third]) =>
      third === null ? fc.constant([one, other]) : teamActor(third as Who).map((more) => [one, other, more]),
    ),
  world: fc.array(fc.array(worldAct, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
});

/** What became of something that was sent. */
export type Sent = {
  who: Who;
  act: TeamAct;
  /** What the form carried, and what was filled in. */
  fields: Fields;
  /** When it was sent. */
  at: string;
  answer: Page;
};

/** Does what somebody of the team does, one after the other; keeps what they were answered. */
export async function play(world: CaseWorld, { who, late, acts }: TeamActor, sent: Sent[]): Promise<void> {
  // Nobody's own clicks come before each other.
  let last = world.now;
  const tick = () => {
    last = new Date(Math.max(Date.parse(world.now) + late, Date.parse(last))).toISOString();
    return last;
  };
  for (const act of acts) {
    const { handler, path, query, having, fill } = formFor(act, world, who);
    const seen = await world.page(who, handler, path, { query, now: tick() });
    const form = having && formOf(seen.html, having);
    if (!form) continue;
    const fields: Fields = { ...form, ...fill };
    const at = tick();
    const send = async () => {
      const answer = await world.page(who, handler, path, { fields, now: at });
      sent.push({ who, act, fields, at, answer });
      world.log.push(`${who} ${act.what} ${act.n} (${fields.review ?? ''}): ${answer.status}`);
    };
    await Promise.all(act.twice ? [send(), send()] : [send()]);
  }
}

const PROGRAMMES = ['hive-music', 'example-crafts'];

function formFor({ what, n }: TeamAct, world: CaseWorld, who: Who) {
  const page = { handler: review as unknown, path: '', query: {} as Fields };
  const decide = (fill: Fields) => ({
    ...page,
    having: 'input[name=ranking]',
    fill: { action: 'decide', decision: what, ...fill },
  });
  switch (what) {
    case 'match': {
      const why = { rankingReason: 'She knows them', matchAnyway: 'yes' };
      return decide({ programmeId: PROGRAMMES[n] ?? '', ...why });
    }
    case 'ask-for-more':
      return decide({ askWhom: 'person', question: `Question ${n}` });
    case 'signpost':
      return decide({ signpostedTo: `Ending with ${n}` });
    case 'decline':
      return decide({ declineReason: ['duplicate', 'needs-other-service'][n] ?? '' });
    case 'hold': {
      const [year = '', month = '', day = ''] = londonDate(after(world.now, { days: 7 + n })).split('-');
      const until = { 'holdUntil-day': day, 'holdUntil-month': month, 'holdUntil-year': year };
      return decide({ ...until, holdReason: 'person-asked' });
    }
    case 'transfer':
      return decide({ team: PEOPLE[who].team === 'all' ? 'camden' : 'all' });
    case 'undo':
      return { ...page, having: 'button[value=undo]', fill: { action: 'undo' } };
    case 'assign': {
      const to = who === 'grace' ? { to: n === 0 ? 'amina' : 'tom' } : {};
      return { ...page, having: 'button[value=assign]', fill: { action: 'assign', ...to } };
    }
    case 'give-back':
      return { ...page, having: 'button[value=assign]', fill: { action: 'assign', to: '' } };
    case 'tell': {
      const fill = { action: 'signpost', signpost: `Service ${n}` };
      return { ...page, having: 'button[value=signpost]', fill };
    }
    case 'preferences': {
      const fill = { action: 'preferences', freeOnly: n === 0 ? 'yes' : '' };
      return { ...page, having: 'input[name=preferencesSeen]', fill };
    }
    case 'contact': {
      const fill = { action: 'contact', channel: 'phone', outcome: 'no-answer', when: 'now' };
      const [year = '', month = '', day = ''] = londonDate(after(world.now, { days: 3 })).split('-');
      const next = { 'nextDate-day': day, 'nextDate-month': month, 'nextDate-year': year };
      const more = { contactNote: `About call ${n}`, ...(n === 0 ? {} : next) };
      return {
        ...page,
        handler: contacts,
        path: '/contacts',
        having: 'input[name=number]',
        fill: { ...fill, ...more },
      };
    }
    case 'note': {
      const fill = { action: 'note', note: `Note ${n}` };
      return { ...page, handler: contacts, path: '/contacts', having: 'button[value=note]', fill };
    }
    case 'plan': {
      const fill = { action: 'save', strengths: `Strength ${n} of ${who}` };
      const query = { change: 'yes' };
      return { handler: plan, path: '/plan', query, having: 'input[name=version]', fill };
    }
  }
}

const SPANS: Span[] = [{ minutes: 1 }, { minutes: 11 }, { minutes: 20 }, { days: 8 }];

/** Does what happens around the team. Gives the answer of a page, where there is one. */
export async function happen(world: CaseWorld, { what, n }: WorldAct): Promise<Page | undefined> {
  switch (what) {
    case 'pass':
      world.letPass(SPANS[n] ?? { minutes: 1 });
      world.wakeOutbox(world.now);
      return undefined;
    case 'sweep':
      await (sweep as unknown as Run)({ now: world.now }, {} as Context);
      return undefined;
    case 'rebuild':
      await (rebuild as unknown as Run)({ now: world.now }, {} as Context);
      return undefined;
    case 'leave':
      return world.byLink(personPage, 'person', world.person, { action: 'leave', confirm: 'yes' }, world.now);
    case 'answer': {
      const link = await mailed(world, 'information');
      const fields = { action: 'answer', answer: 'On Mondays' };
      return link === undefined
        ? undefined
        : world.byLink(information, 'information', link, fields, world.now);
    }
    default: {
      const link = await mailed(world, 'offer');
      const [year = '', month = '', day = ''] = londonDate(after(world.now, { days: 9 })).split('-');
      const first = {
        'firstSessionDate-day': day,
        'firstSessionDate-month': month,
        'firstSessionDate-year': year,
      };
      const fields = { action: 'reply', reply: what, declineReason: 'no-capacity', ...first };
      const timed = { ...fields, firstSessionTime: '16:00', anyDay: 'yes' };
      return link === undefined ? undefined : world.byLink(offer, 'offer', link, timed, world.now);
    }
  }
}

type Run = (payload: unknown, context: Context) => Promise<unknown>;

/** The newest link of a purpose, for which some others may act first. */
async function mailed(world: CaseWorld, purpose: string): Promise<string | undefined> {
  for (let turns = 0; turns < 25 && world.link(purpose) === undefined; turns++) await world.wait();
  return world.link(purpose);
}
