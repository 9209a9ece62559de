/** A programme with a group, as a coordinator takes it in by a file. */
import { expect } from 'vitest';
import { type Jar, visit } from './browser.ts';
import type { Cloud } from './cloud.ts';
import { signIn } from './sign-in.ts';

/** An evening choir of so many sessions and places: it begins three weeks from now. `mark` keeps it apart, `address` is its provider's. */
export async function choirInDirectory(
  control: Cloud,
  tom: Jar,
  { mark, address, sessions, places }: { mark: string; address: string; sessions: number; places: number },
): Promise<void> {
  await signIn(control, tom, 'tom', '/directory');
  const csv = (await visit(`${control.baseUrl}/directory/export.csv`, tom)).html.trimEnd();
  const startsOn = new Date(Date.parse(await control.now()) + 21 * 86_400_000);
  const row: Record<string, string> = {
    name: `Evening choir ${mark}`,
    kind: 'music',
    description: 'Singing together, for anybody',
    provider_name: 'Example Evening Choir',
    provider_email: address,
    status: 'active',
    session_count: String(sessions),
    session_minutes: '90',
    weekday: startsOn.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'Europe/London' }),
    time: '18:00',
    place: 'Example Hall',
    cohorts: `${startsOn.toISOString().slice(0, 10)}: ${places} places`,
  };
  const [header = ''] = csv.split('\n');
  const columns = header.replace('\ufeff', '').split(',');
  const more = columns.map((column) => quoted(row[column.trim()] ?? '')).join(',');
  const importing = await visit(`${control.baseUrl}/directory/import`, tom);
  const plan = await importing.submit('look', { file: `${csv}\n${more}` });
  expect(plan.text).toContain('1 new');
  expect((await plan.submit('apply')).text).toContain('What you imported is in the directory.');
  // Everybody reads a copy that is a minute old at most.
  await control.advance({ hours: 1 / 30 });
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
