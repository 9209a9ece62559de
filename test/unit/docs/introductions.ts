/** What stands at the head of each document. */

export const HAZARDS = `# Clinical safety: plan and hazard log (DCB0129)

**A draft by engineers. No clinician has reviewed or signed it.** Before use, the manufacturer's Clinical Safety Officer (a registered clinician
trained in clinical risk management) must review and sign it, and the deployer needs one of their own for DCB0160.

| role | name | signed, on |
|---|---|---|
| Clinical Safety Officer of the manufacturer | *to be named* | *not signed* |
| Clinical Safety Officer of the deployer (DCB0160) | *to be named* | *not signed* |

## The plan in short

What it is: referrals to community programmes. It advises on no treatment, and is not for emergencies. A hazard is anything by which it may
harm a person. Each is rated by severity (1 minor to 5 catastrophic) times likelihood (1 very low to 5 very high), in the DCB0129 guidance's
matrix as we know it (the officer compares it with the guidance): risk 1 and 2 are acceptable; 3 only where no more can reasonably be done; 4 and 5 are not. The ratings are proposals for the officer to
confirm. The log is reviewed for every release, and after every incident; a control whose test is gone fails the build. Incidents: the deployer
tells the manufacturer and, where people may be harmed, reports through its own channel for patient safety events.

Not done: review by a clinician, a hazard workshop with link workers, providers and people referred, a restore rehearsed in a real account.

## Hazards
`;

export const THREATS = `# Threat model

By element of the data flow and by STRIDE. Each threat names its control and the test that shows it; what is left is said. There has been no
penetration test.

Browser → CloudFront and WAF → API Gateway → Lambda → DynamoDB, Step Functions and SES → email → browser. The team comes by OpenID
Connect, systems by OAuth 2.0, operators by AWS's console.
`;

export const DTAC = `# DTAC, version 2.0 (24 February 2026): answers

A draft for whoever deploys it, and with that is its manufacturer, to complete. By the numbers of the form; the questions are in our words, so compare it with the form itself before it
is handed in. It says what the software can say for itself, what is not there, and what only the deployer can answer.
`;

export const DPIA = `# Data protection impact assessment

A draft by the seven steps of the ICO's sample template, for the deployer as controller to complete and sign. The numbers within a step are ours.
`;
