import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#platform/net.ts';
import { findProgram } from '../../support/real.ts';

/** Debian's ipmi_sim: a real IPMI 2.0 controller on loopback; behind it a shell script is the machine. */
export interface IpmiSim {
  readonly port: number;
  /** What the controller was told: `set power 0`, `set shutdown 1`. */
  orders(): string[];
  power(): 'on' | 'off';
  setPower(power: 'on' | 'off'): void;
  /** refuses: each order fails · hangs: the controller falls silent in the middle of an order. */
  setMood(mood: 'obeys' | 'refuses' | 'hangs'): void;
  stop(): Promise<void>;
}

export const IPMI_USER = 'zhishou';
export const IPMI_PASSWORD = 'ipmi-pass-42';

/** ipmi_lan(5). One user who may switch the power, one who may only look. */
const lan = (port: number, script: string): string => `name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${script}"
  user 1 true "" "" user 10 none
  user 2 true "${IPMI_USER}" "${IPMI_PASSWORD}" operator 10 none md2 md5 straight
  user 3 true "looker" "${IPMI_PASSWORD}" user 10 none md2 md5 straight
`;

/** ipmi_sim_cmd(5): one controller, no sensors. */
const EMULATION = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
`;

const script = (folder: string): string => `#!/bin/sh
cd ${folder}
mood=$(cat mood)
[ "$1" = get ] && { cat power; exit 0; }
echo "$@" >> orders
[ "$mood" = hangs ] && exec sleep 20
[ "$mood" = refuses ] && exit 1
case "$2" in
  power) echo "power:$3" > power ;;
  shutdown) echo power:0 > power ;;
esac
exit 0
`;

/** `sensors`: more lines of ipmi_sim_cmd(5), for the controller at 0x20. */
export async function startIpmiSim(sensors = ''): Promise<IpmiSim> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-ipmi-'));
  const at = (name: string): string => join(folder, name);
  const [port] = (await freePorts(1)) as [number];
  mkdirSync(at('state'));
  writeFileSync(at('lan.conf'), lan(port, at('chassis')));
  writeFileSync(at('bmc.emu'), EMULATION.replace('mc_enable', `${sensors}mc_enable`));
  writeFileSync(at('chassis'), script(folder));
  chmodSync(at('chassis'), 0o755);
  writeFileSync(at('mood'), 'obeys');
  writeFileSync(at('power'), 'power:1\n');
  const words = ['-c', at('lan.conf'), '-f', at('bmc.emu'), '-s', at('state'), '-n'];
  const child = spawn(findProgram('ipmi_sim')!, words, { stdio: 'ignore', detached: true });
  await spawned(child);
  return {
    port,
    orders: () => (existsSync(at('orders')) ? readFileSync(at('orders'), 'utf8').trim().split('\n') : []),
    power: () => (readFileSync(at('power'), 'utf8').trim() === 'power:1' ? 'on' : 'off'),
    setPower: (power) => writeFileSync(at('power'), `power:${power === 'on' ? 1 : 0}\n`),
    setMood: (mood) => writeFileSync(at('mood'), mood),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // Its own group: with it goes what it has started.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const spawned = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', () => resolve());
    child.once('error', reject);
  });
