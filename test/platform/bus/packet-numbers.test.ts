import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { keepNoPacketNumbers } from '#platform/bus/packet-numbers.ts';

it.each(['aedes', 'mqtt'])('%s keeps no Buffer of each number that a packet may have', (user) => {
  const path = createRequire(import.meta.url).resolve(user);
  const packet = createRequire(path)('mqtt-packet') as {
    writeToStream: { cacheNumbers: boolean };
    generate(packet: object): Buffer;
  };
  keepNoPacketNumbers();
  expect(packet.writeToStream.cacheNumbers).toBe(false);
  // As MQTT 3.1.1 section 3.4 has it: type, length 2, packet identifier.
  expect([...packet.generate({ cmd: 'puback', messageId: 0x1234 })]).toEqual([0x40, 2, 0x12, 0x34]);
});
