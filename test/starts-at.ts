/** When journeys begin: `STARTS_AT=2027-03-27T23:30:00Z` before the command starts the clocks of their clouds then, and not now. */
export function startsAt(): Date | undefined {
  const { STARTS_AT } = process.env;
  if (STARTS_AT === undefined) return undefined;
  const moment = new Date(STARTS_AT);
  // A clock that is behind would be refused by what checks signatures and certificates.
  if (moment.getTime() >= Date.now()) return moment;
  throw new Error(`STARTS_AT has to be a moment to come in ISO 8601, not ${STARTS_AT}`);
}
