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
};
