import { describe, expect, it } from 'vitest';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { targetsOf } from '#services/alerts/readiness/targets.ts';

const password = new Secret('bmc-pass-42');
const ipmi = { host: '10.0.0.9', user: 'zhishou', password };
const redfish = { url: 'https://10.0.0.8', user: 'zhishou', password };
const wake = { wake: { mac: '00:11:22:33:44:55' } };
const closed = { tcp: { host: '10.0.0.5', port: 22 }, is: 'closed' };

function server(shutdown: object, more: object = {}): Device {
  return deviceSchema.parse({
    ...{ id: 'server-1', name: 'Server 1', kind: 'server' },
    shutdown: { by: wake, estimate: '2m', verify: [closed], ...shutdown },
    ...more,
  });
}
const targets = (device: Device) => targetsOf({ devices: [device] }).map(({ id, fallback }) => [id, fallback]);
const WAKE = ['server-1/wake/00:11:22:33:44:55', false];

describe('what readiness tests each day', () => {
  it.each([
    ['chassis power by IPMI', { ipmi, is: 'off' }, 'server-1/ipmi/zhishou@10.0.0.9:623'],
    ['chassis power by Redfish', { redfish, is: 'off' }, 'server-1/redfish/zhishou@10.0.0.8'],
    [
      'a service by HTTP',
      { http: { url: 'http://10.0.0.7/db/health?key=1' }, is: 'down' },
      'server-1/http/10.0.0.7/db/health',
    ],
    ['a command', { command: { local: { command: '/opt/is-off' } } }, 'server-1/local//opt/is-off'],
  ])('L16: a controller that only proves is a target: %s', (_what, proof, id) => {
    expect(targets(server({ verify: [closed, proof] }))).toEqual([WAKE, [id, false]]);
  });

  it('looks without an order: the actions of proofs are tested and never run', () => {
    const [, look] = targetsOf({ devices: [server({ verify: [{ http: { url: 'http://10.0.0.7/up' }, is: 'up' }] })] });
    expect(look?.action).toMatchObject({ http: { method: 'GET', test: { url: 'http://10.0.0.7/up' } } });
  });

  it('where the order of an `otherwise` and a proof go to one controller, it is one target, tested with the rights of the order, and no mere fallback', () => {
    const otherwise = [{ ipmi: { ...ipmi, level: 'operator', power: 'soft' } }];
    const device = server({ otherwise, verify: [closed, { ipmi: { ...ipmi, level: 'user' }, is: 'off' }] });
    expect(targets(device)).toEqual([WAKE, ['server-1/ipmi/zhishou@10.0.0.9:623', false]]);
    expect(targetsOf({ devices: [device] })[1]?.action).toMatchObject({ ipmi: { level: 'operator', power: 'soft' } });
  });

  it('the proof of an earlier operation does not take the place of a later order to the same controller', () => {
    const start = { by: { ipmi: { ...ipmi, power: 'on' } }, estimate: '2m', verify: [closed] };
    const device = server({ verify: [{ ipmi: { ...ipmi, level: 'user' }, is: 'off' }] }, { start });
    expect(targetsOf({ devices: [device] })[1]?.action).toMatchObject({ ipmi: { power: 'on' } });
  });

  it('two services of one host are two targets', () => {
    const http = (path: string) => ({ http: { url: `http://10.0.0.7${path}` }, is: 'down' });
    expect(targets(server({ verify: [http('/a'), http('/b'), http('/a')] }))).toHaveLength(3);
  });

  it('ports and points need no test of credentials', () => {
    const point = { point: 'pdu-1/outlet.1.power', below: 5 };
    expect(targets(server({ verify: [closed, point] }))).toEqual([WAKE]);
  });
});
