/**
 * An embedded cloud of an assembly, as a process of its own: `node serve.ts ASSEMBLY DATA_DIR [PORT]`. An empty ASSEMBLY is made now. Prints its address. Its clock is ahead by
 * CLOCK_AHEAD_MS: journeys have to go the same way at any time of any day.
 */
import { join } from 'node:path';
import { startCloud } from '../../local/cloud.ts';

const [given = '', dataDir = '', port = '0'] = process.argv.slice(2);
const assembly = given || join(dataDir, 'cdk.out');
if (!given) await (await import('./assembly.ts')).assemble(assembly);
// Reminders and sessions are a day apart at least: six hours are fine enough, and months pass quickly.
const hopMs = 6 * 3_600_000;
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0);
const now = () => Date.now() + aheadMs;
const cloud = await startCloud({ assembly, dataDir, port: Number(port), hopMs, now });
console.log(cloud.url);
process.once('SIGTERM', () => cloud.stop());
