/** A valid referral as the flat fields of a form, where a form can say it. */
import type { Fields } from '../../workflows/form.ts';
import type { Json } from './people.ts';

const yesNo = (value: unknown) => (value === undefined ? undefined : value ? 'yes' : 'no');

/** The fields by which somebody would say the same on a page. */
export function fieldsOf(referral: Json): Record<string, string> {
  const filled = Object.entries(everyFieldOf(referral)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(filled) as Record<string, string>;
}

function everyFieldOf({ referrer, person, request }: Json): Fields {
  const by = referrer as Record<string, string>;
  const respondTo = (referrer as Json).respondTo as Record<string, string> | undefined;
  const who = person as Record<string, string>;
  const contact = ((person as Json).contact ?? {}) as Json;
  const communication = ((person as Json).communication ?? {}) as Json;
  const wanted = request as Record<string, string>;
  const risks = (request as Json).risks as Json;
  const consent = (request as Json).consent as Json;
  const [year, month, day] = (who.dateOfBirth ?? '').split('-').map((part) => String(Number(part)));
  return {
    danger: yesNo((request as Json).danger),
    referrerKind: by.kind,
    referrerName: by.name,
    referrerRole: by.role,
    referrerOrganisation: by.organisation,
    referrerEmail: by.email,
    referrerPhone: by.phone,
    ...(respondTo && { respondTo: 'other', respondToName: respondTo.name, respondToEmail: respondTo.email }),
    programmeId: wanted.programmeId ?? 'advise',
    firstName: who.firstName,
    familyName: who.familyName,
    oneName: (person as Json).oneName ? 'yes' : undefined,
    'dateOfBirth-day': day,
    'dateOfBirth-month': month,
    'dateOfBirth-year': (year ?? '').padStart(4, '0'),
    postcode: who.postcode,
    address: who.address,
    gpPractice: 'known',
    gpPracticeCode: who.gpPracticeCode,
    gpPracticeName: who.gpPracticeName,
    gpPracticeEmail: who.gpPracticeEmail,
    nhsNumber: who.nhsNumber,
    phone: who.phone,
    email: who.email,
    contactMayEmail: yesNo(contact.mayEmail),
    contactPreferred: contact.preferred as string | undefined,
    contactLeaveMessage: yesNo(contact.leaveMessage),
    contactPhonePrivate: yesNo(contact.phonePrivate),
    contactNote: contact.note as string | undefined,
    ...Object.fromEntries(
      ((communication.needs ?? []) as string[]).map((need) => [`communicationNeeds-${need}`, 'yes']),
    ),
    communicationLanguage: communication.language as string | undefined,
    communicationDetail: communication.detail as string | undefined,
    needs: wanted.needs,
    whatMatters: wanted.whatMatters,
    risks: risks.known ? 'known' : 'none-known',
    risksDetail: risks.detail as string | undefined,
    consent: consent.given ? 'yes' : 'best-interests',
    consentDetail: consent.detail as string | undefined,
    askLinkWorker: (request as Json).askLinkWorker ? 'yes' : undefined,
  };
}

/** What is left of a referral when a form says it: forms do not ask what says nothing. */
export function asAFormSays({ person, ...rest }: Json): Json {
  const { contact, communication, gpPracticeEmail, ...who } = person as {
    contact?: Json;
    communication?: Json;
    email?: string;
    gpPracticeEmail?: string;
  };
  // Only the form of professionals asks for it.
  const isAsked = gpPracticeEmail !== undefined && (rest.referrer as Json).kind === 'professional';
  const { mayEmail, ...kept } = contact ?? {};
  const safe = { ...kept, ...(who.email === undefined ? {} : { mayEmail }) };
  const { needs = [], language, detail } = (communication ?? {}) as { needs?: string[] } & Json;
  const says = needs.length > 0 || language !== undefined || detail !== undefined;
  return {
    ...rest,
    person: {
      ...who,
      ...(isAsked ? { gpPracticeEmail } : {}),
      ...(Object.keys(safe).length > 0 ? { contact: safe } : {}),
      ...(says ? { communication } : {}),
    },
  };
}
