import { clockTime, declaredNeedS, type Evidence, outagesOf, type Verdict, verdict, within } from './evidence.ts';

/**
 * I1: no server or array loses power while running, whenever the time between detection and exhaustion was at least the time
 * that a bare shutdown needs. What nobody could have shut down in order (it refused logins, was silent or hung) is excused;
 * what an outlet cut while it ran and could have been shut down is not, at any time.
 */
export function checkDataSafety({ config, truth, incidents }: Evidence): Verdict {
  const need = declaredNeedS(
    config.devices.filter((device) => device.kind === 'server' || device.kind === 'storage'),
    false,
  );
  const wrong: string[] = [];
  const excused: string[] = [];
  for (const loss of truth.transitions.filter((one) => one.dataLoss)) {
    const what = `${loss.device} lost power while running at ${clockTime(loss.at)}`;
    const outage = outagesOf(truth).find((one) => within(one, loss.at));
    const cutByUs = truth.commands.some((one) => one.command === 'outlet-off' && one.at === loss.at);
    if (loss.beyondReach) excused.push(`${what}: it could not be shut down in order`);
    else if (cutByUs || outage?.exhaustedAt == null) wrong.push(what);
    else {
      // Nobody watched: the service was not running, or saw nothing. It still counts from the moment it could have.
      const opened = incidents.map((view) => Date.parse(view.openedAt)).find((at) => within(outage, at));
      const had = (outage.exhaustedAt - (opened ?? outage.lostAt)) / 1000;
      if (had >= need) wrong.push(`${what}: ${Math.round(had)} s were left, a bare shutdown needs ${need} s`);
      else excused.push(`${what}: only ${Math.round(had)} s were left, a bare shutdown needs ${need} s`);
    }
  }
  return verdict(
    'I1',
    wrong,
    excused.length === 0 ? 'no server or array lost power while running' : excused.join('; '),
  );
}
