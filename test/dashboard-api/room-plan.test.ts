import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMPTY_ARRANGEMENT, FARTHEST_METRES, MOST_PICTURE_BYTES, type RoomArrangement } from '#core/room-layout.ts';
import { readPicture } from '#services/dashboard-api/room/read-picture.ts';
import { roomPlanSchema } from '#services/dashboard-api/schemas/room-plan.ts';
import { type SignedIn, startDashboard, type TestDashboard } from './support.ts';

const PLAN = '/api/v1/room-plan';
const PICTURES = '/api/v1/room-plan/pictures';

/** A whole PNG of one pixel, with the size written into its header. */
function png(width = 640, height = 480): Buffer {
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}
/** SOI, a comment, SOF0 with its size, EOI. */
function jpeg(width = 800, height = 600): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 4, 65, 66]), frame, Buffer.from([0xff, 0xd9])]);
}
const svg = (inside = '<rect width="8" height="6"/>', attributes = 'viewBox="0 0 8 6"'): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- made up -->\n<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>\n`,
  );

describe('what a picture is', () => {
  test.each([
    ['image/png', png(), 640, 480],
    ['image/jpeg', jpeg(), 800, 600],
    ['image/svg+xml', svg(), 8, 6],
    ['image/svg+xml', svg('', 'width="120mm" height="90mm"'), 120, 90],
    ['image/svg+xml', svg('<use href="#a"/><rect fill="url(#b)"/><image href="data:image/png;base64,AAAA"/>'), 8, 6],
    ['image/svg+xml', svg('<text>机房 A &amp; B, &#x9580; on the left</text>'), 8, 6],
  ] as const)('%s is known by its bytes and tells its size', (type, bytes, width, height) => {
    expect(readPicture(bytes, type)).toEqual({ width, height });
  });

  test.each([
    ['a PNG called JPEG', png(), 'image/jpeg'],
    ['HTML called SVG', Buffer.from('<html><svg></svg></html>'), 'image/svg+xml'],
    ['HTML called PNG', Buffer.from('<script>alert(1)</script>'.repeat(9)), 'image/png'],
    ['an empty body', Buffer.alloc(0), 'image/png'],
    ['a cut-off PNG', png().subarray(0, 50), 'image/png'],
    ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 'image/jpeg'],
    ['a picture that unpacks to gigabytes', png(60_000, 60_000), 'image/png'],
    ['a picture without height', png(100, 0), 'image/png'],
    ['a stripe', png(9000, 2), 'image/png'],
    ['a script', svg('<script>alert(1)</script>'), 'image/svg+xml'],
    ['a script behind a prefix', svg('<s:script xmlns:s="http://www.w3.org/2000/svg">x</s:script>'), 'image/svg+xml'],
    ['a handler', svg('', 'viewBox="0 0 8 6" onload="alert(1)"'), 'image/svg+xml'],
    ['a handler after a slash', svg('<rect/onclick=alert(1) />'), 'image/svg+xml'],
    ['a link to a script', svg('<a href="javascript:alert(1)"><rect/></a>'), 'image/svg+xml'],
    ['a link to another host', svg('<image href="https://attacker.example/x.png"/>'), 'image/svg+xml'],
    ['an SVG within', svg('<image href="data:image/svg+xml;base64,AAAA"/>'), 'image/svg+xml'],
    ['a style sheet of another host', svg('<style>@import "//attacker.example/x.css"</style>'), 'image/svg+xml'],
    ['a fill of another host', svg('<rect fill="url(https://attacker.example/x)"/>'), 'image/svg+xml'],
    ['foreign content', svg('<foreignObject><body/></foreignObject>'), 'image/svg+xml'],
    [
      'entities that unfold',
      Buffer.from('<!DOCTYPE svg [<!ENTITY a "aa">]><svg viewBox="0 0 1 1">&a;</svg>'),
      'image/svg+xml',
    ],
    [
      'a style sheet instruction',
      Buffer.from('<?xml-stylesheet href="x"?><svg viewBox="0 0 1 1"></svg>'),
      'image/svg+xml',
    ],
    ['bytes that are no UTF-8', Buffer.concat([svg(), Buffer.from([0xc3, 0x28])]), 'image/svg+xml'],
    [
      'another encoding',
      Buffer.from('<?xml version="1.0" encoding="utf-7"?><svg viewBox="0 0 1 1"></svg>'),
      'image/svg+xml',
    ],
    ['no size', svg('', ''), 'image/svg+xml'],
    ['an SVG over a megabyte', svg(' '.repeat(1_050_000)), 'image/svg+xml'],
    ['a size that is no number', svg('', 'viewBox="0 0 x NaN"'), 'image/svg+xml'],
  ] as const)('%s is refused', (_what, bytes, type) => {
    expect(() => readPicture(bytes, type)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test.each([
    ['spaces after url(', `<rect fill="url(${' '.repeat(1_000_000)}#a)"/>`],
    ['document types without an end', '<!DOCTYPE'.repeat(100_000)],
    ['ends of pictures in comments', '</svg><!--'.repeat(100_000)],
    ['one comment of a million', `<!--${'-'.repeat(1_000_000)}-->`],
    ['quotes without an end', '"'.repeat(1_000_001)],
    ['prefixes', `<${'a'.repeat(1_000_000)}`],
    ['names of handlers', ' on'.repeat(330_000)],
    ['links', 'href='.repeat(200_000)],
  ])('a megabyte of %s is answered at once', (_what, inside) => {
    const before = svg(inside);
    const outcome = (): string => {
      try {
        return `${readPicture(before, 'image/svg+xml').width}`;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(['8', 'BAD_REQUEST']).toContain(outcome());
    const attributes = `viewBox="0 0 8 6" ${'a'.repeat(1_000_000)}`;
    expect(() => readPicture(svg('', attributes), 'image/svg+xml')).toThrow(/none/);
  });

  test('whatever bytes come, it is a size or a refusal, at once', () => {
    const types = fc.constantFrom('image/png', 'image/jpeg', 'image/svg+xml');
    const heads = fc.constantFrom(
      png().subarray(0, 33),
      jpeg().subarray(0, 12),
      Buffer.from('<svg viewBox="'),
      Buffer.alloc(0),
    );
    fc.assert(
      fc.property(types, heads, fc.uint8Array({ maxLength: 300 }), (type, head, tail) => {
        try {
          const { width, height } = readPicture(Buffer.concat([head, tail]), type as 'image/png');
          expect(width > 0 && height > 0).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        }
      }),
    );
  });
});

describe('the room plan over HTTP', () => {
  let site: TestDashboard;
  let operator: SignedIn;
  beforeAll(async () => {
    site = await startDashboard({ simulation: true });
    operator = await site.signIn('operator');
  });
  afterAll(() => site.dashboard.stop());

  const read = async () => {
    const response = await site.dashboard.inject({ url: PLAN });
    return { plan: response.json(), etag: String(response.headers.etag) };
  };
  const save = (payload: unknown, etag?: string, headers: Record<string, string> = operator.headers) =>
    site.dashboard.inject({
      method: 'PUT',
      url: PLAN,
      headers: { ...headers, 'content-type': 'application/json', ...(etag === undefined ? {} : { 'if-match': etag }) },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
  const send = (payload: Buffer | string, type: string, headers: Record<string, string> = operator.headers) =>
    site.dashboard.inject({ method: 'POST', url: PICTURES, headers: { ...headers, 'content-type': type }, payload });
  const arrangement = (change: Partial<RoomArrangement> = {}): RoomArrangement => ({ ...EMPTY_ARRANGEMENT, ...change });

  test('nothing was arranged yet: version 0, as devices.yaml says', async () => {
    const { plan, etag } = await read();
    expect(plan).toEqual({ ...EMPTY_ARRANGEMENT, version: 0, changedAt: null, pictures: [] });
    expect(etag).toBe('"room-plan-0"');
    const again = await site.dashboard.inject({ url: PLAN, headers: { 'if-none-match': etag } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test('what an operator saves everybody sees at once, it is in the audit log, and the old version saves no more', async () => {
    const { etag } = await read();
    const next = arrangement({
      places: { 'ups-1': { x: 1.5, y: 2, turn: 90 }, 'th-1': null },
      rooms: {
        ...EMPTY_ARRANGEMENT.rooms,
        core: {
          walls: [{ x: 0, y: 0, width: 8, height: 6 }],
          racks: [{ id: 'rack-1', name: '一号柜', x: 3, y: 2, width: 0.6, depth: 1.1, turn: 0 }],
          picture: null,
        },
      },
    });
    const saved = await save(next, etag);
    expect(saved.statusCode).toBe(200);
    expect(roomPlanSchema.parse(saved.json())).toMatchObject({ ...next, version: 1, pictures: [] });
    expect(saved.headers.etag).toBe('"room-plan-1"');
    expect((await read()).plan).toEqual(saved.json());
    expect(site.accounts.audit.read({ limit: 1 })[0]).toMatchObject({
      user: 'operator',
      action: 'PUT /api/v1/room-plan',
      detail: 'version 1: th-1 off the plan; ups-1 to 1.5, 2; core: walls, racks',
    });
    const late = await save(arrangement(), etag);
    expect(late.json()).toMatchObject({ status: 409, code: 'CONFLICT' });
    expect(late.json().detail).toContain('operator');
    expect((await read()).plan).toEqual(saved.json());
    const without = await save(arrangement());
    expect(without.json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  test.each([
    ['no JSON', '{'],
    ['nothing', 'null'],
    ['a list', '[]'],
    ['an unknown key', { ...EMPTY_ARRANGEMENT, extra: 1 }],
    ['a device that the site does not have', arrangement({ places: { 'server-99': { x: 1, y: 1, turn: 0 } } })],
    ['a name that is none', arrangement({ places: { '../../etc': { x: 1, y: 1, turn: 0 } } })],
    [
      'a prototype',
      '{"rooms":{"core":{"walls":[],"racks":[],"picture":null},"auxiliary":{"walls":[],"racks":[],"picture":null}},"places":{"__proto__":{"x":1,"y":1,"turn":0}}}',
    ],
    ['a place on the moon', arrangement({ places: { 'ups-1': { x: FARTHEST_METRES + 1, y: 0, turn: 0 } } })],
    ['a place that is no number', '{"rooms":{},"places":{"ups-1":{"x":1e999,"y":0,"turn":0}}}'],
    ['a turn between', arrangement({ places: { 'ups-1': { x: 1, y: 0, turn: 45 as 90 } } })],
    [
      'a wall without width',
      {
        ...EMPTY_ARRANGEMENT,
        rooms: {
          ...EMPTY_ARRANGEMENT.rooms,
          core: { walls: [{ x: 0, y: 0, width: 0, height: 1 }], racks: [], picture: null },
        },
      },
    ],
    [
      'too many walls',
      {
        ...EMPTY_ARRANGEMENT,
        rooms: {
          ...EMPTY_ARRANGEMENT.rooms,
          core: { walls: Array(13).fill({ x: 0, y: 0, width: 1, height: 1 }), racks: [], picture: null },
        },
      },
    ],
    [
      'a third room',
      { ...EMPTY_ARRANGEMENT, rooms: { ...EMPTY_ARRANGEMENT.rooms, cellar: { walls: [], racks: [], picture: null } } },
    ],
    [
      'a picture that was never sent',
      {
        ...EMPTY_ARRANGEMENT,
        rooms: {
          ...EMPTY_ARRANGEMENT.rooms,
          core: { walls: [], racks: [], picture: { id: 'a'.repeat(32), x: 0, y: 0, width: 8 } },
        },
      },
    ],
    [
      'two racks of one id',
      {
        ...EMPTY_ARRANGEMENT,
        rooms: {
          ...EMPTY_ARRANGEMENT.rooms,
          core: {
            walls: [],
            racks: Array(2).fill({ id: 'r', name: '', x: 0, y: 0, width: 1, depth: 1, turn: 0 }),
            picture: null,
          },
        },
      },
    ],
  ])('%s is refused with 400, and the plan stays', async (_what, body) => {
    const { plan, etag } = await read();
    const response = await save(body, etag);
    expect(response.json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect((await read()).plan).toEqual(plan);
  });

  test('a body over 64 KB is 413; so is a picture over 4 MB', async () => {
    const { etag } = await read();
    expect((await save(`{"a":"${'x'.repeat(70_000)}"}`, etag)).json()).toMatchObject({
      status: 413,
      code: 'TOO_LARGE',
    });
    const large = await send(Buffer.alloc(MOST_PICTURE_BYTES + 1), 'image/png');
    expect(large.json()).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  });

  test('a picture is sent, used and shown as an image that can do nothing', async () => {
    const sent = await send(svg(), 'image/svg+xml');
    expect(sent.statusCode).toBe(201);
    const { id } = sent.json();
    expect(sent.json()).toMatchObject({ type: 'image/svg+xml', width: 8, height: 6 });
    const shown = await site.dashboard.inject({ url: `${PICTURES}/${id}` });
    expect(shown.rawPayload.equals(svg())).toBe(true);
    expect(shown.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename="room-plan.svg"',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const policy = String(shown.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/\bsandbox$/);
    const { etag } = await read();
    const core = { walls: [], racks: [], picture: { id, x: 0, y: 0, width: 8 } };
    const saved = await save(arrangement({ rooms: { ...EMPTY_ARRANGEMENT.rooms, core } }), etag);
    expect(saved.json().pictures).toEqual([sent.json()]);
  });

  test.each([
    ['another type', svg(), 'text/html'],
    ['JSON', '{"a":1}', 'application/json'],
    ['a script called a picture', svg('<script/>'), 'image/svg+xml'],
    ['nothing', '', 'image/png'],
  ])('%s as a picture is refused', async (_what, body, type) => {
    expect((await send(body, type)).json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  test('elsewhere a picture for a body is refused as before', async () => {
    const headers = { ...operator.headers, 'content-type': 'image/png' };
    const response = await site.dashboard.inject({ method: 'POST', url: '/api/v1/commands', headers, payload: png() });
    expect(response.statusCode).toBe(400);
  });

  test('a viewer looks and changes nothing; without the header of the session nobody does', async () => {
    const viewer = await site.signIn('viewer');
    expect((await save(arrangement(), '"room-plan-0"', viewer.headers)).statusCode).toBe(403);
    expect((await send(png(), 'image/png', viewer.headers)).statusCode).toBe(403);
    expect((await send(png(), 'image/png', { cookie: operator.headers.cookie })).statusCode).toBe(403);
    expect((await site.dashboard.inject({ url: PLAN, headers: viewer.headers })).statusCode).toBe(200);
  });

  test.each(['nobody', '..%2f..%2fetc', 'A'.repeat(32), 'a'.repeat(32)])('the picture %s is not there', async (id) => {
    const { statusCode } = await site.dashboard.inject({ url: `${PICTURES}/${id}` });
    expect([400, 404]).toContain(statusCode);
  });
});
