import emergency from './zh/emergency.ts';
import escalation from './zh/escalation.ts';
import room from './zh/room.ts';
import roomPlan from './zh/room-plan.ts';
import shell from './zh/shell.ts';
import wall from './zh/wall.ts';

/** 中文: what the wall says; test/web/wall-model.test.ts finds what is missing. */
export default { ...shell, ...room, ...emergency, ...escalation, ...roomPlan, ...wall };
