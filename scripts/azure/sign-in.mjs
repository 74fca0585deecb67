import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from '../setup/process.mjs'
import { complete, prepare } from './registration.mjs'

// Hooks of azd: `prepare` before the resources are made, `complete` after. Needs the Azure CLI, signed in as somebody who may
// register applications. Where that is somebody else's job, set RESTAMP_AUTH_CLIENT_ID and RESTAMP_AUTH_OBJECT_ID by hand.
const GRAPH = 'https://graph.microsoft.com/v1.0'
const onWindows = process.platform === 'win32'
const STEPS = { prepare: beforeResources, complete: afterResources }

const step = STEPS[process.argv[2]]
try {
  if (!step) throw new Error(`expected prepare or complete, found ${process.argv[2] ?? 'nothing'}`)
  await step(process.env)
} catch (error) {
  process.stderr.write(`Sign-in is not set up: ${error.message}\n`)
  process.exitCode = 1
}

async function beforeResources(env) {
  if (env.RESTAMP_AUTH_CLIENT_ID && env.RESTAMP_AUTH_OBJECT_ID) return
  const { clientId, objectId } = await prepare(graph, { environment: needed(env, 'AZURE_ENV_NAME') })
  await run('azd', ['env', 'set', 'RESTAMP_AUTH_CLIENT_ID', clientId])
  await run('azd', ['env', 'set', 'RESTAMP_AUTH_OBJECT_ID', objectId])
  process.stdout.write(`People sign in to the registration ${clientId}.\n`)
}

async function afterResources(env) {
  if (env.RESTAMP_AUTH_BY_HAND === 'true') return
  const { tenantId } = JSON.parse(await run('az', ['account', 'show', '--output', 'json']))
  await complete(graph, {
    clientId: needed(env, 'RESTAMP_AUTH_CLIENT_ID'),
    tenantId,
    url: needed(env, 'RESTAMP_URL'),
    runPrincipalId: needed(env, 'RESTAMP_RUN_PRINCIPAL_ID'),
    roleForMe: env.RESTAMP_ROLE_FOR_ME ?? 'Planner',
  })
  process.stdout.write(`Restamp is at ${env.RESTAMP_URL}/dashboard/\n`)
}

function needed(env, name) {
  if (env[name]) return env[name]
  throw new Error(`${name} is not set; this runs as a hook of azd, which sets it`)
}

async function graph(method, path, body) {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-graph-'))
  try {
    const file = join(folder, 'body.json')
    if (body) writeFileSync(file, JSON.stringify(body))
    const withBody = body ? ['--headers', 'content-type=application/json', '--body', `@${file}`] : []
    const url = `${GRAPH}${path.replaceAll(' ', '%20')}`
    const said = await run('az', ['rest', '--method', method, '--url', url, ...withBody])
    return said.trim() === '' ? undefined : JSON.parse(said)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(command, args) {
  const { code, stdout, stderr } = await capture(command, args, { shell: onWindows })
  if (code === 127) throw new Error(`${command} was not found; install it and try again`)
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed: ${stderr.trim()}`)
  return stdout
}
