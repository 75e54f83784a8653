import { parseArgs } from 'node:util';
import { measureDrill, tellDrill } from './drill.ts';
import { say } from './figures.ts';
import { measureLatency, tellLatency } from './latency.ts';
import { measurePage, tellPage } from './page.ts';
import { measurePipeline, tellPipeline } from './pipeline.ts';
import { measureReport, tellReport } from './report.ts';
import { measureRules, tellRules } from './rules.ts';
import { measureSimulate, tellSimulate } from './simulate.ts';
import { measureStartUp, tellStartUp } from './start-up.ts';
import { measureStore } from './store.ts';
import { measureWalls, tellWalls } from './walls.ts';

/**
 * `npm run bench -- [latency|rules|start-up|drill|simulate|store|pipeline|walls|page|report] [--json]`: the budgets of the design, measured on this machine beside a named
 * floor. `latency` is the whole issue's figure: the message's way and the start-up. `store` and `pipeline` stand beside Debian's
 * programs, take minutes, and are no part of `all`, nor are `walls`, `page` and `report`. Nothing here fails: it tells.
 */
const MEASURES: Readonly<Record<string, readonly (() => Promise<[name: string, figures: unknown]>)[]>> = {
  latency: [latency, startUp],
  rules: [rules],
  'start-up': [startUp],
  drill: [drill],
  simulate: [simulate],
  store: [store],
  pipeline: [pipeline],
  walls: [walls],
  page: [page],
  report: [report],
  all: [latency, startUp, drill, simulate],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '2000' },
    full: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    every: { type: 'string' },
    devices: { type: 'string', default: '100' },
    pages: { type: 'string', default: '200' },
    plain: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '60' },
  },
});
const chosen = MEASURES[positionals[0] ?? 'all'];
if (chosen === undefined) {
  say(`bench: one of ${Object.keys(MEASURES).join(', ')}`);
  process.exitCode = 1;
} else {
  const figures: Record<string, unknown> = {};
  for (const measure of chosen) {
    const [name, result] = await measure();
    figures[name] = result;
  }
  if (values.json) say(JSON.stringify(figures));
}

async function latency(): Promise<[string, unknown]> {
  const figures = await measureLatency({ rounds: Number(values.rounds) });
  if (!values.json) tellLatency(figures);
  return ['latency', figures];
}

async function rules(): Promise<[string, unknown]> {
  const figures = await measureRules({ rounds: Math.min(1000, Number(values.rounds)) });
  if (!values.json) tellRules(figures);
  return ['rules', figures];
}

async function startUp(): Promise<[string, unknown]> {
  const figures = await measureStartUp();
  if (!values.json) tellStartUp(figures);
  return ['startUp', figures];
}

async function drill(): Promise<[string, unknown]> {
  const figures = await measureDrill();
  if (!values.json) tellDrill(figures);
  return ['drill', figures];
}

async function simulate(): Promise<[string, unknown]> {
  const figures = await measureSimulate();
  if (!values.json) tellSimulate(figures);
  return ['simulate', figures];
}

/** `--full`: 200 series in the year, not 20. `--every 60`: the year's readings once a minute. `--alone`: the embedded store beside nobody. */
async function store(): Promise<[string, unknown]> {
  return ['store', await measureStore({ full: values.full, everyS: Number(values.every ?? 10), alone: values.alone })];
}

/** `--devices 100 --every 1 --seconds 60`: how many are asked how often, and for how long it is measured. */
async function pipeline(): Promise<[string, unknown]> {
  const figures = await measurePipeline({
    devices: Number(values.devices),
    everyS: Number(values.every ?? 1),
    measureS: Number(values.seconds),
  });
  if (!values.json) tellPipeline(figures);
  return ['pipeline', figures];
}

/** `--full`: of 200 points, whose readings take minutes to make, not of 50. */
async function report(): Promise<[string, unknown]> {
  const figures = await measureReport(values.full ? 200 : 50);
  if (!values.json) tellReport(figures);
  return ['report', figures];
}

/** `--runs 3`: of each page, with an empty cache and a full one. */
async function page(): Promise<[string, unknown]> {
  const figures = await measurePage({ runs: Number(values.runs) });
  if (!values.json) tellPage(figures);
  return ['page', figures];
}

/** `--pages 200`: how many look on; `--plain`: they take no gzip. */
async function walls(): Promise<[string, unknown]> {
  const figures = await measureWalls({ pages: Number(values.pages), measureS: 15, plain: values.plain });
  if (!values.json) tellWalls(figures);
  return ['walls', figures];
}
