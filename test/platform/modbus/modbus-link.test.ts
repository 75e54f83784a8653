import { createSystemClock } from '#platform/clock/system-clock.ts';
import { dialTcp, serveTcp } from '#platform/modbus/byte-stream.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { modbusLinkContract } from './modbus-link.contract.ts';

for (const framing of ['tcp', 'rtu'] as const) {
  modbusLinkContract('sockets', framing, () => ({
    net: { dial: dialTcp, serve: serveTcp },
    clock: createSystemClock(),
  }));
  modbusLinkContract('in memory', framing, () => ({ net: createMemoryNet(), clock: createSystemClock() }));
}
