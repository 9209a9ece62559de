/**
 * Where a referral is, in plain words, for the person themself and for whoever referred them. Neither learns who works on it, or more than that;
 * family and friends not whether the person goes anywhere (workflows/closing.ts).
 */
import type { Ending, Stage } from '../../../workflows/referral.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';

/** Who reads it. */
export type Audience = 'person' | 'referrer' | 'family-or-friend';

/** As much of a referral as its status tells. */
export type Progress = {
  stage: Stage;
  /** In stage `offer`: whether they wait for a place. */
  waitlisted?: boolean | undefined;
  /** In stage `information`: whether it is the reader who was asked. */
  askedYou?: boolean | undefined;
  ending?: Ending['kind'] | undefined;
  /** By when the next step is expected. */
  by?: string | undefined;
  /** Somebody is waited for within hours. */
  urgent?: boolean | undefined;
  /** In stage `review`: whether their place in a programme has ended, since it was not right for them. */
  returned?: boolean | undefined;
  /** In stage `review`: whether they were on a waiting list, and there is no place for them there after all. */
  offList?: boolean | undefined;
  /** In stage `review`: until when it waits, as agreed. */
  heldUntil?: string | undefined;
  /** In stage `programme`: how they are reminded of sessions; by email where it is not said. */
  reminded?: 'email' | 'team' | 'none' | undefined;
  /** In stage `programme`: whether no session is to come, and what was recorded does not say yet that it is over. */
  allOver?: boolean | undefined;
  /** In stage `programme`: why a link worker is asked to find out how they are, if one is: they missed sessions, something else, or it ends after that. */
  contacting?: 'missed' | 'asking' | 'at-the-end' | undefined;
};

/** The status, what happens next, by when, and the steps, as a page shows them. */
export function progressInWords(known: Progress, audience: Audience) {
  const progress = audience === 'family-or-friend' ? withoutPlace(known) : known;
  const { by, urgent, heldUntil } = progress;
  return {
    ...(heldUntil === undefined ? toReader[audience](progress) : onHold(heldUntil)),
    by: by && (urgent ? inWords(by) : dateInWords(by)),
    steps: stepsInWords(progress, audience),
  };
}

const STEPS: Record<Audience, readonly string[]> = {
  person: ['Referral received', 'A link worker reads it', 'A place is found', 'Your sessions', 'Finished'],
  referrer: ['Referral received', 'A link worker reads it', 'A place is found', 'Sessions', 'Finished'],
  'family-or-friend': [
    ...['Referral received', 'A link worker reads it'],
    ...['They see what could help', 'Finished'],
  ],
};

/** Not whether anybody has been asked for a place, or has one. */
function withoutPlace(progress: Progress): Progress {
  const { stage, waitlisted: _waitlisted, by: _by, ...rest } = progress;
  return stage === 'offer' || stage === 'programme' ? { ...rest, stage: 'offer' } : progress;
}

/** The steps with where the referral is among them; none when it ended on the way, for then some were never taken. */
function stepsInWords({ stage, ending }: Progress, audience: Audience) {
  if (ending !== undefined && ending !== 'completed') return [];
  const current = stepOf(stage);
  return STEPS[audience].map((text, i) => {
    if (i < current) return { text, state: 'done', stateInWords: 'done' };
    return i === current
      ? { text, state: 'current', stateInWords: 'now' }
      : { text, stateInWords: 'to come' };
  });
}

function stepOf(stage: Stage): number {
  switch (stage) {
    case 'intake':
    case 'review':
    case 'information':
      return 1;
    case 'offer':
      return 2;
    case 'programme':
      return 3;
    case 'closing':
    case 'closed':
      return STEPS.person.length;
  }
}

type Words = { status: string; next: string };

function onHold(until: string): Words {
  return {
    status: `The referral waits until ${dateInWords(until)}`,
    next: 'A link worker looks at it again on that day. Tell them if that should be sooner.',
  };
}

