import alarms from './zh/alarms.ts';
import due from './zh/due.ts';
import emergency from './zh/emergency.ts';
import escalation from './zh/escalation.ts';
import incidentPage from './zh/incident-page.ts';
import offline from './zh/offline.ts';
import preparation from './zh/preparation.ts';
import room from './zh/room.ts';
import roomPlan from './zh/room-plan.ts';
import shell from './zh/shell.ts';
import wall from './zh/wall.ts';

/** 总览先要的词；其余在 zh.ts，随后就到。test/web/i18n-first.test.ts finds a word that the overview lacks. */
export default {
  ...shell,
  ...room,
  ...due,
  ...emergency,
  ...escalation,
  ...incidentPage,
  ...offline,
  ...preparation,
  ...alarms,
  ...roomPlan,
  ...wall,
};
