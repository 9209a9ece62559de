import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudOf, type Resources, relay, type TestCloud, temporaryFolder } from './template.ts';

const secretOf = (properties: object = {}): Resources[string] => ({
  Type: 'AWS::SecretsManager::Secret',
  Properties: { GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 64 }, ...properties },
});
const app: Resources = { ...relay, Key: secretOf(), Other: secretOf({ Name: 'other' }) };
const ARN = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:Small-Key-laptop';

type Answer = { status: number; body: { SecretString?: string; ARN?: string; __type?: string } };
const ask = (cloud: TestCloud, SecretId: unknown, operation = 'GetSecretValue', SecretString?: string) =>
  cloud.post<Answer>('/relay', {
    service: 'SECRETS_MANAGER',
    target: `secretsmanager.${operation}`,
    body: { SecretId, SecretString },
  });

describe('a secret of the template', () => {
  it('is made once, is another one for each, and is read by name or ARN', async () => {
    const cloud = await cloudOf(app);
    const first = await ask(cloud, ARN);
    expect(first).toMatchObject({ status: 200, body: { ARN, Name: 'Small-Key' } });
    expect(first.body.SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(await ask(cloud, 'Small-Key')).toEqual(first);
    const other = await ask(cloud, 'other');
    expect(other.body.SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(other.body.SecretString).not.toBe(first.body.SecretString);
  });

  it('outlives a restart and a new start, and is another one on other data', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir });
    const made = await ask(first, ARN);
    await first.post('/_cloud/restart', {});
    expect(await ask(first, ARN)).toEqual(made);
    await first.stop();
    expect(await ask(await cloudOf(app, { dataDir }), ARN)).toEqual(made);
    expect((await ask(await cloudOf(app), ARN)).body.SecretString).not.toBe(made.body.SecretString);
  });

  it('is what was put there last, also after a new start', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir });
    expect(await ask(first, ARN, 'PutSecretValue', 'another')).toMatchObject({ status: 200, body: { ARN } });
    expect((await ask(first, ARN)).body.SecretString).toBe('another');
    await first.stop();
    expect((await ask(await cloudOf(app, { dataDir }), ARN)).body.SecretString).toBe('another');
  });

  it("is for its owner's eyes only, also when the file was open to others", async () => {
    const dataDir = temporaryFolder();
    const file = join(dataDir, 'secrets.json');
    writeFileSync(file, '{}', { mode: 0o644 });
    const cloud = await cloudOf(app, { dataDir });
    const { SecretString } = (await ask(cloud, ARN)).body;
    expect(readFileSync(file, 'utf8')).toContain(SecretString);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['one that is not there', 'none', 'GetSecretValue', 'ResourceNotFoundException'],
    ['a request without a name', undefined, 'GetSecretValue', 'InvalidParameterException'],
    ['nothing to put there', ARN, 'PutSecretValue', 'InvalidParameterException'],
    ['anything else', ARN, 'DeleteSecret', 'UnknownOperationException'],
  ])('is refused as AWS does: %s', async (_, id, operation, __type) => {
    const cloud = await cloudOf(app);
    expect(await ask(cloud, id, operation)).toMatchObject({ status: 400, body: { __type } });
  });
});

it('a file that cannot be read stops the start, in words', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'secrets.json'), '{');
  await expect(cloudOf(app, { dataDir })).rejects.toThrow('secrets.json is damaged');
});

it('a way of making one that is not known here stops the start, in words', async () => {
  const Key = secretOf({ GenerateSecretString: { PasswordLength: 64 } });
  await expect(cloudOf({ ...relay, Key })).rejects.toThrow(
    'Key has properties that the embedded cloud cannot use: GenerateSecretString.ExcludePunctuation',
  );
});
