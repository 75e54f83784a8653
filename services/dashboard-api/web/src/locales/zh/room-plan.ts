/** 机房平面图。 */
export default {
  roomPlan: {
    rooms: { core: '主机房', auxiliary: '辅助区' },
    open: '看大图',
    alerting: '有告警（{severity}）',
    empty: '平面图上还没有设备',
    within: '正常范围内，颜色越深数值越高',
    outside: '偏离该处正常范围',
    beyond: '超出限值',
    unknown: '附近没有传感器',
    noField: '现在没有可信的读数，不画温度场。',
    show: '图层',
    layer: { temperature: '温度', humidity: '湿度', dewpoint: '露点', none: '不显示' },
    room: '房间',
    wrongHere: '这里有告警的设备',
    edit: '编辑平面图',
  },
};
