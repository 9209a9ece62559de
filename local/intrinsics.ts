/** CloudFormation's intrinsic functions: turns what a template says about a value into the value. */
import type { Template } from './assembly.ts';
import { CloudError } from './errors.ts';

/** Answers for a resource: what Ref gives, and what each attribute is. Undefined when it has no such attribute. */
export interface References {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
}

export type PseudoParameters = Readonly<Record<`AWS::${string}`, unknown>>;

type Call = (argument: unknown, where: string) => unknown;

export class Resolver {
  readonly #template: Template;
  readonly #pseudo: PseudoParameters;
  readonly #references: References;
  readonly #calls: Readonly<Record<string, Call>> = {
    Ref: (name, where) => this.#ref(String(name), where),
    'Fn::GetAtt': (argument, where) => {
      const [logicalId, ...rest] =
        typeof argument === 'string' ? argument.split('.') : this.#list(argument, where);
      return this.#attribute(String(logicalId), rest.join('.'), where);
    },
    'Fn::Join': (argument, where) => {
      const [separator, parts] = this.#list(argument, where);
      return this.#list(parts, where).join(String(separator));
    },
    'Fn::Split': (argument, where) => {
      const [separator, text] = this.#list(argument, where);
      return String(text).split(String(separator));
    },
    'Fn::Select': (argument, where) => {
      const [index, values] = this.#list(argument, where);
      const list = this.#list(values, where);
      if (!(Number(index) in list)) throw new CloudError(`${where}: Fn::Select has no value at ${index}`);
      return list[Number(index)];
    },
    'Fn::Sub': (argument, where) => this.#sub(argument, where),
    'Fn::Base64': (text, where) => Buffer.from(String(this.resolve(text, where))).toString('base64'),
    'Fn::FindInMap': (argument, where) => {
      const [map, first, second] = this.#list(argument, where).map(String);
      const value = this.#template.Mappings[map ?? '']?.[first ?? '']?.[second ?? ''];
      if (value === undefined) throw new CloudError(`${where}: no ${map}.${first}.${second} in Mappings`);
      return value;
    },
    'Fn::If': (argument, where) => {
      const [condition, yes, no] = Array.isArray(argument) ? argument : [];
      // Only the side that holds is looked at: the other may name what does not exist.
      return this.resolve(this.condition(String(condition), where) ? yes : no, where);
    },
    'Fn::Equals': (argument, where) => {
      const [left, right] = this.#list(argument, where);
      return String(left) === String(right);
    },
    'Fn::Not': (argument, where) => !this.#truths(argument, where)[0],
    'Fn::And': (argument, where) => this.#truths(argument, where).every(Boolean),
    'Fn::Or': (argument, where) => this.#truths(argument, where).some(Boolean),
    Condition: (name, where) => this.condition(String(name), where),
  };

  constructor(template: Template, pseudo: PseudoParameters, references: References) {
    this.#template = template;
    this.#pseudo = pseudo;
    this.#references = references;
  }

  /** The value with every intrinsic function in it replaced. `where` names it in errors. */
  resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.resolve(item, where)).filter((item) => item !== undefined);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (only && entries.length === 1 && isIntrinsic(only)) {
      const call = this.#calls[only[0]];
      if (!call) throw new CloudError(`${where} uses ${only[0]}, which the embedded cloud does not know`);
      return call(only[1], where);
    }
    return Object.fromEntries(
      entries
        .map(([key, inner]) => [key, this.resolve(inner, where)] as const)
        .filter(([, inner]) => inner !== undefined),
    );
  }

  /** Whether a named condition of the template holds. */
  condition(name: string, where: string): boolean {
    const definition = this.#template.Conditions[name];
    if (definition === undefined)
      throw new CloudError(`${where} names the condition ${name}, which is not there`);
    return this.resolve(definition, `Condition ${name}`) === true;
  }

  #ref(name: string, where: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    if (name.startsWith('AWS::')) {
      if (name in this.#pseudo) return this.#pseudo[name as `AWS::${string}`];
      throw new CloudError(`${where} uses ${name}, which the embedded cloud does not know`);
    }
    const parameter = this.#template.Parameters[name];
    if (parameter) {
      if (parameter.Default !== undefined) return parameter.Default;
      throw new CloudError(`${where} uses the parameter ${name}, which has no default`);
    }
    this.#require(name, where);
    return this.#references.ref(name);
  }

  #attribute(logicalId: string, name: string, where: string): unknown {
    this.#require(logicalId, where);
    const value = this.#references.attribute(logicalId, name);
    if (value === undefined) {
      throw new CloudError(
        `${where} uses ${logicalId}.${name}, an attribute that the embedded cloud does not know`,
      );
    }
    return value;
  }

  #require(logicalId: string, where: string): void {
    if (logicalId in this.#template.Resources) return;
    throw new CloudError(`${where} refers to ${logicalId}, which is not in the template`);
  }

  #sub(argument: unknown, where: string): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const known = (this.resolve(variables, where) ?? {}) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in known) return String(known[name]);
      const dot = name.indexOf('.');
      if (dot < 0) return String(this.#ref(name, where));
      return String(this.#attribute(name.slice(0, dot), name.slice(dot + 1), where));
    });
  }

  #list(argument: unknown, where: string): unknown[] {
    const list = this.resolve(argument, where);
    if (Array.isArray(list)) return list;
    throw new CloudError(`${where} has ${JSON.stringify(argument)} where a list must be`);
  }

  #truths(argument: unknown, where: string): boolean[] {
    return this.#list(argument, where).map((item) => item === true || item === 'true');
  }
}

/** `Condition` is also an ordinary property of IAM statements, where it holds an object. */
function isIntrinsic([key, argument]: readonly [string, unknown]): boolean {
  return key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string');
}
