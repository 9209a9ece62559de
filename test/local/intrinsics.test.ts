import { describe, expect, it } from 'vitest';
import { Resolver } from '../../local/intrinsics.ts';

const template = {
  Parameters: { Stage: { Default: 'development' }, Secret: {} },
  Mappings: { Ages: { Hive: { least: 16 } } },
  Conditions: {
    IsDevelopment: { 'Fn::Equals': [{ Ref: 'Stage' }, 'development'] },
    IsProduction: { 'Fn::Not': [{ Condition: 'IsDevelopment' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDevelopment' }, { Condition: 'IsProduction' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsDevelopment' }, { Condition: 'IsProduction' }] },
  },
  Resources: { Outbox: { Type: 'AWS::Lambda::Function', Properties: {} } },
};
const resolver = new Resolver(
  template,
  { 'AWS::Region': 'eu-west-2', 'AWS::StackName': 'Small' },
  {
    ref: (logicalId) => `name-of-${logicalId}`,
    attribute: (logicalId, name) =>
      name === 'Arn' || name === 'A.B' ? `${name} of ${logicalId}` : undefined,
  },
);
const resolve = (value: unknown) => resolver.resolve(value, 'Somewhere');

describe('intrinsic functions', () => {
  it.each([
    ['plain text', 'as it is', 'as it is'],
    ['Ref to a resource', { Ref: 'Outbox' }, 'name-of-Outbox'],
    ['Ref to a parameter', { Ref: 'Stage' }, 'development'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-2'],
    ['GetAtt', { 'Fn::GetAtt': ['Outbox', 'Arn'] }, 'Arn of Outbox'],
    ['GetAtt with dots', { 'Fn::GetAtt': 'Outbox.A.B' }, 'A.B of Outbox'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 1]] }, 'a-development-1'],
    ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['Select from a list of intrinsics', { 'Fn::Select': [0, [{ Ref: 'Outbox' }]] }, 'name-of-Outbox'],
    [
      'Sub',
      { 'Fn::Sub': `\${AWS::StackName}/\${Outbox}/\${Outbox.Arn}/\${!Kept}` },
      `Small/name-of-Outbox/Arn of Outbox/\${Kept}`,
    ],
    [
      'Sub with variables',
      { 'Fn::Sub': [`\${Who}@\${Stage}`, { Who: { Ref: 'Outbox' } }] },
      'name-of-Outbox@development',
    ],
    ['If', { 'Fn::If': ['IsDevelopment', 'yes', { Ref: 'NotThere' }] }, 'yes'],
    ['If the other way', { 'Fn::If': ['IsProduction', 'yes', 'no'] }, 'no'],
    ['FindInMap', { 'Fn::FindInMap': ['Ages', 'Hive', 'least'] }, 16],
    ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['inside lists and objects', { a: [{ b: { Ref: 'Stage' } }] }, { a: [{ b: 'development' }] }],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', [1, { Ref: 'AWS::NoValue' }], [1]],
    [
      'an IAM statement, whose Condition is no condition',
      { Condition: { Bool: {} } },
      { Condition: { Bool: {} } },
    ],
  ])('resolves %s', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it('knows conditions by name', () => {
    expect(
      ['IsDevelopment', 'IsProduction', 'Both', 'Either'].map((name) => resolver.condition(name, '')),
    ).toEqual([true, false, false, true]);
  });

  it.each([
    [{ 'Fn::ImportValue': 'x' }, 'Somewhere uses Fn::ImportValue'],
    [{ Ref: 'NotThere' }, 'Somewhere refers to NotThere, which is not in the template'],
    [{ Ref: 'AWS::Moon' }, 'Somewhere uses AWS::Moon'],
    [{ Ref: 'Secret' }, 'the parameter Secret, which has no default'],
    [{ 'Fn::GetAtt': ['Outbox', 'Colour'] }, 'Outbox.Colour'],
    [{ 'Fn::Select': [3, ['a']] }, 'no value at 3'],
    [{ 'Fn::Join': ['', 'not a list'] }, 'where a list must be'],
    [{ 'Fn::If': ['Unknown', 1, 2] }, 'the condition Unknown'],
    [{ 'Fn::FindInMap': ['Ages', 'Hive', 'most'] }, 'no Ages.Hive.most'],
  ])('says what it cannot resolve: %j', (value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });
});
