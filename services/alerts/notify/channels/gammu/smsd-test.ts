import type { ChannelConfigOf } from '#core/config/channels.ts';
import { ZhishouError } from '#core/errors.ts';
import { type ActionOutcome, type Clock, sleep } from '#core/ports.ts';
import { seconds } from '#core/time.ts';
import { runCommand } from '#platform/run-command.ts';
import type { SmsSpool } from '#platform/sms-spool.ts';

/** Longer than gammu-smsd's `CommTimeout` by default (30 s) between two looks at its outbox. */
const LIMIT_S = 45;
/**
 * The last in the order of sending. One underscore: a name of which gammu-smsd cannot tell whom it is for, so that it is put
 * with the errors. Not an empty file: gammu-smsd 1.42 reads the number of its parts out of memory that nobody has set, and
 * may loop over it for ever.
 */
const PROBE = 'OUTZ_zsprobe.txt';

/**
 * Proves that gammu-smsd works on its outbox: a file for nobody, which the service puts with its errors. It looks there only while its modem answers. Its shared memory, which `gammu-smsd-monitor` prints, is no
 * proof: it stays as it was when the service is killed. With `smsdrc` it says more of the modem. Throws TIMED_OUT or UNREACHABLE.
 */
export async function testSmsd(
  name: string,
  config: ChannelConfigOf<'gammu'>,
  spool: SmsSpool,
  clock: Clock,
): Promise<void> {
  spool.remove('error', PROBE);
  spool.put(PROBE, 'probe');
  try {
    for (let waited = 0; spool.has('outbox', PROBE); waited++) {
      if (waited >= LIMIT_S) {
        const why =
          readMonitor(await askMonitor(config.smsdrc, clock)) ?? 'it does not run, or its modem does not answer';
        throw new ZhishouError('TIMED_OUT', name, `gammu-smsd does not look at its outbox: ${why}`);
      }
      await sleep(clock, seconds(1));
    }
  } finally {
    for (const folder of ['outbox', 'error', 'sent'] as const) spool.remove(folder, PROBE);
  }
  const trouble = readMonitor(await askMonitor(config.smsdrc, clock));
  if (trouble !== null) throw new ZhishouError('UNREACHABLE', name, trouble);
}

async function askMonitor(smsdrc: string | undefined, clock: Clock): Promise<ActionOutcome | null> {
  if (smsdrc === undefined) return null;
  return runCommand('gammu-smsd-monitor', ['-c', smsdrc, '-n', '1', '-d', '0', '-C'], { clock, limit: seconds(10) });
}

/** What is wrong by client;phone ID;IMEI;IMSI;sent;received;failed;battery;signal; null: nothing that it knows of. */
export function readMonitor(outcome: ActionOutcome | null): string | null {
  if (outcome === null) return null;
  const lines = (outcome.output ?? '').split('\n').map((line) => line.trim());
  const fields = lines.find((line) => line.split(';').length >= 9)?.split(';');
  if (fields === undefined) return `it does not run (${lines.filter((line) => line !== '').at(-1) ?? outcome.detail})`;
  if (fields.at(-7) === '') return 'its modem does not answer';
  return fields.at(-1) === '0' ? 'the modem has no signal' : null;
}
