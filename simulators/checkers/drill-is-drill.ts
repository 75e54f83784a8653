import { simulatedAddresses } from '../devices/addresses.ts';
import { actsFor, clockTime, type Evidence, received, type Verdict, verdict } from './evidence.ts';

/**
 * I9: no real actuator is reachable from a drill.
 *
 * - Every address that a drill touched is the simulated room's: named by the configuration, and on this machine or on a host
 *   that the site names as simulated. Every incident and message is marked.
 * - A rehearsal and a site that is not armed reach no device at all: nobody's hurry can start it unarmed.
 */
export function checkDrillIsDrill(evidence: Evidence): Verdict {
  const { mode = 'drill' } = evidence;
  const wrong = [...unmarked(evidence)];
  if (mode === 'drill' || mode === 'rehearsal') wrong.push(...reachedOutside(evidence));
  if (!actsFor(evidence))
    for (const command of received(evidence))
      wrong.push(`${command.device} was told ${command.command} at ${clockTime(command.at)} in a run that may not act`);
  return verdict('I9', wrong, 'only the simulated room was reached, and all of it is marked');
}

/** SNMP, RMCP+, magic packets. */
const OVER_UDP: readonly string[] = ['snmp', 'ipmi', 'udp'];
/** Broadcast, as a magic packet needs it, goes no further than this wire. */
const LOOPBACK = /^(127\.|localhost$|::1$|255\.255\.255\.255$)/;

function reachedOutside({ config, truth, touched }: Evidence): string[] {
  const simulated = simulatedAddresses(config);
  const hosts = config.site?.simulated_hosts ?? [];
  const isInside = (address: string): boolean => {
    const host = address.slice(address.indexOf(' ') + 1, address.lastIndexOf(':'));
    return simulated.has(address) && (LOOPBACK.test(host) || hosts.includes(host));
  };
  const wrong = [...new Set(touched ?? [])]
    .filter((address) => !isInside(address))
    .map((address) => `${address} was reached and is not the simulated room's`);
  for (const command of received({ truth })) {
    const [kind = '', address = ''] = command.over.split(' ');
    // Over the broker, to a simulated device's own topic.
    if (kind === 'mqtt' && config.devices.some(({ mqtt }) => address === `${mqtt?.topic}/set`)) continue;
    if (!simulated.has(`${OVER_UDP.includes(kind) ? 'udp' : 'tcp'} ${address}`))
      wrong.push(`${command.command} of ${command.device} came over ${command.over}`);
  }
  return wrong;
}

function unmarked({ mode = 'drill', incidents, deliveries }: Evidence): string[] {
  const drill = mode === 'drill' || mode === 'rehearsal';
  const wrong: string[] = [];
  for (const view of incidents) {
    const wellNamed = drill
      ? view.mode === 'drill' || view.mode === 'rehearsal'
      : view.mode === 'live' || view.mode === 'advice';
    if (!view.simulated || !wellNamed)
      wrong.push(`${view.id} ran as ${view.mode}${view.simulated ? '' : ', not marked as simulated'}`);
  }
  for (const one of deliveries)
    if (!one.drill && !one.simulated) wrong.push(`the message "${one.subject}" is not marked`);
  return wrong;
}
