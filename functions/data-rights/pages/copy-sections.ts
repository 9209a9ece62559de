/** The copy of everything about a person, in sections to read: whatever is in it is shown, so that what is kept tomorrow is shown too. */
import { inWords } from '../../../workflows/time.ts';
import type { Copy, ReferralCopy } from '../../personal-data/copy.ts';
import { labelOf as words } from '../../shared/pages/labels.ts';

type Row = { key: string; value: string };
type Section = { title: string; groups: Row[][] };

/** What copy-body.njk shows. */
export function copyInWords({ madeAt, elsewhere, referrals }: Copy) {
  return {
    madeAt: inWords(madeAt),
    elsewhere,
    referrals: referrals.map((referral) => ({
      reference: referral.reference,
      sections: sectionsOf(referral),
    })),
  };
}

/** Single values first, together; then each part in the order in which it is kept. Parts without anything are left out. */
function sectionsOf(referral: ReferralCopy): Section[] {
  const entries = Object.entries(referral);
  const single = entries.filter(([, value]) => !isPart(value));
  const sections: Section[] = [
    { title: 'In short', groups: [single.flatMap(([name, value]) => rowsOf(value, labelOf(name)))] },
    ...entries
      .filter(([, value]) => isPart(value))
      .map(([name, value]) => ({
        title: labelOf(name),
        groups: (Array.isArray(value) ? value : [value]).map((each) => rowsOf(each, '')),
      })),
  ];
  return sections.filter(({ groups }) => groups.some((rows) => rows.length > 0));
}

function isPart(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** "nhsNumber" is "NHS number". */
function labelOf(name: string): string {
  return words(name).replace(/^(nhs|gp)\b/i, (short) => short.toUpperCase());
}

/** Every value under a label that says where it is: "Sessions 3, starts at". */
function rowsOf(value: unknown, label: string): Row[] {
  if (value === undefined || value === null || value === '') return [];
  if (!isPart(value)) return [{ key: label || 'Value', value: wordsOf(value) }];
  const list = Array.isArray(value);
  if (list && value.every((each) => !isPart(each))) {
    return rowsOf(value.map(wordsOf).join(', '), label);
  }
  return Object.entries(value).flatMap(([name, each]) => {
    const part = list ? String(Number(name) + 1) : labelOf(name);
    return rowsOf(each, label === '' ? part : `${label}, ${part.charAt(0).toLowerCase()}${part.slice(1)}`);
  });
}

function wordsOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
    ? inWords(value)
    : String(value);
}
