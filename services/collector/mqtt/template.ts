/**
 * The part of Jinja2 that Home Assistant discovery configurations use to take a value out of a message: paths into
 * `value_json`, filters, comparisons, `x if c else y`, arithmetic. Anything else is told as not understood; nothing is guessed.
 *
 * Example: `{{ value_json['DS18B20'].Temperature | float | round(1) }}`.
 */
export type Evaluated = { readonly value: unknown } | { readonly problem: string };

interface Inputs {
  readonly text: string;
  readonly json: unknown;
}

type Expression = (inputs: Inputs) => unknown;

const LONGEST = 2000;
const DEEPEST = 40;

class NotUnderstood extends Error {}

/** What a default would replace: a value that the message does not have. A default must not make a reading out of nothing. */
const ABSENT = Symbol('absent');

export function evaluateTemplate(template: string, inputs: Inputs): Evaluated {
  try {
    const value = compile(template)(inputs);
    return { value: value === ABSENT ? undefined : value };
  } catch (error) {
    if (error instanceof NotUnderstood) return { problem: error.message };
    return { problem: 'the template cannot be applied' };
  }
}

const compiled = new Map<string, Expression>();

function compile(template: string): Expression {
  const known = compiled.get(template);
  if (known !== undefined) return known;
  if (template.length > LONGEST) throw new NotUnderstood('the template is too long');
  const made = compileWhole(template.trim());
  if (compiled.size < 5000) compiled.set(template, made);
  return made;
}

/** `{{ … }}`, or one `{% if c %}a{% else %}b{% endif %}`, whose parts are text or `{{ … }}`. */
function compileWhole(template: string): Expression {
  const choice = /^\{%-?\s*if\s(.+?)-?%\}(.*?)\{%-?\s*else\s*-?%\}(.*?)\{%-?\s*endif\s*-?%\}$/s.exec(template);
  if (choice !== null) {
    const [, condition = '', then = '', otherwise = ''] = choice;
    if (`${then}${otherwise}`.includes('{%')) throw new NotUnderstood('a template with more than one choice');
    const test = parse(condition);
    const [yes, no] = [compilePart(then), compilePart(otherwise)];
    return (inputs) => {
      const truth = test(inputs);
      return truth === ABSENT ? ABSENT : isTrue(truth) ? yes(inputs) : no(inputs);
    };
  }
  if (template.includes('{%')) throw new NotUnderstood('a template with statements');
  return compilePart(template);
}

