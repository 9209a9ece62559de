/** The pages for everybody: what this is, the three ways to refer, and that the referral arrived. */
import type { Programme } from '../../../workflows/directory.ts';
import type { NotEligible } from '../../../workflows/eligibility.ts';
import { FIELD_ORDER, type Fields, type Step, type StepId, type Way } from '../../../workflows/form.ts';
import { answerWithin } from '../../../workflows/reminder-policy.ts';
import { retention } from '../../../workflows/retention-policy.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationItems } from '../../shared/pages/questions.ts';
import { spanInWords } from '../../shared/pages/words.ts';
import { answersInWords } from './answers.ts';
import begin from './begin.njk';
import check from './check.njk';
import deleted from './deleted.njk';
import helpNow from './help-now.njk';
import home from './home.njk';
import moved from './moved.njk';
import privacy from './privacy.njk';
import professional from './professional.njk';
import returning from './return.njk';
import save from './save.njk';
import saved from './saved.njk';
import sent from './sent.njk';
import start from './start.njk';
import stepTemplate from './step.njk';

/** The ways that are filled in step by step. */
export type StepWay = Exclude<Way, 'professional'>;

/** What social prescribing is, who can refer, and where to turn in danger. */
export function homePage(view: Site) {
  return page(view, { title: 'Find support near you', template: home });
}

/** The three ways to refer. `programmeId`: the programme that somebody came for. */
export function startPage({ programmeId, ...site }: Site & { programmeId?: string | undefined }) {
  const wanted = programmeId === undefined ? '' : `?programme=${encodeURIComponent(programmeId)}`;
  return page(site, { title: 'Make a referral', template: start, context: { wanted } });
}

/** What the trap for programs needs: when the form was first shown (trap.ts). */
type Trapped = { served: string; form?: Form | undefined };

export type BeginView = Site & Trapped & { way: StepWay; programmeId?: string | undefined };

/** Before the first question: what is asked, and how long it takes. */
export function beginPage({ way, served, programmeId, form, ...site }: BeginView) {
  const self = way === 'myself';
  return page(site, {
    title: self ? 'Refer yourself' : 'Refer someone you know',
    template: begin,
    context: { self, served, programmeId },
    form,
  });
}

export type StepView = Site & {
  way: StepWay;
  step: Step;
  /** Its place among the steps, from 1, and how many there are. */
  number: number;
  count: number;
  back: string;
  /** The answer is changed from the page that checks all of them, and leads back there. */
  change: boolean;
  programmes: readonly Programme[];
  form: Form;
};

/** The heading of each step, of somebody about themself and about another. */
const STEP_TITLES: Record<StepId, [self: string, other: string]> = {
  danger: ['Are you, or is somebody else, in danger now?', 'Is anyone in danger now?'],
  'about-you': ['About you', 'About you'],
  programme: ['Which programme would you like?', 'Which programme is it for?'],
  name: ['What is your name?', 'What is the person’s name?'],
  'date-of-birth': ['What is your date of birth?', 'What is their date of birth?'],
  home: ['Where do you live?', 'Where do they live?'],
  'gp-practice': ['Your GP practice', 'Their GP practice'],
  'nhs-number': ['What is your NHS number?', 'What is their NHS number?'],
  contact: ['How can we reach you?', 'How can we reach them?'],
  'safe-contact': ['How can we make contact safely?', 'How can we make contact safely?'],
  communication: ['How should we communicate with you?', 'How should we communicate with them?'],
  needs: ['What would help?', 'What would help?'],
  risks: ['Is there anything we should know to keep you and others safe?', 'Are there any known risks?'],
  consent: ['Do you agree that we use what you told us?', 'Does the person agree?'],
};

/** Steps of one question: its legend or label is the page's heading. */
const ONE_QUESTION: readonly StepId[] = [
  'danger',
  'programme',
  'date-of-birth',
  'nhs-number',
  'risks',
  'consent',
];

/** One page of a form that is filled in step by step. */
export function stepPage({ way, step, number, count, back, change, programmes, form, ...site }: StepView) {
  const self = way === 'myself';
  return page(site, {
    title: STEP_TITLES[step.id][self ? 0 : 1],
    template: stepTemplate,
    context: {
      self,
      step: step.id,
      only: ONE_QUESTION.includes(step.id),
      number,
      count,
      back,
      change,
      programmes: programmeItems(programmes),
      communicationNeeds: communicationItems(),
    },
    form,
    fields: step.fields,
  });
}

export type CheckView = Site &
  Trapped & {
    way: StepWay;
    fields: Fields;
    back: string;
    programmes: readonly Programme[];
    notEligible?: NotEligible | undefined;
  };

/** Everything that was entered, to check before it is sent. */
export function checkPage({ way, fields, back, programmes, notEligible, served, form, ...site }: CheckView) {
  const answers = answersInWords(fields, programmes);
  return page(site, {
    title: 'Check your answers',
    template: check,
    context: {
      served,
      back,
      answers: answers.map(({ step, ...answer }) => ({
        ...answer,
        href: `/refer/${way}/${step}?change=yes`,
      })),
      inDanger: fields.danger === 'yes',
      why: notEligible && whyInWords(notEligible, way === 'myself'),
    },
    form: form ?? { values: fields },
    fields: [...FIELD_ORDER, 'send'],
  });
}

export type ProfessionalView = Site &
  Trapped & {
    /** Makes the reference: the same key sent twice makes one referral. */
    submissionKey: string;
    programmes: readonly Programme[];
    notEligible?: NotEligible | undefined;
  };

