import { enableCompileCache } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ZhishouError } from '#core/errors.ts';

/** One command line for everything. Each command loads its own code, so that `check` does not pay for a web server. */

// The types are stripped once, not at each start: a good half second and 20 MB.
enableCompileCache();

const program = new Command('zhishou')
  .description('值守 Zhishou: machine-room monitoring and emergency service')
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

const configOption = (): Option =>
  new Option('--config <dir>', 'directory of the configuration').default(null, 'the sample room, config/');
const stateOption = (): Option => new Option('--state <dir>', 'directory of everything that is kept').default('state');
const historyConfigOption = (): Option =>
  new Option('--config <dir>', 'the site’s configuration, when its history is in an InfluxDB').default(
    null,
    'the embedded history',
  );
const historyStoreOption = (): Option =>
  new Option('--store <name>', 'with --config: which of its stores (default: the one that the page reads)').choices([
    'embedded',
    'influxdb',
  ]);

program
  .command('start')
  .description('start the whole service; with the sample configuration, a simulated room too')
  .addOption(configOption())
  .addOption(stateOption())
  .option('--port <port>', 'port of the page', wholeNumber)
  .option('--speed <factor>', 'simulated room only: how many times faster its time runs', positiveNumber)
  .option('--reset-password', 'make a new password for admin and print it')
  .option('--rehearse', 'incidents say what they would do and do nothing')
  .action(async (options) => (await import('#commands/start.ts')).start(options));

program
  .command('check')
  .description(
    'tell every mistake of a configuration, and whether its plans can be carried out; exit 1 when there is any',
  )
  .argument('[config-dir]', 'directory of the configuration')
  .option('--json', 'print {ok, problems, findings, battery}')
  .addOption(new Option('--language <language>', 'of what is said about plans').choices(['zh', 'en']))
  .action(async (directory: string | undefined, options) =>
    (await import('#commands/check.ts')).check(directory, options),
  );

program
  .command('drill')
  .description(
    'practise a plan: in the simulated room, judged by the invariants and scored, or as a rehearsal on the real one',
  )
  .argument('[plan]', 'the plan, e.g. power-outage')
  .addOption(configOption())
  .addOption(stateOption())
  .option('--all', 'every plan, in memory')
  .option(
    '--rehearse',
    'on the real configuration: each step says what it would do, each target is tested without side effects',
  )
  .option('--outage <duration>', 'how long mains is away (default: 3h)')
  .option('--battery <duration>', 'what the battery holds at the load of the beginning (default: 60m)')
  .option(
    '--answer <answer>',
    'what the power department says: ">90m", "<90m", a duration such as 45m, or none (default: the truth)',
  )
  .option('--speed <factor>', 'virtual seconds in a real one', positiveNumber, 600)
  .option('--seed <n>', 'the same world each time', wholeNumber)
  .option('--virtual', 'no sockets: the same run in memory, on the virtual clock')
  .option(
    '--scenario <file>',
    'instead of --outage: what happens and when, a name from simulators/scenarios or a file of yours',
  )
  .addOption(new Option('--language <language>', 'language of the texts').choices(['zh', 'en']).default('en'))
  .option('--json', 'print one JSON object')
  .action(async (plan: string | undefined, options) => (await import('#commands/drill.ts')).drill(plan, options));

program
  .command('simulate')
  .description(
    'break the plan engine: many nights in rooms drawn from seeds, judged by the invariants; exit 1 when one is broken',
  )
  .option('--seeds <n>', 'how many', wholeNumber, 1000)
  .option('--from <n>', 'the first seed', wholeNumber, 0)
  .option('--seed <n>', 'this one again', wholeNumber)
  .option('--trace', 'with --seed: tell its story, of the smallest case that breaks the same invariant')
  .option('--no-shrink', 'with --seed --trace: the case as it was drawn')
  .option('--jobs <n>', 'threads (default: the number of cores)', wholeNumber)
  .option('--json', 'print {seeds, simulatedHours, wallSeconds, violations, coverage}')
  .action(async (options) => (await import('#commands/simulate.ts')).simulate(options));

