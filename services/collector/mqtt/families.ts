import { alink, huaweiIotda } from './families/cloud-models.ts';
import { esphome } from './families/esphome.ts';
import { homeAssistant } from './families/home-assistant.ts';
import { homie } from './families/homie.ts';
import { chirpstack, thingsStack } from './families/lorawan.ts';
import { neuron } from './families/neuron.ts';
import { plainJson, singleValue } from './families/plain.ts';
import { rtl433 } from './families/rtl433.ts';
import { ruuvi } from './families/ruuvi.ts';
import { shellyGen1 } from './families/shelly-gen1.ts';
import { shellyGen2 } from './families/shelly-gen2.ts';
import { sparkplug } from './families/sparkplug.ts';
import { tasmota } from './families/tasmota.ts';
import { theengs } from './families/theengs.ts';
import { usr } from './families/usr.ts';
import { victron } from './families/victron.ts';
import { zigbee2mqtt } from './families/zigbee2mqtt.ts';
import type { MqttFamily } from './family.ts';

/**
 * Every family, the surest first: those with a topic of their own, those that earlier messages have announced, those known by
 * their shape, and last what no convention describes. The first that a message fits reads it.
 */
export const FAMILIES: readonly MqttFamily[] = [
  sparkplug,
  huaweiIotda,
  alink,
  thingsStack,
  chirpstack,
  homie,
  victron,
  theengs,
  shellyGen2,
  shellyGen1,
  tasmota,
  zigbee2mqtt,
  esphome,
  homeAssistant,
  ruuvi,
  rtl433,
  neuron,
  usr,
  singleValue,
  plainJson,
];