function toPerson(progress: Progress): Words {
  const {
    stage,
    waitlisted,
    askedYou,
    returned,
    offList,
    contacting,
    allOver,
    ending,
    reminded = 'email',
  } = progress;
  switch (stage) {
    case 'intake':
    case 'review':
      if (offList) {
        return {
          status: 'You are not on the waiting list any more',
          next: 'There will be no place for you there, and that is not your fault. A link worker looks for something else that could help, and may call you.',
        };
      }
      return returned
        ? {
            status: 'Your place in the programme has ended',
            next: 'Whoever runs it thinks that something else may suit you better. That is not your fault, and there are no more sessions for you there. A link worker will contact you to talk about what else could help.',
          }
        : {
            status: 'A link worker is reading your referral',
            next: 'They decide what could help. They may call you, or ask a question by email.',
          };
    case 'information':
      return {
        status: 'The link worker has asked a question',
        next: askedYou
          ? 'We have sent you an email with a link to it. Please answer it, then they can go on.'
          : 'Whoever referred you has been asked. When they have answered, the link worker goes on.',
      };
    case 'offer':
      return waitlisted
        ? {
            status: 'You are on the waiting list of a programme',
            next: 'When a place is free we email you. You do not need to do anything.',
          }
        : {
            status: 'We have asked a programme whether they have a place for you',
            next: 'When they have answered we email you. If they have no place, the link worker looks for something else.',
          };
    case 'programme':
      if (contacting === undefined && allOver) return allOverInWords;
      return contacting === undefined
        ? { status: 'You have a place, and your sessions are planned', next: remindedInWords[reminded] }
        : contactingInWords[contacting];
    case 'closing':
    case 'closed':
      return { status: endedForPerson(ending), next: 'You get a letter by email that says how it ended.' };
  }
}

const contactingInWords = {
  missed: {
    status: 'You have a place, and we have missed you',
    next: 'A link worker will contact you to ask how you are. Your sessions go on; you are welcome at the next one.',
  },
  asking: {
    status: 'You have a place, and your sessions go on',
    next: 'A link worker will contact you to ask how you are and whether the sessions suit you. Until then you are welcome at the next one.',
  },
  'at-the-end': {
    status: 'All of your sessions are over',
    next: 'A link worker will contact you to ask how you are. Your programme ends after that.',
  },
} as const;

const allOverInWords = {
  status: 'All of your sessions are over',
  next: 'Whoever runs them has still to tell us who came. Then your programme ends, and you get a letter that says how it was.',
};

const remindedInWords = {
  email: 'We remind you by email the day before each session.',
  team: 'We do not remind you by email. Before each session we ask the link workers to remind you.',
  none: 'You asked us not to remind you of your sessions.',
} as const;

function endedForPerson(ending: Progress['ending']): string {
  switch (ending) {
    case 'completed':
      return 'You have finished the programme';
    case 'signposted':
      return 'The link worker told you about another service';
    case 'declined':
      return 'Your referral could not go further';
    case 'withdrawn':
      return 'You have left';
    default:
      return 'The programme has ended for you';
  }
}

/** What a referrer hears before the end is where it is, and not how the person does. */
function toReferrer({ stage, waitlisted, askedYou }: Progress): Words {
  switch (stage) {
    case 'intake':
    case 'review':
      return {
        status: 'A link worker is reading the referral',
        next: 'They decide what could help. They may call the person, or ask you a question by email.',
      };
    case 'information':
      return {
        status: 'The link worker has asked a question',
        next: askedYou
          ? 'We have sent you an email with a link to it. Please answer it, then they can go on.'
          : 'The person has been asked. When they have answered, the link worker goes on.',
      };
    case 'offer':
      return waitlisted
        ? {
            status: 'The person is on a waiting list',
            next: 'When a place is free we email you. You do not need to do anything.',
          }
        : {
            status: 'A programme has been asked whether it has a place',
            next: 'When they have answered we email you. If they have no place, the link worker looks for something else.',
          };
    case 'programme':
      return {
        status: 'The person has a place',
        next: 'The sessions go on until all of them were held. We then write to you with the outcome.',
      };
    case 'closing':
    case 'closed':
      return {
        status: 'The referral has ended',
        next: 'We have sent the outcome by email, to whoever was to get it.',
      };
  }
}

/** Where somebody goes, and whether, is theirs to tell. */
function toFamilyOrFriend(progress: Progress): Words {
  switch (progress.stage) {
    case 'offer':
    case 'programme':
      return {
        status: 'A link worker has read the referral',
        next: 'What comes of it is for the person to tell: please ask them. We write to you when the referral has ended.',
      };
    case 'closing':
    case 'closed':
      return {
        status: 'The referral has ended',
        next: 'What came of it is for the person to tell: please ask them.',
      };
    default:
      return toReferrer(progress);
  }
}

const toReader: Record<Audience, (progress: Progress) => Words> = {
  person: toPerson,
  referrer: toReferrer,
  'family-or-friend': toFamilyOrFriend,
};
