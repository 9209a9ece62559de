/** Reads a cloud assembly: what `cdk synth` wrote, one stack's template and the folders of its assets. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { CloudError } from './errors.ts';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const resourceSchema = z.object({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resourceSchema),
});
const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string(), packaging: z.string() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type Resource = z.infer<typeof resourceSchema>;

/** One stack, ready to run. */
export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** The folder (or file) of an asset, by the key under which CDK would upload it. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Reads the assembly in a folder. Throws a {@link CloudError} when there is none, or not exactly one stack in it. */
export function readAssembly(directory: string): Assembly {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new CloudError(`There is no cloud assembly in ${directory}. Make one first: npm run synth`);
  }
  const artifacts = Object.entries(read(manifestFile, manifestSchema).artifacts);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [only] = stacks;
  if (!only || stacks.length > 1) {
    throw new CloudError(`The cloud assembly in ${directory} has ${stacks.length} stacks; it must have one.`);
  }
  const [id, { properties = {} }] = only;
  const assets = new Map<string, string>();
  for (const [, artifact] of artifacts) {
    if (artifact.type !== 'cdk:asset-manifest') continue;
    const { files } = read(join(directory, String(artifact.properties?.file)), assetsSchema);
    for (const { source, destinations } of Object.values(files)) {
      for (const { objectKey } of Object.values(destinations))
        assets.set(objectKey, resolve(directory, source.path));
    }
  }
  return {
    stackName: String(properties.stackName ?? id),
    template: read(join(directory, String(properties.templateFile)), templateSchema),
    assets,
  };
}

function read<T extends z.ZodType>(file: string, schema: T): z.infer<T> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error);
    throw new CloudError(`${file} is not what cdk synth writes: ${why}`);
  }
}
