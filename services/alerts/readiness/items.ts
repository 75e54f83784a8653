import type { Config } from '#core/config/config.ts';
import type { DriverName } from '#core/config/device.ts';
import type { FunctionName, Person } from '#core/config/people.ts';
import type { Plan } from '#core/config/plan.ts';
import type { ActionOutcome } from '#core/ports.ts';
import type { BatteryFit, ReadinessItem } from '#core/readiness.ts';
import { sameText, type Text } from '#core/text.ts';
import { between, type Instant, instant, toIso } from '#core/time.ts';
import { bothTexts, clockLength } from '../plans/texts.ts';
import type { Rota } from '../seams.ts';
import type { ContactOutcome } from './contact-tests.ts';
import type { Target } from './targets.ts';

/** Each part of the readiness figure, from what is known; pure. The words say what is so and what to do about it. */

const DAY_MS = 86_400_000;
/** A test older than this proves nothing any more: it runs daily. */
const TEST_GOOD_FOR_MS = 2 * DAY_MS;
/** O-ORG-1: the way to a person is proven by a message that its channel took. */
const ROUTE_GOOD_FOR_MS = 31 * DAY_MS;
/**
 * O-DRL-1, "regular drills": monthly the shutdown contract, which machines carry out and which changes with every device; yearly
 * each of the others. Ten drills a month nobody would hold, and a warning that is always there is read by nobody.
 */
const DRILL_MONTHLY_MS = 31 * DAY_MS;
const DRILL_YEARLY_MS = 366 * DAY_MS;

export interface TestRecord {
  readonly at: Instant;
  readonly result: ActionOutcome['result'];
  readonly detail: string;
}

const WAYS: Readonly<Record<DriverName, Text>> = {
  ssh: sameText('SSH'),
  snmp_set: { zh: 'SNMP 控制', en: 'SNMP control' },
  mqtt: sameText('MQTT'),
  local: { zh: '本机命令', en: 'local command' },
  ipmi: sameText('IPMI'),
  redfish: sameText('Redfish'),
  nut: sameText('NUT'),
  nut_serve: { zh: 'NUT 客户端', en: 'NUT clients' },
  wake: { zh: '网络唤醒', en: 'Wake-on-LAN' },
  http: sameText('HTTP'),
};

/** What a test that went well proves, and what it cannot; drivers say it in English. */
const PROVEN: Readonly<Record<DriverName, string>> = {
  ssh: '能登录，口令或密钥有效。',
  snmp_set: '能读到这个控制点；能否写入，操作时才知道。',
  mqtt: '已连上消息服务器；能否写入，发送时才知道。',
  local: '命令存在，可以执行；没有执行它。',
  ipmi: '管理控制器应答，口令有效。',
  redfish: '管理控制器应答，口令有效。',
  nut: 'NUT 服务器应答。',
  nut_serve: '本机的 NUT 服务就绪。',
  wake: '可以发出唤醒包；能否唤醒，操作时才知道。',
  http: '服务应答；没有写 test 的不验证口令。',
};

export function targetItem(target: Target, last: TestRecord | null, now: Instant): ReadinessItem {
  const base = {
    id: `target/${target.id}`,
    kind: 'target' as const,
    title: bothTexts(
      `${target.device.name.zh}：${WAYS[target.driver].zh} ${target.address}`,
      `${target.device.name.en}: ${WAYS[target.driver].en} ${target.address}`,
    ),
    device: target.device.id,
    testedAt: last === null ? null : toIso(last.at),
  };
  if (last === null || between(last.at, now) > TEST_GOOD_FOR_MS) {
    return {
      ...base,
      state: 'unknown',
      detail: bothTexts('尚未测试，或测试已过两天', 'not tested in the last two days'),
    };
  }
  if (last.result === 'ok') return { ...base, state: 'ok', detail: bothTexts(PROVEN[target.driver], last.detail) };
  // Another way is left where only an `otherwise` fails.
  const detail = bothTexts(
    `${last.detail}。请检查地址、网络和口令。`,
    `${last.detail}. Check the address, the network and the credentials.`,
  );
  return { ...base, state: target.fallback ? 'warn' : 'fail', detail };
}

const CASES: Readonly<Record<BatteryFit['case'], Text>> = {
  full: { zh: '满电', en: 'full battery' },
  aged: { zh: '电池健康度 80%', en: 'battery at 80 % health' },
  now: { zh: '当前电量和负载', en: 'charge and load of now' },
};

