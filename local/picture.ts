/** Draws a state machine from its definition as a coordinator would: from the top down, who waits for whom, and where referrals are. */
import type { Definition, Rule, State } from './definition.ts';
import { INVOKE_AND_WAIT } from './definition.ts';
import { escapeHtml } from './html.ts';

/** How many referrals are in each state. */
export type Counts = Readonly<Record<string, number>>;

const INK = '#212b32';
const LINE = '#4c6272';
const HERE = '#007f3b';
const LOOKS = {
  waiting: 'shape=box style="rounded,filled" fillcolor="#fff4cc" color="#b38600"',
  task: 'shape=box style="rounded,filled" fillcolor="#e3eef9" color="#005eb8"',
  pass: 'shape=box style="rounded,filled" fillcolor="#ffffff" color="#768692"',
  choice: 'shape=diamond style="filled" fillcolor="#f0f4f5" color="#768692" margin="0.02,0.02"',
  succeed: 'shape=box style="rounded,filled" fillcolor="#d8eedd" color="#007f3b" peripheries=2',
  fail: 'shape=octagon style="filled" fillcolor="#fbe3e1" color="#d5281b"',
} as const;

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly labels: string[];
}

/**
 * The state machine as SVG. The way out that every step has when it fails after all its retries is drawn once, beside the others,
 * and timeouts that only begin the same wait again are left out: both would hide what usually happens.
 */
export async function drawStateMachine(definition: Definition, counts: Counts = {}): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const svg = viz.renderString(dotOf(definition, counts), { format: 'svg' });
  const title = definition.Comment?.split('. ')[0] ?? 'State machine';
  return (
    svg
      .slice(svg.indexOf('<svg'))
      .replace('<svg ', `<svg role="img" aria-label="${escapeHtml(title)}" `)
      .replace(/<title>[^<]*<\/title>\n?/g, '')
      // Graphviz measures text by one font's name only.
      .replaceAll('font-family="Arial"', 'font-family="Arial,Helvetica,sans-serif"')
  );
}

function dotOf(definition: Definition, counts: Counts): string {
  const names = Object.keys(definition.States);
  const rescue = rescueOf(definition);
  const lines = names.map((name) => nodeOf(name, definition.States[name] as State, counts[name] ?? 0));
  const edges = names.flatMap((name) => edgesOf(name, definition.States[name] as State, rescue));
  return `digraph {
    graph [rankdir=TB bgcolor=transparent nodesep=0.35 ranksep=0.4 pad=0.15]
    node [fontname="Arial" fontsize=13 fontcolor="${INK}" penwidth=1.4]
    edge [fontname="Arial" fontsize=11 fontcolor="${INK}" color="${LINE}" arrowsize=0.7]
    "·start" [shape=circle width=0.18 label="" style=filled fillcolor="${INK}" color="${INK}"]
    "·start" -> ${quote(definition.StartAt)}
    ${lines.join('\n    ')}
    ${edges.map(({ from, to, labels }) => `${quote(from)} -> ${quote(to)} [label=${quote(labels.map((label) => `  ${label} `).join('\n'))}]`).join('\n    ')}
    ${rescue ? anyFailure(rescue) : ''}
  }`;
}

function anyFailure(rescue: string): string {
  return `"·any" [shape=plaintext fontsize=11 fontcolor="${LINE}" label="any step that fails\\nafter every retry"]
    "·any" -> ${quote(rescue)} [style=dashed]`;
}

/** The state to which steps go when they fail: where most Catch rules for every error lead. */
function rescueOf(definition: Definition): string | undefined {
  const votes = new Map<string, number>();
  for (const { Catch = [] } of Object.values(definition.States)) {
    for (const { ErrorEquals, Next } of Catch) {
      if (ErrorEquals.includes('States.ALL')) votes.set(Next, (votes.get(Next) ?? 0) + 1);
    }
  }
  return [...votes].sort(([, left], [, right]) => right - left)[0]?.[0];
}

function edgesOf(from: string, state: State, rescue: string | undefined): Edge[] {
  const edges = new Map<string, Edge>();
  const add = (to: string | undefined, label?: string) => {
    if (to === undefined) return;
    const edge = edges.get(to) ?? { from, to, labels: [] };
    if (label !== undefined) edge.labels.push(label);
    edges.set(to, edge);
  };
  add(state.Next);
  for (const rule of state.Choices ?? []) add(rule.Next, ruleInWords(rule));
  if (state.Default !== rescue) add(state.Default, 'otherwise');
  for (const { ErrorEquals, Next } of state.Catch ?? []) {
    if (Next !== rescue && Next !== from) add(Next, ErrorEquals.join(', '));
  }
  return [...edges.values()];
}

/** What is compared with; the variable is in the question. */
function ruleInWords(rule: Rule): string {
  const [test, value] =
    Object.entries(rule).find(
      ([key]) => !['Variable', 'Next', 'Comment', 'Assign', 'Output'].includes(key),
    ) ?? [];
  if (test === undefined) return '';
  if (Array.isArray(value))
    return value.map((inner: Rule) => ruleInWords(inner)).join(test === 'Or' ? ' or ' : ' and ');
  if (typeof value === 'object' && value !== null) return `not ${ruleInWords(value as Rule)}`;
  return test === 'StringEquals' ? String(value) : `${test} ${String(value)}`;
}

function nodeOf(name: string, state: State, count: number): string {
  const here = count > 0 ? ` penwidth=4 color="${HERE}"` : '';
  return `${quote(name)} [${LOOKS[lookOf(state)]}${here} label=<${labelOf(name, state, count)}>]`;
}

function lookOf(state: State): keyof typeof LOOKS {
  switch (state.Type) {
    case 'Choice':
      return 'choice';
    case 'Succeed':
      return 'succeed';
    case 'Fail':
      return 'fail';
    case 'Task':
      return state.Resource === INVOKE_AND_WAIT ? 'waiting' : 'task';
    default:
      return 'pass';
  }
}

function labelOf(name: string, state: State, count: number): string {
  const badge = count > 0 ? `<BR/><FONT COLOR="${HERE}"><B>● ${count} here</B></FONT>` : '';
  const [first] = (state.Comment ?? '').split(/(?<=[.?]) /);
  if (state.Type === 'Choice')
    return `<FONT POINT-SIZE="11">${wrap(first || inWords(name), 18)}</FONT>${badge}`;
  const comment = first ? `<BR/><FONT POINT-SIZE="10">${wrap(first, 34)}</FONT>` : '';
  return `<B>${escapeHtml(inWords(name))}</B>${comment}${badge}`;
}

/** `AwaitReview` → `Await review` */
function inWords(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map(escapeHtml).join('<BR/>');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
