/** Examples in the API's description. The people in them are made up; their NHS numbers are for tests. */
import type { SubmissionInput } from '../../workflows/submission.ts';
import type { More, ProblemKind } from './problems.ts';

const person = {
  firstName: 'Róisín',
  familyName: "O'Brien",
  dateOfBirth: '2007-03-31',
  postcode: 'NW1 8AB',
  gpPracticeCode: 'F83010',
};

const received = {
  reference: 'SP-7K4M-2Q9X',
  receivedAt: '2026-11-23T09:00:00.000Z',
  links: { self: 'https://referrals.example/api/referrals/SP-7K4M-2Q9X' },
};

export const EXAMPLES = {
  professional: {
    referrer: {
      kind: 'professional',
      name: 'Dr Amara Okafor',
      role: 'GP',
      organisation: 'Example Practice',
      email: 'a.okafor@practice.example',
    },
    person: {
      ...person,
      nhsNumber: '943 476 5919',
      email: 'roisin@people.example',
      contact: { mayEmail: true },
    },
    request: {
      needs: 'Lonely since moving here; used to sing in a choir',
      risks: { known: false },
      danger: false,
      consent: { given: true },
    },
  },
  self: {
    referrer: { kind: 'self' },
    person: { ...person, phone: '07700 900982', contact: { preferred: 'text', leaveMessage: true } },
    request: {
      needs: 'I would like to meet people',
      risks: { known: false },
      danger: false,
      consent: { given: true },
    },
  },
  accepted: { ...received, status: 'received' },
  status: {
    ...received,
    stage: 'review',
    status: 'A link worker is reading the referral',
    next: 'They decide what could help. They may call the person, or ask you a question by email.',
    by: '2026-11-25T09:00:00.000Z',
  },
} as const satisfies { professional: SubmissionInput; self: SubmissionInput; [name: string]: unknown };

/** Of the problems that say more than their parts. */
export const PROBLEM_EXAMPLES: Readonly<Partial<Record<ProblemKind, { detail: string; more: More }>>> = {
  invalid: {
    detail: 'Put right what `errors` names, and send the referral again.',
    more: { errors: [{ pointer: '#/person/dateOfBirth', detail: 'Enter a date of birth in the past' }] },
  },
  'not-eligible': {
    detail:
      'This person is not eligible for “A choir”. Ask for one of `others`, or send request.askLinkWorker: true, …',
    more: {
      programme: { programmeId: 'choir', name: 'A choir' },
      criteria: [
        { name: 'age', result: 'not-met', explanation: 'For people aged 60 or over; this person is 19' },
      ],
      others: [{ programmeId: 'hive-music', name: 'Group music sessions' }],
    },
  },
};
