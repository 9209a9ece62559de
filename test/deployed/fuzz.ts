/**
 * Fuzzing: the JSON API against its own description. The description is held against OpenAPI's schema, then schemathesis makes requests
 * from it, right and wrong, and looks whether every answer is one that the description has.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cloud } from '../journeys/cloud.ts';
import { accessToken } from '../journeys/token.ts';
import { preparePython } from './python.ts';
import { environment, run, StepError, step } from './steps.ts';

/** Requests of each kind for each route. More find little more, and take longer than anybody waits. */
const EXAMPLES = 40;
const PATIENCE_MS = 240_000;

/** Checks of schemathesis that are left out, and why. All others are made. */
const LEFT_OUT = {
  // Check digits, dates of birth, whether somebody is eligible: a schema cannot say it all, so data that fits it may be refused.
  positive_data_acceptance: true,
  // AWS's HTTP API answers 404, not 405, where a path has no route for a method.
  unsupported_method: true,
};

/** Fuzzes the API at an address. Throws a StepError that says what was found, and how to see it again. */
export async function fuzz(baseUrl: string, folder: string): Promise<void> {
  const python = await step('Python environment of the fuzzing', () =>
    preparePython('requirements-fuzz.txt', 11),
  );
  const url = `${baseUrl}/api/openapi.json`;
  const env = environment({ PYTHONDONTWRITEBYTECODE: '1', LANG: 'C.UTF-8' });
  await step('the API describes itself as OpenAPI 3.1 has it', async () => {
    const file = join(folder, 'openapi.json');
    await writeFile(file, await (await fetch(url)).text());
    await run(python, ['-m', 'openapi_spec_validator', '--schema', '3.1', file], {
      env,
      timeoutMs: 60_000,
      purpose: 'Holding /api/openapi.json against the schema of OpenAPI 3.1',
    });
  });
  const cloud = new Cloud(baseUrl);
  const recorded = async () => (await cloud.table()).filter(({ clientId }) => clientId !== undefined).length;
  const before = await recorded();
  const token = await accessToken(cloud);
  const output = await step('no answer that the description does not have', () =>
    run(
      python,
      [
        // Its script would look for Python where the environment was made, not where it is.
        ...['-c', 'from schemathesis.cli import schemathesis; schemathesis()'],
        ...['run', url, '--header', `Authorization: Bearer ${token}`],
        ...['--checks', 'all', '--exclude-checks', Object.keys(LEFT_OUT).join()],
        ...['--max-examples', String(EXAMPLES), '--workers', '2', '--continue-on-failure'],
        ...['--generation-database', 'none', '--no-color'],
      ],
      { cwd: folder, env, timeoutMs: PATIENCE_MS, lines: 400, purpose: 'Fuzzing the API with schemathesis' },
    ),
  );
  const count = /(\d+) generated/.exec(output)?.[1];
  const stored = await recorded();
  // Were everything refused at the door, nothing would have been looked at.
  if (count === undefined || stored === before) {
    throw new StepError(`schemathesis got no referral past the API:\n${output}`);
  }
  const seed = /Seed: \d+/.exec(output)?.[0] ?? 'no seed';
  console.log(`  ${count} requests, ${stored - before} referrals recorded; ${seed}`);
}
