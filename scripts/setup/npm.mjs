import { SetupFailed } from './failed.mjs'
import { capture } from './process.mjs'

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E5\d\d)\b/
const DETAIL_LINES_MAX = 12

/** Runs npm and stays silent; when it fails, says in one sentence which part could not be had and why. */
export async function runNpm(args, { cwd, env = process.env, what }) {
  const [command, before, shell] = npmOf(env)
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--no-update-notifier',
    '--engine-strict=false',
    '--loglevel=error',
  ]
  const answer = await capture(command, [...before, ...args, ...quiet], {
    cwd,
    env: { ...env, NODE_ENV: '' },
    shell,
  })
  if (answer.code === 0) return
  if (answer.code === 127) throw new SetupFailed('npm was not found; install Node with its npm and try again')
  const said = `${answer.stdout}\n${answer.stderr}`
  const details = said
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line))
    .slice(0, DETAIL_LINES_MAX)
    .join('\n')
  const code = UNREACHABLE.exec(said)?.[0]
  if (code)
    throw new SetupFailed(
      `${what} could not be fetched: the npm registry did not answer (${code}); check the network and npm's registry setting, then run the same command again`,
    )
  throw new SetupFailed(`${what} could not be installed by npm`, details || said.trim().slice(-2000))
}

/** npm's own script where npm started us, else the npm on the path. */
function npmOf(env) {
  const script = env.npm_execpath
  if (script?.endsWith('npm-cli.js')) return [process.execPath, [script], false]
  return ['npm', [], process.platform === 'win32']
}
