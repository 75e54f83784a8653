/** Tones and the browser's notices. */
export default {
  attention: {
    title: 'Sound and notices',
    sound: 'Sound',
    on: 'On',
    off: 'Off',
    soundText: 'A tone when an alert fires; high alerts again each half minute until somebody acknowledges.',
    blocked: 'The browser sounds nothing before a touch on the page.',
    test: 'Listen',
    mute: 'Mute',
    for15: '15 minutes',
    for60: '1 hour',
    for480: '8 hours',
    mutedFor: '{minutes} minutes left',
    unmute: 'End it',
    muteText: 'In this browser alone; fire, water and other safety alerts sound all the same.',
    notices: 'Browser notices',
    leave: {
      default: 'The browser asks for leave when this is switched on.',
      granted: 'Seen also when the page is not in front.',
      denied: 'The browser refuses them; allow notifications in its settings for this site.',
      absent: 'Browsers allow notices from https pages and from this machine only.',
    },
    markOff: 'Sound is off',
    markBlocked: 'Touch the page to have sound',
    markMuted: 'Muted, {minutes} min left',
  },
};
