import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchBicep, findBicep } from './setup/bicep.mjs'
import { SetupFailed } from './setup/failed.mjs'
import { runInPlace, withNode } from './setup/process.mjs'
import { setUp } from './setup.mjs'
import { summaryOf } from './test-summary.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const EXIT_USAGE = 2
const EXIT_DEPENDENCY = 3

const tool = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  knip: 'node_modules/knip/bin/knip.js',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
}

const CHECKS = [
  ['format and lint', [tool.biome, 'check', '--error-on-warnings']],
  ['types of src', [tool.tsc, '-p', 'tsconfig.json', '--noEmit']],
  ['types of the dashboard', [tool.tsc, '-p', 'src/dashboard/tsconfig.json']],
  ['types of the tests', [tool.tsc, '-p', 'test/tsconfig.json']],
  ['dead code', [tool.knip]],
]

const TASKS = {
  build: async () => 0,
  test,
  check,
  // Apart from the tests: counting makes whole simulated runs a quarter slower.
  coverage: (args) => run([tool.vitest, 'run', '--coverage', ...args]),
  fix: () => run([tool.biome, 'check', '--write']),
  bench,
  bicep,
  package: (args) => run(['scripts/package.mjs', ...args]),
  // The worked example over the Azure adapters: as it is, with 5 % of all calls failing, with the callout example as control plane.
  'azure-example': (args) => test(['test/scenarios/azure-example', ...args]),
  'kill-test': (args) => run(['scripts/kill-test.mjs', ...args]),
  'fault-run': (args) => run(['--disable-warning=ExperimentalWarning', 'scripts/fault-run.mjs', ...args]),
  'record-histories': (args) =>
    run(['--disable-warning=ExperimentalWarning', 'scripts/record-histories.mjs', ...args]),
}

const [name = '', ...args] = process.argv.slice(2)
const task = TASKS[name]
const node = await setUp(root)
if (task) process.exitCode = await task(args)
else {
  process.stderr.write(`There is no task "${name}"; there are ${Object.keys(TASKS).join(', ')}.\n`)
  process.exitCode = EXIT_USAGE
}

function run(command) {
  return runInPlace(node, command, { cwd: root, env: withNode(node) })
}

/** Runs vitest and ends with a plain line of what its own result file says. */
async function test(args) {
  const result = join(root, 'coverage', 'result.json')
  rmSync(result, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${result}`]
  const code = await run([tool.vitest, 'run', ...reporters, ...args])
  const found = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : undefined
  const { lines, exitCode } = summaryOf(found, code)
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCode
}

/** Runs one of the benches by name. */
async function bench([name = '', ...args]) {
  const file = join('bench', `${name}.ts`)
  if (/^[a-z-]+$/.test(name) && existsSync(join(root, file))) return run(['--expose-gc', file, ...args])
  const names = readdirSync(join(root, 'bench'))
    .filter((each) => each.endsWith('.ts'))
    .map((each) => each.replace(/\.ts$/, ''))
  process.stderr.write(`There is no bench "${name}"; there are ${names.join(', ')}.\n`)
  return EXIT_USAGE
}

/** Runs the Bicep compiler, fetched first where it is not there; without arguments, says where it is. */
async function bicep(args) {
  try {
    const path = findBicep(root) ?? (await fetchBicep(root))
    if (args.length > 0) return await runInPlace(path, args, { cwd: root })
    process.stdout.write(`${path}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof SetupFailed)) throw error
    process.stderr.write(`${error.message}.\n${error.details ? `${error.details}\n` : ''}`)
    return EXIT_DEPENDENCY
  }
}

async function check(args) {
  const failed = []
  for (const [title, command] of CHECKS) {
    process.stdout.write(`\n${title}\n`)
    if ((await run(command)) !== 0) failed.push(title)
  }
  process.stdout.write('\ntests\n')
  if ((await test(args)) !== 0) failed.push('tests')
  process.stdout.write(
    failed.length === 0 ? '\nAll checks hold.\n' : `\nWhat does not hold: ${failed.join(', ')}\n`,
  )
  return failed.length === 0 ? 0 : 1
}
