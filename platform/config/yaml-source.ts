import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { ConfigProblem } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';

/** One YAML file as text and syntax tree, with the way from a place in its data to line and column. */
export interface YamlSource {
  /** As told to people, relative to the configuration's directory. */
  readonly file: string;
  readonly document: Document;
  /** Lets the tree go, which is twenty times the text; who asks for a place later has it parsed again. */
  forget(): void;
  /** Line and column of what stands at the path, or of the nearest thing around it that is there; of its key when `key` is given. */
  locate(path: readonly PropertyKey[], key?: string): Position;
  problem(path: readonly PropertyKey[], message: string, mend: string, key?: string): ConfigProblem;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

const MOST_BYTES = 1024 * 1024;

/** Reads and parses; what is wrong with the file itself comes back as problems, and then there is no source. */
export function readYaml(path: string, file: string): { source: YamlSource | null; problems: ConfigProblem[] } {
  const wrong = (message: string, mend: string) => ({
    source: null,
    problems: [{ file, line: 1, column: 1, message, mend }],
  });
  let bytes: Uint8Array;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return wrong('this is not a file', `put a YAML file named ${file} there`);
    if (stat.size > MOST_BYTES)
      return wrong(`the file has ${stat.size} bytes; at most 1 MB is read`, 'split it or remove what does not belong');
    bytes = readFileSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing
      ? wrong('the file is missing', `add ${file}; the sample site under config/ has one to start from`)
      : wrong(`the file cannot be read: ${messageOf(error)}`, 'check its permissions');
  }
  return parseYaml(bytes, file);
}

/** The same for bytes at hand. */
export function parseYaml(bytes: Uint8Array, file: string): { source: YamlSource | null; problems: ConfigProblem[] } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const problem = {
      file,
      ...notUtf8At(bytes),
      message: 'the file is not UTF-8 from here on',
      mend: 'save it as UTF-8',
    };
    return { source: null, problems: [problem] };
  }
  let tree: Tree;
  try {
    tree = parseTree(text);
  } catch (error) {
    // Thousands of brackets inside each other exhaust the parser's stack.
    const problem = {
      file,
      line: 1,
      column: 1,
      message: `the file cannot be parsed: ${messageOf(error)}`,
      mend: 'write it flatter',
    };
    return { source: null, problems: [problem] };
  }
  const source = makeSource(file, text, tree);
  const { errors, warnings } = tree.document;
  const problems = withoutEchoes([...errors, ...warnings]).map((error) => syntaxProblem(error, file, tree.lines));
  return { source: problems.length === 0 ? source : null, problems };
}

interface Tree {
  readonly document: Document;
  readonly lines: LineCounter;
}

function parseTree(text: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
    schema: 'core',
  });
  return { document, lines };
}

function makeSource(file: string, text: string, parsed: Tree): YamlSource {
  let tree: Tree | null = parsed;
  const treeOf = (): Tree => {
    tree ??= parseTree(text);
    return tree;
  };
  const locate = (path: readonly PropertyKey[], key?: string): Position => {
    const { document, lines } = treeOf();
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const part of path) {
      const next = child(node, part, document);
      if (next === null) break;
      node = next.value;
      offset = startOf(next.value) ?? startOf(next.key) ?? offset;
    }
    if (key !== undefined) offset = startOf(child(node, key, document)?.key) ?? offset;
    return positionOf(lines, offset);
  };
  return {
    file,
    get document() {
      return treeOf().document;
    },
    forget: () => {
      tree = null;
    },
    locate,
    problem: (path, message, mend, key) => ({ file, ...locate(path, key), message, mend }),
  };
}

/** The pair of a map or the item of a list; through an alias to what it stands for. */
function child(parent: unknown, part: PropertyKey, document: Document): { key: unknown; value: unknown } | null {
  const node = resolveAlias(parent, document);
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : { key: item, value: item };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part));
  return pair === undefined ? null : { key: pair.key, value: pair.value ?? pair.key };
}

export function resolveAlias(node: unknown, document: Document): unknown {
  const isAlias = typeof node === 'object' && node !== null && 'source' in node && 'resolve' in node;
  return isAlias ? (node as { resolve(document: Document): Node | undefined }).resolve(document) : node;
}

function startOf(node: unknown): number | null {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] ?? null;
}

/** Both counted from 1. */
function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** What people are told instead of the parser's words. */
const SYNTAX: Partial<Record<YAMLError['code'], readonly [message: string, mend: string]>> = {
  DUPLICATE_KEY: ['this key is written twice in the same map', 'keep one of the two'],
  BAD_INDENT: [
    'the indentation does not fit the lines around it',
    'indent with two spaces a level, the same for all keys of one map',
  ],
  TAB_AS_INDENT: ['a tab is used for indentation', 'indent with spaces'],
  MULTIPLE_DOCS: ['a second document begins here (---)', 'put it into a file of its own'],
  NON_STRING_KEY: ['the key is not a plain text', 'put the key into quotes'],
  BAD_ALIAS: ['the alias (*name) stands for nothing that came before', 'write the value out'],
  TAG_RESOLVE_FAILED: ['tags (!name) are not used here', 'remove the tag'],
  MULTILINE_IMPLICIT_KEY: [
    'a key goes over several lines; often a colon or a quote is missing',
    'write key: value on one line',
  ],
  BLOCK_AS_IMPLICIT_KEY: ['a map begins where a value was expected', 'put it on the next line, indented'],
  BLOCK_IN_FLOW: ['a block begins inside { } or [ ]', 'write it within the brackets, or without them'],
  BAD_DQ_ESCAPE: [
    'a backslash in double quotes begins no known sequence',
    'write \\\\ for a backslash, or use single quotes',
  ],
};

/** These stand for themselves; any other error breaks the structure, and what follows it is only its echo. */
const HARMLESS = new Set<YAMLError['code']>([
  'DUPLICATE_KEY',
  'NON_STRING_KEY',
  'TAB_AS_INDENT',
  'TAG_RESOLVE_FAILED',
  'BAD_ALIAS',
  'BAD_DQ_ESCAPE',
]);

function withoutEchoes(errors: readonly YAMLError[]): YAMLError[] {
  const inOrder = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  const first = inOrder.findIndex((error) => !HARMLESS.has(error.code));
  return first === -1 ? inOrder : inOrder.slice(0, first + 1);
}

const UNCLOSED = [
  'a { or [ opened before is not closed here',
  'close it, indented deeper than its key; a file that was cut off ends like this too',
] as const;

function syntaxProblem(error: YAMLError, file: string, lines: LineCounter): ConfigProblem {
  const unclosed = error.code === 'BAD_INDENT' && error.message.startsWith('Flow');
  const [message, mend] = (unclosed ? UNCLOSED : SYNTAX[error.code]) ?? [
    `this is not YAML: ${error.message.split('\n')[0] ?? ''}`,
    'look for a missing quote, bracket or colon here or just before; a text with { } [ ] : or # needs quotes; a file that was cut off ends like this too',
  ];
  return { file, ...positionOf(lines, error.pos[0]), message, mend };
}

function notUtf8At(bytes: Uint8Array): Position {
  // The longest prefix that decodes, by halving.
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  const before = new TextDecoder().decode(bytes.subarray(0, good)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
