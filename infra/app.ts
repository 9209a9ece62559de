/**
 * The CDK app: reads the configuration and writes the cloud assembly. Needs the bundles, and no network, account or Docker.
 *
 *   node infra/app.ts                                   → cdk.out (or where the CDK CLI wants it)
 *   npx cdk synth -c service.baseUrl=https://…          → the same through the CDK CLI
 *   import { synthesize } from './infra/app.ts'         → the same from a program
 */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { ConfigurationError, readConfiguration, readContext } from './config.ts';
import { EdgeStack } from './edge.ts';
import type { ConfigurationOverrides } from './settings.ts';
import { ServiceStack } from './stack.ts';

const root = join(import.meta.dirname, '..');

export interface SynthesizeOptions {
  /** Where the cloud assembly is written. */
  readonly outdir?: string;
  /** Settings that win over cdk.json, the environment and the command line. */
  readonly overrides?: ConfigurationOverrides;
  /** The folder that holds `<function>/index.mjs`; dist/functions unless said otherwise. */
  readonly bundles?: string;
  /**
   * Whether CloudFormation's own rules are tried on the template, which takes a second and 350 MB. The laptop, which does not deploy
   * it, spares them.
   */
  readonly validate?: boolean;
  /** Where OSP_… settings are read from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The app with its stacks, not yet synthesized. Throws a {@link ConfigurationError} whose message is meant for a person. */
export function appOf({
  outdir = process.env.CDK_OUTDIR ?? join(root, 'cdk.out'),
  overrides = {},
  bundles = join(root, 'dist/functions'),
  environment = process.env,
}: Omit<SynthesizeOptions, 'validate'> = {}): App {
  // The CDK CLI passes the context itself and may add to it; without the CLI cdk.json is all there is.
  const app = new App({ outdir, context: readContext(), analyticsReporting: false });
  const configuration = readConfiguration({ context: app.node.getAllContext(), environment, overrides });
  new ServiceStack(app, { configuration, bundles });
  if (configuration.edge.enabled) new EdgeStack(app, { configuration });
  return app;
}

/** Synthesizes the service. Throws a {@link ConfigurationError} whose message is meant for a person. */
export function synthesize({ validate = true, ...options }: SynthesizeOptions = {}): CloudAssembly {
  const app = appOf(options);
  const before = process.env.CDK_VALIDATION;
  // CDK asks the environment and nothing else.
  if (!validate) process.env.CDK_VALIDATION = 'false';
  try {
    return app.synth();
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
}

if (import.meta.main) {
  try {
    const assembly = synthesize();
    console.error(
      `Synthesized ${assembly.stacks.map((stack) => stack.stackName).join(', ')} to ${assembly.directory}`,
    );
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
