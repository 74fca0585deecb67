// A control plane that Restamp can move tenants on: node examples/callout-server/server.mjs FLEET.json [--port 8090]
// The secret that both sides hold comes from RESTAMP_CALLOUT_SECRET. The contract is docs/callout.md.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { checkBody } from './checks.mjs'
import { createControlPlane } from './control-plane.mjs'
import { Effects } from './effects.mjs'
import { Refusal } from './problems.mjs'
import { signatureProblem } from './signature.mjs'

const BODY_BYTES_MAX = 1_000_000
const SECRET_CHARS_MIN = 16
const EXIT_USAGE = 2

/**
 * Serves a control plane on loopback.
 * @param {{ fleet: any, secret: string, interlocks?: readonly object[], port?: number, nowMs?: () => number }} settings
 */
export async function startCalloutServer({ fleet, interlocks = [], secret, port = 0, nowMs = Date.now }) {
  const operations = createControlPlane({ fleet, interlocks, nowMs })
  const effects = new Effects(nowMs)
  const server = createServer(async (request, response) => {
    const { status, headers = {}, body } = await answerTo(request).catch(refused)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })

  async function answerTo(request) {
    const { method, url: path } = request
    const key = request.headers['idempotency-key'] ?? ''
    const text = await textOf(request)
    const header = request.headers['x-restamp-signature']
    const wrong = signatureProblem({ header, method, path, key, body: text, secret, nowMs: nowMs() })
    if (wrong) throw new Refusal('not-signed', wrong)

    const [bare, search = ''] = path.split('?')
    const operation = effects.lookAt(method, bare)
    if (operation) return operation
    const { row, parts } = rowFor(operations, method, bare)
    const asked = { ...parts, query: new URLSearchParams(search) }
    if (method === 'GET') return { status: 200, body: row.answer(asked) }

    if (!key) throw new Refusal('key-missing', `${method} ${bare} came without an Idempotency-Key`)
    const body = bodyOf(text, row)
    const digest = createHash('sha256').update(text).digest('hex')
    const once = { id: `${method} ${bare} ${key}`, digest, isFenced: row.isFenced?.(body) ?? true }
    return effects.make(once, () => row.answer({ ...asked, body }), row.background === true)
  }

  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { baseUrl: `http://127.0.0.1:${server.address().port}`, close }
}

function rowFor(operations, method, path) {
  const parts = path.split('/')
  for (const row of operations) {
    const names = row.path.split('/')
    const fits = names.every((name, at) => (name.startsWith(':') ? parts[at] : name === parts[at]))
    if (row.method !== method || names.length !== parts.length || !fits) continue
    const found = names.flatMap((name, at) => (name.startsWith(':') ? [[name.slice(1), parts[at]]] : []))
    return { row, parts: Object.fromEntries(found) }
  }
  throw new Refusal('not-found', `there is no ${method} ${path}`)
}

function bodyOf(text, { bodies }) {
  let body
  try {
    body = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Refusal('invalid-request', 'the body is no JSON')
  }
  if (typeof body !== 'object' || body === null) throw new Refusal('invalid-request', 'the body is no object')
  checkBody(body, bodies)
  return body
}

async function textOf(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new Refusal('too-large', `expected at most ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What went wrong here is a 503, which is asked again; only a refusal is an answer. */
function refused(error) {
  const headers = { 'content-type': 'application/problem+json' }
  if (error instanceof Refusal) return { status: error.status, headers, body: error.problem }
  process.stderr.write(`${error.stack}\n`)
  const problem = { type: 'urn:restamp:problem:unavailable', status: 503, detail: 'something broke here' }
  return { status: 503, headers, body: problem }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '8090' } },
  })
  const [file] = positionals
  const secret = process.env.RESTAMP_CALLOUT_SECRET ?? ''
  if (!file || secret.length < SECRET_CHARS_MIN) {
    process.stderr.write(
      `usage: RESTAMP_CALLOUT_SECRET=... node examples/callout-server/server.mjs FLEET.json [--port 8090]\nThe secret has at least ${SECRET_CHARS_MIN} characters.\n`,
    )
    process.exit(EXIT_USAGE)
  }
  const fleet = JSON.parse(readFileSync(file, 'utf8'))
  const { baseUrl } = await startCalloutServer({ fleet, secret, port: Number(values.port) })
  process.stdout.write(`The control plane is at ${baseUrl}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
