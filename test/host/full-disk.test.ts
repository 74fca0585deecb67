import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Commits } from '../../src/host/commits.ts'
import { openHubFile, refusal } from '../../src/host/hub-file.ts'
import { HubStore, type InstanceRow } from '../../src/host/hub-store.ts'
import { appFolder, jan1Ms } from './small-host.ts'

const aRow = (id: string): InstanceRow => ({
  ...{ id, executionId: 'e', name: 'Any', version: null, status: 'Running' },
  ...{ input: JSON.stringify('x'.repeat(10_000)), output: null, customStatus: null, parent: null },
  ...{ createdMs: jan1Ms, updatedMs: jan1Ms },
})

it('a disk that is full in the middle of a commit loses nothing that was committed, and keeps nothing of the rest', async () => {
  const hub = join(appFolder(), 'hub.db')
  const file = openHubFile(hub)
  // SQLite itself says that the disk is full, at a page of its choosing.
  file.database.exec('PRAGMA max_page_count = 100')
  const store = new HubStore(file.database)
  const broken: unknown[] = []
  const onBroken = (error: unknown) => void broken.push(error)
  const commits = new Commits({ store, clockText: () => '{}', faults: undefined, onBroken })
  const committed: string[] = []
  const write = (id: string) =>
    commits.commit('start', () => store.putInstance(aRow(id))).then(() => committed.push(id))
  while (broken.length === 0) {
    const group = Array.from({ length: 7 }, (_, i) => `i-${committed.length + i}`)
    await Promise.allSettled(group.map(write))
  }
  expect(committed.length).toBeGreaterThan(6)
  expect(refusal(broken[0], hub).message).toMatch(/^The disk of the hub .* is full; free some space/)
  await expect(write('later')).rejects.toThrow('full')
  file.close()

  const again = openHubFile(hub)
  const ids = [...new HubStore(again.database).instances('')].map(({ id }) => id)
  expect(new Set(ids)).toEqual(new Set(committed))
  again.close()
})
