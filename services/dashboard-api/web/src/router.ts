import { createRouter, createWebHistory } from 'vue-router';
import Overview from './pages/overview.vue';

/** The wall is a page of its own (wall.html). */
const leaveForWall = (): boolean => {
  location.assign('/wall');
  return false;
};

/** Two touches from the wall to anything. The overview comes with the first load, the rest when it is wanted. */
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', name: 'overview', component: Overview },
    { path: '/sign-in', name: 'sign-in', component: () => import('./pages/sign-in.vue') },
    { path: '/first-run', name: 'first-run', component: () => import('./pages/first-run.vue') },
    { path: '/incidents', name: 'incidents', component: () => import('./pages/incidents.vue') },
    { path: '/incidents/:id', name: 'incident', component: () => import('./pages/incident.vue'), props: true },
    {
      path: '/incidents/:id/report',
      name: 'incident-report',
      component: () => import('./pages/incident-report.vue'),
      props: true,
    },
    { path: '/alerts', name: 'alerts', component: () => import('./pages/alerts.vue') },
    { path: '/alarm-figures', name: 'alarm-figures', component: () => import('./pages/alarm-figures.vue') },
    { path: '/messages', name: 'messages', component: () => import('./pages/messages.vue') },
    { path: '/people', name: 'people', component: () => import('./pages/people.vue') },
    { path: '/drills', name: 'drills', component: () => import('./pages/drills.vue') },
    { path: '/rota', name: 'rota', component: () => import('./pages/rota.vue') },
    { path: '/rules', name: 'rules', component: () => import('./pages/rules.vue') },
    { path: '/rules/:id', name: 'rule', component: () => import('./pages/rule.vue'), props: true },
    { path: '/readiness', name: 'readiness', component: () => import('./pages/readiness.vue') },
    { path: '/duties', name: 'duties', component: () => import('./pages/duties.vue') },
    { path: '/duties/:occurrence', name: 'duty', component: () => import('./pages/duty.vue'), props: true },
    { path: '/paperwork', name: 'paperwork', component: () => import('./pages/paperwork.vue') },
    { path: '/registers', name: 'registers', component: () => import('./pages/registers.vue') },
    { path: '/registers/:id', name: 'register', component: () => import('./pages/register.vue'), props: true },
    { path: '/registers/:id/new', name: 'entry-new', component: () => import('./pages/entry-new.vue'), props: true },
    {
      path: '/registers/:id/entries/:entry',
      name: 'entry',
      component: () => import('./pages/entry.vue'),
      props: true,
    },
    { path: '/reports', name: 'period-reports', component: () => import('./pages/period-reports.vue') },
    { path: '/reports/:id', name: 'period-report', component: () => import('./pages/period-report.vue'), props: true },
    { path: '/battery-tests', name: 'battery-tests', component: () => import('./pages/battery-tests.vue') },
    {
      path: '/battery-tests/:id',
      name: 'battery-test',
      component: () => import('./pages/battery-test.vue'),
      props: true,
    },
    { path: '/meetings', name: 'meetings', component: () => import('./pages/meetings.vue') },
    { path: '/meetings/:id', name: 'meeting', component: () => import('./pages/meeting.vue'), props: true },
    { path: '/tasks', name: 'tasks', component: () => import('./pages/tasks.vue') },
    { path: '/outages', name: 'outages', component: () => import('./pages/outages.vue') },
    { path: '/room/edit', name: 'room-edit', component: () => import('./pages/room-edit.vue') },
    { path: '/room/:id(core|auxiliary)?', name: 'room', component: () => import('./pages/room.vue'), props: true },
    { path: '/devices', name: 'devices', component: () => import('./pages/devices.vue') },
    { path: '/add-device', name: 'add-device', component: () => import('./pages/add-device.vue') },
    { path: '/devices/:id', name: 'device', component: () => import('./pages/device.vue'), props: true },
    {
      path: '/devices/:id/diagnosis',
      name: 'device-diagnosis',
      component: () => import('./pages/device-diagnosis.vue'),
      props: true,
    },
    { path: '/history', name: 'history', component: () => import('./pages/history.vue') },
    { path: '/simulator', name: 'simulator', component: () => import('./pages/simulator.vue') },
    { path: '/settings', name: 'settings', component: () => import('./pages/settings.vue') },
    { path: '/audit', name: 'audit', component: () => import('./pages/audit.vue') },
    { path: '/sessions', name: 'sessions', component: () => import('./pages/sessions.vue') },
    { path: '/users', name: 'users', component: () => import('./pages/users.vue') },
    { path: '/wall', name: 'wall', component: Overview, beforeEnter: leaveForWall },
    { path: '/:anything(.*)*', name: 'not-found', component: () => import('./pages/not-found.vue') },
  ],
});
