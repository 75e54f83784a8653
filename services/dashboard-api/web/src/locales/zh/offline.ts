/** Orders without confirmation, the page without a connection, push messages. */
export default {
  waiting: {
    title: '尚未送达',
    text: '下列操作还没有得到服务器确认，不能当作已完成。',
    send: '立即发送',
    discard: '撤回',
    state: {
      unsent: '未发出',
      unsure: '未确认',
    },
    follows: '恢复连接后自动发出',
    asks: '已过了一段时间，请确认仍然有效再发送',
    kind: {
      'incident-answer': '回答问题',
      'incident-task-done': '任务完成',
      'incident-acknowledge': '确认收到事件',
      'incident-note': '记录',
      'alert-acknowledge': '确认告警',
      other: '操作',
    },
  },
  push: {
    title: '推送到本机',
    text: '页面关着时也会收到；需要互联网。',
    unrouted: '已可开启，但 people.yaml 中您的通知方式还没有用到推送渠道。',
    off: 'site.yaml 没有设置推送渠道（kind: web-push）。',
    denied: '浏览器已拒绝通知；请在浏览器的网站设置中允许。',
    absent: '浏览器只在 https 页面上提供；苹果手机需先“添加到主屏幕”。',
    failed: '浏览器的推送服务没有应答，请检查本机能否上网。',
    others: '其他接收推送的浏览器',
    since: '{time} 起',
    end: '停止推送',
  },
};
