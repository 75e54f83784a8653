import { createApp } from 'vue';
import App from './app.vue';
import { i18n, setLanguage, wholeWords } from './i18n.ts';
import { startSiteClock } from './live/site-clock.ts';
import { preferences, startPreferences } from './preferences.ts';
import { router } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/print.css';

startPreferences();
startSiteClock();
await setLanguage(preferences.language).catch(() => setLanguage('zh'));
// No page is shown before its words are here; when the overview stands, the rest comes by itself.
router.beforeResolve(async ({ name }) => {
  if (name !== 'overview') await wholeWords();
});
createApp(App).use(i18n).use(router).mount('#app');
void router
  .isReady()
  .then(wholeWords)
  .catch(() => undefined);
