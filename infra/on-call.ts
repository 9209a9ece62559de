/** Whom to phone when an alarm rings: docs/runbook.md tells whoever is woken to phone them, so the numbers are in each alarm, and with that in its email. */
import type { Configuration } from './settings.ts';

const CALLED: Readonly<Record<keyof Configuration['onCall'], string>> = {
  engineer: 'on call for faults',
  coordinator: 'coordinator',
  owner: 'owner of the service',
  dataProtection: 'data protection officer',
};

/** The end of an alarm's description, behind the place in the runbook; empty where the settings name nobody. */
export function whomToPhone(onCall: Configuration['onCall']): string {
  const all = (Object.keys(CALLED) as (keyof typeof CALLED)[]).flatMap((who) =>
    onCall[who] === '' ? [] : [`${CALLED[who]}: ${onCall[who]}`],
  );
  return all.length === 0 ? '' : `. Phone ${all.join('; ')}.`;
}
