import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createHost, type Host, type HostOptions } from '../../src/host/host.ts'

export const jan1Ms = Date.UTC(2026, 0, 1)

const opened: { hosts: Host[]; dirs: string[] } = { hosts: [], dirs: [] }

afterEach(async () => {
  await Promise.all(opened.hosts.splice(0).map((host) => host.stop()))
  for (const dir of opened.dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** A folder that is gone after the test, with the given host.json. */
export function appFolder(hostJson: object = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'host-'))
  opened.dirs.push(dir)
  writeFileSync(join(dir, 'host.json'), JSON.stringify({ version: '2.0', ...hostJson }))
  return dir
}

/** A host in this process, in memory and skipping unless said otherwise, stopped after the test. */
export async function smallHost(options: Partial<HostOptions> & Pick<HostOptions, 'load'>): Promise<Host> {
  const host = await createHost({
    appDir: options.appDir ?? appFolder(),
    hub: 'memory',
    clock: 'skip',
    startAtMs: jan1Ms,
    port: 0,
    ...options,
  })
  opened.hosts.push(host)
  return host
}
