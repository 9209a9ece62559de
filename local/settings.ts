/** What is other on a laptop than where cdk.json is deployed. */
import type { Team } from '../functions/shared/environment.ts';
import { readConfiguration, readContext } from '../infra/config.ts';
import { COGNITO, type ConfigurationOverrides } from '../infra/settings.ts';

/** Teams between which referrals can be passed on. Only on a laptop: in AWS nobody would look after what comes to them. */
const EXAMPLE_TEAMS: readonly Team[] = [
  {
    ...{ id: 'camden', name: 'Camden' },
    postcodeDistricts: ['N1C', 'NW1', 'NW3', 'NW5', 'NW6', 'WC1A', 'WC1B', 'WC1E', 'WC1H', 'WC1N', 'WC1R'],
  },
  { ...{ id: 'islington', name: 'Islington' }, postcodeDistricts: ['EC1R', 'EC1V', 'N1', 'N5', 'N7', 'N19'] },
];

/**
 * The settings that win on a laptop over those of cdk.json and of `environment`. Throws a ConfigurationError where what they leave of those
 * cannot be used.
 */
export function laptopSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Omit<ConfigurationOverrides, 'teams'> & { teams: Team[] } {
  const settings: ConfigurationOverrides = {
    // Links in emails must lead to this laptop, whatever address cdk.json has for the service in AWS.
    baseUrl: '',
    stage: 'development',
    // Nothing stands before a laptop, which signs people in and gives out tokens itself.
    edge: { enabled: false },
    identity: COGNITO,
  };
  const { teams } = readConfiguration({ context: readContext(), environment, overrides: settings });
  return { ...settings, teams: teamsToTry(teams) };
}

/** A deployer's own teams; where all is one team's, the examples beside it. */
function teamsToTry(teams: Team[]): Team[] {
  if (teams.length > 1) return teams;
  return [...EXAMPLE_TEAMS.filter(({ id }) => teams.every((own) => own.id !== id)), ...teams];
}
