import emergency from './en/emergency.ts';
import escalation from './en/escalation.ts';
import room from './en/room.ts';
import roomPlan from './en/room-plan.ts';
import shell from './en/shell.ts';
import wall from './en/wall.ts';

/** English: what the wall says; test/web/wall-model.test.ts finds what is missing. */
export default { ...shell, ...room, ...emergency, ...escalation, ...roomPlan, ...wall };
