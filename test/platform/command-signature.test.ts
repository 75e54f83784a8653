import { expect, it } from 'vitest';
import type { PersonCommand } from '#core/command.ts';
import { Secret } from '#core/secret.ts';
import { canonicalJson } from '#platform/canonical-json.ts';
import { signCommand, verifyCommand } from '#platform/command-signature.ts';

const key = new Secret('a key of the house');
const order = {
  id: 'c1',
  at: 1_767_571_200_000,
  by: { user: 'gao', name: '高洁', role: 'duty' },
  body: { kind: 'incident.answer', incident: 'i1', step: 's1', answer: 'over', minutes: 95 },
} as const;

it('a signed order is known again, also after its way over the bus and with its fields in another order', () => {
  const signed = signCommand(order, key);
  const { body, by, at, id, signature } = JSON.parse(JSON.stringify(signed)) as PersonCommand;
  expect(verifyCommand({ signature, body, at, by, id }, key)).toBe(true);
});

it.each<[string, Partial<PersonCommand>]>([
  ['the answer', { body: { ...order.body, answer: 'within' } }],
  ['the minutes', { body: { ...order.body, minutes: 9 } }],
  ['the role', { by: { ...order.by, role: 'administrator' } }],
  ['the time', { at: order.at + 1 }],
  ['the id', { id: 'c2' }],
  ['the signature', { signature: '' }],
])('changing %s is found out', (_what, change) => {
  expect(verifyCommand({ ...signCommand(order, key), ...change }, key)).toBe(false);
});

it('another key does not do', () => {
  expect(verifyCommand(signCommand(order, key), new Secret('another'))).toBe(false);
});

it.each<[unknown, string]>([
  [{ b: 1, a: [{ d: 1, c: undefined }] }, '{"a":[{"d":1}],"b":1}'],
  [{ '10': 1, '9': 2, a: 3 }, '{"9":2,"10":1,"a":3}'],
  [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  [[undefined, null], '[null,null]'],
  [undefined, 'null'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['值\n"', '"值\\n\\""'],
])('canonical JSON of %j', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});
