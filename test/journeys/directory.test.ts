import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

describe('the directory', () => {
  it('takes a programme in by a file, is edited by two at once, asks the provider, and lets it end', async () => {
    const control = new Cloud(cloud.baseUrl);
    const { baseUrl } = control;
    const mark = randomUUID().slice(0, 8);
    const id = `walking-football-${mark}`;
    const address = `${baseUrl}/directory/${id}`;
    const tom: Jar = new Map();
    const list = await signIn(control, tom, 'tom', '/directory');
    expect(list.heading).toBe('The directory');

    // A file: our own export, with a row more. Nobody is old enough for it but here.
    const csv = (await visit(`${baseUrl}/directory/export.csv`, tom)).html.trimEnd();
    const [header = '', ...rows] = csv.split('\n');
    expect(rows.length).toBeGreaterThanOrEqual(6);
    const row: Record<string, string> = {
      name: `Walking football ${mark}`,
      kind: 'physical-activity',
      description: 'Football without running',
      provider_name: 'Example Football Club',
      provider_email: `football-${mark}@provider.example`,
      status: 'active',
      minimum_age: '110',
      session_count: '10',
      session_minutes: '60',
      weekday: 'Monday',
      time: '10:30',
      place: 'Example Park',
    };
    const columns = header.replace('\ufeff', '').split(',');
    const more = columns.map((column) => row[column.trim()] ?? '').join(',');
    const importing = await visit(`${baseUrl}/directory/import`, tom);
    const plan = await importing.submit('look', { file: `${csv}\n${more}` });
    expect(plan.text).toContain(
      `${rows.length + 1} rows: 1 new, 0 changed, ${rows.length} as they are, 0 with errors`,
    );
    const imported = await plan.submit('apply');
    expect(imported.text).toContain('What you imported is in the directory.');

    // Two tabs: the second one to save is told, and both changes stay.
    const [one, two] = [await visit(address, tom), await visit(address, tom)];
    const saved = await one.submit('save', { time: '17:00' });
    expect(saved.text).toContain('The entry is saved.');
    const late = await two.submit('save', { sessionMinutes: '75' });
    expect([late.status, late.text.includes('Somebody else changed this entry while you did')]).toEqual([
      409,
      true,
    ]);
    const both = await late.submit('save');
    expect([both.valueOf('time'), both.valueOf('sessionMinutes')]).toEqual(['17:00', '75']);

    // Whoever refers sees it a minute later, and systems too.
    await control.advance({ hours: 1 });
    expect((await visit(`${baseUrl}/refer/professional`)).text).toContain(`Walking football ${mark}`);
    const { contents } = JSON.parse((await visit(`${baseUrl}/api/services?per_page=100`)).html);
    const services = contents as { programmeId: string; schedules: unknown[] }[];
    expect(services.find(({ programmeId }) => programmeId === id)?.schedules[0]).toMatchObject({
      opens_at: '17:00',
      closes_at: '18:15',
    });

    // Within a day its provider is asked, and says that something has changed.
    await control.advance({ hours: 25 });
    const asked = (await control.inbox()).filter(({ to }) => to.includes(row.provider_email ?? ''));
    expect(asked).toHaveLength(1);
    const link = /\/assurance\/[\w-]{54}/.exec(asked[0]?.text ?? '')?.[0] ?? '';
    const page = await visit(`${baseUrl}${link}`);
    expect(page.text).toContain('17:00');
    const text = `We play on Thursdays now, ${mark}`;
    const thanks = await page.submit('changed', { text });
    expect(thanks.text).toContain(text);
    await control.settle();
    const told = (await control.inbox()).filter(({ subject }) => subject.includes('not right any more'));
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.some((mail) => mail.text.includes(mark))).toBe(false);

    // The coordinator puts it right, which ends the link.
    const again: Jar = new Map();
    const flagged = await signIn(control, again, 'tom', `/directory/${id}`);
    expect(flagged.text).toContain(text);
    const confirmed = await flagged.submit('save', { weekday: 'Thursday', confirmed: 'yes' });
    expect(confirmed.text).toContain('Confirmed today');
    expect(confirmed.text).toContain('Tom Ellis changed it');
    expect(confirmed.text).not.toContain(text);
    expect((await visit(`${baseUrl}${link}`)).status).toBe(410);

    // It ends: nobody is offered it any more, and it is still there to be read.
    await confirmed.submit('save', { status: 'defunct' });
    await control.advance({ hours: 1 });
    expect((await visit(`${baseUrl}/refer/professional`)).text).not.toContain(`Walking football ${mark}`);
  });
});
