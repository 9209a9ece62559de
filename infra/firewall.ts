/**
 * The firewall before the pages: what AWS WAF turns away, and what it says to whoever is turned away. A referral that it stops by mistake
 * is a referral lost, so it judges where a request comes from and how it is made, and never what people write.
 */
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { MAXIMUM_BODY_BYTES } from '../functions/shared/body.ts';
import { crisisContactInWords } from '../functions/shared/pages/crisis.ts';
import { ConfigurationError } from './config.ts';
import type { Configuration } from './settings.ts';

/** The longest answer that AWS WAF takes. */
const MAXIMUM_RESPONSE_BYTES = 4096;

/** AWS's own rules, each rule of a group named: one that is not named here blocks with AWS's own page, which helps nobody. */
export const MANAGED_RULES: Readonly<Record<string, { block: readonly string[]; count: readonly string[] }>> =
  {
    // Addresses that attack others. AWS lets its list of denial-of-service sources only count, and so do we.
    AWSManagedRulesAmazonIpReputationList: {
      block: ['AWSManagedIPReputationList', 'AWSManagedReconnaissanceList'],
      count: ['AWSManagedIPDDoSList'],
    },
    // Attacks on software by its name. Nobody writes these about a person.
    AWSManagedRulesKnownBadInputsRuleSet: {
      block: [
        'ExploitablePaths_URIPATH',
        'Host_localhost_HEADER',
        'JavaDeserializationRCE_BODY',
        'JavaDeserializationRCE_HEADER',
        'JavaDeserializationRCE_QUERYSTRING',
        'JavaDeserializationRCE_URIPATH',
        'Log4JRCE_BODY',
        'Log4JRCE_HEADER',
        'Log4JRCE_QUERYSTRING',
        'Log4JRCE_URIPATH',
        'PROPFIND_METHOD',
        'ReactJSRCE_BODY',
      ],
      count: [],
    },
    AWSManagedRulesCommonRuleSet: {
      block: [
        'CrossSiteScripting_QUERYARGUMENTS',
        'CrossSiteScripting_URIPATH',
        'EC2MetaDataSSRF_COOKIE',
        'EC2MetaDataSSRF_QUERYARGUMENTS',
        'EC2MetaDataSSRF_URIPATH',
        'GenericLFI_QUERYARGUMENTS',
        'GenericLFI_URIPATH',
        'GenericRFI_QUERYARGUMENTS',
        'GenericRFI_URIPATH',
        'RestrictedExtensions_QUERYARGUMENTS',
        'RestrictedExtensions_URIPATH',
        'SizeRestrictions_Cookie_HEADER',
        'SizeRestrictions_QUERYSTRING',
        'SizeRestrictions_URIPATH',
        'UserAgent_BadBots_HEADER',
      ],
      count: [
        // Free text is honest: "I <3 singing", "lonely/isolated ../ see letter", a web address with numbers. These look for scripts, file
        // paths and addresses in it, against which a service is safe that escapes whatever it shows and opens nothing that it is sent.
        'CrossSiteScripting_BODY',
        'EC2MetaDataSSRF_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        // A story in the person's own words, in a script of three bytes a letter, is longer than its 8 KB. Ours is in functions/shared/body.ts.
        'SizeRestrictions_BODY',
        // Cookies of other pages of the same organisation come along, with whatever those put into them. No page shows one.
        'CrossSiteScripting_COOKIE',
        // Referring systems do not all say what they are.
        'NoUserAgent_HEADER',
      ],
    },
  };

/**
 * Nothing of a request is kept but counts. Samples and logs would hold addresses, and those of pages carry the secrets that open them
 * (docs/adr/0002); samples cannot be redacted, and there is no logging configuration at all.
 */
function seen(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}

/** The rules of one service, in the order in which they are asked. */
export class Firewall extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, configuration: Configuration) {
    super(scope, id);
    const { edge } = configuration;
    const rules: Omit<wafv2.CfnWebACL.RuleProperty, 'priority'>[] = [
      // One address may be a whole hospital or a phone network, so these are generous; each client's own share is counted by the service.
      tooOften('requests', edge.requestsPerFiveMinutes, 'tooOften'),
      tooOften('forms', edge.formsPerFiveMinutes, 'tooOften', postToForms),
      tooOften('api', edge.apiPerFiveMinutes, 'tooOftenApi', pathStarts('/api/')),
      {
        name: 'too-large',
        statement: {
          andStatement: {
            statements: [
              {
                sizeConstraintStatement: {
                  // AWS WAF reads less of a body than the longest form has, so it counts the digits of the length: the rest is for the function.
                  fieldToMatch: { singleHeader: { Name: 'content-length' } },
                  comparisonOperator: 'GT',
                  size: String(MAXIMUM_BODY_BYTES).length,
                  textTransformations: [{ priority: 0, type: 'NONE' }],
                },
              },
              // A whole directory is larger.
              { notStatement: { statement: matches({ uriPath: {} }, 'EXACTLY', '/directory/import') } },
            ],
          },
        },
        action: block('tooLarge'),
        visibilityConfig: seen('too-large'),
      },
      ...Object.entries(MANAGED_RULES).map(([name, rules]) => managed(name, rules)),
    ];
    const acl = new wafv2.CfnWebACL(this, 'Acl', {
      description: `Before the pages of ${configuration.stackName}`,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
      customResponseBodies: responsesOf(configuration),
      visibilityConfig: seen('all'),
    });
    this.arn = acl.attrArn;
  }
}

/** With which status whoever is turned away is told so. */
const STATUS = { refused: 403, tooLarge: 413, tooOften: 429, tooOftenApi: 429 } as const;
type Response = keyof typeof STATUS;

