/** The whole service as one stack. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Budget } from './budget.ts';
import { remindersOf } from './config.ts';
import { Email } from './email.ts';
import { OperationsKey } from './encryption.ts';
import { Functions } from './functions.ts';
import { Monitoring } from './monitoring.ts';
import { RELEASE } from './release.ts';
import { Reminders } from './reminders.ts';
import type { Configuration } from './settings.ts';
import { SignIn } from './sign-in.ts';
import { Storage } from './storage.ts';
import { Web } from './web.ts';
import { grantDrive, grantLook, stateMachineArn, Workflow } from './workflow.ts';

export class ServiceStack extends Stack {
  constructor(scope: Construct, props: { readonly configuration: Configuration; readonly bundles: string }) {
    const { configuration, bundles } = props;
    super(scope, configuration.stackName, {
      description: `${configuration.serviceName}: referrals from a form to a finished programme`,
      // CloudFormation puts these on every resource, so that whoever finds one knows whom to tell.
      tags: { 'operations-contact': configuration.alarmAddress, stage: configuration.stage },
      terminationProtection: configuration.stage === 'production',
    });
    new Budget(this, 'Budget', configuration);
    new OperationsKey(this, 'Operations', configuration).encryptAll(this);
    const storage = new Storage(this, 'Storage', configuration);
    const email = new Email(this, 'Email', configuration);
    const web = new Web(this, 'Web', configuration);
    // After the API, which people come back to, and before the functions, which are told what the issuer calls them.
    const signIn = new SignIn(this, 'SignIn', { configuration, baseUrl: web.baseUrl });
    const functions = new Functions(this, 'Functions', {
      configuration,
      storage,
      bundles,
      settings: {
        STATE_MACHINE_ARN: stateMachineArn(this, configuration),
        CONFIGURATION_SET: email.configurationSetName,
        SENDER: configuration.senderAddress,
        BASE_URL: web.baseUrl,
        LINK_WORKER_ADDRESS: configuration.linkWorkerAddress,
        COORDINATOR_ADDRESS: configuration.coordinatorAddress,
        SERVICE_NAME: configuration.serviceName,
        REMINDERS: JSON.stringify(remindersOf(configuration)),
        EDGE: configuration.edge.enabled ? 'on' : 'off',
        FORMS_PER_TEN_MINUTES: String(configuration.throttling.formsPerTenMinutes),
        API_PER_MINUTE: String(configuration.throttling.apiPerMinute),
        CRISIS_CONTACTS: JSON.stringify(configuration.crisisContacts),
        NEWSLETTER_URL: configuration.newsletterUrl,
        LAWFUL_BASIS: JSON.stringify(configuration.lawfulBasis),
        SECRET_ARN: storage.secret.secretArn,
        IDENTITY_ISSUER: signIn.issuer,
        CLIENT_ID: signIn.clientId,
        CLIENT_SECRET_ARN: configuration.identity.clientSecretArn,
        SIGN_IN_SCOPES: configuration.identity.scopes,
        CLAIMS: JSON.stringify({
          roles: configuration.identity.rolesClaim,
          teams: configuration.identity.teamsClaim,
        }),
        ROLE_NAMES: JSON.stringify(configuration.identity.roleNames),
        SESSION_IDLE_MINUTES: String(configuration.signIn.idleMinutes),
        SESSION_HOURS: String(configuration.signIn.hours),
        TEAMS: JSON.stringify(configuration.teams),
        LICENSED_MEASURES: JSON.stringify(configuration.licensedMeasures),
        REPORTS: JSON.stringify(configuration.reports),
        CONFIRM_AFTER_DAYS: String(configuration.directory.confirmAfterDays),
        NHS_IDENTITY: configuration.nhsIdentity ? 'yes' : 'no',
      },
    });
    email.grantSend(functions.byName.outbox);
    email.tellOfUndelivered(functions.byName['mail-events']);
    grantDrive(functions.byName.outbox, configuration);
    grantLook(functions.byName['rebuild-executions'], configuration);
    signIn.grantClientSecret(functions.byName['sign-in']);
    const workflow = new Workflow(this, 'Workflow', { configuration, functions: functions.byName });
    web.route(functions.byName, signIn);
    const { deadLetters } = new Reminders(this, 'Reminders', {
      sweep: functions.byName['reminder-sweep'],
      directorySweep: functions.byName['directory-sweep'],
      gauges: functions.byName.gauges,
    });
    new Monitoring(this, 'Monitoring', {
      configuration,
      watched: {
        ...{ namespace: configuration.stackName, functions: functions.byName, table: storage.table },
        ...{ stateMachine: workflow.stateMachine, api: web.api, deadLetters },
      },
    });

    new CfnOutput(this, 'ApiUrl', {
      value: web.url,
      description: 'The address that AWS gives the API',
    });
    new CfnOutput(this, 'TableName', {
      value: storage.table.tableName,
      description: 'The table of referrals',
    });
    new CfnOutput(this, 'StateMachineArn', {
      value: workflow.stateMachine.stateMachineArn,
      description: 'The state machine of referrals',
    });
    const release: unknown = this.node.tryGetContext(RELEASE);
    if (release) {
      new CfnOutput(this, 'Release', {
        value: String(release),
        description: 'What git calls the state of the repository that is deployed',
      });
    }
  }
}
