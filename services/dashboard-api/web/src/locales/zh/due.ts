/** 工作任务的状态：总览首屏也用。 */
export default {
  due: {
    until: '{time} 前完成',
    wasDue: '应于 {time} 前完成',
    more: '另有 {n} 项',
    waiting: {
      title: '尚未送达',
      follows: '连上后自动送出，送达之前不算完成。',
      again: '连上后请打开，再签一次。',
      refused: '没有被接受，请打开查看。',
    },
    state: {
      planned: '未到时间',
      open: '待做',
      overdue: '已逾期',
      done: '已完成',
      'done-late': '逾期完成',
      missed: '未做',
      waived: '已免做',
    },
  },
};
