/** An embedded cloud of an assembly, as a process of its own: `node serve.ts ASSEMBLY DATA_DIR [PORT]`. Prints its address. */
import { startCloud } from '../../local/cloud.ts';

const [assembly = '', dataDir = '', port = '0'] = process.argv.slice(2);
// Reminders and sessions are a day apart at least: four hours are fine enough, and months pass quickly.
const hopMs = 4 * 3_600_000;
const cloud = await startCloud({ assembly, dataDir, port: Number(port), hopMs });
console.log(cloud.url);
process.once('SIGTERM', () => cloud.stop());
