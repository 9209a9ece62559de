import { iconName, stylesheet, stylesheetName } from 'virtual:assets';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../functions/web-assets/handler.ts';
import { samplePages } from './samples.ts';

function get(file: string) {
  return handler({ pathParameters: { file } } as unknown as APIGatewayProxyEventV2);
}

describe('the linked files', () => {
  it('are served under names made from their contents, to be kept for ever', async () => {
    expect(stylesheetName).toMatch(/^style-[0-9a-f]{12}\.css$/);
    expect(await get(stylesheetName)).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      },
      body: stylesheet,
    });
    expect(await get(iconName)).toMatchObject({ headers: { 'content-type': 'image/svg+xml' } });
  });

  it('are those that pages link', async () => {
    const linked = [...(samplePages().home?.().body ?? '').matchAll(/href="\/assets\/([^"]+)"/g)];
    const answers = await Promise.all(linked.map((match) => get(match[1] ?? '')));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  });

  it('hold nothing of the NHS’s own unless the deployer may use it', async () => {
    const link = (name: string) => (samplePages()[name]?.().body ?? '').match(/\/assets\/[^"]+/g) ?? [];
    expect([stylesheet, link('home').join()].join()).not.toMatch(/Frutiger|assets\.nhs\.uk|logo-nhs/);
    const [, style, logo] = link('home-nhs').map((path) => path.replace('/assets/', ''));
    expect((await get(style ?? '')).body).toContain('Frutiger');
    expect(await get(logo ?? '')).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'image/svg+xml' },
    });
  });

  it.each(['style.css', '', 'toString', '../handler.ts', '__proto__'])('do not include %j', async (file) => {
    expect(await get(file)).toMatchObject({ statusCode: 404, headers: { 'cache-control': 'no-store' } });
  });
});
