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
// Nobody answers a magic packet.
describeDriver('wake', wakeSubject, ['absent']);
// A topic has no credentials of its own and no reader who must be there.
describeDriver('mqtt', mqttSubject, []);
describeDriver('local', localSubject, ['absent']);
describeDriver('ssh of the simulated room', simulatedSsh, ['refused', 'absent']);
describeDriver('ipmi of the simulated room', simulatedIpmi);
describeDriver('redfish of the simulated room', simulatedRedfish, ['refused', 'absent']);
describeDriver('snmp_set in the simulated room', simulatedSnmpSet, ['absent', 'silent']);
describeDriver('wake of the simulated room', simulatedWake, []);
