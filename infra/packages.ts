/**
 * What others wrote and we use: `npm run check:licences` tells whether each licence is one that this project may be given away with, and
 * `npm run check:audit` whether anything that is deployed is known to be unsafe. Some registries have no audit: with `-- --required`, for a release,
 * that is a fault.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';

const root = join(import.meta.dirname, '..');

/** Licences of what is deployed: whoever passes it on need do no more than keep the notices. */
const DEPLOYED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

/** Of tools too, which nobody is given: Mozilla's asks for the source of its own files only. */
const TOOLS = [...DEPLOYED, 'BlueOak-1.0.0', 'MPL-2.0'];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

/** The packages of a package-lock.json whose licence is not on the list, each in words. */
export function wrongLicences(lock: unknown): string[] {
  return Object.entries(lockSchema.parse(lock).packages).flatMap(([path, { license, dev, devOptional }]) => {
    // The first is this project itself.
    if (path === '') return [];
    const allowed = dev || devOptional ? TOOLS : DEPLOYED;
    const name = path.replace(/^.*node_modules\//, '');
    if (license === undefined) return [`${name} does not say its licence`];
    // Of several by choice, one is enough; what is asked for together, all.
    const choices = license.replace(/^\((.*)\)$/, '$1').split(' OR ');
    return choices.some((choice) => choice.split(' AND ').every((one) => allowed.includes(one)))
      ? []
      : [`${name}: ${license} is not among ${allowed.join(', ')}`];
  });
}

const auditSchema = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.enum(['info', 'low', 'moderate', 'high', 'critical']), range: z.string() }),
  ),
});

/** What `npm audit --json` found: what is severe, or that nothing answered. */
function severeIn(output: string): { answered: true; severe: string[] } | { answered: false } {
  const read = auditSchema.safeParse(parsed(output));
  if (!read.success) return { answered: false };
  const severe = Object.entries(read.data.vulnerabilities)
    .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
    .map(([name, { severity, range }]) => `${name} ${range}: ${severity}`);
  return { answered: true, severe };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NOT_CHECKED = 'NOT CHECKED: no registry with an audit answered, so nothing is known of what is unsafe.';

/** What is wrong by what `npm audit --json` said, in words. Where nobody answered that is said; it is wrong only where an answer is required. */
export function faultsOfAudit(
  output: string,
  { required }: { required: boolean },
  say: (line: string) => void,
): string[] {
  const found = severeIn(output);
  if (found.answered) return found.severe;
  if (required) return [NOT_CHECKED];
  say(`${NOT_CHECKED} Ask where one does: npm run check:audit -- --required`);
  return [];
}

const CHECKS: Readonly<Record<string, (required: boolean) => string[]>> = {
  licences: () => wrongLicences(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))),
  audit(required) {
    const args = ['audit', '--omit=dev', '--json'];
    const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
    return faultsOfAudit(stdout ?? '', { required }, console.warn);
  },
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { required: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const check = CHECKS[positionals[0] ?? ''];
  if (!check) throw new Error(`say one of ${Object.keys(CHECKS).join(', ')}`);
  const faults = check(values.required);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
