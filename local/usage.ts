/** What AWS would bill, counted since the start. The benchmark multiplies it with list prices. */
export interface Usage {
  stateTransitions: number;
  lambdaInvocations: number;
  lambdaMs: number;
  readUnits: number;
  writeUnits: number;
  emails: number;
  apiRequests: number;
  schedulerInvocations: number;
}

export function noUsage(): Usage {
  return {
    stateTransitions: 0,
    lambdaInvocations: 0,
    lambdaMs: 0,
    readUnits: 0,
    writeUnits: 0,
    emails: 0,
    apiRequests: 0,
    schedulerInvocations: 0,
  };
}
