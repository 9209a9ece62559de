/**
 * The edge: CloudFront with a firewall before the HTTP API, which cannot carry one itself. A stack of its own, since both live in us-east-1
 * wherever the service does (docs/adr/0007).
 */
import { CfnOutput, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import type { Construct } from 'constructs';
import { hostBehindEdge } from './config.ts';
import { Firewall } from './firewall.ts';
import type { Configuration } from './settings.ts';

/** Where CloudFront finds its firewall and its certificate. */
export const EDGE_REGION = 'us-east-1';

/** What the stack of a service's edge is called. */
export function edgeStackName({ stackName }: Configuration): string {
  return `${stackName}-edge`;
}

/** The errors that CloudFront would keep for ten seconds whatever the page says, and show to the next who asks. */
const ERRORS_IT_WOULD_KEEP = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

export class EdgeStack extends Stack {
  constructor(scope: Construct, { configuration }: { readonly configuration: Configuration }) {
    super(scope, edgeStackName(configuration), {
      description: `${configuration.serviceName}: the firewall before its pages`,
      env: { region: EDGE_REGION },
      tags: { 'operations-contact': configuration.alarmAddress, stage: configuration.stage },
      terminationProtection: configuration.stage === 'production',
    });
    // Known once the service is deployed; infra/deploy.ts fills it in.
    const apiUrl = new CfnParameter(this, 'ApiUrl', {
      description: 'The output ApiUrl of the service: https://, its host, and the name of its stage',
      allowedPattern: '^https://[^/]+/[^/]+$',
      constraintDescription: 'must be the output ApiUrl of the service, deployed with service.edge.enabled',
    }).valueAsString;
    const origin = new origins.HttpOrigin(part(apiUrl, 2), {
      originPath: `/${part(apiUrl, 3)}`,
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    });
    // A typed address is led to HTTPS; no page is given and no form taken without it.
    const viewerProtocolPolicy = cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS;
    const ownName = hostBehindEdge(configuration.baseUrl);
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: configuration.stackName,
      defaultBehavior: {
        origin,
        viewerProtocolPolicy,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        // Pages are about one person.
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        // The API answers only to its own host name.
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        responseHeadersPolicy: new cloudfront.ResponseHeadersPolicy(this, 'Headers', {
          comment: 'The one header that pages leave to whoever knows their address',
          securityHeadersBehavior: {
            strictTransportSecurity: {
              accessControlMaxAge: Duration.days(365),
              includeSubdomains: false,
              override: true,
            },
          },
        }),
      },
      additionalBehaviors: {
        // Named after their content, and the same for everybody.
        '/assets/*': {
          origin,
          viewerProtocolPolicy,
          cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
        },
      },
      errorResponses: ERRORS_IT_WOULD_KEEP.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...(ownName === undefined
        ? {}
        : {
            domainNames: [ownName],
            // At an address of its own CloudFront takes TLS 1.0 too, whatever is said here.
            minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            certificate: acm.Certificate.fromCertificateArn(
              this,
              'Certificate',
              configuration.edge.certificateArn,
            ),
          }),
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      // Europe and North America; people elsewhere are served from there.
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      // Addresses of pages carry the secrets that open them: docs/adr/0002.
      enableLogging: false,
      webAclId: new Firewall(this, 'Firewall', configuration).arn,
    });
    new CfnOutput(this, 'Host', {
      value: distribution.distributionDomainName,
      description: 'The name that CloudFront gives the service; a name of its own points to it',
    });
  }
}

/** A part of `https://host/stage`: 2 is the host, 3 the stage. */
function part(url: string, index: 2 | 3): string {
  return Fn.select(index, Fn.split('/', url));
}
