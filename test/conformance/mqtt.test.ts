import { describe, expect, it } from 'vitest';
import { haveMqttRecordings, measureFamily, mqttFamilies, mqttMatchedShare, tallyOf } from './mqtt-measure.ts';

/**
 * Recorded messages of real devices and gateways, family by family and in order, against one reader's reading of them. What is
 * not matched is one that no decoder could know, or that we do not believe: the table says why.
 */
const NOT_BELIEVED: Readonly<Record<string, string>> = {
  'generic_single_value-g002 temperature': 'a presumed °F: 83.2 without a unit could be a fire in °C',
  'homeassistant_discovery-g012 value': 'its template is in no message of the set',
  'homeassistant_discovery-g014 availability': 'its topic is in no configuration of the set',
};

if (!haveMqttRecordings) console.info('skipped: recorded MQTT messages; they lie beside the repository, not in it');

describe.skipIf(!haveMqttRecordings)('recorded MQTT messages', () => {
  it.each(mqttFamilies())('%s: nothing is read wrong, no bad message is accepted, every value is there', (family) => {
    const verdicts = measureFamily(family);
    const tally = tallyOf(verdicts);
    expect(tally).toMatchObject({ wrong: 0, falselyAccepted: 0, notRejected: 0 });
    const absent = verdicts.filter(({ verdict }) => verdict === 'absent');
    for (const { message, expected } of absent)
      expect(NOT_BELIEVED, `${message.id} ${expected?.point}`).toHaveProperty([`${message.id} ${expected?.point}`]);
  });

  it('at least 98 of 100 expected values are matched over all families', () => {
    const all = tallyOf(mqttFamilies().flatMap(measureFamily));
    expect(mqttMatchedShare(all)).toBeGreaterThan(0.98);
    expect(all.matched).toBeGreaterThan(330);
  });
});
