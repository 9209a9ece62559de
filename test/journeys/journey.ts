/**
 * `npm run journey -- --base-url URL`: drives one referral through its whole life over HTTP and prints each stage.
 * It reads the emails, signs in as the example link worker, and moves the clock through the control API of a laptop's cloud or of the deployed tier's harness.
 */
import { parseArgs } from 'node:util';
import { Cloud } from './cloud.ts';
import { Referral } from './people.ts';

const SESSIONS = 12;

try {
  const baseUrl = readBaseUrl();
  await assertControlApi(baseUrl);
  await assertPeople(new Cloud(baseUrl));
  console.log('This moves the clock of the whole service by about twelve weeks.\n');
  const referral = await Referral.submitted(baseUrl);
  say('Intake', `referred; the reference is ${referral.reference}`);
  await referral.match();
  say('Link-worker review', 'matched to the music programme; the provider has the offer');
  await referral.accept();
  say('Provider acceptance', 'accepted; the first session is planned');
  for (let session = 1; session <= SESSIONS; session++) {
    await referral.register({ held: 'yes', attendance: '5' });
    say(
      `Session ${session} of ${SESSIONS}`,
      `held and attended (${(await referral.cloud.now()).slice(0, 10)})`,
    );
  }
  const letters = await referral.letters();
  say('Completion', `letters to: ${Object.keys(letters).sort().join(', ')}`);
  console.log(`\nThe letter to the GP practice reads:\n\n${indented(letters.gp)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The origin to run on. Throws in words when the command line is not what it should be. */
function readBaseUrl(): string {
  const { values } = parseArgs({
    options: { 'base-url': { type: 'string', default: 'http://localhost:3000' } },
  });
  const url = values['base-url'];
  if (!URL.canParse(url)) throw new Error(`"${url}" is no address; try --base-url http://localhost:3000`);
  return new URL(url).origin;
}

/** Wraps running text at a width that a terminal has. */
function indented(text: string): string {
  return text.replace(/(.{1,90})(\s+|$)/g, '  $1\n');
}

function say(stage: string, what: string): void {
  console.log(`${stage.padEnd(22)} ${what}`);
}

/** Link workers sign in: without the example people nobody can review. */
async function assertPeople(cloud: Cloud): Promise<void> {
  const people = await cloud.people().catch(() => []);
  if (people.some(({ id }) => id === 'amina')) return;
  throw new Error(
    `${cloud.baseUrl} has no example people (/_cloud/people.json): a journey signs in as the link worker Amina to review the referral.`,
  );
}

/** Without an inbox and a clock there is nobody to read the emails and no way to wait for twelve weeks. */
async function assertControlApi(url: string): Promise<void> {
  const response = await fetch(new URL('/_cloud/clock.json', url)).catch(() => undefined);
  if (!response) throw new Error(`Nothing answers at ${url}. Start the service with \`npm start\` first.`);
  if (!response.ok) {
    throw new Error(
      `${url} has no inbox and no clock to move (/_cloud): a journey runs on a laptop's cloud or on the deployed tier.`,
    );
  }
}