/** One header and only where it helps: AWS WAF takes a hundred in all, and every rule that blocks repeats them. */
const RETRY_AFTER = [{ name: 'retry-after', value: '300' }];

function block(response: Response) {
  const responseCode = STATUS[response];
  return {
    block: {
      customResponse: {
        responseCode,
        customResponseBodyKey: response,
        ...(responseCode === 429 ? { responseHeaders: RETRY_AFTER } : {}),
      },
    },
  };
}

/** A group of AWS's rules, with our words where it blocks. */
function managed(
  name: string,
  { block: blocking, count }: { block: readonly string[]; count: readonly string[] },
): Omit<wafv2.CfnWebACL.RuleProperty, 'priority'> {
  return {
    name,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: [
          ...blocking.map((rule) => ({ name: rule, actionToUse: block('refused') })),
          ...count.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        ],
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: seen(name),
  };
}

/** A rule that counts the requests of each address over five minutes. */
function tooOften(
  name: string,
  limit: number,
  response: Response,
  only?: wafv2.CfnWebACL.StatementProperty,
): Omit<wafv2.CfnWebACL.RuleProperty, 'priority'> {
  return {
    name: `too-often-${name}`,
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        evaluationWindowSec: 300,
        limit,
        ...(only ? { scopeDownStatement: only } : {}),
      },
    },
    action: block(response),
    visibilityConfig: seen(`too-often-${name}`),
  };
}

/** Referral forms that are sent. Those behind links from emails are few and count among all requests. */
const postToForms: wafv2.CfnWebACL.StatementProperty = {
  andStatement: {
    statements: [
      matches({ method: {} }, 'EXACTLY', 'POST'),
      { orStatement: { statements: [matches({ uriPath: {} }, 'EXACTLY', '/refer'), pathStarts('/refer/')] } },
    ],
  },
};

function pathStarts(start: string): wafv2.CfnWebACL.StatementProperty {
  return matches({ uriPath: {} }, 'STARTS_WITH', start);
}

function matches(
  fieldToMatch: wafv2.CfnWebACL.FieldToMatchProperty,
  positionalConstraint: 'EXACTLY' | 'STARTS_WITH',
  searchString: string,
): wafv2.CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch,
      positionalConstraint,
      searchString,
      // Or /%72efer and //refer would be other addresses to the firewall than to the API.
      textTransformations: fieldToMatch.uriPath
        ? [
            { priority: 0, type: 'URL_DECODE' },
            { priority: 1, type: 'NORMALIZE_PATH' },
          ]
        : [{ priority: 0, type: 'NONE' }],
    },
  };
}

function responsesOf(
  configuration: Configuration,
): Record<Response, wafv2.CfnWebACL.CustomResponseBodyProperty> {
  const html = (title: string, ...paragraphs: string[]) => ({
    contentType: 'TEXT_HTML',
    content: page(configuration, title, paragraphs),
  });
  return {
    refused: html(
      'We could not take that',
      'Our firewall thought that it could do harm, perhaps because of others who share your internet connection, and stopped it before it reached us. Nothing was recorded. This can happen to anyone.',
      'Please go back and try again.',
    ),
    tooLarge: html(
      'You have sent too much at once',
      'Nothing was recorded. Please go back, shorten what you wrote, and send it again.',
    ),
    tooOften: html(
      'Please try again in five minutes',
      'Too much came from your internet connection at once. Others may share it, as in a hospital, so it need not have been you. Nothing was recorded.',
      'Please wait five minutes, then go back and send it again.',
    ),
    tooOftenApi: {
      // AWS WAF has no type for problem documents (RFC 9457); this is one.
      contentType: 'APPLICATION_JSON',
      content: JSON.stringify({
        type: 'about:blank',
        title: 'Too Many Requests',
        status: 429,
        detail:
          'Too many requests came from this address in five minutes. Nothing was recorded. Wait as long as Retry-After says, then send the same request again with the same Idempotency-Key.',
      }),
    },
  };
}

/** A whole page, since nothing else may be loaded by whoever is turned away. */
function page(configuration: Configuration, title: string, paragraphs: string[]): string {
  const { serviceName, linkWorkerAddress, crisisContacts } = configuration;
  const address = escaped(linkWorkerAddress);
  const contacts = crisisContacts
    .map(crisisContactInWords)
    .map(
      ({ when, verb, words, href, note }) =>
        `<li>${escaped(when)}: ${verb.toLowerCase()} <a href="${escaped(href)}">${escaped(words)}</a>${note ? ` ${escaped(note)}` : ''}</li>`,
    );
  const html = `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${title} – ${escaped(serviceName)}</title>
<style>body{font:1.2em/1.5 sans-serif;max-width:36em;margin:2em auto;padding:0 1em;color:#212b32}a{color:#005eb8}</style>
</head>
<body>
<main>
<p>${escaped(serviceName)}</p>
<h1>${title}</h1>
${paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n')}
<p>If it happens again, or you would rather not try, write to the link workers at <a href="mailto:${address}">${address}</a>. Say how they can reach you and what you wanted to do. Please leave out anything about health: email may be read by others.</p>
<p>If you or someone else needs help now, do not wait for us:</p>
<ul>
${contacts.join('\n')}
</ul>
</main>
</body>
</html>
`;
  if (Buffer.byteLength(html) > MAXIMUM_RESPONSE_BYTES) {
    throw new ConfigurationError(
      `service.crisisContacts is too long for the page of the firewall, which may have ${MAXIMUM_RESPONSE_BYTES} bytes: shorten what is said beside each.`,
    );
  }
  return html;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
