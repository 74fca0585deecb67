import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import {
  createHttpsPull,
  createRegistryPull,
  type PullAnswer,
  type PullRequest,
} from '../../../src/adapters/azure/registry-pull.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { anAzureMap, hostOf, stampsOf } from './azure-region.ts'

const replica = replicaId('contoso', 'weu')
const stamp = StampId.parse('weu-a')

function pullWith(
  answer: PullAnswer | undefined,
  leadsTo: readonly string[] | 'not asked' = [hostOf(stamp)],
) {
  const asked: PullRequest[] = []
  const map = anAzureMap('weu', [stamp])
  let clockMs = 0
  const pull = createRegistryPull({
    ...{ map, stamps: stampsOf(map) },
    through: async (request) => {
      asked.push(request)
      clockMs += 120
      return answer
    },
    names: leadsTo === 'not asked' ? undefined : { cname: async () => leadsTo },
    fqdn: async () => 'tm-contoso.weu.trafficmanager.net',
    clock: { nowMs: () => clockMs },
  })
  return { asked, pull: () => pull(replica, stamp) }
}

describe('a synthetic pull', () => {
  test('asks one stamp for the endpoint that clients know', async () => {
    const { asked, pull } = pullWith({ status: 200, challenge: null })
    expect(await pull()).toEqual({ ok: true, latencyMs: 120 })
    expect(asked).toEqual([
      { connectTo: hostOf(stamp), host: 'contoso.registry.example', path: '/v2/', timeoutMs: 10_000 },
    ])
  })

  it.each<[string, PullAnswer | undefined, boolean]>([
    ['a challenge to sign in', { status: 401, challenge: 'Bearer realm="https://auth.example"' }, true],
    ['a basic challenge', { status: 401, challenge: 'basic realm="r"' }, true],
    ['a 401 that asks for nothing', { status: 401, challenge: null }, false],
    ['a redirect', { status: 307, challenge: null }, false],
    ['a registry that the stamp does not serve', { status: 404, challenge: null }, false],
    ['a stamp that fails', { status: 503, challenge: 'Bearer realm="x"' }, false],
    ['no answer', undefined, false],
  ])('%s', async (_name, answer, ok) => {
    expect((await pullWith(answer).pull()).ok).toBe(ok)
  })

  test('that works is none where DNS leads elsewhere or nowhere, and DNS is not asked where it may not be', async () => {
    const alive = { status: 200, challenge: null }
    expect((await pullWith(alive, [hostOf('weu-b')]).pull()).ok).toBe(false)
    expect((await pullWith(alive, []).pull()).ok).toBe(false)
    expect((await pullWith(alive, [hostOf(stamp).toUpperCase()]).pull()).ok).toBe(true)
    expect((await pullWith(alive, 'not asked').pull()).ok).toBe(true)
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canMakeCertificates = hasOpenssl()
if (!canMakeCertificates)
  console.warn('Pulls by TLS SKIPPED: there is no openssl to make a certificate with.')

describe.skipIf(!canMakeCertificates)('a pull by HTTPS, skipped where openssl is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-tls-'))
  const file = (name: string) => join(folder, name)
  const seen: (string | undefined)[] = []
  let server: ReturnType<typeof createServer>
  let port: number
  let ca: string

  beforeAll(async () => {
    const subject = [
      '-subj',
      '/CN=contoso.registry.example',
      '-addext',
      'subjectAltName=DNS:contoso.registry.example',
    ]
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      file('key.pem'),
    ]
    execFileSync('openssl', ['req', '-x509', ...key, '-out', file('cert.pem'), '-days', '2', ...subject], {
      stdio: 'ignore',
    })
    ca = readFileSync(file('cert.pem'), 'utf8')
    server = createServer({ key: readFileSync(file('key.pem')), cert: ca }, (request, response) => {
      seen.push(request.headers.host)
      if (request.url === '/slow') return
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="r"' }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  const asked = { connectTo: '127.0.0.1', host: 'contoso.registry.example', path: '/v2/', timeoutMs: 5_000 }

  test('goes to the stamp, under the name and the certificate of the endpoint', async () => {
    expect(await createHttpsPull({ ca, port })(asked)).toEqual({ status: 401, challenge: 'Bearer realm="r"' })
    expect(seen).toEqual(['contoso.registry.example'])
  })

  test('has no answer from who has another certificate, from nobody, and from who takes too long', async () => {
    const pull = createHttpsPull({ ca, port })
    expect(await pull({ ...asked, host: 'fabrikam.registry.example' })).toBeUndefined()
    expect(await createHttpsPull({ port })(asked)).toBeUndefined()
    expect(await createHttpsPull({ ca, port: 1 })(asked)).toBeUndefined()
    expect(await pull({ ...asked, path: '/slow', timeoutMs: 50 })).toBeUndefined()
  })
})
