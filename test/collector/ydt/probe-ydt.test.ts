import { describe, expect, it } from 'vitest';
import type { SnmpTransport } from '#core/ports.ts';
import { decodeFrame } from '#platform/ydt/ydt-frame.ts';
import { probe } from '#services/collector/probe.ts';
import { parseYdtUrl } from '#services/collector/probe-ydt.ts';
import type { YdtFace } from '#simulators/devices/ydt-line.ts';
import { KNOWN_FRAMES } from '../../platform/ydt/known-frames.ts';
import { sampleProfiles } from '../support/profiles.ts';
import { HOST, ydtRig } from './ydt-rig.ts';

const profiles = sampleProfiles().filter(({ id }) => id.startsWith('ydt-'));
const noSnmp = {} as SnmpTransport;
const recorded = (source: string): Uint8Array => {
  const frame = decodeFrame(Buffer.from(KNOWN_FRAMES.find((one) => one.source.includes(source))?.text ?? '', 'latin1'));
  if ('problem' in frame) throw new Error(frame.problem);
  return frame.info;
};

/** A battery that answers as recorded. */
const pylon: YdtFace = {
  device: 'pylon',
  address: 2,
  cid1: 0x46,
  version: 0x20,
  alive: () => true,
  info: (cid2) => (cid2 === 0x51 ? recorded('US2KBPL') : cid2 === 0x42 ? recorded('one pack') : null),
};
const rectifier: YdtFace = { ...pylon, address: 3, cid1: 0x41, version: 0x21, info: () => null };

async function look(path: string) {
  const rig = await ydtRig([pylon, rectifier]);
  const url = `ydt://${HOST}:${rig.port}/${path}`;
  return rig.pass(probe(url, { snmp: noSnmp, links: { ydt: rig.lines }, clock: rig.clock, profiles }));
}

describe('probe ydt://', () => {
  it('finds out the kind, takes the profile that fits, in the device’s own version, and reads', async () => {
    const { recognised, points } = await look('2');
    expect(recognised).toBe('ydt-pylontech');
    expect(points).toContainEqual({
      name: 'battery.voltage',
      value: 49.431,
      unit: 'V',
      quality: 'good',
      oid: '46 42 byte 46',
      raw: 49_431,
    });
    expect(points.find(({ name }) => name === 'device.mfr')?.value).toBe('Pylon');
  });

  it('reads with the profile that is named', async () => {
    expect((await look('2?profile=ydt-pylontech&version=20')).recognised).toBe('ydt-pylontech');
  });

  it('of a kind that no profile knows tells the kind', async () => {
    expect(await look('3')).toMatchObject({ recognised: null, points: [{ name: 'device.model', value: 'CID1 41' }] });
  });

  it('where no kind answers says which it asked', async () => {
    await expect(look('9')).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('2A, 46, 60'),
    });
  });

  it('a profile that is not there is said so', async () => {
    await expect(look('2?profile=nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an address of a device on a line', () => {
  it('is host, port, address and options', () => {
    expect(parseYdtUrl('ydt://10.1.2.3:4001/7?version=22&timeout=2s&gap=100ms&profile=ydt-ups')).toEqual({
      connection: { host: '10.1.2.3', port: 4001, address: 7, version: 0x22, timeout: 2000, gap: 100 },
      profile: 'ydt-ups',
    });
    expect(parseYdtUrl('ydt://10.1.2.3:4001').connection.address).toBe(1);
  });

  it.each([
    ['no port', 'ydt://10.1.2.3/1'],
    ['an address beyond 254', 'ydt://10.1.2.3:4001/255'],
    ['an unknown option', 'ydt://10.1.2.3:4001/1?baud=9600'],
    ['a version that is none', 'ydt://10.1.2.3:4001/1?version=2.1'],
    ['a time without a unit', 'ydt://10.1.2.3:4001/1?timeout=5'],
    ['another protocol', 'modbus://10.1.2.3:4001/1'],
    ['nothing of the kind', 'nonsense'],
  ])('refuses %s', (_what, url) => {
    expect(() => parseYdtUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
