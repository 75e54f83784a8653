import { simulatedAddresses } from '../devices/addresses.ts';
import { type Evidence, type Verdict, verdict } from './evidence.ts';

/** I9: no real actuator is reachable from a drill: every address that was touched is the simulated room's, every incident is marked. */
export function checkDrillIsDrill({ config, truth, incidents, deliveries, touched }: Evidence): Verdict {
  const simulated = simulatedAddresses(config);
  const wrong = [...new Set(touched ?? [])]
    .filter((address) => !simulated.has(address))
    .map((address) => `${address} was reached and is not the simulated room's`);
  for (const command of truth.commands) {
    const [kind = '', address = ''] = command.over.split(' ');
    if (!simulated.has(`${kind === 'snmp' ? 'udp' : 'tcp'} ${address}`))
      wrong.push(`${command.command} of ${command.device} came over ${command.over}`);
  }
  for (const view of incidents)
    if (!view.simulated || (view.mode !== 'drill' && view.mode !== 'rehearsal'))
      wrong.push(`${view.id} ran as ${view.mode}${view.simulated ? '' : ', not marked as simulated'}`);
  for (const one of deliveries)
    if (!one.drill && !one.simulated) wrong.push(`the message "${one.subject}" is not marked`);
  return verdict('I9', wrong, 'only the simulated room was reached, and all of it is marked');
}
