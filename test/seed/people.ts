/** Invented people who are referred, one for each number: the same number and seed make the same person again. */
import { isNhsNumber } from '../../workflows/checks.ts';
import { fullName } from '../../workflows/person.ts';
import type { CommunicationNeed, Person, Referrer } from '../../workflows/request.ts';
import type { Submission } from '../../workflows/submission.ts';
import type { Chance } from './chance.ts';

const FIRST_NAMES =
  'Aaliyah Adam Aisha Alan Alice Amara Andrew Angela Anwar Barbara Ben Beatrice Bilal Brenda Callum Carol Chloe Chidi Claire Daniel David Dawn Deborah Derek Dmitri Donna Edward Eilidh Elena Emeka Emily Fatima Fiona Frank Freya George Gloria Grace Gwen Hamza Hannah Harpreet Harry Helen Hugh Ibrahim Imogen Ines Isaac Ivy Jack James Jasmine Jean Joan Joseph Joyce Karen Keith Kofi Laura Leila Leon Linda Liam Lucy Malik Margaret Maria Martin Maureen Meera Mei Michael Mohammed Nadia Naomi Nia Nigel Olga Olivia Omar Oscar Patricia Paul Peter Priyanka Rachel Raj Rhys Robert Rosa Ruth Samuel Sandra Sean Shabana Sheila Siân Simon Sophie Stella Sunita Susan Tariq Temi Teresa Thomas Tomasz Ursula Vera Victor Wei Wendy William Yasmin Yusuf Zainab Zoe'.split(
    ' ',
  );
const FAMILY_NAMES =
  'Abbott Adeyemi Ahmed Ali Allen Anderson Bailey Baker Begum Bell Bennett Brown Byrne Campbell Carter Chan Chaudhry Chen Clarke Collins Cooper Cox Davies Davis Diaz Dixon Edwards Ellis Evans Farrell Fernandes Fisher Foster Garcia Gill Graham Grant Gray Green Griffiths Hall Harris Harrison Hassan Hill Hossain Howard Hughes Hussain Iqbal Islam Jackson James Jenkins Johnson Jones Joseph Kapoor Kaur Kelly Khan King Knight Kowalski Kumar Lee Lewis Lloyd MacDonald Mahmood Malik Marshall Martin Mason Mbeki Mehta Miah Miller Mitchell Moore Morgan Morris Murphy Murray Nguyen Novak Nwosu O’Brien O’Connor Okafor Okonkwo Owen Palmer Parker Patel Pereira Phillips Popescu Powell Price Qureshi Rahman Reid Richards Roberts Robinson Rogers Rossi Russell Ryan Scott Shah Sharma Shaw Silva Singh Smith Spencer Stewart Suleiman Taylor Thomas Thompson Turner Uddin Walker Walsh Ward Watson Webb White Williams Wilson Wood Wright Yilmaz Young Zhang'.split(
    ' ',
  );
const NEEDS = [
  'Lonely since moving here; used to sing in a choir.',
  'Has stopped going out since the bereavement and would like company.',
  'Cares for a parent and has nobody to talk to.',
  'Worried about rent and letters from the council, and sleeps badly.',
  'Wants to be more active; blood pressure is high.',
  'Low mood since losing work; likes gardening and drawing.',
  'Early dementia; their partner would welcome a group that both can go to.',
  'Drinks less since the spring and looks for evenings without a pub.',
];
const RISKS = [
  'Falls at times; walks with a stick.',
  'Harmed themself two years ago; in touch with the crisis team.',
  'Becomes very anxious in large groups.',
  'Somebody close to them has been violent; do not ring when he is at home.',
];
const STREETS = ['Albert Road', 'Station Road', 'Church Lane', 'Victoria Street', 'Park View', 'Mill Lane'];
const OUTCODES = ['NW1', 'NW3', 'NW5', 'WC1H', 'N1C', 'N7', 'E2', 'SE1', 'SW9', 'M14', 'B13', 'LS6', 'BS5'];
const INWARD = [...'ABDEFGHJLNPQRSTUWXYZ'];
const COMMUNICATION: CommunicationNeed[] = [
  'sign-language',
  'more-time',
  'easy-read',
  'large-print',
  'step-free',
];
const YEAR_MS = 365.25 * 86_400_000;

/** How many have an NHS number of their own among those that are kept for tests (999 …). */
const NHS_NUMBERS = 1_000_000;

/** What a form says about person number `number`, as it is kept (submission.ts); `now`: when it was sent. */
export function submissionFor(number: number, chance: Chance, now: string): Submission {
  const isOwn = chance.in(0.25);
  const person = personFor(number, chance, now, isOwn);
  return {
    person,
    referrer: isOwn
      ? themself(person)
      : {
          kind: 'professional',
          name: `Dr ${chance.one(FIRST_NAMES)} ${chance.one(FAMILY_NAMES)}`,
          role: 'GP',
          organisation: 'Example Practice',
          email: `referrer-${number % 500}@practice.example`,
        },
    request: {
      needs: chance.one(NEEDS),
      ...(chance.in(0.4) ? { whatMatters: 'Being with people who do not ask too much.' } : {}),
      risks: chance.in(0.18) ? { known: true, detail: chance.one(RISKS) } : { known: false },
      danger: chance.in(0.005),
      consent: { given: true, at: now },
    },
  };
}

function personFor(number: number, chance: Chance, now: string, isOwn: boolean): Person {
  const nhsNumber = nhsNumberOf(number);
  const born = Date.parse(now) - chance.between(17, 92) * YEAR_MS;
  return {
    firstName: chance.one(FIRST_NAMES),
    familyName: chance.one(FAMILY_NAMES),
    dateOfBirth: new Date(born).toISOString().slice(0, 10),
    // Few know their own.
    ...(nhsNumber === undefined || isOwn ? {} : { nhsNumber }),
    phone: `07700 ${900_000 + chance.whole(0, 999)}`,
    ...(chance.in(0.6) ? { email: `person-${number}@people.example`, contact: { mayEmail: true } } : {}),
    postcode: `${chance.one(OUTCODES)} ${chance.whole(1, 9)}${chance.one(INWARD)}${chance.one(INWARD)}`,
    address: `${chance.whole(1, 180)} ${chance.one(STREETS)}`,
    gpPracticeCode: `F83${String(chance.whole(0, 999)).padStart(3, '0')}`,
    ...(chance.in(0.12) ? { communication: { needs: [chance.one(COMMUNICATION)] } } : {}),
  };
}

function themself(person: Person): Referrer {
  const { email, phone } = person;
  const reached = { ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }) };
  return { kind: 'self', name: fullName(person), ...reached };
}

/** One that nobody has, and no two of the first million; undefined for those whose digits have no check digit. */
function nhsNumberOf(number: number): string | undefined {
  const nine = `999${String((number * 7919) % NHS_NUMBERS).padStart(6, '0')}`;
  const sum = [...nine].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const ten = `${nine}${(11 - (sum % 11)) % 11}`;
  return isNhsNumber(ten) ? ten : undefined;
}
