/** A thread that adds the example group. Its environment is that of a function of the service, as which it reads and writes. */
import { workerData } from 'node:worker_threads';
import { environment } from '../functions/shared/environment.ts';
import { addExampleGroup } from './example-group.ts';

const { now }: { now: string } = workerData;
await addExampleGroup(environment('record').TABLE_NAME, now);
