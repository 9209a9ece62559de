/** What the template of the edge must and must not say. */
import { describe, expect, test } from 'vitest';
import { MAXIMUM_BODY_BYTES } from '../../functions/shared/body.ts';
import { MANAGED_RULES } from '../../infra/firewall.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';
import { markupFaults } from '../browser/html-validate.ts';
import { certificate, edgeText, production, Service, synthesizeText } from './service.ts';

interface Rule {
  Name: string;
  Priority: number;
  Statement: Record<string, Record<string, unknown>>;
  Action?: { Block: { CustomResponse: CustomResponse } };
  OverrideAction?: unknown;
}
interface CustomResponse {
  ResponseCode: number;
  CustomResponseBodyKey: string;
  ResponseHeaders?: { Name: string; Value: string }[];
}
interface Acl {
  Rules: Rule[];
  CustomResponseBodies: Record<string, { Content: string; ContentType: string }>;
  [property: string]: unknown;
}
interface Override {
  Name: string;
  ActionToUse: { Count?: object; Block?: { CustomResponse: CustomResponse } };
}

const own = {
  ...production,
  edge: { enabled: true, certificateArn: certificate },
} satisfies ConfigurationOverrides;
const given = { edge: { enabled: true } } satisfies ConfigurationOverrides;
const edge = new Service(own, true);
const acl = aclOf(edge);

test("the template is the same every time, and keeps CloudFormation's own rules", () => {
  expect(edgeText(own)).toBe(synthesizeText(own, false, true));
});

test('it is not there unless it is wanted', () => {
  expect(() => synthesizeText({}, false, true)).toThrow('no such stack');
});

test('nothing in it is an account, and it keeps nothing of what passes', () => {
  const text = JSON.stringify(edge.template.toJSON()).replaceAll(certificate, '');
  expect(text).not.toMatch(/\b\d{12}\b/);
  expect(text).not.toMatch(/"SampledRequestsEnabled":true/);
  expect(text.match(/"SampledRequestsEnabled":false/g)).toHaveLength(acl.Rules.length + 1);
  // Logs would hold addresses, and those of pages open them.
  const types = new Set(Object.values(edge.template.toJSON().Resources as object).map(({ Type }) => Type));
  expect(types).toEqual(
    new Set([
      'AWS::CloudFront::Distribution',
      'AWS::CloudFront::ResponseHeadersPolicy',
      'AWS::WAFv2::WebACL',
    ]),
  );
  expect(distributionOf(edge)).not.toHaveProperty('Logging');
});

