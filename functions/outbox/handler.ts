/** The outbox: what other functions store with a decision is done here, at least once. */
import * as z from 'zod/mini';
import { PROGRAMME_ID } from '../../workflows/directory.ts';
import { environment } from '../shared/environment.ts';
import { freshen } from '../shared/fresh.ts';
import { referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';
import { sendAssurance } from './assurance.ts';
import { emptyCohortOutbox } from './cohort.ts';
import { awsEffects, type Effects } from './effects.ts';
import { writeCodeMail, writeDraftMail } from './mail.ts';
import { emptyAll, emptyOutbox, type World } from './outbox.ts';
import { settleDuePlaces } from './places.ts';
import { post } from './post.ts';
import { sendDigest, sendFreshLinks } from './provider.ts';
import { tellCoordinator } from './undelivered.ts';

const payload = z.union([
  z.object({ referralId: z.string().check(z.regex(/^[a-f0-9]{32}$/)), now: instantSchema }),
  /** The link of an unfinished form, which is stored nowhere: whoever asks waits until it is sent. */
  z.object({
    draft: z.object({ to: z.email(), token: z.string().check(z.regex(/^[\w-]{64}$/)), until: instantSchema }),
    now: instantSchema,
  }),
  /** A one-time code, which is stored nowhere either. */
  z.object({
    code: z.object({
      programmeId: z.string().check(z.regex(PROGRAMME_ID)),
      reference: z.string(),
      digits: z.string().check(z.regex(/^\d{6}$/)),
      until: instantSchema,
    }),
    now: instantSchema,
  }),
  /** A provider, by the hash of an address: their email of the day, or fresh links that somebody asked for. */
  z.object({
    provider: z.string().check(z.regex(/^[a-f0-9]{32}$/)),
    why: z.enum(['digest', 'links']),
    now: instantSchema,
  }),
  z.object({ programmeId: z.string().check(z.regex(PROGRAMME_ID)), now: instantSchema }),
  /** What waits with a cohort. */
  z.object({ cohort: z.string().check(z.regex(/^[a-f0-9]{32}$/)), now: instantSchema }),
  /** An address to which nothing gets through, by its id: the coordinator is to be told, where it is a provider's or the team's. */
  z.object({ address: z.string().check(z.regex(/^[a-f0-9]{32}$/)), now: instantSchema }),
  /** An execution that is not needed any more. */
  z.object({ stop: z.string().check(z.regex(/^[a-f0-9]{32}-\d+$/)), now: instantSchema }),
  /** The places of a programme that are to be settled. */
  z.object({ places: z.string().check(z.regex(PROGRAMME_ID)), now: instantSchema }),
]);

let effects: Effects | undefined;

export const handler = task(payload, async (asked) => {
  const settings = environment('outbox');
  await freshen(asked.now);
  effects ??= awsEffects({
    stateMachineArn: settings.STATE_MACHINE_ARN,
    configurationSet: settings.CONFIGURATION_SET,
    sender: settings.SENDER,
  });
  const mail = {
    sender: settings.SENDER,
    serviceName: settings.SERVICE_NAME,
    baseUrl: settings.BASE_URL,
    linkWorkerAddress: settings.LINK_WORKER_ADDRESS,
    teams: settings.TEAMS,
    coordinatorAddress: settings.COORDINATOR_ADDRESS,
    crisisContacts: settings.CRISIS_CONTACTS,
  };
  const at = { table: settings.TABLE_NAME, effects };
  if ('draft' in asked) {
    const { to, token, until } = asked.draft;
    const written = { to, raw: await writeDraftMail({ to, token, until }, mail, asked.now) };
    await post(at, written, { about: 'service', message: 'draft', to: 'referrer' }, asked.now);
    return {};
  }
  if ('code' in asked) {
    const { programmeId: id } = asked.code;
    const tags = { about: 'programme', id, message: 'code', to: 'provider' } as const;
    await post(at, await writeCodeMail(asked.code, mail, asked.now), tags, asked.now);
    return {};
  }
  if ('programmeId' in asked) {
    return sendAssurance(settings.TABLE_NAME, effects, mail, asked.programmeId, asked.now);
  }
  const world: World = {
    table: settings.TABLE_NAME,
    referrals: referrals(settings.TABLE_NAME),
    effects,
    mail,
  };
  if ('provider' in asked) {
    const send = asked.why === 'digest' ? sendDigest : sendFreshLinks;
    return send(world, asked.provider, asked.now);
  }
  if ('stop' in asked) {
    await effects.stop(asked.stop);
    return {};
  }
  if ('address' in asked) return tellCoordinator(world, asked.address, asked.now);
  if ('cohort' in asked) return emptyCohortOutbox(world, asked.cohort, asked.now);
  if ('places' in asked) {
    const told = await settleDuePlaces(world.table, world.referrals, asked.places, asked.now);
    return emptyAll(world, told, asked.now);
  }
  return emptyOutbox(world, asked.referralId, asked.now);
});
