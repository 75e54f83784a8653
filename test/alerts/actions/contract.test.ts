import { describeReal } from '../../support/real.ts';
import { describeDriver } from './driver.contract.ts';
import {
  simulatedIpmi,
  simulatedRedfish,
  simulatedSnmpSet,
  simulatedSsh,
  simulatedWake,
} from './simulated-subjects.ts';
import {
  httpSubject,
  ipmiSubject,
  localSubject,
  mqttSubject,
  redfishSubject,
  sshSubject,
  wakeSubject,
} from './subjects.ts';

describeDriver('ssh', sshSubject);
describeReal(['ipmitool', 'ipmi_sim'], "against Debian's ipmi_sim", () => describeDriver('ipmi', ipmiSubject));
describeDriver('redfish with basic authentication', () => redfishSubject('basic'));
describeDriver('redfish with a session', () => redfishSubject('session'));
describeDriver('http', httpSubject);
describeDriver('wake', wakeSubject);
describeDriver('mqtt', mqttSubject);
describeDriver('local', localSubject);
describeDriver('ssh of the simulated room', simulatedSsh);
describeDriver('ipmi of the simulated room', simulatedIpmi);
describeDriver('redfish of the simulated room', simulatedRedfish);
describeDriver('snmp_set in the simulated room', simulatedSnmpSet);
describeDriver('wake of the simulated room', simulatedWake);
