import type { Random } from '#core/random.ts';
import { readIdentity, readIpmi } from '#services/collector/ipmi-plan.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';
import { checkValue } from './nut.ts';

/** What ipmitool prints, from the text to the points. */
export const ipmiTarget: FuzzTarget = { name: 'ipmi', begin };

const SEEDS = [
  `System Power         : on
Main Power Fault     : true
Chassis Intrusion    : inactive
Inlet Temp,23,degrees C,ok,55.1,Air Inlet,Temperature,,,,50.000,47.000,42.000,0.000,3.000,5.000,0.000,255.000
FAN 1,5400,RPM,ok,29.1,Fan Device,Fan,,,,0.000,0.000,0.000,200.000,300.000,500.000,0.000,25500.000
`,
  `P12V,12.120,Volts,unc,7.1,System Board,Voltage,,,,13.200,12.900,12.600,10.800,11.100,11.400,0.000,15.300
Exhaust Temp,,,ns,55.2,Air Inlet,Temperature,,,,90.000,85.000,80.000,0.000,0.000,0.000,0.000,255.000
PSU2 Status,0Bh,ok,10.2,Presence detected, Failure detected
    Instantaneous power reading:                   220 Watts
`,
  'Temp,61,degrees C,ok,3.1,Processor,Temperature,,,,,,,,,,,\nTemp,58,degrees C,cr,3.2,Processor,Temperature,,,,,,,,,,,\n',
  'Firmware Revision         : 9.08\n Product Manufacturer  : Example\n Product Serial        : S/N 0042\n',
].map((text) => new TextEncoder().encode(text));

function begin(random: Random): FuzzRun {
  let nothing = 0;
  return {
    tryOne: () => {
      const text = new TextDecoder().decode(
        mutateBytes(SEEDS[random.integer(0, SEEDS.length - 1)] ?? new Uint8Array(), random),
      );
      const values = [...(readIpmi(text) ?? []), ...readIdentity(text)];
      if (values.length === 0) nothing++;
      for (const value of values) checkValue(value, null);
      return values.some(({ decoded }) => decoded.quality === 'good') ? 'read' : 'refused';
    },
    finish: () => `${nothing} told nothing`,
  };
}