function compilePart(part: string): Expression {
  const text = part.trim();
  if (!text.includes('{{')) return () => text;
  const match = /^\{\{-?(.*?)-?\}\}$/s.exec(text);
  if (match?.[1] === undefined || match[1].includes('{{')) throw new NotUnderstood('a template of several parts');
  return parse(match[1]);
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(==|!=|<=|>=|\/\/|[-+*/%<>|.,()[\]]))/y;

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  readonly text: string;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(source);
    if (match === null || tokens.length > 500) throw new NotUnderstood('the template has signs that are not known');
    const [, number, text, word, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.slice(1, -1).replaceAll(/\\(.)/g, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

function parse(source: string): Expression {
  const parser = new Parser(tokenize(source));
  const expression = parser.choice();
  parser.expectEnd();
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #take(kind: Token['kind'], text?: string): Token | null {
    const token = this.#peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) return null;
    this.#at++;
    return token;
  }

  #must(text: string): void {
    if (this.#take('sign', text) === null) throw new NotUnderstood(`the template lacks a ${text}`);
  }

  expectEnd(): void {
    if (this.#peek().kind !== 'end') throw new NotUnderstood(`the template's ${this.#peek().text} is not understood`);
  }

  /** `a if c else b` */
  choice(): Expression {
    if (++this.#depth > DEEPEST) throw new NotUnderstood('the template is nested too deeply');
    const first = this.#either();
    this.#depth--;
    if (this.#take('word', 'if') === null) return first;
    const test = this.#either();
    if (this.#take('word', 'else') === null) throw new NotUnderstood('an if without else');
    const otherwise = this.choice();
    return (inputs) => {
      const truth = test(inputs);
      return truth === ABSENT ? ABSENT : isTrue(truth) ? first(inputs) : otherwise(inputs);
    };
  }

  #either(): Expression {
    let left = this.#both();
    while (this.#take('word', 'or') !== null) {
      const [a, b] = [left, this.#both()];
      left = (inputs) => (isTrue(a(inputs)) ? true : isTrue(b(inputs)));
    }
    return left;
  }

  #both(): Expression {
    let left = this.#comparison();
    while (this.#take('word', 'and') !== null) {
      const [a, b] = [left, this.#comparison()];
      left = (inputs) => (isTrue(a(inputs)) ? isTrue(b(inputs)) : false);
    }
    return left;
  }

  #comparison(): Expression {
    if (this.#take('word', 'not') !== null) {
      const inner = this.#comparison();
      return (inputs) => absentOr(inner(inputs), (value) => !isTrue(value));
    }
    const left = this.#sum();
    const defined = this.#definedTest(left);
    if (defined !== null) return defined;
    const isOutside = this.#peek().text === 'not' && this.#take('word', 'not') !== null;
    if (this.#take('word', 'in') !== null) {
      const holder = this.#sum();
      return (inputs) => isIn(left(inputs), holder(inputs)) !== isOutside;
    }
    if (isOutside) throw new NotUnderstood('a not that belongs to nothing');
    const sign = this.#peek();
    if (sign.kind !== 'sign' || !['==', '!=', '<', '>', '<=', '>='].includes(sign.text)) return left;
    this.#at++;
    const right = this.#sum();
    return (inputs) => compare(sign.text, left(inputs), right(inputs));
  }

  /** `x is defined`, `x is not none`. */
  #definedTest(left: Expression): Expression | null {
    if (this.#take('word', 'is') === null) return null;
    const negated = this.#take('word', 'not') !== null;
    const word = this.#take('word')?.text;
    if (word !== 'defined' && word !== 'none') throw new NotUnderstood('a test other than defined or none');
    return (inputs) => {
      const value = left(inputs);
      const there = value !== ABSENT && value !== null && value !== undefined;
      return (word === 'defined') === there ? !negated : negated;
    };
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.#take('sign', '+') ?? this.#take('sign', '-');
      if (sign === null) return left;
      left = arithmetic(sign.text, left, this.#product());
    }
  }

  #product(): Expression {
    let left = this.#filtered();
    for (;;) {
      const sign =
        this.#take('sign', '*') ?? this.#take('sign', '/') ?? this.#take('sign', '%') ?? this.#take('sign', '//');
      if (sign === null) return left;
      left = arithmetic(sign.text, left, this.#filtered());
    }
  }

  #filtered(): Expression {
    if (this.#take('sign', '-') !== null) {
      const inner = this.#filtered();
      return (inputs) => absentOr(inner(inputs), (value) => -toNumber(value));
    }
    let left = this.#reached();
    while (this.#take('sign', '|') !== null) {
      const name = this.#take('word')?.text ?? '';
      left = filter(name, left, this.#take('sign', '(') === null ? [] : this.#arguments());
    }
    return left;
  }

  #arguments(): Expression[] {
    const given: Expression[] = [];
    if (this.#take('sign', ')') !== null) return given;
    do {
      given.push(this.choice());
    } while (this.#take('sign', ',') !== null);
    this.#must(')');
    return given;
  }

  /** A name or constant, and the way from there: `.x`, `['x']`, `[0]`. */
  #reached(): Expression {
    let left = this.#first();
    for (;;) {
      if (this.#take('sign', '.') !== null) {
        const key = this.#take('word')?.text ?? this.#take('number')?.text;
        if (key === undefined) throw new NotUnderstood('a dot without a name');
        const from = left;
        left = (inputs) => stepInto(from(inputs), key);
      } else if (this.#take('sign', '[') !== null) {
        const [from, key] = [left, this.choice()];
        this.#must(']');
        left = (inputs) => stepInto(from(inputs), key(inputs));
      } else return left;
    }
  }

  #first(): Expression {
    const token = this.#peek();
    this.#at++;
    if (token.kind === 'number') return () => Number(token.text);
    if (token.kind === 'text') return () => token.text;
    if (token.kind === 'sign' && token.text === '(') {
      const inner = this.choice();
      this.#must(')');
      return inner;
    }
    if (token.text === 'value') return ({ text }) => text;
    if (token.text === 'value_json') return ({ json }) => (json === undefined ? ABSENT : json);
    if (Object.hasOwn(CONSTANTS, token.text)) return () => CONSTANTS[token.text];
    if ((token.text === 'float' || token.text === 'int') && this.#take('sign', '(') !== null) {
      const [inner] = this.#arguments();
      if (inner !== undefined) return filter(token.text, inner, []);
    }
    throw new NotUnderstood(`the template's ${token.text.slice(0, 30) || 'end'} is not understood`);
  }
}

const CONSTANTS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

const isTrue = (value: unknown): boolean =>
  value !== ABSENT && value !== null && value !== undefined && value !== false && value !== 0 && value !== '';

const absentOr = (value: unknown, use: (value: unknown) => unknown): unknown =>
  value === ABSENT || value === undefined || value === null ? ABSENT : use(value);

/** A key of an object, an item of a list, a part of a text. */
function isIn(key: unknown, holder: unknown): boolean {
  if (typeof holder === 'string') return typeof key === 'string' && holder.includes(key);
  if (Array.isArray(holder)) return holder.includes(key);
  return typeof holder === 'object' && holder !== null && typeof key === 'string' && Object.hasOwn(holder, key);
}

function stepInto(from: unknown, key: unknown): unknown {
  if (typeof from !== 'object' || from === null) return ABSENT;
  if (typeof key !== 'string' && typeof key !== 'number') return ABSENT;
  if (Array.isArray(from)) return from[Number(key)] ?? ABSENT;
  return Object.hasOwn(from, key) ? (from as Readonly<Record<string, unknown>>)[key] : ABSENT;
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function arithmetic(sign: string, left: Expression, right: Expression): Expression {
  return (inputs) => {
    const [a, b] = [left(inputs), right(inputs)];
    if (a === ABSENT || b === ABSENT || a === null || b === null) return ABSENT;
    const [x, y] = [toNumber(a), toNumber(b)];
    if (sign === '+') return typeof a === 'string' && typeof b === 'string' ? a + b : x + y;
    if (sign === '-') return x - y;
    if (sign === '*') return x * y;
    if (sign === '//') return Math.floor(x / y);
    return sign === '/' ? x / y : x % y;
  };
}

function compare(sign: string, a: unknown, b: unknown): unknown {
  if (a === ABSENT || b === ABSENT) return ABSENT;
  if (sign === '==') return a === b;
  if (sign === '!=') return a !== b;
  const [x, y] = [toNumber(a), toNumber(b)];
  if (sign === '<') return x < y;
  if (sign === '>') return x > y;
  return sign === '<=' ? x <= y : x >= y;
}

const FILTERS: Readonly<Record<string, (value: unknown, first: unknown) => unknown>> = {
  float: toNumber,
  int: (value) => Math.trunc(toNumber(value)),
  round: (value, digits) => {
    const factor = 10 ** (typeof digits === 'number' ? Math.min(12, Math.max(0, digits)) : 0);
    return Math.round(toNumber(value) * factor) / factor;
  },
  abs: (value) => Math.abs(toNumber(value)),
  multiply: (value, by) => toNumber(value) * toNumber(by),
  add: (value, by) => toNumber(value) + toNumber(by),
  lower: (value) => String(value).toLowerCase(),
  upper: (value) => String(value).toUpperCase(),
  trim: (value) => String(value).trim(),
  string: (value) => String(value),
  is_defined: (value) => value,
  // A default stands for what the message does not have: that is no value.
  default: (value) => value,
  d: (value) => value,
};

function filter(name: string, left: Expression, given: readonly Expression[]): Expression {
  const apply = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (apply === undefined) throw new NotUnderstood(`the filter ${name.slice(0, 30)} is not understood`);
  return (inputs) => absentOr(left(inputs), (value) => apply(value, given[0]?.(inputs)));
}
