import type { Check } from '#core/config/checks.ts';
import type { ServiceProbe } from '#core/ports.ts';
import type { Aliveness } from './aliveness.ts';
import { type CheckResult, judgeCheck, tellAllChecks, tellCheck } from './check-judge.ts';
import type { DeviceContext } from './seams.ts';

/** Looks at each service of a device on a schedule of its own: a page that hangs delays no ping. */
export function addCheckJobs(
  { deps, device, book, schedule }: DeviceContext,
  probe: ServiceProbe,
  aliveness: Aliveness,
): void {
  const results = new Map<string, CheckResult>();
  const look = async (check: Check): Promise<boolean> => {
    const answer = await probe.ask(check);
    const now = deps.clock.now();
    const result = judgeCheck(check, answer, now);
    const before = results.get(check.name);
    results.set(check.name, result);
    if (before?.word !== result.word && (before !== undefined || result.word !== 'ok')) {
      const about = { device: device.id, check: check.name, is: result.word, detail: result.detail };
      deps.log.info(about, 'a service is otherwise than before');
    }
    deps.metrics.count('zhishou_collector_checks_total', { result: result.word });
    const alive = aliveness(check.name, result.alive);
    for (const said of [...tellCheck(check, result), ...tellAllChecks(results)]) book.observed(said, now, alive);
    // A bad answer is an answer too: what is down is looked at as often as what is up.
    return true;
  };
  for (const check of device.checks)
    schedule.add({ name: `${device.id}/${check.name}`, interval: check.every, run: () => look(check) });
}
