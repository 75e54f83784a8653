/** 程序令牌。 */
export default {
  tokens: {
    title: '程序令牌',
    text: '供其他系统调用本服务，只给它需要的范围：例如 Alertmanager 送来告警，用“值班员”角色和“送入告警”范围。',
    made: '{name} 的令牌，只显示这一次：',
    name: '用途',
    used: '上次使用',
    until: '有效至',
    end: '撤销',
    days: '天数',
    add: '新建令牌',
  },
};
