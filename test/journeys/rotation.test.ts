/** The service's secret is rotated by the operator's own command, while people have forms open and are signed in. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { secretOfService } from '../../infra/operate.ts';
import { forgetFormer, PUBLISHED_FOR, rotate } from '../../infra/rotation.ts';
import { after as later } from '../../workflows/time.ts';
import type { Jar } from './browser.ts';
import { Cloud } from './cloud.ts';
import { isShared, onACloud } from './on-a-cloud.ts';
import { formOf, professionalForm } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();
const NOBODY = 'Nobody was found';

// Others' journeys would be in the middle of theirs.
describe.skipIf(isShared())('a rotation', () => {
  it('is not noticed by anybody; forgetting the keys before is, and loses nothing', async () => {
    const control = new Cloud(cloud.baseUrl);
    const answers = () => formOf(randomUUID().slice(0, 8));
    const [form, another] = [await professionalForm(control), await professionalForm(control)];
    const jar: Jar = new Map();
    const search = await signIn(control, jar, 'amina', '/worklist/search');
    expect((await search.submit(undefined, { query: 'Róisín' })).text).toContain(NOBODY);

    const secret = await secretOfService(cloud.baseUrl);
    const first = await secret.read();
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    const wait = async (to: string) => {
      // Between the steps everything goes on, too.
      expect((await search.submit(undefined, { query: 'Róisín' })).text).toContain(NOBODY);
      await control.advance({ to });
    };
    await rotate(secret, () => control.now(), wait, say);
    expect(said.at(-1)).toContain('in use');
    expect(await secret.read()).not.toBe(first);

    // Opened before, sent after.
    expect((await form.submit(undefined, answers())).text).toMatch(/\bSP-[0-9A-Z]{4}-[0-9A-Z]{4}\b/);
    expect((await search.submit(undefined, { query: 'Róisín' })).text).toContain(NOBODY);

    await forgetFormer(secret, say);
    await control.advance({ to: later(await control.now(), PUBLISHED_FOR) });
    const refused = await another.submit(undefined, answers());
    expect(refused.text).toContain('Please send the form again');
    const again = await search.submit(undefined, { query: 'Róisín' });
    expect(again.text).not.toContain(NOBODY);
    // They are still signed in, and what they typed is there.
    expect(again.html).toContain('Róisín');
    expect(JSON.parse(await secret.read()).person).toBe(first);
  });
});
