import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { ChannelStates } from '#core/channel-state.ts';
import type { JournalState } from '#core/journal-state.ts';
import type { OutOfService } from '#core/maintenance.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { ReadinessView } from '#core/readiness.ts';
import { EMPTY_ROOM_PLAN, type RoomPlanView } from '#core/room-layout.ts';
import type { RotaView } from '#core/rota/changes.ts';
import type { Changed } from './changed.ts';

/** What there is one of for the whole site: the newest of each is all that is kept. */
export function createSiteWide(changed: Changed) {
  let readiness: ReadinessView | null = null;
  let channels: ChannelStates | null = null;
  let journalState: JournalState | null = null;
  let alarmFigures: AlarmFiguresView | null = null;
  let rota: RotaView | null = null;
  let outages: readonly PlannedOutage[] = [];
  let outOfService: OutOfService = { windows: [], shelved: [] };
  let roomPlan: RoomPlanView = EMPTY_ROOM_PLAN;
  return {
    onReadiness(view: ReadinessView): void {
      readiness = view;
      changed('readiness', view);
    },
    onChannels(states: ChannelStates): void {
      channels = states;
    },
    onJournalState(state: JournalState): void {
      journalState = state;
    },
    onAlarmFigures(view: AlarmFiguresView): void {
      alarmFigures = view;
    },
    onRota(view: RotaView): void {
      rota = view;
      changed('rota', { at: view.at });
    },
    onOutages(planned: readonly PlannedOutage[]): void {
      outages = planned;
      changed('outages', planned);
    },
    onOutOfService(all: OutOfService): void {
      outOfService = all;
      // Names and reasons are asked for with a sign-in; the stream only says that they are others.
      changed('out-of-service', { windows: all.windows.length, shelved: all.shelved.length });
    },
    onRoomPlan(view: RoomPlanView): void {
      roomPlan = view;
      changed('room-plan', view);
    },
    readiness: () => readiness,
    channels: () => channels,
    alarmFigures: () => alarmFigures,
    journalState: () => journalState,
    outages: () => outages,
    /** Null: the alerts service has not spoken; the configuration holds. */
    rota: () => rota,
    outOfService: () => outOfService,
    roomPlan: () => roomPlan,
    inSnapshot: () => ({ readiness, outages, roomPlan }),
  };
}
