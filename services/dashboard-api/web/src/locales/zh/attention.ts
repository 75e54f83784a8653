/** 提示音与浏览器通知。 */
export default {
  attention: {
    title: '声音与通知',
    sound: '提示音',
    on: '已开启',
    off: '已关闭',
    soundText: '告警触发时响；紧急告警无人确认前每半分钟再响一次。',
    blocked: '浏览器要求先点一下页面才肯出声。',
    test: '试听',
    mute: '静音',
    for15: '15 分钟',
    for60: '1 小时',
    for480: '8 小时',
    mutedFor: '还剩 {minutes} 分钟',
    unmute: '结束静音',
    muteText: '只对本浏览器；火灾、漏水等安全告警照响。',
    notices: '浏览器通知',
    leave: {
      default: '开启时浏览器会询问是否允许。',
      granted: '页面不在眼前时也能看到。',
      denied: '浏览器已拒绝；请在浏览器的网站设置中允许通知。',
      absent: '浏览器只允许 https 或本机页面发通知。',
    },
    markOff: '提示音已关',
    markBlocked: '点一下页面以开启提示音',
    markMuted: '静音，还剩 {minutes} 分钟',
  },
};
