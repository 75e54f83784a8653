import { createApp } from 'vue';
import App from './app.vue';
import { i18n, setLanguage } from './i18n.ts';
import { startSiteClock } from './live/site-clock.ts';
import { preferences, startPreferences } from './preferences.ts';
import { router } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/print.css';

startPreferences();
startSiteClock();
await setLanguage(preferences.language).catch(() => setLanguage('zh'));
createApp(App).use(i18n).use(router).mount('#app');
