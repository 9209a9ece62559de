/** Somebody all of whose personal data is marked, so that it can be looked for wherever it must not be. */

/** Marked values for everything personal that people type, in a shape that the rules accept. */
export const CANARIES = {
  firstName: 'Zyxfirstname',
  familyName: 'Qwvfamilyname',
  email: 'canary.kjhmail@people.example',
  phone: '07700 900461',
  postcode: 'NW1 9ZQ',
  nhsNumber: '999 000 0018',
  needs: 'Plmneeds and nothing else',
  communicationDetail: 'Ghtcommunication',
  communicationLanguage: 'Opllanguage',
  contactNote: 'Jkwcontact',
  whatMatters: 'Mnbmatters',
  gpPracticeName: 'Rfvpractice',
  address: 'Edcaddress',
  respondToName: 'Ujmrespond',
  referrerRole: 'Hgbrole',
  risksDetail: 'Wdvrisk',
  referrerName: 'Bnmreferrername',
  referrerPhone: '020 7946 0823',
  referrerOrganisation: 'Tyuorganisation',
};
const BIRTH = { 'dateOfBirth-day': '17', 'dateOfBirth-month': '9', 'dateOfBirth-year': '2007' };
/** The same for what is typed about them later. */
export const TYPED = {
  riskSummary: 'Yhnrisksummary',
  question: 'Rtyquestion',
  answer: 'Vbnanswer',
  note: 'Cfgnote',
  signpostedTo: 'Xswsignpost',
  strengths: 'Lkpstrengths',
  goal: 'Fdsgoal',
  action: 'Hjuaction',
};

/** A whole referral of them, of somebody at risk whom an answer goes to. */
export const canaryFields = {
  ...CANARIES,
  ...BIRTH,
  risks: 'known',
  respondTo: 'other',
  respondToEmail: 'canary.ward@people.example',
  'communicationNeeds-interpreter': 'yes',
};

/** Every way in which a canary could be written. */
const PATTERNS = [
  ...Object.values(CANARIES).map((value) => value.split(' and ')[0] ?? ''),
  ...Object.values(TYPED),
  '07700900461',
  '02079460823',
  'NW19ZQ',
  '9990000018',
  '2007-09-17',
  '17 September 2007',
  '17/09/2007',
  '17 9 2007',
];

/** The canaries in a text, each with where that is. */
export function found(where: string, text: string): string[] {
  return PATTERNS.filter((pattern) => text.toLowerCase().includes(pattern.toLowerCase())).map(
    (pattern) => `${pattern} in ${where}`,
  );
}
