// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has its own variables
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

it('reads a site without a mistake, durations and defaults done', () => {
  const { config, problems } = makeSite().load();
  expect(problems).toEqual([]);
  expect(config?.site).toMatchObject({ id: 'small', address: { zh: '1 Sample Road', en: '1 Sample Road' } });
  expect(config?.devices[0]).toMatchObject({ interval: seconds(10), snmp: { timeout: seconds(2), version: '2c' } });
  expect(config?.rules.map((rule) => rule.id)).toEqual(['mains-lost', 'battery-low', 'smoke']);
  expect(config?.plans).toHaveLength(1);
  expect(config?.profiles).toHaveLength(4);
});

it('reads the sample site of the product, with the secrets that the simulated room makes up', () => {
  const sample = new URL('../../../config', import.meta.url).pathname;
  const secretsFrom = ({ file }: { readonly file?: string }) =>
    file?.includes('host-key') ? `SHA256:${'A'.repeat(43)}` : 'made up';
  const { config, problems } = loadConfig(sample, { secretsFrom });
  expect(problems).toEqual([]);
  expect(config?.site.simulation).toBe(true);
});

it('takes over a map with <<, own keys first, and tells where what is merged is none', () => {
  const { config, problems } = makeSite()
    .edit('site.yaml', 'floor: room 301', 'floor: { <<: *named, zh: 三层 }')
    .edit('site.yaml', 'name: { zh', 'name: &named { zh')
    .load();
  expect(problems).toEqual([]);
  expect(config?.site.floor).toEqual({ zh: '三层', en: 'Small room' });
  const wrong = makeSite().edit('site.yaml', 'floor: room 301', 'floor: { <<: 3, zh: 三层, en: third }').problems();
  expect(wrong).toEqual([expect.stringMatching(/^site\.yaml:\d+:\d+ << takes over a map, and this is none/)]);
});

it('freezes everything', () => {
  const { config } = makeSite().load();
  expect(Object.isFrozen(config?.devices[0]?.snmp)).toBe(true);
  expect(() => Object.assign(config?.site.http ?? {}, { port: 1 })).toThrow(TypeError);
});

describe('variables', () => {
  it('fill in ${NAME} and ${NAME:-default}, in quotes or not; numbers and truths become what the schema wants', () => {
    const { config, problems } = makeSite()
      .edit('site.yaml', 'simulation: true', 'simulation: "${SIMULATED:-false}"')
      .edit('site.yaml', 'floor: room 301', 'floor: room ${ROOM} $${left}')
      .edit('devices.yaml', 'rated_power: 5400', 'rated_power: ${RATED}')
      .load({ HTTP_PORT: '9001', ROOM: '007', RATED: '4200.5' });
    expect(problems).toEqual([]);
    expect(config?.site).toMatchObject({ http: { port: 9001 }, simulation: false, floor: { zh: 'room 007 ${left}' } });
    expect(config?.devices[0]?.rated_power).toBe(4200.5);
  });

  it('leave a text that looks like a number a text', () => {
    const { config } = makeSite()
      .edit('devices.yaml', 'community: public', 'community: "${COMMUNITY}"')
      .load({ COMMUNITY: '12345' });
    expect(config?.devices[0]?.snmp?.community).toBe('12345');
  });

  it('that are missing are a problem, never an empty text', () => {
    const copy = makeSite().edit('site.yaml', 'id: small', 'id: ${SITE}');
    expect(copy.problems()).toEqual([
      'site.yaml:2:5 the environment variable SITE is not set | set it, or give a default: ${SITE:-…}',
    ]);
    expect(copy.load({ SITE: '' }).config).toBeNull();
    expect(copy.load({ SITE: 'hq' }).config?.site.id).toBe('hq');
  });

  it('with a value that does not fit are told at their place', () => {
    expect(makeSite().problems({ HTTP_PORT: 'eighty' })).toEqual([
      expect.stringMatching(/^site\.yaml:8:32 "eighty" is not a number \| write a number/),
    ]);
  });
});

