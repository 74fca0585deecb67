import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import { applicationId, migrate, migrations } from '../../src/host/hub-schema.ts'
import { instance, raise, start, until } from './driving.ts'
import { appFolder, jan1Ms, smallHost } from './small-host.ts'

const at = (second: number) => new Date(jan1Ms + second * 1000).toISOString()
const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)

/** What a host of the first schema left on disk: an instance that waits for an event or its timer. */
function hubOfVersion1(hub: string): void {
  const database = new DatabaseSync(hub)
  migrate(database, migrations.slice(0, 1))
  const execution = { InstanceId: 'old', ExecutionId: 'e1' }
  const plain = { EventId: -1, IsPlayed: false }
  const history = [
    { ...plain, EventType: 12, Timestamp: at(0) },
    {
      ...{
        ...plain,
        EventType: 0,
        IsPlayed: true,
        Timestamp: at(0),
        Name: 'Wait',
        Version: null,
        Input: '7',
      },
      ...{ OrchestrationInstance: execution, ParentInstance: null, ScheduledStartTime: null, Tags: null },
    },
    { ...plain, EventType: 10, EventId: 0, Timestamp: at(1), FireAt: at(86_400) },
    { ...plain, EventType: 13, Timestamp: at(1) },
  ]
  const addEvent = database.prepare('INSERT INTO history VALUES (?, ?, ?)')
  for (const [seq, event] of history.entries()) addEvent.run('old', seq, JSON.stringify(event))
  const row = ['old', 'e1', 'Wait', null, 'Running', '7', null, '"waits"', null, jan1Ms, jan1Ms + 1000]
  database.prepare('INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(...row)
  database
    .prepare('INSERT INTO timers VALUES (?, ?, ?, ?, ?)')
    .run(jan1Ms + 86_400_000, 'old', 'e1', 0, at(1))
  database
    .prepare('INSERT INTO meta VALUES (?, ?)')
    .run('clock', JSON.stringify({ nowMs: jan1Ms + 2000, wallMs: Date.now() }))
  database.close()
}

function load() {
  df.app.orchestration('Wait', function* (context) {
    const go = context.df.waitForExternalEvent('go')
    const due = new Date(context.df.currentUtcDateTime.getTime() + 86_400_000)
    const timer = context.df.createTimer(due)
    const winner = yield context.df.Task.any([go, timer])
    if (winner === go) timer.cancel()
    return [context.df.getInput(), winner === go ? go.result : 'late']
  })
}

describe('a hub of an older schema', () => {
  it.each(['now', undefined])('is migrated, and its instances go on: event %s', async (event) => {
    const hub = join(appFolder(), 'hub.db')
    hubOfVersion1(hub)
    let mayAdvance = false
    const host = await smallHost({ hub, load, mayAdvance: () => mayAdvance })
    expect(await instance(host, 'old')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'waits' })
    if (event) await raise(host, 'old', 'go', event)
    mayAdvance = true
    expect((await until(() => instance(host, 'old'), isOver)).output).toEqual([7, event ?? 'late'])
    await start(host, 'Wait', 'new', 8)
    expect((await until(() => instance(host, 'new'), isOver)).output).toEqual([8, 'late'])
    await host.stop()
    const database = new DatabaseSync(hub)
    expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(migrations.length)
    database.close()
  })

  it('is as it was when a step of its migration fails', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, migrations.slice(0, 1))
    database.exec("INSERT INTO meta VALUES ('kept', 'yes')")
    const broken = [
      ...migrations.slice(0, 1),
      'CREATE TABLE half (a); DROP TABLE meta',
      'INSERT INTO nowhere VALUES (1)',
    ]
    expect(() => migrate(database, broken)).toThrow('nowhere')
    expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(1)
    expect(database.prepare('PRAGMA application_id').get()?.application_id).toBe(applicationId)
    expect(database.prepare("SELECT value FROM meta WHERE name = 'kept'").get()?.value).toBe('yes')
    expect(database.prepare("SELECT * FROM sqlite_master WHERE name = 'half'").get()).toBeUndefined()
    database.close()
  })
})
