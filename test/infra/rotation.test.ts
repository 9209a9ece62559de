/** `npm run rotate`: which step comes when, and that it can be stopped at any time. What was made before: test/unit/functions/rotation.test.ts. */
import { describe, expect, it } from 'vitest';
import { readKeyring } from '../../functions/shared/keyring.ts';
import { BELIEVED_FOR, forgetFormer, nextStep, PUBLISHED_FOR, rotate } from '../../infra/rotation.ts';
import { withHash } from '../../workflows/links.ts';
import { after as later } from '../../workflows/time.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const FIRST = 'x'.repeat(64);

/** A secret and a clock; `fails` at which write or wait something breaks. */
function service(text = FIRST) {
  const state = { text, now: NOW, written: [] as string[], said: [] as string[] };
  return {
    state,
    store: {
      read: async () => state.text,
      write: async (next: string) => {
        state.text = next;
        state.written.push(next);
      },
    },
    clock: async () => state.now,
    wait: async (until: string) => {
      state.now = until;
    },
    say: (line: string) => state.said.push(line),
  };
}

async function whole({ store, clock, wait, say }: ReturnType<typeof service>): Promise<void> {
  await rotate(store, clock, wait, say);
}

describe('a rotation', () => {
  it('publishes a key, waits until every function knows it, and only then has it used', async () => {
    const one = service();
    await whole(one);
    const [published, used] = one.state.written.map(readKeyring);
    expect(published).toEqual({
      person: FIRST,
      keys: [{ key: FIRST }],
      next: { key: expect.stringMatching(/^[\w-]{64}$/), since: NOW },
    });
    expect(used).toEqual({
      person: FIRST,
      keys: [{ key: published?.next?.key, since: later(NOW, PUBLISHED_FOR) }, { key: FIRST }],
    });
    expect(one.state.written).toHaveLength(2);
  });

  it('goes on where it was stopped, with the key that is published', async () => {
    const one = service();
    const stopped = async () => {
      throw new Error('stopped');
    };
    await expect(rotate(one.store, one.clock, stopped, one.say)).rejects.toThrow('stopped');
    const { next } = readKeyring(one.state.text);
    await whole(one);
    expect(readKeyring(one.state.text).keys[0]?.key).toBe(next?.key);
    expect(one.state.written).toHaveLength(2);
  });

  it('is not hurried by being called again', () => {
    const published = nextStep(readKeyring(FIRST), NOW, 'y'.repeat(64));
    if (published.state !== 'published') throw new Error(published.state);
    expect(nextStep(published.keyring, later(NOW, { minutes: 9 }), 'z'.repeat(64))).toEqual({
      state: 'waiting',
      until: later(NOW, { minutes: 10 }),
    });
  });

  it('drops a key when nothing that was made with it can work any more, and never the one of people', async () => {
    const one = service();
    for (let year = 0; year < 4; year++) {
      await whole(one);
      one.state.now = later(one.state.now, { days: 365 });
    }
    const { person, keys } = readKeyring(one.state.text);
    expect(person).toBe(FIRST);
    // In use, and out of use for a year at most when the last rotation was: the one before and the one that it replaced a year earlier.
    expect(keys).toHaveLength(3);
    expect(keys.map(({ key }) => key)).not.toContain(FIRST);
  });

  it('believes keys for longer than any link lives', () => {
    for (const purpose of ['information', 'offer', 'person', 'status', 'letters', 'measures'] as const) {
      const [hash] = withHash({ purpose, hashes: [] }, 'hash', NOW).hashes;
      expect((hash?.expiresAt ?? 'z') < later(NOW, BELIEVED_FOR)).toBe(true);
    }
  });
});

describe('forgetting the keys before', () => {
  it('leaves the one in use', async () => {
    const one = service();
    await whole(one);
    const [inUse] = readKeyring(one.state.text).keys;
    await forgetFormer(one.store, one.say);
    expect(readKeyring(one.state.text)).toEqual({ person: FIRST, keys: [inUse] });
  });

  it('is refused while a rotation is under way', async () => {
    const one = service();
    const published = nextStep(readKeyring(FIRST), NOW, 'y'.repeat(64));
    if (published.state !== 'published') throw new Error(published.state);
    one.state.text = JSON.stringify(published.keyring);
    await expect(forgetFormer(one.store, one.say)).rejects.toThrow('under way');
    expect(one.state.written).toEqual([]);
  });
});

it.each(['', 'short', '{}', '{"person":"x","keys":[]}'])(
  'a secret that is no keyring is not taken for one: %s',
  (text) => {
    expect(() => readKeyring(text)).toThrow();
  },
);
