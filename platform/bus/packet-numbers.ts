import { createRequire } from 'node:module';

interface MqttPacket {
  readonly writeToStream: { cacheNumbers: boolean };
}

/**
 * mqtt-packet makes a Buffer of each number from 0 to 65,535 before its first packet: 8 MB for good, to spare two bytes a packet.
 * Asked for as its users do, so that it is their copy whichever versions are installed.
 */
export function keepNoPacketNumbers(): void {
  const own = createRequire(import.meta.url);
  for (const user of ['aedes', 'mqtt'])
    (createRequire(own.resolve(user))('mqtt-packet') as MqttPacket).writeToStream.cacheNumbers = false;
}