describe('secrets', () => {
  const withPassword = (reference: string) =>
    makeSite().edit('site.yaml', 'from: a@example.com', `from: a@example.com, user: a, password: ${reference}`);
  const passwordOf = (loaded: ReturnType<typeof loadConfig>): unknown =>
    loaded.config?.site.channels.email?.kind === 'smtp' ? loaded.config.site.channels.email.password : undefined;

  it('come from the environment and never print', () => {
    const password = passwordOf(withPassword('{ env: MAIL }').load({ MAIL: 'hush hush' }));
    expect(password).toBeInstanceOf(Secret);
    expect((password as Secret).reveal()).toBe('hush hush');
    expect(JSON.stringify({ password, text: `${String(password)}` })).not.toContain('hush');
  });

  it('come from a file, beside the configuration or by its whole path, without the line end', () => {
    const copy = withPassword('{ file: "${WHERE}/mail" }');
    copy.write('keys/mail', 'from a file\n');
    for (const where of ['keys', join(copy.directory, 'keys')]) {
      expect((passwordOf(copy.load({ WHERE: where })) as Secret).reveal()).toBe('from a file');
    }
  });

  it.each([
    ['{ env: MAIL }', {}, /^site\.yaml:\d+:\d+ the secret in the environment variable MAIL is missing \| set MAIL$/],
    ['{ env: MAIL }', { MAIL: '' }, /MAIL is missing/],
    [
      '{ file: nowhere/mail }',
      {},
      /the secret's file nowhere\/mail is missing \| write the secret into .*nowhere\/mail$/,
    ],
    ['{ file: people }', {}, /the secret's file people is missing/],
    ['{ file: rules }', {}, /rules is not a file with a secret/],
    ['plain', {}, /a secret stands in the text \| write \{env: NAME\} or \{file: path\}/],
    ['{ env: MAIL, file: x }', { MAIL: 'x' }, /a secret/],
  ])('%j with %j is told, once', (reference, variables, expected) => {
    const problems = withPassword(reference).problems(variables as Record<string, string>);
    expect(problems).toEqual([expect.stringMatching(expected)]);
  });

  it('in an empty file are a problem', () => {
    const copy = withPassword('{ file: empty }').write('empty', '\n');
    expect(copy.problems()).toEqual([expect.stringMatching(/the secret's file empty is empty/)]);
  });
});

describe('every mistake is told at once, with its place and the mend:', () => {
  it('all files of a site', () => {
    const problems = makeSite()
      .edit('site.yaml', 'time_zone: Asia/Shanghai', 'time_zone: Asia/Shangai')
      .edit('devices.yaml', 'interval: 10s', 'interval: 10')
      .edit('devices.yaml', 'kind: sensor', 'kind: sensro')
      .edit('people.yaml', 'language: zh', 'langauge: zh')
      .edit('rota.yaml', 'lin-hao', 'lin-hoa')
      .edit('rules/power.yaml', 'severity: high', 'severity: urgent')
      .problems();
    expect(problems).toEqual([
      'devices.yaml:7:15 10 has no unit of time | write 10s, 10m or 10h',
      'devices.yaml:17:11 "sensro" is not one of: ups, cooling, pdu, sensor, server, storage, network, display, light, siren, monitor, feed, other | write sensor',
      'people.yaml:5:5 the key langauge is not known here | write language, or remove it',
      'rota.yaml:4:11 there is no person lin-hoa | write lin-hao',
      'rules/power.yaml:6:15 "urgent" is not one of: low, medium, high | write one of: low, medium, high',
      'site.yaml:6:12 "Asia/Shangai" is not right: an IANA time zone, e.g. Asia/Shanghai | change it: an IANA time zone, e.g. Asia/Shanghai',
    ]);
  });

  it.each<[string, string, string | RegExp, string, RegExp]>([
    [
      'unknown key',
      'devices.yaml',
      'rated_power: 5400',
      'ratted_power: 5400',
      /^devices\.yaml:8:5 the key ratted_power is not known here \| write rated_power, or remove it$/,
    ],
    [
      'unknown key far from any',
      'calendar.yaml',
      'holidays:',
      'zzzzzz:',
      /the key zzzzzz is not known here \| write one of: .*holidays, working_days.*, or remove it/,
    ],
    ['missing key', 'site.yaml', /^id: small\n/m, '', /^site\.yaml:\d+:1 id is missing \| add id: a text$/],
    ['value instead of a map', 'site.yaml', /^http: .*$/m, 'http: 8080', /8080 is not a map of keys and values/],
    [
      'wrong branch inside a union',
      'devices.yaml',
      'command: "sudo shutdown -h now"',
      'comand: "sudo shutdown -h now"',
      /^devices\.yaml:25:\d+ the key comand is not known here \| write command/,
    ],
    [
      'neither text nor zh/en',
      'site.yaml',
      'name: { zh: 小机房, en: Small room }',
      'name: 5',
      /^site\.yaml:3:7 5 is not a text or a map of keys and values/,
    ],
    [
      'one language only',
      'site.yaml',
      'name: { zh: 小机房, en: Small room }',
      'name: { zh: 小机房 }',
      /en is missing \| add en: a text/,
    ],
    [
      'unknown channel kind',
      'site.yaml',
      'kind: smtp',
      'kind: smpt',
      /"smpt" is not one of: smtp, webhook, .+ \| write smtp/,
    ],
    [
      'channel name',
      'site.yaml',
      'email: { kind',
      'E_Mail: { kind',
      /^site\.yaml:\d+:3 the name "E_Mail" is not right: an id has small letters/,
    ],
    [
      'port out of range',
      'devices.yaml',
      'port: 20161',
      'port: 70000',
      /70000 is out of range \| write a number of at most 65535/,
    ],
    ['empty list', 'rota.yaml', 'order: [lin-hao, gao-jie]', 'order: []', /it is empty \| give at least 1 entry/],
    ['a date that is none', 'rota.yaml', '2026-01-05', '2026-13-05', /a date, e\.g\. 2026-01-05/],
    [
      'unknown point',
      'rules/power.yaml',
      'point: ups.status',
      'point: ups.statsu',
      /"ups.statsu" is not a known point/,
    ],
    ['two tests in one', 'rules/power.yaml', 'below: 30', 'below: 30, above: 3', /one of above, below, is, lacks/],
  ])('%s', (_what, file, from, to, expected) => {
    const problems = makeSite().edit(file, from, to).problems();
    expect(problems[0]).toMatch(expected);
    expect(problems.length).toBeLessThanOrEqual(2);
  });
});

describe('a file that is none is a problem and never a crash:', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /^site\.yaml:1:1 nothing is not a map/],
    ['only a comment', '# nothing\n', /nothing is not a map/],
    ['a list', '- a\n- b\n', /a list is not a map/],
    [
      'not UTF-8',
      Uint8Array.of(0x69, 0x64, 0x3a, 0x20, 0x61, 0x0a, 0x6e, 0xff, 0xfe),
      /^site\.yaml:2:2 the file is not UTF-8 from here on \| save it as UTF-8/,
    ],
    ['cut off in a map', 'id: sample\nhttp: { host: 127.0', /opened before is not closed here .* cut off/],
    ['cut off in a text', 'id: sample\nname: "half', /this is not YAML/],
    ['a key twice', 'id: a\nname: b\nid: c\n', /^site\.yaml:3:1 this key is written twice/],
    ['tabs', 'id: a\nhttp:\n\thost: b\n', /^site\.yaml:3:\d+ a tab is used/],
    ['two documents', 'id: a\n---\nid: b\n', /a second document begins here/],
    ['a tag', 'id: !!js/function "x"\n', /tags \(!name\) are not used here/],
    ['an alias of nothing', 'id: *x\n', /stands for nothing/],
    ['thousands of brackets', '['.repeat(100_000), /site\.yaml:1:\d+ /],
    ['nested too deeply', `id: ${'['.repeat(90)}${']'.repeat(90)}`, /nested too deeply/],
    ['larger than 1 MB', `# ${'x'.repeat(1024 * 1024)}\n`, /at most 1 MB is read/],
    ['a prototype', '__proto__: { id: x }\n', /the key is not a plain text/],
    ['a key that is a list', '[a]: b\n', /the key is not a plain text/],
    ['NUL bytes', '\0\0\0', /site\.yaml:1:\d+ /],
  ])('%s', (_what, content, expected) => {
    const problems = makeSite().write('site.yaml', content).problems();
    expect(problems).toContainEqual(expect.stringMatching(expected));
  });

  it('aliases inside aliases (the billion laughs)', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    const problems = makeSite()
      .write('site.yaml', `l0: &l0 [x]\n${levels.join('\n')}\n`)
      .problems();
    expect(problems).toEqual([expect.stringMatching(/the file is too much: aliases repeat each other too often/)]);
  });

  it('an alias that contains itself', () => {
    expect(makeSite().write('site.yaml', 'id: &a [*a]\n').problems()).toEqual([
      expect.stringMatching(/^site\.yaml:1:1 the file is too much/),
    ]);
  });

  it('one honest alias is fine', () => {
    const copy = makeSite()
      .edit('site.yaml', 'name: {', 'name: &name {')
      .edit('site.yaml', /^address: .*$/m, 'address: *name');
    expect(copy.load().config?.site.address.zh).toBe('小机房');
  });
});

describe('files and folders', () => {
  it('that are missing are named', () => {
    const copy = makeSite().remove('people.yaml').remove('profiles');
    expect(copy.problems()).toContainEqual(
      expect.stringMatching(/^people\.yaml:1:1 the file is missing \| add people\.yaml/),
    );
    expect(loadConfig(join(copy.directory, 'nowhere')).problems).toMatchObject([{ file: '.', line: 1, column: 1 }]);
  });

  it('with a name that nothing reads are most often misspelt', () => {
    const copy = makeSite().write('device.yaml', 'devices: []\n').write('notes.txt', 'free\n');
    expect(copy.problems()).toEqual([
      expect.stringMatching(/^device\.yaml:1:1 no file of this name is read \| remove it; known are/),
    ]);
    copy.remove('devices.yaml');
    expect(copy.problems()).toContainEqual(expect.stringMatching(/^device\.yaml:1:1 .* \| name it devices\.yaml$/));
  });

  it('that are directories, or cannot be read, are problems', () => {
    const copy = makeSite().remove('rota.yaml');
    mkdirSync(join(copy.directory, 'rota.yaml'));
    expect(copy.problems()).toEqual([expect.stringMatching(/^rota\.yaml:1:1 this is not a file/)]);
  });
});
