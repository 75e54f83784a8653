import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERRORS } from '#core/errors.ts';
import { startDashboard, type TestDashboard } from './support.ts';

/** The description is whole: who writes a client needs nothing else. */

interface Described {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, unknown>;
    readonly responses: Record<string, Answer>;
    readonly securitySchemes: object;
  };
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: object;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema?: object }> };
  readonly responses: Record<string, Answer>;
  readonly 'x-who'?: string;
}
interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Record<string, { readonly schema?: object }>;
}

let site: TestDashboard;
let described: Described;
let operations: [route: string, operation: Operation][];
beforeAll(async () => {
  site = await startDashboard();
  described = (await site.dashboard.inject('/api/v1/openapi.json')).json();
  operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Operation] => [`${method.toUpperCase()} ${path}`, one]),
  );
});
afterAll(() => site.dashboard.stop());

/** What is wrong with each operation; all at once, so that one look is enough. */
const wrong = (find: (operation: Operation, route: string) => unknown): string[] =>
  operations.filter(([route, operation]) => find(operation, route)).map(([route]) => route);

describe('every operation', () => {
  test('has an id of its own, a summary, a tag, and a sentence of who may', () => {
    expect(operations.length).toBeGreaterThan(60);
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
    expect(wrong(({ operationId }) => !/^[a-z][A-Za-z]+$/.test(operationId ?? ''))).toEqual([]);
    expect(
      wrong(
        ({ summary = '', tags = [], description = '' }) =>
          summary.length < 5 || tags.length === 0 || description === '',
      ),
    ).toEqual([]);
  });

  test('says as whom it may be called, as the service itself holds it', () => {
    const held = new Map(
      site.dashboard
        .routes()
        .map(({ method, url, access }) => [`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`, access.who]),
    );
    expect(wrong((operation, route) => operation['x-who'] !== held.get(route))).toEqual([]);
    expect(wrong(({ security, 'x-who': who }) => (who === 'everybody') !== (security?.length === 0))).toEqual([]);
    const schemes = Object.keys(described.components.securitySchemes);
    expect(wrong(({ security = [] }) => security.flatMap(Object.keys).some((name) => !schemes.includes(name)))).toEqual(
      [],
    );
  });

  test('has every part of its path as a parameter, and no parameter twice', () => {
    expect(
      wrong(({ parameters = [] }, route) => {
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        const names = parameters.map((one) => `${one.in} ${one.name.toLowerCase()}`);
        const asked = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        return inPath.toSorted().join() !== asked.toSorted().join() || new Set(names).size !== names.length;
      }),
    ).toEqual([]);
    expect(wrong(({ parameters = [] }) => parameters.some(({ schema }) => typeof schema !== 'object'))).toEqual([]);
  });

  test('describes what it answers when it does what it is asked, and refuses with problems', () => {
    expect(wrong(({ responses }) => !Object.keys(responses).some((status) => /^[23]\d\d$/.test(status)))).toEqual([]);
    const answers = operations.flatMap(([route, { responses }]) =>
      Object.entries(responses).map(([status, answer]) => ({ route, status, ...resolve(answer) })),
    );
    expect(answers.filter(({ description = '' }) => description === '' || description === 'Default Response')).toEqual(
      [],
    );
    for (const { route, status, content } of answers) {
      if (/^[45]|default/.test(status))
        expect([route, Object.keys(content ?? {})]).toEqual([route, ['application/problem+json']]);
    }
    expect(wrong(({ responses }) => responses.default === undefined || responses['429'] === undefined)).toEqual([]);
  });

  test('every code of a problem is listed with its status', () => {
    for (const [code, { status }] of Object.entries(ERRORS)) {
      expect(described.components.responses[status]?.description).toContain(`\`${code}\``);
      expect(described.components.responses.default?.description).toContain(`\`${code}\``);
    }
  });

  test('refers only to what is there, and nothing is there that nobody refers to', () => {
    const text = JSON.stringify(described);
    const references = new Set(
      [...text.matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)].map(([, kind, name]) => `${kind}/${name}`),
    );
    for (const one of references) {
      const [kind = '', name = ''] = one.split('/');
      expect(Object.keys(Reflect.get(described.components, kind) as object)).toContain(name);
    }
    expect(Object.keys(described.components.schemas).filter((name) => !references.has(`schemas/${name}`))).toEqual([]);
  });

  test('a list that grows has a limit, a cursor and a next', () => {
    const lists = operations.filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === 'cursor'));
    expect(lists.length).toBeGreaterThanOrEqual(6);
    for (const [route, { parameters = [], responses }] of lists) {
      expect([route, parameters.some(({ name }) => name === 'limit')]).toEqual([route, true]);
      expect(propertiesOf(responses['200'])).toContain('next');
    }
  });
});

function resolve(answer: Answer): Answer {
  if (answer.$ref === undefined) return answer;
  return described.components.responses[answer.$ref.split('/').at(-1) ?? ''] ?? {};
}

function propertiesOf(answer: Answer | undefined): string[] {
  const schema = answer?.content?.['application/json']?.schema as { $ref?: string; properties?: object } | undefined;
  const named = schema?.$ref === undefined ? schema : described.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
  return Object.keys((named as { properties?: object } | undefined)?.properties ?? {});
}

test('API.md has each route by its method', () => {
  const text = readFileSync(join(import.meta.dirname, '../../services/dashboard-api/API.md'), 'utf8');
  // `GET/POST /users`, "GET, POST, DELETE `/rota-feed`", `GET /a` `/b`: a line names its methods and its paths.
  const lines = text.split('\n').flatMap((line) => line.split(' · '));
  const missing = operations
    .map(([route]) => route.split(' ') as [string, string])
    .filter(([method, path]) => {
      const short = path.replace('/api/v1', '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const named = new RegExp(`${short}(?![\\w/{])`);
      return !lines.some((line) => new RegExp(`\\b${method}\\b`).test(line) && named.test(line));
    })
    .map((route) => route.join(' '));
  expect(missing).toEqual([]);
});
