import { createApp } from 'vue';
import { createRouter, createWebHistory } from 'vue-router';
import { startSiteClock } from './live/site-clock.ts';
import Wall from './pages/wall.vue';
import { preferences, showTheme } from './preferences.ts';
import { wallI18n } from './wall-i18n.ts';
import './styles/tokens.css';
import './styles/base.css';

/**
 * The wall is a page of its own (wall.html), so that a screen loads what it shows and nothing else. `?lang=zh|en` and
 * `?theme=dark|light|auto` are for the screen alone: what a person has chosen in this browser stays as it is.
 */
const wishes = new URLSearchParams(location.search);
const theme = wishes.get('theme');
showTheme(theme === 'light' || theme === 'auto' ? theme : 'dark');
const language = wishes.get('lang') ?? preferences.language;
startSiteClock();
const i18n = await wallI18n(language === 'en' ? 'en' : 'zh');

/** Other addresses belong to the other page. */
const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/wall', name: 'wall', component: Wall },
    { path: '/devices/:id', name: 'device', component: Wall },
    { path: '/:anything(.*)*', name: 'elsewhere', component: Wall },
  ],
});
router.beforeEach((to) => {
  if (to.name === 'wall') return true;
  location.assign(to.fullPath);
  return false;
});
createApp(Wall).use(i18n).use(router).mount('#app');
