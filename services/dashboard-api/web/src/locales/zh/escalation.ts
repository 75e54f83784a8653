/** 逐级通知：已通知谁，下一个是谁。 */
export default {
  escalation: {
    told: '已通知 {names}',
    next: '{when}通知 {names}',
    in: '{length}后',
    now: '即将',
    reopened: '{name} 于 {time} 确认后没有进展，重新告警',
  },
};