program
  .command('probe')
  .description('what one device says: the first thing to try when setting up')
  .argument(
    '<url>',
    'snmp://HOST:PORT?community=NAME, or ?version=3&user=…&auth=sha256&authKey=…&priv=aes&privKey=…; nut://HOST:PORT/UPS; modbus://HOST:PORT/UNIT; ydt://HOST:PORT/ADDRESS; ipmi://USER:PASSWORD@HOST; redfish://USER:PASSWORD@HOST',
  )
  .addOption(configOption())
  .option('--json', 'print {recognised, points}')
  .action(async (url: string, options) => (await import('#commands/probe.ts')).probeCommand(url, options));

program
  .command('discover')
  .description('which SNMP devices answer on these addresses, and as what; prints entries for devices.yaml')
  .argument('<ranges...>', '10.1.2.0/28, 10.1.2.5 or 10.1.2.5-20; at most 4096 addresses each')
  .option('--community <name>', 'may be given more than once (default: public)', collected, [])
  .option('--port <port>', 'of the agents', wholeNumber, 161)
  .option('--timeout <duration>', 'how long an answer may take', '1s')
  .option('--rate <n>', 'new addresses a second', positiveNumber, 20)
  .option('--no-v1', 'do not try SNMPv1 where v2c is not answered')
  .addOption(configOption())
  .option('--json', 'print {found}')
  .action(async (ranges: string[], options) => (await import('#commands/discover.ts')).discover(ranges, options));

program
  .command('decode')
  .description('what messages mean: lines {"topic","payload"} on standard input, one answer a line')
  .argument('<protocol>', 'mqtt')
  .addOption(configOption())
  .action(async (protocol: string, options) => (await import('#commands/decode.ts')).decode(protocol, options));

program
  .command('simulators')
  .description('the simulated room alone, for services that run apart')
  .addOption(configOption())
  .addOption(stateOption())
  .option('--listen <address>', 'address the simulated devices listen on', '127.0.0.1')
  .action(async (options) => (await import('#commands/simulators.ts')).simulators(options));

program
  .command('journal')
  .description('the journal of what was decided and done')
  .argument('<what>', 'verify: is its chain of hashes whole?')
  .addOption(stateOption())
  .option('--json', 'print {ok, broken}')
  .action(async (what: string, options) => (await import('#commands/journal.ts')).journal(what, options));

program
  .command('duties')
  .description('what is due in the room and what became of it')
  .argument('<what>', 'list')
  .addOption(configOption())
  .addOption(stateOption())
  .option('--from <date>', 'the first day, e.g. 2026-11-23 (default: today)')
  .option('--to <date>', 'the last day (default: six days later)')
  .addOption(new Option('--language <language>', 'of the texts').choices(['zh', 'en']).default('en'))
  .option('--json', 'print one JSON object a line')
  .action(async (what: string, options) => (await import('#commands/duties.ts')).duties(what, options));

program
  .command('registers')
  .description('the registers: visitors, repairs, changes and the others')
  .argument('<what>', 'verify: is its chain of hashes whole?')
  .addOption(stateOption())
  .option('--json', 'print {ok, broken}')
  .action(async (what: string, options) => (await import('#commands/registers.ts')).registers(what, options));

program
  .command('notify')
  .description('does a message reach this person? A marked test over each of the person’s ways; exit 1 when one fails')
  .argument('<what>', 'test')
  .argument('<person>', 'an id of people.yaml')
  .addOption(configOption())
  .option('--channel <id>', 'only over this one')
  .option('--url <url>', 'of the running service (default: as site.yaml says); its token is in ZHISHOU_TOKEN')
  .option('--direct', 'without the running service: straight from the configuration')
  .option('--wait <duration>', 'how long to wait for what comes of it', '60s')
  .option('--json', 'print {ok, direct, ways}')
  .action(async (what: string, person: string, options) =>
    (await import('#commands/notify.ts')).notify(what, person, options),
  );

program
  .command('backup')
  .description(
    'copy everything that is kept into a new directory while the service runs, and read it again; see restore',
  )
  .argument('<dir>', 'a directory that does not exist yet, or is empty')
  .addOption(stateOption())
  .option('--verify', 'only read the backup that is there: hashes, stores, chain of the journal; exit 1 when damaged')
  .option('--json', 'print {ok, madeAt, files, damages}')
  .action(async (directory: string, options) => (await import('#commands/backup.ts')).backup(directory, options));

program
  .command('restore')
  .description('make a state directory of a backup; nothing is made of a damaged one')
  .argument('<dir>', 'the backup')
  .requiredOption('--state <dir>', 'directory that does not exist yet, or is empty: start from it then')
  .action(async (directory: string, options) => (await import('#commands/backup.ts')).restore(directory, options));

