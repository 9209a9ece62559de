/** The assurance pack and the threat model: data in docs/assurance/*.json, rendered as Markdown. */
import { readFileSync } from 'node:fs';
import { quoting } from './figures.ts';

/** A test, by its file and its title as the file writes it. */
export type TestName = readonly [file: string, title: string];

export interface Hazard {
  readonly id: string;
  readonly hazard: string;
  readonly cause: string;
  readonly effect: string;
  readonly severity: number;
  /** Likelihood before and after the control. */
  readonly before: number;
  readonly after: number;
  readonly control: string;
  readonly files: readonly string[];
  readonly tests: readonly TestName[];
}

export interface Threat {
  readonly id: string;
  readonly element: string;
  readonly kind: 'S' | 'T' | 'R' | 'I' | 'D' | 'E';
  readonly threat: string;
  readonly control: string;
  readonly files: readonly string[];
  readonly tests: readonly TestName[];
  /** What is left, or not done. */
  readonly left?: string;
}

/** A question of a form by its number there, and our answer; `deployer` says what the deployer must answer still, and one of the two is there. */
export interface Answer {
  readonly number: string;
  readonly section: string;
  readonly question: string;
  readonly answer?: string;
  readonly deployer?: string;
  readonly tests?: readonly TestName[];
}

export function read<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(`docs/assurance/${name}.json`, 'utf8'));
}

/** The risk class of the matrix of NHS England's guidance to DCB0129, by severity (rows, 1 minor) and likelihood (columns, 1 very low). */
const MATRIX = [
  [1, 1, 2, 2, 3],
  [1, 2, 2, 3, 4],
  [2, 2, 3, 3, 4],
  [2, 3, 3, 4, 5],
  [3, 4, 4, 5, 5],
] as const;

/** 1 (acceptable) to 5 (unacceptable). Throws outside of 1 to 5. */
export function riskOf(severity: number, likelihood: number): number {
  const risk = MATRIX[severity - 1]?.[likelihood - 1];
  if (risk === undefined) throw new Error(`no risk for ${severity} × ${likelihood}`);
  return risk;
}

const GENERATED = '<!-- Generated from the JSON beside it: npx vitest run test/unit/docs -u -->';

function shown(files: readonly string[], tests: readonly TestName[], up: string): string {
  const code = files.map((file) => `[${file}](${up}${file})`);
  return [...code, ...tests.map(([file, title]) => `“${title}” ([test](${up}${file}))`)].join('; ');
}

export function hazardLog(hazards: readonly Hazard[], introduction: string): string {
  const rows = hazards.map((h) => {
    const [before, after] = [riskOf(h.severity, h.before), riskOf(h.severity, h.after)];
    return `### ${h.id}. ${h.hazard}

Cause: ${h.cause}. Effect: ${h.effect}.

Control: ${quoting(h.control)}

Severity ${h.severity}; likelihood ${h.before} before, ${h.after} after; risk ${before} before, **${after} after**.

Shown by: ${shown(h.files, h.tests, '../../')}
`;
  });
  const open = hazards.filter((h) => riskOf(h.severity, h.after) >= 3).map((h) => h.id);
  const left = `Left at 3 or more, to be reduced by the deployer or accepted by the Clinical Safety Officer before use: ${open.join(', ')}.`;
  return `${GENERATED}\n${quoting(introduction)}\n${left}\n\n${rows.join('\n')}`;
}

const STRIDE = {
  S: 'Spoofing',
  T: 'Tampering',
  R: 'Repudiation',
  I: 'Information disclosure',
  D: 'Denial of service',
  E: 'Elevation of privilege',
} as const;

export function threatModel(threats: readonly Threat[], introduction: string): string {
  const elements = [...new Set(threats.map(({ element }) => element))];
  const parts = elements.map((element) => {
    const rows = threats
      .filter((threat) => threat.element === element)
      .map(
        (t) =>
          `- **${t.id}, ${STRIDE[t.kind].toLowerCase()}: ${t.threat}.** ${quoting(t.control)}${t.left ? ` *Left: ${quoting(t.left)}*` : ''} Shown by: ${shown(t.files, t.tests, '../')}`,
      );
    return `## ${element}\n\n${rows.join('\n')}\n`;
  });
  return `${GENERATED.replace('beside it', 'in docs/assurance')}\n${quoting(introduction)}\n${parts.join('\n')}`;
}

export function answers(all: readonly Answer[], introduction: string): string {
  const sections = [...new Set(all.map(({ section }) => section))];
  const parts = sections.map((section) => {
    const rows = all
      .filter((answer) => answer.section === section)
      .map(({ number, question, answer, deployer, tests = [] }) =>
        [
          `**${number} ${question}**`,
          ...(answer === undefined ? [] : [quoting(answer)]),
          ...(tests.length === 0 ? [] : [`Shown by: ${shown([], tests, '../../')}`]),
          ...(deployer === undefined ? [] : [`> For the deployer: ${deployer}`]),
        ]
          .join('\n\n')
          .concat('\n'),
      );
    return `## ${section}\n\n${rows.join('\n')}`;
  });
  return `${GENERATED}\n${quoting(introduction)}\n${parts.join('\n')}`;
}
