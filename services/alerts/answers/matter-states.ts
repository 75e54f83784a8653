import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import { sameText, type Text } from '#core/text.ts';
import type { MatterName } from './matters.ts';

/** How things stand with what people were told of. */
export type MatterState =
  | { readonly is: 'open'; readonly title: Text; readonly todo: Text | null }
  | { readonly is: 'acknowledged'; readonly title: Text; readonly by: string; readonly at: string }
  | { readonly is: 'over'; readonly title: Text | null };

export interface MatterStatesDependencies {
  readonly config: Pick<Config, 'devices'>;
  readonly alert: (id: string) => AlertView | null;
  readonly incident: (id: string) => IncidentView | null;
  /** A test of contacts: whether this person still has to confirm it. */
  readonly test?: (id: string, person: string) => boolean;
}

export function createMatterStates({ config, alert, incident, test }: MatterStatesDependencies) {
  const names = new Map(config.devices.map(({ id, name }) => [id, name]));

  function ofAlert(view: AlertView | null): MatterState {
    if (view === null) return { is: 'over', title: null };
    const device = names.get(view.device) ?? sameText(view.device);
    const title = { zh: `${view.title.zh}（${device.zh}）`, en: `${view.title.en} (${device.en})` };
    const acknowledged = view.state === 'acknowledged' ? view.acknowledged : null;
    if (acknowledged !== null) return { is: 'acknowledged', title, ...acknowledged };
    return view.state === 'firing' ? { is: 'open', title, todo: view.response } : { is: 'over', title };
  }

  function ofIncident(view: IncidentView | null): MatterState {
    if (view === null) return { is: 'over', title: null };
    const { title } = view.plan;
    if (view.phase === 'closed') return { is: 'over', title };
    if (view.acknowledged !== null) return { is: 'acknowledged', title, ...view.acknowledged };
    return { is: 'open', title, todo: view.headline };
  }

  /** Of an incident only what is known without making its view is looked at. */
  function standsOf(name: MatterName, person: string): MatterState['is'] {
    if (name.kind === 'alert') return ofAlert(alert(name.id)).is;
    if (name.kind === 'test') return test?.(name.id, person) === true ? 'open' : 'over';
    const view = incident(name.id);
    if (view === null || view.phase === 'closed') return 'over';
    return view.acknowledged === null ? 'open' : 'acknowledged';
  }

  function stateOf(name: MatterName, person: string): MatterState {
    if (name.kind === 'alert') return ofAlert(alert(name.id));
    if (name.kind === 'incident') return ofIncident(incident(name.id));
    const title = { zh: '联系方式测试', en: 'test of your contacts' };
    return standsOf(name, person) === 'open' ? { is: 'open', title, todo: null } : { is: 'over', title };
  }

  return { stateOf, standsOf };
}