/** The whole form on one page. */
export function professionalPage(view: ProfessionalView) {
  const { submissionKey, served, programmes, notEligible, form, ...site } = view;
  return page(site, {
    title: 'Refer a patient or client',
    template: professional,
    context: {
      submissionKey,
      served,
      programmes: programmeItems(programmes),
      communicationNeeds: communicationItems(),
      inDanger: form?.values.danger === 'yes',
      why: notEligible && whyInWords(notEligible, false),
    },
    form,
    fields: PROFESSIONAL_ORDER,
  });
}

/** In the order of the page, which is not that of the steps. */
const PROFESSIONAL_ORDER = `danger referrerName referrerRole referrerOrganisation referrerEmail referrerPhone
  respondTo respondToName respondToEmail firstName familyName oneName dateOfBirth nhsNumber postcode noFixedAddress address
  gpPracticeCode gpPracticeName gpPractice gpPracticeEmail phone email contactMayEmail contactPreferred contactLeaveMessage
  contactPhonePrivate contactNote communicationNeeds communicationLanguage communicationDetail needs whatMatters risks risksDetail
  programmeId consent consentDetail askLinkWorker send`.split(/\s+/);

/** The interruption when somebody is in danger: whom to call. With a reference the referral has been sent, without one it goes on. */
export function helpNowPage({
  self,
  next,
  reference,
  ...site
}: Site & { self: boolean; next?: string | undefined; reference?: string | undefined }) {
  return page(site, { title: 'Please get help now', template: helpNow, context: { self, next, reference } });
}

/** The bases of the UK GDPR, in words. */
const LAWFUL_BASES: Record<string, string> = {
  'public-task': 'we need it for a task in the public interest',
  'legitimate-interests': 'we have a legitimate interest in providing the support that is asked for',
  'legal-obligation': 'the law obliges us to',
  contract: 'we need it for a contract with the person',
  'vital-interests': 'it protects somebody’s life',
  consent: 'the person consents',
  'health-or-social-care': 'we provide health or social care',
  'public-health': 'it is in the interest of public health',
  'substantial-public-interest': 'there is a substantial public interest',
  'explicit-consent': 'the person explicitly consents',
};

/** How what people tell us is used. */
export function privacyPage({ article6, article9, ...site }: Site & { article6: string; article9: string }) {
  const { programmeMonths, noProgrammeMonths, youngUntil } = retention();
  return page(site, {
    title: 'How we use what you tell us',
    template: privacy,
    context: {
      article6: LAWFUL_BASES[article6] ?? article6,
      article9: LAWFUL_BASES[article9] ?? article9,
      ...{ afterProgramme: inYears(programmeMonths), afterNone: inYears(noProgrammeMonths), youngUntil },
    },
  });
}

function inYears(months: number): string {
  if (months % 12 > 0) return `${months} months`;
  return months === 12 ? 'one year' : `${months / 12} years`;
}

/** Asks where to send the link of an unfinished form. */
export function savePage({ back, form, ...site }: Site & { back: string; form?: Form | undefined }) {
  return page(site, {
    title: 'Save your answers and come back later',
    template: save,
    context: { back },
    form,
    fields: ['saveTo'],
  });
}

/** The unfinished form is saved and its link sent. */
export function savedPage({ until, ...site }: Site & { until?: string | undefined }) {
  return page(site, {
    title: 'Your answers are saved',
    template: saved,
    context: { until: until && dateInWords(until) },
  });
}

/** What was entered is deleted. */
export function deletedPage(site: Site) {
  return page(site, { title: 'Your answers are deleted', template: deleted });
}

/** Behind the emailed link: a button leads to the form. */
export function returnPage({ until, form, ...site }: Site & { until: string; form?: Form | undefined }) {
  return page(site, {
    title: 'Go on with your form',
    template: returning,
    context: { until: dateInWords(until) },
    form,
  });
}

/** Behind an emailed link that was opened before, and in the browser that had the form until then. */
export function movedPage({ at, ...site }: Site & { at: string }) {
  return page(site, {
    statusCode: 410,
    title: 'The form went on somewhere else',
    template: moved,
    context: { at: inWords(at) },
  });
}

export type SentView = Site & {
  reference: string;
  newsletter?: string | undefined;
  /** The way of a form that was sent again with other answers. */
  already?: string | undefined;
};

/** The referral arrived: its reference, and what happens next. */
export function sentPage({ reference, newsletter, already, ...site }: SentView) {
  return page(site, {
    title: 'Referral sent',
    template: sent,
    context: { reference, newsletter, already, within: spanInWords(answerWithin('review')) },
  });
}

function programmeItems(programmes: readonly Programme[]) {
  return [
    ...programmes.map(({ id, name, description, accepting }) => ({
      value: id,
      text: name,
      hint: accepting ? description : `${description} It takes no referrals at the moment.`,
    })),
    { value: 'advise', text: 'I am not sure: please help to choose' },
  ];
}

/** Why somebody is not eligible, and what else there is. */
function whyInWords({ wanted, doubts, others }: NotEligible, self: boolean) {
  const certain = doubts.some(({ result }) => result === 'not-met');
  const who = `${self ? 'You' : 'This person'} ${certain ? (self ? 'are' : 'is') : 'may'} not${certain ? '' : ' be'}`;
  return {
    title: wanted
      ? `${who} eligible for ${wanted.programme.name}`
      : `No programme that we know of is open to ${self ? 'you' : 'this person'}`,
    reasons: doubts.map(({ explanation }) => (self ? aboutYou(explanation) : explanation)),
    others: others.map(({ programme }) => programme),
  };
}

function aboutYou(explanation: string): string {
  return explanation.replace('this person is', 'you are').replace('this person will', 'you will');
}