describe('CloudFront', () => {
  test('asks the API at the stage whose name it is told, over TLS 1.2, and not by the name people used', () => {
    const [origin] = distributionOf(edge).Origins as [Record<string, unknown>];
    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': ['/', { Ref: 'ApiUrl' }] }] });
    expect(origin).toMatchObject({
      DomainName: part(2),
      OriginPath: { 'Fn::Join': ['', ['/', part(3)]] },
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
    // AWS's own policies: CachingDisabled, AllViewerExceptHostHeader.
    expect(distributionOf(edge).DefaultCacheBehavior).toMatchObject({
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      ViewerProtocolPolicy: 'redirect-to-https',
    });
  });

  test('takes the address of an API with a stage, and no other', () => {
    const [pattern] = Object.values(edge.template.findParameters('ApiUrl')).map(
      ({ AllowedPattern }) => new RegExp(AllowedPattern),
    );
    const host = 'https://abc.execute-api.eu-west-2.amazonaws.com';
    expect(`${host}/51af3dc0-da77-11e4-872e-1234567db123`).toMatch(pattern as RegExp);
    expect(host).not.toMatch(pattern as RegExp);
    expect(`${host}/`).not.toMatch(pattern as RegExp);
  });

  test('keeps stylesheets and images, and no page, not even one that says what went wrong', () => {
    const { CacheBehaviors, CustomErrorResponses } = distributionOf(edge) as Record<string, object[]>;
    // AWS's own policy CachingOptimized.
    expect(CacheBehaviors).toEqual([
      expect.objectContaining({
        PathPattern: '/assets/*',
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        ViewerProtocolPolicy: 'redirect-to-https',
      }),
    ]);
    expect(CacheBehaviors?.[0]).not.toHaveProperty('OriginRequestPolicyId');
    expect(CustomErrorResponses).toContainEqual({ ErrorCode: 500, ErrorCachingMinTTL: 0 });
    for (const response of CustomErrorResponses ?? [])
      expect(response).toMatchObject({ ErrorCachingMinTTL: 0 });
  });

  test('speaks HTTP/2 and 3, from Europe, behind the firewall, and tells browsers to stay with HTTPS', () => {
    const [[firewall]] = edge.all('AWS::WAFv2::WebACL') as [[string, unknown]];
    expect(distributionOf(edge)).toMatchObject({
      Enabled: true,
      HttpVersion: 'http2and3',
      PriceClass: 'PriceClass_100',
      WebACLId: { 'Fn::GetAtt': [firewall, 'Arn'] },
    });
    expect(
      edge.only('AWS::CloudFront::ResponseHeadersPolicy').Properties.ResponseHeadersPolicyConfig,
    ).toMatchObject({
      SecurityHeadersConfig: { StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 } },
    });
  });

  test('answers to the name of the service with its certificate, or to the name that it gives', () => {
    expect(distributionOf(edge)).toMatchObject({
      Aliases: ['referrals.service.nhs.uk'],
      ViewerCertificate: {
        AcmCertificateArn: certificate,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    for (const baseUrl of ['', 'https://d111111abcdef8.cloudfront.net']) {
      const distribution = distributionOf(new Service({ ...given, baseUrl }, true));
      expect(distribution).not.toHaveProperty('Aliases');
      expect(distribution).not.toHaveProperty('ViewerCertificate');
    }
  });

  test('says what it is named', () => {
    const [[distribution]] = edge.all('AWS::CloudFront::Distribution') as [[string, unknown]];
    expect(edge.template.findOutputs('*')).toMatchObject({
      Host: { Value: { 'Fn::GetAtt': [distribution, 'DomainName'] } },
    });
  });
});

describe('the service behind it', () => {
  const behind = new Service(own);

  test('answers at a stage that nobody can guess, and says where to whoever deploys', () => {
    const unguessable = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    expect(behind.all('AWS::ApiGatewayV2::Stage').map(([, { Properties }]) => Properties.StageName)).toEqual([
      unguessable,
    ]);
    const [[api]] = behind.all('AWS::ApiGatewayV2::Api') as [[string, unknown]];
    const { ApiUrl } = behind.template.findOutputs('ApiUrl');
    expect(ApiUrl?.Value).toEqual({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }, '/', unguessable]],
    });
  });

  test('knows whose address to look at', () => {
    const told = (service: Service) =>
      (service.fn('public-forms')[1].Properties.Environment as { Variables: Record<string, unknown> })
        .Variables.EDGE;
    expect(told(behind)).toBe('on');
    expect(told(new Service(production))).toBe('off');
  });
});

describe('the firewall', () => {
  test('is where CloudFront looks for it, and lets pass what no rule stops', () => {
    expect(acl).toMatchObject({ Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
  });

  test('asks its rules in this order', () => {
    expect(acl.Rules.map(({ Name, Priority }) => `${Priority} ${Name}`)).toEqual([
      '0 too-often-requests',
      '1 too-often-forms',
      '2 too-often-api',
      '3 too-large',
      '4 AWSManagedRulesAmazonIpReputationList',
      '5 AWSManagedRulesKnownBadInputsRuleSet',
      '6 AWSManagedRulesCommonRuleSet',
    ]);
  });

  test('counts what each address sends, by the configured limits', () => {
    const limits = { requestsPerFiveMinutes: 4000, formsPerFiveMinutes: 40, apiPerFiveMinutes: 400 };
    const rates = aclOf(new Service({ edge: { enabled: true, ...limits } }, true))
      .Rules.slice(0, 3)
      .map(({ Statement }) => Statement.RateBasedStatement ?? {});
    expect(rates.map(({ Limit }) => Limit)).toEqual([4000, 40, 400]);
    for (const rate of rates)
      expect(rate).toMatchObject({ AggregateKeyType: 'IP', EvaluationWindowSec: 300 });
    expect(rates[0]).not.toHaveProperty('ScopeDownStatement');
  });

  const path = (SearchString: string, PositionalConstraint: string) => ({
    ByteMatchStatement: {
      FieldToMatch: { UriPath: {} },
      SearchString,
      PositionalConstraint,
      TextTransformations: [
        { Priority: 0, Type: 'URL_DECODE' },
        { Priority: 1, Type: 'NORMALIZE_PATH' },
      ],
    },
  });

  test('takes for a form what is posted to /refer and below, and for the API what is below /api/, however it is spelt', () => {
    const [, forms, api] = acl.Rules.map(({ Statement }) => Statement.RateBasedStatement?.ScopeDownStatement);
    expect(forms).toEqual({
      AndStatement: {
        Statements: [
          {
            ByteMatchStatement: {
              FieldToMatch: { Method: {} },
              SearchString: 'POST',
              PositionalConstraint: 'EXACTLY',
              TextTransformations: [{ Priority: 0, Type: 'NONE' }],
            },
          },
          { OrStatement: { Statements: [path('/refer', 'EXACTLY'), path('/refer/', 'STARTS_WITH')] } },
        ],
      },
    });
    expect(api).toEqual(path('/api/', 'STARTS_WITH'));
  });

  test('stops no body that the forms would take, and those of a million bytes and more that are no file of the directory', () => {
    expect(acl.Rules[3]?.Statement.AndStatement).toEqual({
      Statements: [
        {
          SizeConstraintStatement: {
            ComparisonOperator: 'GT',
            Size: String(MAXIMUM_BODY_BYTES).length,
            FieldToMatch: { SingleHeader: { Name: 'content-length' } },
            TextTransformations: [{ Priority: 0, Type: 'NONE' }],
          },
        },
        { NotStatement: { Statement: path('/directory/import', 'EXACTLY') } },
      ],
    });
    // AWS WAF reads 64 KB of a body at most: a rule about its size would stop whatever is longer.
    expect(JSON.stringify(acl.Rules)).not.toContain('"Body"');
    expect(acl).not.toHaveProperty('AssociationConfig');
  });

  test.each(Object.entries(MANAGED_RULES))(
    '%s does to each rule what is decided',
    (name, { block, count }) => {
      const rule = acl.Rules.find(({ Name }) => Name === name);
      expect(rule?.OverrideAction).toEqual({ None: {} });
      expect(
        overridesIn(rule)
          .filter(({ ActionToUse }) => ActionToUse.Block)
          .map(({ Name }) => Name),
      ).toEqual(block);
      expect(
        overridesIn(rule)
          .filter(({ ActionToUse }) => ActionToUse.Count)
          .map(({ Name }) => Name),
      ).toEqual(count);
      expect(new Set([...block, ...count]).size).toBe(block.length + count.length);
    },
  );

  test('judges no free text: no rule of the common set that looks into a body blocks', () => {
    const { block = [], count = [] } = MANAGED_RULES.AWSManagedRulesCommonRuleSet ?? {};
    expect(block.filter((rule) => rule.endsWith('_BODY'))).toEqual([]);
    expect(count).toEqual(
      expect.arrayContaining([
        'CrossSiteScripting_BODY',
        'EC2MetaDataSSRF_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        'SizeRestrictions_BODY',
      ]),
    );
  });
});

describe('whoever is turned away', () => {
  const responses = acl.Rules.flatMap((rule) => [
    ...(rule.Action ? [rule.Action.Block.CustomResponse] : []),
    ...overridesIn(rule).flatMap(({ ActionToUse }) => ActionToUse.Block?.CustomResponse ?? []),
  ]);

  test('is always told so, within what AWS WAF takes', () => {
    expect(responses.length).toBeGreaterThan(30);
    const used = new Map(
      responses.map((response) => [response.CustomResponseBodyKey, response.ResponseCode]),
    );
    expect(Object.fromEntries(used)).toEqual({
      tooOften: 429,
      tooOftenApi: 429,
      tooLarge: 413,
      refused: 403,
    });
    expect(Object.keys(acl.CustomResponseBodies).sort()).toEqual([...used.keys()].sort());
    expect(responses.flatMap(({ ResponseHeaders = [] }) => ResponseHeaders).length).toBeLessThanOrEqual(100);
    for (const { ResponseCode, ResponseHeaders } of responses) {
      expect(ResponseHeaders).toEqual(
        ResponseCode === 429 ? [{ Name: 'retry-after', Value: '300' }] : undefined,
      );
    }
  });

  test.each(['refused', 'tooLarge', 'tooOften'])('%s: reads what to do, and whom to ask', async (key) => {
    const { Content, ContentType } = acl.CustomResponseBodies[key] ?? { Content: '', ContentType: '' };
    expect(ContentType).toBe('TEXT_HTML');
    expect(Content).toContain('Nothing was recorded');
    expect(Content).toContain(`<a href="mailto:${production.linkWorkerAddress}">`);
    expect(Content).toContain('<li>Life in danger: call <a href="tel:999">999</a> or go to A&#38;E</li>');
    expect(Content).toContain('text <a href="sms:85258?body=SHOUT">SHOUT to 85258</a>');
    expect(Content).not.toMatch(/<script|<link|src=/);
    expect(Content).not.toMatch(/WAF|blocked|forbidden|403/i);
    expect(await markupFaults(Content)).toEqual([]);
  });

  test('in a service with the longest name and an apostrophe, reads it as it is written', () => {
    const serviceName = `Kew & Chiswick's ${'Ŵ'.repeat(63)}`;
    const { refused } = aclOf(new Service({ ...given, serviceName }, true)).CustomResponseBodies;
    expect(refused?.Content).toContain(`Kew &#38; Chiswick&#39;s ${'Ŵ'.repeat(63)}`);
    expect(Buffer.byteLength(refused?.Content ?? '')).toBeLessThan(4096);
  });

  test('is told whom the service names in danger; a list too long for it is refused', () => {
    const contacts = (note: string) => [{ when: 'In danger', call: '112', note }];
    const { refused } = aclOf(
      new Service({ ...given, crisisContacts: contacts('day or night') }, true),
    ).CustomResponseBodies;
    expect(refused?.Content).toContain('<li>In danger: call <a href="tel:112">112</a> day or night</li>');
    expect(refused?.Content).not.toContain('999');
    // What is short in a function's variables and long on a page.
    const long = contacts('&'.repeat(200)).flatMap((contact) => Array(4).fill(contact));
    expect(() => edgeText({ ...given, crisisContacts: long })).toThrow(
      /^service\.crisisContacts is too long for the page of the firewall/,
    );
  });

  test('as a program, gets a problem document and when to try again', () => {
    const { Content, ContentType } = acl.CustomResponseBodies.tooOftenApi ?? {
      Content: '{}',
      ContentType: '',
    };
    expect(ContentType).toBe('APPLICATION_JSON');
    expect(JSON.parse(Content)).toMatchObject({ status: 429, title: 'Too Many Requests' });
  });
});

test('two services live side by side: nothing has a fixed name', () => {
  const named = JSON.stringify(new Service({ ...own, stackName: 'Camden' }, true).template.toJSON());
  expect(named).not.toContain('OpenSocialPrescribing');
});

function aclOf(service: Service): Acl {
  return service.only('AWS::WAFv2::WebACL').Properties as unknown as Acl;
}

function distributionOf(service: Service): Record<string, unknown> {
  return service.only('AWS::CloudFront::Distribution').Properties.DistributionConfig as Record<
    string,
    unknown
  >;
}

function overridesIn(rule: Rule | undefined): Override[] {
  return (rule?.Statement.ManagedRuleGroupStatement?.RuleActionOverrides ?? []) as Override[];
}
