/** How duties stand: the overview says it too. */
export default {
  due: {
    until: 'due by {time}',
    wasDue: 'was due by {time}',
    more: '{n} more',
    waiting: {
      title: 'Not delivered',
      follows: 'Goes out with the connection; until then it does not count.',
      again: 'Open it with the connection and sign once more.',
      refused: 'Was not accepted; open it and look.',
    },
    state: {
      planned: 'Planned',
      open: 'To do',
      overdue: 'Overdue',
      done: 'Done',
      'done-late': 'Done late',
      missed: 'Missed',
      waived: 'Waived',
    },
  },
};
