import accounts from './en/accounts.ts';
import admin from './en/admin.ts';
import alarms from './en/alarms.ts';
import attention from './en/attention.ts';
import battery from './en/battery.ts';
import charts from './en/charts.ts';
import devices from './en/devices.ts';
import due from './en/due.ts';
import duties from './en/duties.ts';
import emergency from './en/emergency.ts';
import escalation from './en/escalation.ts';
import figures from './en/figures.ts';
import incidentPage from './en/incident-page.ts';
import meetings from './en/meetings.ts';
import messages from './en/messages.ts';
import offline from './en/offline.ts';
import people from './en/people.ts';
import preparation from './en/preparation.ts';
import registers from './en/registers.ts';
import reports from './en/reports.ts';
import room from './en/room.ts';
import roomEdit from './en/room-edit.ts';
import roomPlan from './en/room-plan.ts';
import rota from './en/rota.ts';
import rules from './en/rules.ts';
import shell from './en/shell.ts';
import tokens from './en/tokens.ts';
import wall from './en/wall.ts';

/** English. */
export default {
  ...shell,
  ...room,
  ...registers,
  ...due,
  ...duties,
  ...emergency,
  ...escalation,
  ...meetings,
  ...messages,
  ...offline,
  ...people,
  ...preparation,
  ...accounts,
  ...admin,
  ...alarms,
  ...figures,
  ...incidentPage,
  ...roomEdit,
  ...roomPlan,
  ...reports,
  ...rota,
  ...charts,
  ...battery,
  ...devices,
  ...rules,
  ...attention,
  ...tokens,
  ...wall,
};
