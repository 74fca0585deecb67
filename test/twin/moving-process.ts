import { aTwin, busy, empty, MINUTE_MS, moveTo, shared } from './a-twin.ts'

/** Run as a process by kill.test.ts: moves one replica to and fro until it is killed, saying each epoch it got. */
const { twin, clock } = aTwin({ database: process.argv[2] ?? ':memory:' })
const MOVES_MAX = 100_000
for (let move = 0; move < MOVES_MAX; move++) {
  const epoch = (await twin.catalog.binding(busy))?.epoch ?? 0
  clock.ms += MINUTE_MS
  await moveTo(twin, busy, epoch % 2 === 1 ? empty : shared, `move-${epoch}`)
  process.stdout.write(`${epoch + 1}\n`)
}
