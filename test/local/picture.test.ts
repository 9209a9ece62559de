import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Definition } from '../../local/definition.ts';
import { drawStateMachine } from '../../local/picture.ts';

const referral: Definition = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../workflows/referral.asl.json'), 'utf8'),
);
const wordsOf = (svg: string) =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text.replaceAll('&#160;', ' ').replaceAll('&#45;', '-').trim(),
  );

describe("the picture of a referral's life", () => {
  it('shows every state by its name or its question', async () => {
    const words = wordsOf(await drawStateMachine(referral)).join(' ');
    for (const [name, state] of Object.entries(referral.States)) {
      const shown =
        state.Type === 'Choice'
          ? state.Comment?.split(/(?<=[.?]) /)[0]
          : name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
      expect(words.toLowerCase()).toContain(shown?.toLowerCase());
    }
  });

  it('writes the codes of decisions on the edges', async () => {
    const words = wordsOf(await drawStateMachine(referral));
    for (const code of [
      'match',
      'ask-for-more',
      'signpost',
      'accept',
      'waitlist',
      'silence',
      'missed-two-in-a-row',
    ]) {
      expect(words).toContain(code);
    }
  });

  it('says how many are where', async () => {
    const svg = await drawStateMachine(referral, { AwaitSession: 5 });
    expect(wordsOf(svg)).toContain('● 5 here');
    expect(wordsOf(await drawStateMachine(referral)).join()).not.toContain('here');
  });

  it('draws waiting, work, choice, success and failure each in its own way', async () => {
    const svg = await drawStateMachine(referral);
    for (const colour of ['#fff4cc', '#e3eef9', '#f0f4f5', '#d8eedd', '#fbe3e1'])
      expect(svg).toContain(`fill="${colour}"`);
  });

  it('does not let a definition write SVG', async () => {
    const evil = '<script>"&';
    const svg = await drawStateMachine({
      Comment: evil,
      StartAt: evil,
      States: {
        [evil]: {
          Type: 'Choice',
          Comment: evil,
          Choices: [{ Variable: '$.a', StringEquals: evil, Next: 'End' }],
        },
        End: { Type: 'Succeed', Comment: evil },
      },
    });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;script&gt;');
  });

  it('puts rules into words', async () => {
    const rule = (test: object) => ({ ...test, Next: 'End' });
    const words = wordsOf(
      await drawStateMachine({
        StartAt: 'Which',
        States: {
          Which: {
            Type: 'Choice',
            Choices: [
              rule({ Variable: '$.n', NumericGreaterThan: 5 }),
              rule({ Not: { Variable: '$.a', StringEquals: 'yes' } }),
              rule({
                Or: [
                  { Variable: '$.a', StringEquals: 'b' },
                  { Variable: '$.a', StringEquals: 'c' },
                ],
              }),
            ],
            Default: 'Other',
          },
          End: { Type: 'Succeed' },
          Other: { Type: 'Succeed' },
        },
      }),
    );
    expect(words).toEqual(expect.arrayContaining(['NumericGreaterThan 5', 'not yes', 'b or c', 'otherwise']));
  });
});
