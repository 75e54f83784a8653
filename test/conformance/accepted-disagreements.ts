/**
 * Where our reading of a recorded device differs from the other product's, on purpose, and why ours is right. An OID stands for
 * all below it.
 */
const ACCEPTED: readonly (readonly [recording: string, oid: string, reason: string])[] = [
  [
    'apc-mgeups_galaxy7000',
    '1.3.6.1.4.1.705.1.7.2.1.4',
    'mgoutputLoadPerPhase is per cent of the phase, not kVA: 35 A of a 250 kVA unit are 9.7 %, and UPS-MIB of the same agent says 9',
  ],
  [
    'apc_inrow-dx',
    '1.3.6.1.4.1.318.1.1.27.1.4.1.2.1.3.1',
    'coolingUnitStatusAnalogUnits says kW; 38 W would cool nothing',
  ],
  [
    'conteg-pdu',
    '1.3.6.1.4.1.28402.12.1.1.2',
    'sdbDevInPowerWatt is whole watts: 230.34 V × 0.38 A × 0.78 are 69 W, the raw value is 70',
  ],
  [
    'controlbox_controlbox',
    '1.3.6.1.4.1.17095.2.1.5.0',
    'the dew point of 22.9 °C and 56.8 %, filed there as a pressure',
  ],
  [
    'enexus',
    '1.3.6.1.4.1.12148.10.5.2.5.0',
    'powerSystemCurrentDecimalSetting is deciAmpere(1): two rectifiers give 3.1 and 3.3 A, not 63',
  ],
  [
    'enexus_enexus',
    '1.3.6.1.4.1.12148.10.9.2.5.0',
    'the setting is ampere(0): 100 Ah at 72 A are the 83 minutes that it tells itself, its rectifiers give 78 A',
  ],
  [
    'huawei-smu',
    '1.3.6.1.4.1.2011.6.164.1',
    'HUAWEI-SITE-MONITOR-MIB: accurate to one decimal place, as its voltages are',
  ],
  [
    'sinetica',
    '1.3.6.1.4.1.13891.101.4.4.1.4',
    'upsOutputPower is watts: 178, 154 and 163 A at 208 V between the lines are 59 kVA',
  ],
];

/** Why a difference is right, null when nobody has looked into it. */
export const acceptedReason = (recording: string, oid: string): string | null =>
  ACCEPTED.find(([name, prefix]) => name === recording && (oid === prefix || oid.startsWith(`${prefix}.`)))?.[2] ??
  null;
