import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'

const WORKER = fileURLToPath(new URL('bare-worker.ts', import.meta.url))

/** What a deployment sets; nobody is asked at these addresses before a port is. */
export const AZURE_SETTINGS = {
  COSMOS_ENDPOINT: 'https://records.example',
  BLOB_ENDPOINT: 'https://blobs.example',
}

/** Telemetry into nowhere; the SDK is not to tell its maker of it either. */
export const TELEMETRY_SETTINGS = {
  APPLICATIONINSIGHTS_CONNECTION_STRING:
    'InstrumentationKey=0ad04412-c4d5-4796-b79c-f76d14c8d402;IngestionEndpoint=https://telemetry.invalid/',
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING:
    'ClientId=0ad04412-c4d5-4796-b79c-f76d14c8d402;Authorization=AAD',
  APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
}

const Said = z.object({
  functions: z.array(z.object({ name: z.string(), trigger: z.string() })),
  importMs: z.number(),
  loaded: z.array(z.string()),
  rssBytes: z.number(),
})
export type Said = z.infer<typeof Said> & { readonly stderr: string }

/**
 * Loads an entry in a process of its own as the Functions worker would, over a small region unless `env` says otherwise;
 * `look` waits until a second is over, `later` until what is loaded by itself is there.
 */
export function loadInWorker(
  entry: string,
  options: {
    readonly until?: 'imported' | 'look' | 'later'
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Said {
  const state = mkdtempSync(join(tmpdir(), 'restamp-worker-'))
  try {
    writeSmallRegion(state)
    const args = ['--disable-warning=ExperimentalWarning', WORKER, entry, options.until ?? 'imported']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: state,
      env: { PATH: process.env.PATH, ...(options.env ?? { RESTAMP_TWIN: state }) },
      maxBuffer: 16 * 1024 * 1024,
    })
    if (status !== 0) throw new Error(`${entry} does not load: ${stderr}`)
    return { ...Said.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')), stderr }
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

/** The smallest region that a twin takes: what is loaded is looked at here, not what comes of it. */
function writeSmallRegion(folder: string): void {
  const pool = { role: 'registry', nodes: 1, minNodes: 1, maxNodes: 2, vcpusPerNode: 2 }
  const stamp = { id: 's-a', kind: 'shared', state: 'active', pools: [pool] }
  const replica = { region: 'testland', homeStamp: 's-a' }
  const fleet = {
    regions: [{ name: 'testland', stamps: [stamp] }],
    registries: [{ name: 'acme01', customer: 'acme', replicas: [replica] }],
  }
  const cpu = 'timestamp,stamp,pool,node,cpu_percent\n2026-11-02T00:00:00Z,s-a,registry,n0,20\n'
  const load = 'timestamp,region,registry,pool,requests\n2026-11-02T00:00:00Z,testland,acme01,registry,10\n'
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify(fleet))
  writeFileSync(join(folder, 'node-cpu.csv.gz'), gzipSync(cpu))
  writeFileSync(join(folder, 'replica-load.csv.gz'), gzipSync(load))
}
