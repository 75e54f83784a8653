/** Escalation: who has been told, who is next. */
export default {
  escalation: {
    told: 'Told: {names}',
    next: '{when}: {names}',
    in: 'in {length}',
    now: 'in a moment',
    reopened: '{name} acknowledged it at {time} and nothing followed: it fires again',
  },
};
