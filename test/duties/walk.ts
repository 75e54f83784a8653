import { loadSample } from '#commands/simulate/sample.ts';
import type { Config } from '#core/config/config.ts';
import { type Notice, noticeSchema } from '#core/notice.ts';
import type { DoneItem, DutyView } from '#core/paperwork/duty-view.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { hours, type Instant, toIso } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { type DutyStore, openDutyStore } from '#platform/duty-store.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openRegisterStore, type RegisterStore } from '#platform/register-store.ts';
import { type Duties, openDuties } from '#services/dashboard-api/duties/duties.ts';
import { createNotices } from '#services/dashboard-api/notices.ts';
import { createReadModel } from '#services/dashboard-api/read-model/model.ts';
import { createRegisterBook, type Registers } from '#services/dashboard-api/registers/register-book.ts';
import { createTaskList, type TaskList } from '#services/dashboard-api/tasks/task-list.ts';

/** The sample's duties on a clock that stands still until told, over a bus in memory, with whoever answers them. */

let sample: Config | null = null;
export function sampleConfig(): Config {
  sample ??= loadSample().config;
  return sample;
}

export const LIN: Who = {
  user: 'lin',
  name: '林浩',
  role: 'operator',
  person: 'lin-hao',
  functions: ['equipment-administrator'],
};

export interface Walk {
  readonly clock: VirtualClock;
  readonly bus: ReturnType<typeof createMemoryBus>;
  readonly duties: Duties;
  readonly tasks: TaskList;
  readonly registers: Registers;
  readonly model: ReturnType<typeof createReadModel>;
  /** As the bus had them, in order. */
  readonly heard: readonly Notice[];
  stop(): Promise<void>;
}

export interface WalkOptions {
  readonly config?: Config;
  readonly clock?: VirtualClock;
  readonly store?: DutyStore;
  readonly registerStore?: RegisterStore;
  readonly state?: ReturnType<typeof createMemoryStateStore>;
}

export async function startWalk(from: Instant, options: WalkOptions = {}): Promise<Walk> {
  const config = options.config ?? sampleConfig();
  const clock = options.clock ?? createVirtualClock(from);
  const metrics = createMetrics();
  const bus = createMemoryBus({ metrics });
  const heard: Notice[] = [];
  await bus.subscribe(topicFilter(config.site.id, 'notice/+'), ({ payload }) => {
    heard.push(noticeSchema.parse(JSON.parse(new TextDecoder().decode(payload))));
  });
  const model = createReadModel({
    ...{ config, kept: null, changed: () => {}, readingsChanged: () => {} },
    present: () => ({ now: clock.now(), speed: 1, version: 'test' }),
  });
  const tasks = createTaskList({ config, clock, store: options.state ?? createMemoryStateStore() });
  const registers = createRegisterBook({
    ...{ config, clock, log: silentLog },
    store: options.registerStore ?? openRegisterStore(':memory:'),
  });
  const duties = openDuties({
    ...{ config, clock, bus, log: silentLog, model, tasks, registers, changed: () => {} },
    store: options.store ?? openDutyStore(':memory:'),
    notices: createNotices({ site: config.site.id, bus, log: silentLog }),
  });
  await duties.start();
  return { clock, bus, duties, tasks, registers, model, heard, stop: duties.stop };
}

/** Everything in order, but what is named. */
export const answers = (view: DutyView, at: Instant, findings: readonly string[] = []): readonly DoneItem[] =>
  view.checklist.map(({ id, kind, min }) => ({
    item: id,
    verdict: findings.includes(id) ? 'finding' : 'ok',
    value: kind === 'tick' ? null : kind === 'number' ? (min ?? 1) : '无',
    note: findings.includes(id) ? 'out of order' : null,
    at: toIso(at),
    owner: null,
    dueAt: null,
  }));

export const DAY = hours(24);
