/** What the deployed tier uses of Python's world: each in a virtual environment of the project's own. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run, StepError } from './steps.ts';

/** Python 3 of a minor version or newer, by the name under which it was found. */
async function findPython(minimum: number): Promise<string> {
  const seen: string[] = [];
  for (const name of ['python3', 'python']) {
    try {
      const version = await run(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
        timeoutMs: 10_000,
        purpose: `${name} --version`,
      });
      const [major = 0, minor = 0] = version.trim().split('.').map(Number);
      if (major === 3 && minor >= minimum) return name;
      seen.push(`${name} is ${version.trim()}`);
    } catch {
      seen.push(`${name} is missing`);
    }
  }
  throw new StepError(
    `The deployed tier runs programs that are written in Python, of which one needs Python 3.${minimum} or newer (${seen.join(', ')}).\n` +
      'Install it from https://www.python.org/ or your system (Debian: apt install python3 python3-venv).',
  );
}

/**
 * The Python of a virtual environment that holds exactly what a file of requirements in this folder says. Made once for each content of
 * that file. They need Python 3 of a minor version of at least `minimum`.
 */
export async function preparePython(file: string, minimum: number): Promise<string> {
  const requirements = join(import.meta.dirname, file);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const home = join(root, '.venv', hash);
  const python = join(home, 'bin/python');
  if (existsSync(python)) return python;
  const base = await findPython(minimum);
  // Made beside its place and then moved there, so that an interrupted or concurrent run leaves no half of one behind.
  const draft = `${home}.${process.pid}`;
  await mkdir(join(root, '.venv'), { recursive: true });
  try {
    await run(base, ['-m', 'venv', draft], {
      timeoutMs: 60_000,
      purpose: `Making a virtual environment (${base} -m venv; on Debian it needs the package python3-venv)`,
    });
    await run(
      join(draft, 'bin/python'),
      [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
        ...['--requirement', requirements],
      ],
      { timeoutMs: 300_000, purpose: `Installing from PyPI what ${file} lists` },
    );
    await rename(draft, home).catch((error) => {
      if (!existsSync(python)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return python;
}
