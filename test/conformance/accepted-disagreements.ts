const CONTEG = 'whole watts: the same agent says 230.34 V, 0.38 A, power factor 0.78, 90 VA for these 70 W';

/**
 * Where our reading of a recorded device differs from the other product's, on purpose: `recording OID` → why ours is right by
 * the maker's MIB.
 */
export const ACCEPTED: Readonly<Record<string, string>> = {
  'enexus 1.3.6.1.4.1.12148.10.5.2.5.0':
    'the plant is set to tenths of an ampere (SP2-MIB::powerSystemCurrentDecimalSetting): 6.3 A, as its rectifiers add up',
  'enexus_enexus 1.3.6.1.4.1.12148.10.9.2.5.0':
    'the plant is set to whole amperes (SP2-MIB::powerSystemCurrentDecimalSetting): 100 Ah over 72 A are its own 83 minutes',
  'huawei-smu 1.3.6.1.4.1.2011.6.164.1.3.1.3.0': 'tenths of an ampere (HUAWEI-SITE-MONITOR-MIB::hwRectsTotalCurrent)',
  'huawei-smu 1.3.6.1.4.1.2011.6.164.1.6.1.4.0': 'tenths of an ampere (HUAWEI-SITE-MONITOR-MIB::hwDcsTotalCurrent)',
  'huawei-smu 1.3.6.1.4.1.2011.6.164.1.6.2.1.1.5.1': 'tenths of an ampere (HUAWEI-SITE-MONITOR-MIB::hwDcOutputCurrent)',
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.6.1.1.10.1.1': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.6.1.1.10.2.1': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.1.13': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.1': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.13': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.14': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.15': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.2': CONTEG,
  'conteg-pdu 1.3.6.1.4.1.28402.12.1.1.2.7.2.1.11.2.3': CONTEG,
  'controlbox_controlbox 1.3.6.1.4.1.17095.2.1.5.0':
    'a dew point, not a pressure: 14.3 °C is what 22.9 °C and 56.8 % make (CONTROLBOX-TH332-MIB::ctDewPoint)',
};