program
  .command('export')
  .description('history as a file, while the service runs: CSV, a table for spreadsheets, line protocol, or Parquet')
  .addOption(stateOption())
  .requiredOption('--from <moment>', '2026-01-05, 2026-01-05T08:00:00+08:00, or 7d for seven days ago')
  .option('--to <moment>', 'before this moment (default: now)')
  .option('--device <id...>', 'only these (default: all)')
  .option('--point <name...>', 'only these (default: all)')
  .addOption(
    new Option('--format <format>', 'wide has a column for each series')
      .choices(['csv', 'wide', 'lines', 'parquet'])
      .default('csv'),
  )
  .addOption(historyConfigOption())
  .addOption(historyStoreOption())
  .option('--step <step>', 'wide only: a row for each 1m, 15m, hour, day, week, month', '1m')
  .option('--time-zone <name>', 'of days and of the times in wide', 'UTC')
  .option('--site <id>', 'lines only: the tag site', 'site')
  .option('--simulated', 'lines only: mark each reading as one of no real device')
  .option('--out <file>', 'where to (- is standard output)', '-')
  .action(async (options) => (await import('#commands/export.ts')).exportHistory(options));

program
  .command('import')
  .description('readings of a file into history; bad lines are told by their number, exit 1 when there is any')
  .argument('<file>', 'as export writes it (- is standard input)')
  .addOption(stateOption())
  .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'lines', 'parquet']).default('csv'))
  .addOption(historyConfigOption())
  .addOption(historyStoreOption())
  .addOption(
    new Option('--precision <unit>', 'lines only: of the times').choices(['ns', 'us', 'ms', 's']).default('ms'),
  )
  .option('--json', 'print {written, bad, told}')
  .action(async (file: string, options) => (await import('#commands/import.ts')).importHistory(file, options));

program
  .command('rules')
  .description('try rules before they count')
  .argument('<what>', 'test: when the rules of a file would have fired on history')
  .argument('<file>', 'of rules, as in config/rules/')
  .requiredOption('--history <source>', 'a state directory (the service may run), or a file that export wrote as CSV')
  .addOption(configOption())
  .addOption(historyStoreOption())
  .option('--from <moment>', '2026-01-05, 2026-01-05T08:00:00+08:00, or 30d for thirty days ago (default: the first)')
  .option('--to <moment>', 'before this moment (default: the last)')
  .option('--json', 'print {from, to, readings, spans, unknown}')
  .action(async (what: string, file: string, options) =>
    (await import('#commands/rules.ts')).rules(what, file, options),
  );

program
  .command('history')
  .description('the embedded history')
  .argument(
    '<what>',
    'check: is it whole, exit 1 when not; status: what is in it; vacuum: seal and give free space back',
  )
  .addOption(stateOption())
  .option('--json', 'print one JSON object')
  .action(async (what: string, options) => (await import('#commands/history.ts')).history(what, options));

program
  .command('report')
  .description('the report of a week, a month, a quarter or a year as a file, whether the service runs or not')
  .argument(
    '<what>',
    'weekly, monthly, quarterly, yearly; list: those in the archive; verify: are they as they were made, exit 1 when not',
  )
  .addOption(configOption())
  .addOption(stateOption())
  .option('--week <name>', 'e.g. 2026-W46 (default: the last that is over)')
  .option('--month <name>', 'e.g. 2026-11')
  .option('--quarter <name>', 'e.g. 2026-Q4')
  .option('--year <name>', 'e.g. 2026')
  .addOption(
    new Option('--format <format>', 'of the file')
      .choices(['docx', 'pdf', 'xlsx', 'csv', 'md', 'json'])
      .default('docx'),
  )
  .addOption(new Option('--language <language>', 'default: the site’s').choices(['zh', 'en']))
  .option('--out <file>', 'where to (- is standard output; default: the report’s name)')
  .option('--anew', 'out of history as it is now, also when it is archived')
  .option('--json', 'list, verify: print one JSON object')
  .action(async (what: string, options) => (await import('#commands/report.ts')).report(what, options));

try {
  await program.parseAsync();
} catch (error) {
  // What is expected to go wrong is told in a sentence; a bug of ours shows where it is.
  if (!(error instanceof ZhishouError) || error.code === 'INVARIANT') throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
}

function collected(one: string, before: readonly string[]): readonly string[] {
  return [...before, one];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
}
