import type { Language } from './text.ts';

/** `1 小时 30 分`, `1 h 30 min`; seconds only below ten minutes. For papers. */
export function formatLength(lengthS: number, language: Language): string {
  const whole = Math.max(0, Math.round(lengthS));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const words = language === 'zh' ? [' 小时', ' 分', ' 秒'] : [' h', ' min', ' s'];
  const parts: string[] = [];
  if (hours > 0) parts.push(`${hours}${words[0]}`);
  if (minutes > 0) parts.push(`${minutes}${words[1]}`);
  if ((seconds > 0 && whole < 600) || parts.length === 0) parts.push(`${seconds}${words[2]}`);
  return parts.join(' ');
}
