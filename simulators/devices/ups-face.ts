import type { Cancel, Clock } from '#core/ports.ts';
import { minutes } from '#core/time.ts';
import type { Room } from '../room.ts';
import { outputOn, upsInputGood } from '../world/supply.ts';
import type { Notification, SnmpFace } from './mib.ts';
import { UPS_MIB, upsMib } from './rfc1628-ups.ts';
import { createUpsAlarms } from './ups-alarms.ts';

const TRAPS = `${UPS_MIB}.2`;
const OBJECTS = `${UPS_MIB}.1`;

/** The UPS's network card: RFC 1628's objects and its four notifications. */
export function upsFace(room: Room, device: string, clock: Clock, over: string): SnmpFace {
  const index = room.look().plan.upses.findIndex((ups) => ups.id === device);
  const upTime = (): number => {
    const { world } = room.look();
    return Math.max(0, Math.round((world.at - world.startedAt) / 10)) % 4_294_967_296;
  };
  const alarms = createUpsAlarms(room, index, upTime);
  const mib = upsMib({ room, device, index, alarms, upTime, over });
  const value = (oid: string): Notification['varbinds'][number] => {
    const scalar = mib.scalars.find((one) => one.oid === oid);
    if (scalar === undefined) throw new RangeError(`no object ${oid}`);
    return { oid: `${oid}.0`, type: scalar.type, value: scalar.read() };
  };
  const state = () => room.look().world.upses[index];
  return {
    device,
    mib,
    upTime,
    // The card lives on the battery and on mains; with neither it is dark.
    alive: () => {
      const ups = state();
      return ups !== undefined && (outputOn(ups) || upsInputGood(room.look(), index));
    },
    watch: (notify) => {
      let onBattery = state()?.mode === 'battery';
      let testing = state()?.testUntilAt !== null;
      let cancelRepeat: Cancel = () => {};
      const tellOnBattery = (): void => {
        notify({
          oid: `${TRAPS}.1`,
          name: 'UPS-MIB::upsTrapOnBattery',
          varbinds: [value(`${OBJECTS}.2.3`), value(`${OBJECTS}.2.2`), value(`${OBJECTS}.9.7`)],
        });
        // RFC 1628: "resent at one minute intervals until the UPS either turns off or is no longer running on battery".
        cancelRepeat();
        cancelRepeat = clock.after(minutes(1), () => {
          if (state()?.mode === 'battery') tellOnBattery();
        });
      };
      const look = (): void => {
        const ups = state();
        if (ups === undefined) return;
        if (ups.mode === 'battery' && !onBattery) tellOnBattery();
        if (ups.mode !== 'battery') cancelRepeat();
        onBattery = ups.mode === 'battery';
        const nowTesting = ups.testUntilAt !== null;
        if (testing && !nowTesting) notify(testCompleted(value));
        testing = nowTesting;
        const { added, removed } = alarms.refresh();
        for (const alarm of added) notify(alarmEntry('3', 'upsTrapAlarmEntryAdded', alarm));
        for (const alarm of removed) notify(alarmEntry('4', 'upsTrapAlarmEntryRemoved', alarm));
      };
      // What is present when the card starts is no news.
      alarms.refresh();
      if (onBattery) tellOnBattery();
      const cancelWatch = room.onChange(look);
      return () => {
        cancelWatch();
        cancelRepeat();
      };
    },
  };
}

const testCompleted = (value: (oid: string) => Notification['varbinds'][number]): Notification => ({
  oid: `${TRAPS}.2`,
  name: 'UPS-MIB::upsTrapTestCompleted',
  varbinds: [1, 2, 3, 4, 5, 6].map((number) => value(`${OBJECTS}.7.${number}`)),
});

const alarmEntry = (number: string, name: string, alarm: { id: number; descr: string }): Notification => ({
  oid: `${TRAPS}.${number}`,
  name: `UPS-MIB::${name}`,
  varbinds: [
    // upsAlarmId is not-accessible as a column but goes out as a trap's object.
    { oid: `${OBJECTS}.6.2.1.1.${alarm.id}`, type: 'Integer', value: alarm.id },
    { oid: `${OBJECTS}.6.2.1.2.${alarm.id}`, type: 'OID', value: alarm.descr },
  ],
});
