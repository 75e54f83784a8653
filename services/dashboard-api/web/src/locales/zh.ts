import accounts from './zh/accounts.ts';
import admin from './zh/admin.ts';
import alarms from './zh/alarms.ts';
import attention from './zh/attention.ts';
import battery from './zh/battery.ts';
import charts from './zh/charts.ts';
import devices from './zh/devices.ts';
import due from './zh/due.ts';
import duties from './zh/duties.ts';
import emergency from './zh/emergency.ts';
import escalation from './zh/escalation.ts';
import figures from './zh/figures.ts';
import incidentPage from './zh/incident-page.ts';
import meetings from './zh/meetings.ts';
import messages from './zh/messages.ts';
import offline from './zh/offline.ts';
import people from './zh/people.ts';
import preparation from './zh/preparation.ts';
import registers from './zh/registers.ts';
import reports from './zh/reports.ts';
import room from './zh/room.ts';
import roomEdit from './zh/room-edit.ts';
import roomPlan from './zh/room-plan.ts';
import rota from './zh/rota.ts';
import rules from './zh/rules.ts';
import shell from './zh/shell.ts';
import tokens from './zh/tokens.ts';
import wall from './zh/wall.ts';

/** 中文. test/web/i18n.test.ts keeps both languages whole and free of unused keys. */
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
