/** Serves the stylesheets, the icon and the logo. Their names change with their contents, so browsers may keep them for ever. */

import {
  icon,
  iconName,
  nhsLogo,
  nhsLogoName,
  nhsStylesheet,
  nhsStylesheetName,
  stylesheet,
  stylesheetName,
} from 'virtual:assets';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

const files: ReadonlyMap<string, { type: string; body: string }> = new Map([
  [stylesheetName, { type: 'text/css; charset=utf-8', body: stylesheet }],
  [iconName, { type: 'image/svg+xml', body: icon }],
  [nhsStylesheetName, { type: 'text/css; charset=utf-8', body: nhsStylesheet }],
  [nhsLogoName, { type: 'image/svg+xml', body: nhsLogo }],
]);

/** GET /assets/{file} */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const file = files.get(event.pathParameters?.file ?? '');
  if (!file) {
    return {
      statusCode: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...ALWAYS },
      body: 'Not found',
    };
  }
  return {
    statusCode: 200,
    headers: {
      'content-type': file.type,
      'cache-control': 'public, max-age=31536000, immutable',
      ...ALWAYS,
    },
    body: file.body,
  };
}

/** An icon opened by itself is a document too: it loads and runs nothing. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
};
