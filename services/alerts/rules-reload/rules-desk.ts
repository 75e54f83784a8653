import type { PersonCommand } from '#core/command.ts';
import type { Config, ConfigProblem } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import { ruleFor } from '#core/config/rule-for.ts';
import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { type RuleOverride, refuseOverride } from '#core/rule-override.ts';
import type { RuleEngine } from '#core/rules/rule-engine.ts';
import type { RulesView } from '#core/rules-view.ts';
import { toIso } from '#core/time.ts';
import type { RuleFiles } from '#platform/config/rule-files.ts';
import type { AlertBook } from '../lifecycle/alert-book.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import { OWN_RULES } from '../self/own-rules.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { overrideKey } from './kept-overrides.ts';
import { missedByPlans, opensPlan } from './needed-rules.ts';
import type { PresentRules } from './present-rules.ts';

/**
 * Takes other rules over while the service runs: the files when they have changed, and what people change on the page. What cannot
 * be taken over leaves everything as it was and is told (`zhishou-rules-broken`).
 */
export interface RulesDesk {
  start(): void;
  stop(): void;
  onCommand(command: RulesCommand): OrderAnswer;
  /** Says it again, to those who come back. */
  publish(): void;
}

export type RulesCommand = PersonCommand & {
  readonly body: Extract<PersonCommand['body'], { readonly kind: `rule.${string}` | `rules.${string}` }>;
};

export interface RulesDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly engine: Pick<RuleEngine, 'replace'>;
  readonly book: Pick<AlertBook, 'apply' | 'follow' | 'active'>;
  readonly present: PresentRules;
  /** Null: what runs in memory has no files. */
  readonly files: RuleFiles | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publishView: (view: RulesView) => void;
}

const NO_FILES = refusal('CONFLICT', '本实例的规则不在文件中', 'the rules of this instance are in no files');
const NO_RULE = refusal('NOT_FOUND', '没有这条规则', 'no such rule');
const NO_DEVICE = refusal('NOT_FOUND', '没有这台设备', 'no such device');
const NO_OVERRIDE = refusal('NOT_FOUND', '没有这项修改', 'nothing of the kind was changed');
const TOO_MANY = refusal(
  'CONFLICT',
  '页面上的修改过多，请先写入文件',
  'too many changes on the page: write them into the files first',
);
const STARTS_PLAN = refusal(
  'FORBIDDEN',
  '有预案由该规则触发，不能停用',
  'a plan is triggered by this rule: it cannot be switched off',
);
const SUBJECT = 'rules';
const MOST_OVERRIDES = 2000;

