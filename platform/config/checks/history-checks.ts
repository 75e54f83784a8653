import { type HistoryConfig, RESOLUTIONS } from '#core/config/history.ts';
import type { Site } from '#core/config/site.ts';
import { formatDuration, seconds } from '#core/time.ts';
import type { Located, Parts } from '../parts.ts';
import type { Teller } from './references.ts';

/** site.yaml's `history`: what its parts say of each other. */
export function checkHistory({ site }: Parts, tell: Teller): void {
  if (site === null) return;
  const { history } = site.value;
  checkStores(site, history, tell);
  checkInflux(site, history, tell);
  checkKeep(site, tell);
  if (history.spool.limit < 1024 * 1024) {
    tell(site, ['history', 'spool', 'limit'], 'a spool this small is full at once', 'write 16MB or more, e.g. 512MB');
  }
  if (history.spool.sync_every > seconds(300)) {
    const message = `a power cut would lose ${formatDuration(history.spool.sync_every)} of history`;
    tell(site, ['history', 'spool', 'sync_every'], message, 'write 5m or less, e.g. 1s');
  }
}

function checkStores(site: Located<Site>, { stores, read, influxdb }: HistoryConfig, tell: Teller): void {
  for (const [place, store] of stores.entries()) {
    if (stores.indexOf(store) === place) continue;
    tell(site, ['history', 'stores', place], `${store} is named twice`, 'name each store once');
  }
  if (read !== undefined && !stores.includes(read)) {
    const mend = `write one of: ${stores.join(', ')}, or add ${read} to history.stores`;
    tell(site, ['history', 'read'], `${read} is not among the stores that get readings`, mend);
  }
  if (stores.includes('influxdb') && influxdb === undefined) {
    const mend = 'add history.influxdb with its url, e.g. { url: "http://127.0.0.1:8086" }, or take it out of stores';
    tell(site, ['history', 'stores'], 'nothing says where influxdb is', mend);
  }
  if (!stores.includes('influxdb') && influxdb !== undefined) {
    const mend = 'write stores: [embedded, influxdb], or take influxdb away';
    tell(site, ['history', 'influxdb'], 'influxdb is described, and gets no readings', mend);
  }
}

function checkInflux(site: Located<Site>, { influxdb }: HistoryConfig, tell: Teller): void {
  if (influxdb === undefined) return;
  const { user, password, token } = influxdb;
  if (token !== undefined && user !== undefined) {
    const mend = 'leave either token, or user and password';
    tell(site, ['history', 'influxdb', 'token'], 'a token and a user are two ways to sign in', mend);
  }
  if ((user === undefined) !== (password === undefined)) {
    const lacks = user === undefined ? 'user' : 'password';
    tell(site, ['history', 'influxdb'], `influxdb has no ${lacks}`, `add ${lacks}, or use token alone`);
  }
}

/** A coarser rollup that goes before the finer one leaves a hole between what is fine and what is old. */
function checkKeep(site: Located<Site>, tell: Teller): void {
  const { keep, history } = site.value;
  if (keep !== undefined && history.keep.raw !== undefined) {
    tell(site, ['keep'], 'keep and history.keep.raw say the same thing', 'leave history.keep.raw and remove keep');
  }
  const { classes, ...all } = history.keep;
  for (const [path, kept] of [[[], all], ...Object.entries(classes).map(([name, one]) => [['classes', name], one])] as [
    string[],
    typeof all,
  ][]) {
    for (const [place, coarse] of RESOLUTIONS.entries()) {
      const fine = RESOLUTIONS[place - 1];
      const [before, now] = [fine === undefined ? undefined : kept[fine], kept[coarse]];
      if (fine === undefined || before === undefined || now === undefined || now === null) continue;
      if (before !== null && before <= now) continue;
      const message = `${coarse} is kept for a shorter time than ${fine}, which is finer`;
      tell(site, ['history', 'keep', ...path, coarse], message, `write as much as for ${fine}, or more`);
    }
  }
}
