import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFinal } from './history.ts'
import { assembleHost, type HostOptions } from './host.ts'
import { copyHubFile } from './hub-file.ts'
import type { InstanceRow } from './hub-store.ts'
import { versionVerdict } from './versioning.ts'

/** An orchestration that has not ended. */
export interface UnderWay {
  readonly id: string
  readonly name: string
  readonly version: string | null
  /** Who was started from outside, where this one is a child. */
  readonly rootId: string
  /** Why the app can't carry it on; empty where it can. */
  readonly problems: readonly string[]
}

export interface Inspection {
  /** What the app begins orchestrations with; null for none. */
  readonly version: string | null
  readonly underWay: readonly UnderWay[]
}

/** Tells whether an app can carry on what is under way in a hub, on a copy: nothing runs, and the hub stays as it is. */
export async function inspectHub(
  options: Pick<HostOptions, 'appDir' | 'hub' | 'load' | 'settings'>,
): Promise<Inspection> {
  const dir = mkdtempSync(join(tmpdir(), 'hub-inspection-'))
  try {
    const copy = join(dir, 'hub.db')
    copyHubFile(options.hub, copy)
    const { runtime, hub } = await assembleHost({ ...options, hub: copy, clock: 'skip', port: 0 })
    try {
      const rows = [...runtime.control.list('')]
      const underWay: UnderWay[] = []
      for (const row of rows.filter(({ status }) => !isFinal(status))) {
        const { id, name, version } = row
        const strange =
          versionVerdict(runtime.versioning, version) === 'run'
            ? await runtime.replayCheck(id)
            : [
                `it has version ${version}, which ${runtime.versioning.defaultVersion ?? 'this host'} does not run`,
              ]
        underWay.push({ id, name, version, rootId: rootOf(row, rows), problems: strange })
      }
      return { version: runtime.versioning.defaultVersion, underWay }
    } finally {
      hub.close()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function rootOf(row: InstanceRow, rows: readonly InstanceRow[]): string {
  const parentId = row.parent?.OrchestrationInstance.InstanceId
  const parent = rows.find(({ id }) => id === parentId)
  return parent ? rootOf(parent, rows) : row.id
}
