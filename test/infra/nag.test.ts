/** cdk-nag's rules for AWS solutions hold, or the reason why not is in accepted-findings.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, expect, test } from 'vitest';
import { appOf } from '../../infra/app.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';
import { ACCEPTED } from './accepted-findings.ts';
import { certificate, oneLineBundles, production } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'osp-nag-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bundles = oneLineBundles(folder);

/** Every way in which the templates differ. */
const deployments: [string, ConfigurationOverrides][] = [
  ['development', {}],
  ['production', production],
  ["production at an address of CloudFront's", { ...production, baseUrl: '', edge: { enabled: true } }],
  [
    'production at its own name behind the edge',
    { ...production, edge: { enabled: true, certificateArn: certificate } },
  ],
  [
    'production with an issuer of its own',
    { ...production, identity: { issuer: 'https://login.example.com', clientId: 'social-prescribing' } },
  ],
];
const findings = new Map(deployments.map(([name, overrides]) => [name, findingsOf(overrides)]));

test.each(deployments)('nothing is found in %s that is not accepted with a reason', (name) => {
  const open = findings
    .get(name)
    ?.filter(({ rule, path }) => !ACCEPTED.some(({ finding, on }) => finding === rule && on.test(path)))
    .map(({ rule, path, says }) => `${rule} at ${path}: ${says}`);
  expect(open).toEqual([]);
});

test.each(ACCEPTED)('$finding is still found where it is accepted: $on', ({ finding, on }) => {
  const found = [...findings.values()].flat().filter(({ rule, path }) => rule === finding && on.test(path));
  expect(found).not.toEqual([]);
});

test('the rules are really asked: they find a topic without TLS', () => {
  const app = new App({ outdir: join(folder, 'topic') });
  new Topic(new Stack(app, 'Stack'), 'Topic');
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-SNS3']);
});

function findingsOf(overrides: ConfigurationOverrides): { rule: string; path: string; says: string }[] {
  const app = appOf({ outdir: mkdtempSync(join(folder, 'out-')), overrides, bundles, environment: {} });
  // Encrypting logs and topics is an aspect, which only a synthesis carries out.
  app.synth();
  return new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({
        rule: ruleName,
        path: constructPath ?? '',
        says: description,
      })),
    );
}
