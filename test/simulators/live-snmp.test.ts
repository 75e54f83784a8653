import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../support/real.ts';
import { type LiveRoom, run, startLiveRoom, until } from './live-room.ts';

/** Debian's net-snmp tools as the other side of the simulated agents. */
describeReal(['snmpget', 'snmptrap'], 'the simulated agents answer Debian’s SNMP tools', () => {
  let live: LiveRoom;
  beforeAll(async () => {
    live = await startLiveRoom(1);
  });
  afterAll(async () => {
    await live.stop();
  });
  const portOf = (device: string): number => live.config.devices.find((one) => one.id === device)?.snmp?.port ?? 0;
  const target = (device: string): string => `127.0.0.1:${portOf(device)}`;
  const get = async (device: string, community: string, ...oids: string[]): Promise<string[]> => {
    const { out } = await run('snmpget', ['-v2c', '-c', community, '-Oqvn', target(device), ...oids]);
    return out.trim().split('\n');
  };

  it('serves the whole of RFC 1628 in order to a walk', async () => {
    const { code, out } = await run('snmpwalk', ['-v2c', '-c', 'public', '-On', target('ups-1'), '.1.3.6.1.2.1.33']);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(53);
    expect(out).toContain('.1.3.6.1.2.1.33.1.2.1.0 = INTEGER: 2');
    expect(out).toContain('.1.3.6.1.2.1.33.1.2.4.0 = INTEGER: 100');
    expect(out).toContain('.1.3.6.1.2.1.33.1.4.1.0 = INTEGER: 3');
    expect(out).toContain('.1.3.6.1.2.1.33.1.9.6.0 = INTEGER: 5400');
  });

  it('is not heard over a network that is cut, and again when it is mended', async () => {
    const ask = (): ReturnType<typeof run> =>
      run('snmpget', [
        ...['-v2c', '-c', 'public', '-Oqvn', '-t', '0.3', '-r', '0'],
        ...[target('ups-1'), '.1.3.6.1.2.1.33.1.2.4.0'],
      ]);
    live.room.apply({ kind: 'network', device: 'ups-1', down: true });
    expect((await ask()).err).toContain('Timeout');
    live.room.apply({ kind: 'network', device: 'ups-1', delayMs: 60_000 });
    expect((await ask()).err).toContain('Timeout');
    live.room.apply({ kind: 'network', device: 'ups-1' });
    expect((await ask()).out.trim()).toBe('100');
  });

  it('answers version 1 and refuses a wrong community by silence', async () => {
    const v1 = await run('snmpget', ['-v1', '-c', 'public', '-Oqvn', target('ups-1'), '.1.3.6.1.2.1.33.1.2.4.0']);
    expect(v1.out.trim()).toBe('100');
    const wrong = await run('snmpget', [
      '-v2c',
      '-c',
      'guess',
      '-t',
      '0.2',
      '-r',
      '0',
      target('ups-1'),
      '.1.3.6.1.2.1.1.1.0',
    ]);
    expect(wrong.err).toContain('Timeout');
  });

  it('tells the air conditioner’s temperatures by their descriptions, in tenths of a degree', async () => {
    const { out } = await run('snmpwalk', [
      '-v2c',
      '-c',
      'public',
      '-On',
      target('ac-1'),
      '.1.3.6.1.4.1.476.1.42.3.4.1.3.3.1',
    ]);
    expect(out).toContain('.1.3.6.1.4.1.476.1.42.3.4.1.3.3.1.2.3 = OID: .1.3.6.1.4.1.476.1.42.3.4.1.1.3');
    const [supply = '0'] = await get('ac-1', 'public', '.1.3.6.1.4.1.476.1.42.3.4.1.3.3.1.50.3');
    expect(Number(supply)).toBeGreaterThan(100);
    expect(Number(supply)).toBeLessThan(250);
  });

  it('switches an outlet once for one SET, and refuses a value that means nothing', async () => {
    const control = '.1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.6';
    const wrong = await run('snmpset', ['-v2c', '-c', 'private', target('pdu-1'), control, 'i', '9']);
    expect(wrong.code).not.toBe(0);
    const done = await run('snmpset', ['-v2c', '-c', 'private', '-Oqvn', target('pdu-1'), control, 'i', '2']);
    expect(done.code).toBe(0);
    expect(
      await get('pdu-1', 'private', '.1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.6', '.1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.6'),
    ).toEqual(['1', '0']);
    const received = live.room.truth().commands;
    expect(received.map(({ command, detail, effect }) => [command, detail, effect])).toEqual([
      ['outlet-off', '6', 'accepted'],
    ]);
    expect(live.room.state().devices.find((one) => one.device === 'display-1')?.state).toBe('off');
    await run('snmpset', ['-v2c', '-c', 'private', target('pdu-1'), control, 'i', '1']);
    expect(await get('pdu-1', 'private', '.1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.6')).toEqual(['2']);
  });

  it('goes on battery in its objects, its alarm table and its traps the moment mains is cut', async () => {
    const port = live.config.site.traps?.port ?? 0;
    const received: string[] = [];
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
    socket.on('message', (message) => received.push(message.toString('hex')));
    // The trap OIDs as BER: 1.3.6.1.2.1.33.2.1 and .3.
    const onBattery = '06082b06010201210201';
    const alarmAdded = '06082b06010201210203';
    const alarmRemoved = '06082b06010201210204';
    live.room.apply({ kind: 'mains', present: false });
    await until(
      () =>
        received.some((one) => one.includes(onBattery)) &&
        received.filter((one) => one.includes(alarmAdded)).length >= 2,
    );
    expect(await get('ups-1', 'public', '.1.3.6.1.2.1.33.1.4.1.0', '.1.3.6.1.2.1.33.1.6.1.0')).toEqual(['5', '2']);
    const { out } = await run('snmpwalk', [
      '-v2c',
      '-c',
      'public',
      '-Oqvn',
      target('ups-1'),
      '.1.3.6.1.2.1.33.1.6.2.1.2',
    ]);
    expect(out.trim().split('\n').sort()).toEqual(['.1.3.6.1.2.1.33.1.6.3.2', '.1.3.6.1.2.1.33.1.6.3.6']);
    live.room.apply({ kind: 'mains', present: true });
    await until(() => received.filter((one) => one.includes(alarmRemoved)).length >= 2);
    expect(await get('ups-1', 'public', '.1.3.6.1.2.1.33.1.4.1.0', '.1.3.6.1.2.1.33.1.6.1.0')).toEqual(['3', '0']);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  });

  it('runs a self-test that an SNMP SET starts, with mains there all the time', async () => {
    await run('snmpset', [
      '-v2c',
      '-c',
      'public',
      target('ups-1'),
      '.1.3.6.1.2.1.33.1.7.1.0',
      'o',
      '.1.3.6.1.2.1.33.1.7.7.4',
    ]);
    expect(await get('ups-1', 'public', '.1.3.6.1.2.1.33.1.7.3.0', '.1.3.6.1.2.1.33.1.4.1.0')).toEqual(['5', '5']);
    expect(live.room.state().mains).toBe(true);
    expect(live.room.truth().power.filter((one) => one.what === 'ups-on-battery')).toHaveLength(1);
  });
});