export function batteryItem(fit: BatteryFit, title: Text, nameOf: (ups: string) => Text): ReadinessItem {
  const length = (s: number | null): Text => (s === null ? bothTexts('不明', 'not known') : clockLength(s * 1000));
  const [runtime, need, bare] = [length(fit.runtimeS), length(fit.needS), length(fit.bareNeedS)];
  const figures = bothTexts(
    `${fit.runtimeS === null ? '可支撑时间不明' : `可支撑 ${runtime.zh}`}；备份加关机需 ${need.zh}，仅关机需 ${bare.zh}，余量 ${length(fit.marginS).zh}。`,
    `${fit.runtimeS === null ? 'how long it lasts is not known' : `lasts ${runtime.en}`}; backups and shutdown need ${need.en}, a bare shutdown ${bare.en}, margin ${length(fit.marginS).en}.`,
  );
  // One figure hides which battery is the weak one.
  const each =
    fit.upses.length < 2 ? [] : fit.upses.map((one) => ({ name: nameOf(one.ups), is: length(one.runtimeS) }));
  const apart =
    each.length === 0
      ? bothTexts('', '')
      : bothTexts(
          `其中${each.map(({ name, is }) => `${name.zh} ${is.zh}`).join('，')}。`,
          ` Of these ${each.map(({ name, is }) => `${name.en} ${is.en}`).join(', ')}.`,
        );
  const words: Readonly<Record<string, Text>> = {
    bare: bothTexts('来不及备份，备份会按优先级放弃。', 'No time for all backups: they are cut by priority.'),
    no: bothTexts(
      '来不及有序关机：增加电池、减少负载或缩短步骤。',
      'An orderly shutdown does not fit: more battery, less load or shorter steps.',
    ),
  };
  const extra = words[fit.fits ?? ''] ?? bothTexts('', '');
  return {
    id: `time/${fit.plan}/${fit.case}`,
    kind: 'time',
    state: fit.fits === null ? 'unknown' : fit.fits === 'with-backups' ? 'ok' : fit.fits === 'bare' ? 'warn' : 'fail',
    title: bothTexts(`${title.zh}：${CASES[fit.case].zh}`, `${title.en}: ${CASES[fit.case].en}`),
    detail: bothTexts(`${figures.zh}${apart.zh}${extra.zh}`, `${figures.en}${apart.en} ${extra.en}`.trim()),
    device: null,
    testedAt: null,
  };
}

/** Everybody whom a plan names must be there, with a phone and with a route that has worked of late. */
export function peopleItems(
  config: Config,
  rota: Rota,
  now: Instant,
  verifiedAt: (person: string) => Instant | null,
  contacts: ContactOutcome | null = null,
): readonly ReadinessItem[] {
  const missing = functionsOfPlans(config)
    .filter((name) => rota.peopleOf(name, now).length === 0)
    .map(
      (name): ReadinessItem => ({
        id: `people/function/${name}`,
        kind: 'people',
        state: 'fail',
        title: bothTexts(`职能 ${name}`, `Function ${name}`),
        detail: bothTexts(
          '现在无人担任。请在 people.yaml 或 rota.yaml 中安排。',
          'Nobody has it now. See people.yaml and rota.yaml.',
        ),
        device: null,
        testedAt: null,
      }),
    );
  const needed = neededPeople(config, rota, now);
  const items = needed.map((person) => {
    const item = personItem(person, verifiedAt(person.id), now);
    return item.state === 'ok' && didNotConfirm(contacts, person.id, now) ? unconfirmed(item) : item;
  });
  return [...missing, ...items];
}

const didNotConfirm = (contacts: ContactOutcome | null, person: string, now: Instant): boolean =>
  contacts !== null &&
  now >= contacts.until &&
  contacts.people.some((one) => one.person === person && one.confirmedAt === null);

const unconfirmed = (item: ReadinessItem): ReadinessItem => ({
  ...item,
  state: 'warn',
  detail: bothTexts(
    '没有确认上次联系测试：消息发得出去，但不知道本人是否看到。请打电话问一下。',
    'Did not confirm the last contact test: messages go out, but nobody knows whether they are read. Ring and ask.',
  ),
});

/** Whom a plan or the escalation would ring now. */
export function neededPeople(config: Config, rota: Rota, now: Instant): readonly Person[] {
  const needed = new Map<string, Person>();
  for (const name of functionsOfPlans(config))
    for (const person of rota.peopleOf(name, now)) needed.set(person.id, person);
  return [...needed.values()];
}

