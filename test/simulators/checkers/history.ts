import type { Plan } from '#core/config/plan.ts';
import { rotaFileSchema } from '#core/config/rota.ts';
import type { IncidentView, StepView, TimelineEntry } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { sameText } from '#core/text.ts';
import { type Duration, instant, minutes, toIso } from '#core/time.ts';
import type { VirtualClock } from '#platform/clock/virtual-clock.ts';
import type { Evidence, Verdict } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import type { Room } from '#simulators/room.ts';
import { START, sampleConfig, sampleRoom } from '../sample-room.ts';

/** Histories for the checkers, made in the real room: some keep an invariant, some break it. */

export const config = sampleConfig();
const rota = rotaFileSchema.parse({
  rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['lin-hao'] },
});
const plan = {
  id: 'power-outage',
  steps: [
    {
      id: 'ask-outlook',
      ask: {
        answers: [
          { id: 'over', outlook: 'over' },
          { id: 'within', outlook: 'within' },
        ],
      },
    },
  ],
} as unknown as Plan;

/** A run of the room by hand, with what a service would have said of it. */
export class History {
  readonly room: Room;
  readonly clock: VirtualClock;
  readonly timeline: TimelineEntry[] = [];
  steps: Partial<StepView>[] = [];
  deliveries: Partial<DeliveryView>[] = [];
  view: Partial<IncidentView> = {};
  touched: string[] = [];
  journals: [string, string] = ['same', 'same'];

  constructor() {
    const { room, clock } = sampleRoom();
    this.room = room;
    this.clock = clock;
  }
  wait(by: Duration): this {
    this.clock.advanceBy(by);
    return this;
  }
  mains(present: boolean): this {
    this.room.apply({ kind: 'mains', present });
    return this;
  }
  ssh(device: string, command: string): this {
    const port = config.devices.find((one) => one.id === device)?.reach?.port;
    const session = this.room.session(device, `ssh 127.0.0.1:${port}`);
    if (session.login() === 'accepted') session.run(command, { write() {}, exit() {}, lost() {} });
    return this;
  }
  outlet(number: number, on: boolean): this {
    this.room.orderOutlet(
      'pdu-1',
      number,
      on,
      `snmp 127.0.0.1:${config.devices.find((one) => one.id === 'pdu-1')?.snmp?.port}`,
    );
    return this;
  }
  say(kind: TimelineEntry['kind'], more: Partial<TimelineEntry> = {}): this {
    this.timeline.push({
      seq: this.timeline.length,
      at: toIso(this.clock.now()),
      elapsedS: 0,
      kind,
      what: sameText(kind),
      who: 'zhishou',
      why: sameText('because'),
      figures: { needS: 600 },
      step: null,
      ...more,
    });
    return this;
  }
  /** Backs the servers up, shuts everything down in order, as the plan would. */
  orderly(): this {
    for (const id of ['server-1', 'server-2', 'server-3']) this.ssh(id, `zhishou-backup run ${id}`);
    this.wait(minutes(7));
    return this.bare();
  }
  bare(): this {
    for (const id of ['server-1', 'server-2', 'server-3']) this.ssh(id, 'sudo shutdown -h now');
    this.wait(minutes(2));
    for (const outlet of [1, 2, 3]) this.outlet(outlet, false);
    this.ssh('array-1', 'system shutdown --flush').wait(minutes(3));
    return this.outlet(4, false).outlet(5, false);
  }
  evidence(): Evidence {
    return {
      config: { devices: config.devices, plans: [plan], rota },
      truth: this.room.truth(),
      incidents: [
        {
          id: 'inc-1',
          plan: { id: 'power-outage', version: '1', title: sameText('x') },
          level: 'serious',
          phase: 'closed',
          mode: 'drill',
          simulated: true,
          openedAt: toIso(instant(START + 1000)),
          closedAt: null,
          acknowledged: { by: 'lin-hao', at: '' },
          clocks: { limitS: 5400 },
          steps: this.steps,
          timeline: this.timeline,
          ...this.view,
        } as unknown as IncidentView,
      ],
      deliveries: this.deliveries as DeliveryView[],
      touched: this.touched,
      journals: this.journals,
    };
  }
  verdict(id: string): Verdict {
    const found = judge(this.evidence()).find((one) => one.id === id);
    if (found === undefined) throw new Error(`no verdict ${id}`);
    return found;
  }
}

export const outage = (): History => new History().mains(false);
export const over = (history: History): History =>
  history.say('answer', {
    who: 'lin-hao',
    step: 'ask-outlook',
    figures: { answer: 'over', minutes: null, untilInS: null },
  });