export function createRulesDesk(dependencies: RulesDeskDependencies): RulesDesk {
  const { config, clock, work, engine, book, present, files, log, metrics } = dependencies;
  const devices = new Set(config.devices.map(({ id }) => id));
  let problems: readonly ConfigProblem[] = [];
  let broken = false;
  let since = toIso(clock.now());
  let readAt = since;
  let stopWatching: Cancel = () => {};
  let stopped = false;
  /** One reading of the files at a time; what changes meanwhile is read after it. */
  let reading = false;
  let again = false;

  function publish(): void {
    dependencies.publishView({ since, readAt, rules: present.files(), overrides: present.overrides(), problems });
  }

  function reload(): void {
    again = reading;
    if (reading || files === null || stopped) return;
    reading = true;
    files
      .read()
      .then(
        (read) => {
          if (!stopped) takeFiles(read.rules, read.problems);
        },
        (error: unknown) => log.error({ error: messageOf(error) }, 'the rules could not be read again'),
      )
      .finally(() => {
        reading = false;
        if (again) reload();
      });
  }

  function takeFiles(rules: readonly Rule[] | null, found: readonly ConfigProblem[]): void {
    readAt = toIso(clock.now());
    problems = rules === null ? found : missedByPlans(rules, config.plans, present.files());
    metrics.count('zhishou_rules_reloads_total', { ok: String(problems.length === 0) });
    work.run(() => {
      if (rules !== null && problems.length === 0) takeOver(rules, present.overrides());
      tellBroken();
      work.afterCommit(publish);
    });
    for (const { file, line, column, message } of problems)
      log.warn({ at: `${file}:${line}:${column}`, message }, 'the rules as they are now are not taken over');
  }

  /** Within a unit of work. Everybody asks the holder, so it changes first. */
  function takeOver(rules: readonly Rule[], overrides: readonly RuleOverride[]): void {
    if (!present.take(rules, overrides)) return;
    since = toIso(clock.now());
    const ended = engine.replace(present.set());
    book.follow(ended);
    log.info({ rules: rules.length, overrides: overrides.length, ended: ended.length }, 'other rules taken over');
  }

  function tellBroken(): void {
    const [first] = problems;
    if (broken === (first !== undefined)) return;
    broken = first !== undefined;
    const value = first === undefined ? null : describe(first);
    const kind = broken ? 'fired' : 'cleared';
    book.apply(OWN_RULES['zhishou-rules-broken'], SUBJECT, [
      { kind, point: '', value, simulated: config.site.simulation },
    ]);
  }

  function override(
    command: RulesCommand,
    change: Pick<RuleOverride, 'rule' | 'device' | 'values' | 'reason'>,
  ): OrderAnswer {
    const refusedFor = refusalOf(change);
    if (refusedFor !== null) return refused(command, refusedFor);
    const { rule, device, values, reason } = change;
    const made: RuleOverride = { rule, device, values, reason, by: command.by.user, at: toIso(clock.now()) };
    const others = present.overrides().filter((one) => !isSame(one, change));
    if (others.length >= MOST_OVERRIDES) return refused(command, TOO_MANY);
    keep([...others, made], () => work.store.set(overrideKey(made), made));
    return carriedOut(command);
  }

  function refusalOf({ rule: id, device, values }: Pick<RuleOverride, 'rule' | 'device' | 'values'>): Refusal | null {
    const rule = present.files().find((one) => one.id === id);
    if (rule === undefined) return NO_RULE;
    if (device !== null && !devices.has(device)) return NO_DEVICE;
    if (values.off === true && opensPlan(id, config.plans)) return STARTS_PLAN;
    const why = refuseOverride((device === null ? null : ruleFor(rule, device)) ?? rule, values);
    return why === null ? null : refusal('FORBIDDEN', why.zh, why.en);
  }

  function remove(command: RulesCommand, which: Pick<RuleOverride, 'rule' | 'device'>): OrderAnswer {
    const others = present.overrides().filter((one) => !isSame(one, which));
    if (others.length === present.overrides().length) return refused(command, NO_OVERRIDE);
    keep(others, () => work.store.delete(overrideKey(which)));
    return carriedOut(command);
  }

  function keep(overrides: readonly RuleOverride[], write: () => void): void {
    work.run(() => {
      write();
      takeOver(present.files(), overrides);
      work.afterCommit(publish);
    });
  }

  return {
    start() {
      broken = book.active().some(({ rule }) => rule === OWN_RULES['zhishou-rules-broken'].id);
      // What the service was started with was whole.
      work.run(tellBroken);
      publish();
      if (files !== null) stopWatching = files.watch(reload);
    },
    stop() {
      stopped = true;
      stopWatching();
    },
    onCommand(command) {
      const { body } = command;
      if (body.kind === 'rules.reload') {
        if (files === null) return refused(command, NO_FILES);
        reload();
        return carriedOut(command);
      }
      return body.kind === 'rule.override' ? override(command, body) : remove(command, body);
    },
    publish,
  };
}

const isSame = (a: Pick<RuleOverride, 'rule' | 'device'>, b: Pick<RuleOverride, 'rule' | 'device'>): boolean =>
  a.rule === b.rule && a.device === b.device;

const describe = ({ file, line, column, message, mend }: ConfigProblem): string =>
  `${file}:${line}:${column} ${message}; ${mend}`.slice(0, 500);
