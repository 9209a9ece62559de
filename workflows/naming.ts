/** Whether words for a provider say who a person is, or how to reach them: before they accept, a provider learns neither. */
import { LIMITS } from './fields.ts';
import type { Person } from './request.ts';

/** Latin letters that Unicode takes for letters of their own, and what people write who do not have them on their keyboard. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  ...{ ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i', ŋ: 'n', ə: 'e' },
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
};

/** A name without what people write now one way and now another: accents, apostrophes, hyphens, spaces, capitals, and letters that few keyboards have. */
export function sameForEverySpelling(name: string): string {
  return withoutAccents(name).replace(/[^a-z0-9]/g, (letter) => WRITTEN_AS[letter] ?? letter);
}

/** The same with those letters as they are. */
export function withoutAccents(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]/gu, '')
    .toLowerCase();
}

type Named = Pick<Person, 'firstName' | 'familyName' | 'email' | 'phone' | 'nhsNumber'>;

/** What tells nobody apart: single letters, and the words of one or two letters that any text has, or any name. */
const COMMON = new Set([
  ...['am', 'an', 'as', 'at', 'be', 'by', 'do', 'go', 'he', 'if', 'in', 'is', 'it', 'me', 'my', 'no'],
  ...['of', 'oh', 'ok', 'on', 'or', 'so', 'to', 'up', 'us', 'we', 'al', 'da', 'de', 'di', 'du', 'el', 'la'],
  ...['le', 'st'],
]);

function isTelling(word: string): boolean {
  return word.length > 1 && !COMMON.has(word);
}

/** What joins the parts of one name: apostrophes as people, phones and word processors type them, and hyphens. */
const JOINT = /^['’‘ʼ`´′＇\p{Pd}]$/u;
const PART = /[\p{Letter}\p{Mark}\p{Number}]+/gu;

type Part = { text: string; at: number; end: number };

function partsOf(text: string): Part[] {
  return [...text.matchAll(PART)].map(([part], i, all) => {
    const at = all[i]?.index ?? 0;
    return { text: part, at, end: at + part.length };
  });
}

/**
 * The words of a text that may name a person, as they were typed, each once: whole words, whatever their accents, capitals, apostrophes and hyphens.
 * A name of several parts is found whole and by each of them. Names such as Will, May or Hope are words too: whoever wrote them knows which it is.
 */
export function namesIn(text: string, { firstName, familyName, email }: Named): string[] {
  const names = [firstName, familyName].filter((name) => name !== undefined);
  const words = new Set(
    names.flatMap((name) => partsOf(name).map((part) => sameForEverySpelling(part.text))),
  );
  // "O'Brien" is also written "OBrien" and "O Brien", "Anne Marie" also "Annemarie"; "An Do" is a name only as a whole.
  const wholes = new Set(
    [...names, names.join(' ')]
      .filter((name) => partsOf(name).length > 1)
      .map((name) => sameForEverySpelling(name)),
  );
  // What nobody sees hides no name, and an address is told as one (reachesIn).
  const shown = text.normalize('NFC').replace(/\p{Cf}/gu, '');
  const address = email?.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
  const seen = address === undefined ? shown : shown.replace(new RegExp(address, 'gi'), ';');
  const parts = partsOf(seen);
  const most = Math.max(3, partsOf(names.join(' ')).length);
  const found = new Set<string>();
  let until = 0;
  for (const [i, first] of parts.entries()) {
    if (first.at < until) continue;
    let joined = '';
    let isOneWord = true;
    let end: number | undefined;
    for (let n = i; n < parts.length && n < i + most; n++) {
      const [before, part] = [parts[n - 1], parts[n] as Part];
      if (n > i && before) {
        const gap = seen.slice(before.end, part.at);
        const isJoint = JOINT.test(gap);
        if (!isJoint && gap.trim() !== '') break;
        isOneWord &&= isJoint;
      }
      joined += sameForEverySpelling(part.text);
      if (wholes.has(joined) || (isOneWord && isTelling(joined) && words.has(joined))) end = part.end;
    }
    if (end === undefined) continue;
    found.add(seen.slice(first.at, end));
    until = end;
  }
  return [...found];
}

/** Of so many digits it may be somebody's number. */
const FEWEST_DIGITS = 6;

/** What of a text reaches the person or is their number: their email address, phone number or NHS number, as we call them. */
export function reachesIn(text: string, { email, phone, nhsNumber }: Named): string[] {
  const numbers = (text.match(/\d[\d\s().\p{Pd}]*\d/gu) ?? []).map((run) => run.replace(/\D/g, ''));
  const has = (number: string | undefined) =>
    number !== undefined && number.length >= FEWEST_DIGITS && numbers.some((run) => run.includes(number));
  return [
    ...(email !== undefined && text.toLowerCase().includes(email.toLowerCase()) ? ['email address'] : []),
    ...(has(phone && nationalPart(phone)) ? ['phone number'] : []),
    ...(has(nhsNumber) ? ['NHS number'] : []),
  ];
}

/** The digits of a phone number that stay the same with and without the code of the country: 020 7946 0823 and +44 20 7946 0823 are one. */
function nationalPart(phone: string): string {
  return phone.replace(/\D/g, '').replace(/^00/, '').replace(/^44/, '').replace(/^0/, '');
}

/**
 * Why words for a provider who has not accepted yet are not sent, with what was found and what to write instead; undefined where they can be.
 * `namesNobody`: whoever wrote them says that they do not name the person. That takes no number or address out.
 */
export function whyNotForProvider(text: string, person: Named, namesNobody: boolean): string | undefined {
  if (text.length > LIMITS.text) return `Use ${LIMITS.text} characters or fewer`;
  const names = namesNobody ? [] : namesIn(text, person);
  const reaches = reachesIn(text, person);
  if (names.length + reaches.length === 0) return undefined;
  const found = [...reaches.map((what) => `their ${what}`), ...names.map((name) => `“${name}”`)];
  const instead = [
    ...(names.length > 0 ? ['Write “they” or “the person” instead'] : []),
    ...(reaches.length > 0 ? ['Leave out how to reach them'] : []),
    ...(names.length > 0 ? ['If these words do not name the person, tick that below'] : []),
  ];
  const why = 'The provider reads it before they accept, and must not learn who the person is';
  return [`This has ${inWords(found)}`, why, ...instead].join('. ');
}

function inWords(all: readonly string[]): string {
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
