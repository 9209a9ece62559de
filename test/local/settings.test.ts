import { describe, expect, it } from 'vitest';
import { laptopSettings } from '../../local/settings.ts';

const idsOf = (environment: Record<string, string>) => laptopSettings(environment).teams.map(({ id }) => id);
const teams = (...own: [id: string, ...postcodeDistricts: string[]][]) => ({
  OSP_TEAMS: JSON.stringify(
    own.map(([id, ...postcodeDistricts]) => ({ id, name: `Team ${id}`, postcodeDistricts })),
  ),
});

describe('on a laptop', () => {
  it('there are example teams beside the only one, so that referrals can be passed on', () => {
    expect(idsOf({})).toEqual(['camden', 'islington', 'all']);
    expect(idsOf(teams(['islington']))).toEqual(['camden', 'islington']);
  });

  it('a deployer’s own teams are as they are', () => {
    expect(idsOf(teams(['leeds', 'LS1'], ['rest']))).toEqual(['leeds', 'rest']);
  });

  it('nothing leads to where it is deployed, whatever is set', () => {
    const own = {
      OSP_BASE_URL: 'https://referrals.service.nhs.uk',
      OSP_STAGE: 'production',
      OSP_IDENTITY_ISSUER: 'https://login.service.nhs.uk',
    };
    expect(laptopSettings(own)).toMatchObject({
      baseUrl: '',
      stage: 'development',
      identity: { issuer: '' },
    });
  });
});