const functionsOfPlans = (config: Config): readonly FunctionName[] => [
  ...new Set(config.plans.flatMap(functionsOf).concat(config.rota.escalation.order)),
];

function personItem(person: Person, verified: Instant | null, now: Instant): ReadinessItem {
  const base = {
    id: `people/${person.id}`,
    kind: 'people' as const,
    title: person.name,
    device: null,
    testedAt: verified === null ? null : toIso(verified),
  };
  if (person.routes.length === 0)
    return {
      ...base,
      state: 'fail',
      detail: bothTexts('没有联系方式，通知不到。', 'Has no route: cannot be told anything.'),
    };
  if (person.phone === undefined)
    return { ...base, state: 'warn', detail: bothTexts('没有电话号码。', 'Has no phone number.') };
  if (verified === null || between(verified, now) > ROUTE_GOOD_FOR_MS) {
    return {
      ...base,
      state: 'unknown',
      detail: bothTexts(
        '31 天内没有消息送达过。请做一次联系测试。',
        'No message was taken in 31 days. Run a contact test.',
      ),
    };
  }
  return {
    ...base,
    state: 'ok',
    detail: bothTexts(`电话 ${person.phone}，消息可送达`, `phone ${person.phone}, messages are taken`),
  };
}

function functionsOf(plan: Plan): FunctionName[] {
  const singles = plan.steps.flatMap((step) =>
    'choose' in step ? step.choose.flatMap((branch) => branch.steps) : 'together' in step ? step.together : [step],
  );
  return singles.flatMap((step) => {
    if ('tell' in step) return step.tell.functions;
    if ('ask' in step) return [step.ask.function];
    return 'task' in step ? [step.task.function] : [];
  });
}

/** O-DRL-1. */
export function drillItem(plan: Plan, lastAt: Instant | null, now: Instant): ReadinessItem {
  const monthly = plan.power !== undefined;
  const late = lastAt === null || between(lastAt, now) > (monthly ? DRILL_MONTHLY_MS : DRILL_YEARLY_MS);
  const [oftenZh, oftenEn] = monthly ? ['每月', 'monthly'] : ['每年', 'yearly'];
  const command = `npm run zhishou -- drill ${plan.id}`;
  return {
    id: `drill/${plan.id}`,
    kind: 'drill',
    state: late ? 'warn' : 'ok',
    title: bothTexts(`演练：${plan.title.zh}`, `Drill: ${plan.title.en}`),
    detail:
      lastAt === null
        ? bothTexts(`从未演练过：${command}`, `Never practised: ${command}`)
        : bothTexts(
            `上次演练 ${Math.floor(between(lastAt, now) / DAY_MS)} 天前${late ? `，应${oftenZh}一次：${command}` : ''}`,
            `Last practised ${Math.floor(between(lastAt, now) / DAY_MS)} days ago${late ? `; ${oftenEn} is the rule: ${command}` : ''}`,
          ),
    device: null,
    testedAt: lastAt === null ? null : toIso(lastAt),
  };
}

export function armedItem(armed: boolean, simulation: boolean): ReadinessItem {
  const detail = simulation
    ? bothTexts('模拟机房，只对模拟设备动作。', 'A simulated room: acts on simulated equipment only.')
    : armed
      ? bothTexts('已启用自动处置。', 'Armed: it acts by itself.')
      : bothTexts(
          '未启用：只给建议，不会自己关机。管理员可在设置页启用。',
          'Not armed: it advises and shuts nothing down by itself. An administrator arms it on the settings page.',
        );
  return {
    id: 'armed',
    kind: 'armed',
    state: armed || simulation ? 'ok' : 'warn',
    title: bothTexts('自动处置', 'Acting by itself'),
    detail,
    device: null,
    testedAt: null,
  };
}

/** The monitor's own record: without it a restart would forget what was done. */
export function monitorItem(journalFault: string | null, now: Instant): ReadinessItem {
  return {
    id: 'monitor/journal',
    kind: 'monitor',
    state: journalFault === null ? 'ok' : 'fail',
    title: bothTexts('处置记录', 'Journal'),
    detail:
      journalFault === null
        ? bothTexts('记录链完整。', 'The chain of records is whole.')
        : bothTexts(`记录有问题：${journalFault}`, `Something is wrong with it: ${journalFault}`),
    device: null,
    testedAt: toIso(instant(now)),
  };
}
