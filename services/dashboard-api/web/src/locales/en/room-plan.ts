/** The room plan. */
export default {
  roomPlan: {
    rooms: { core: 'Core room', auxiliary: 'Auxiliary room' },
    open: 'Larger',
    alerting: 'alert ({severity})',
    empty: 'Nothing stands on this plan yet',
    within: 'within the normal band, darker is higher',
    outside: 'outside the normal band there',
    beyond: 'past a limit',
    unknown: 'no sensor near',
    noField: 'No trustworthy readings now, so no field is drawn.',
    show: 'Show',
    layer: { temperature: 'Temperature', humidity: 'Humidity', dewpoint: 'Dew point', none: 'Nothing' },
    room: 'Room',
    wrongHere: 'Equipment with alerts here',
    edit: 'Edit the plan',
  },
};
