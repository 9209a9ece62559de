/** `npm run seed -- --count 100000`: open referrals of invented people, straight into the table of a cloud that runs. */
import { parseArgs } from 'node:util';
import { Cloud } from '../journeys/cloud.ts';
import { seedCloud } from './into-cloud.ts';
import { QUIET_DAYS } from './referrals.ts';

const HELP = `npm run seed -- --count 100000 [--team ID …] [--base-url URL] [--seed N] [--allow-remote]

Writes open referrals of invented people straight into the table of a cloud that runs: one of npm start, or one of
npm run test:deployed -- --serve. They are at every point of their lives, made by the rules themselves, given to the link workers who
have signed in and to six invented ones, and can be searched for.

  --count         how many
  --team          only for this team; again for more; all teams when left out
  --base-url      where the cloud answers; http://localhost:3000 when left out
  --seed          another number makes other people; 1 when left out
  --allow-remote  also where the table is not on this machine

Nothing is sent, nothing is started, and nothing falls due for ${QUIET_DAYS} days of the cloud's clock. A seeded referral comes to life when
somebody does something with it. Started again on the same data folder, the embedded cloud takes up every open referral, which takes
long for many: set DATA_DIR to a folder that you can throw away. Seeding the same number twice puts the same people back as they were.`;

const EVERY = 10_000;

try {
  const wanted = readArguments();
  if (wanted === 'help') console.log(HELP);
  else await seed(wanted);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function seed({ baseUrl, ...wanted }: Exclude<ReturnType<typeof readArguments>, 'help'>) {
  const cloud = new Cloud(baseUrl);
  await cloud.now().catch(() => {
    throw new Error(`No cloud with a control API answers at ${baseUrl}. Start one with npm start.`);
  });
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let said = 0;
  await seedCloud(cloud, wanted, (total) => {
    if (Math.floor(total / EVERY) === said) return;
    said = Math.floor(total / EVERY);
    console.log(`${(said * EVERY).toLocaleString('en-GB')} after ${seconds().toFixed(0)} s`);
  });
  const [count, rate] = [wanted.count, wanted.count / seconds()].map((n) =>
    Math.round(n).toLocaleString('en-GB'),
  );
  console.log(`${count} open referrals in ${seconds().toFixed(0)} s, ${rate} a second`);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string' },
      team: { type: 'string', multiple: true, default: [] },
      'base-url': { type: 'string', default: 'http://localhost:3000' },
      seed: { type: 'string', default: '1' },
      'allow-remote': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { count, team: teams, 'base-url': url, seed, 'allow-remote': remote } = values;
  if (count === undefined) throw new Error(`Say how many: --count 100000\n\n${HELP}`);
  if (!URL.canParse(url)) throw new Error(`"${url}" is no address; try --base-url http://localhost:3000`);
  return { baseUrl: url, count: whole('--count', count), seed: whole('--seed', seed), teams, remote };
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a whole number above 0, not ${text}`);
  return Number(text);
}
