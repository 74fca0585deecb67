import type { Me } from '../messages/api.ts'
import type { ClockView } from '../messages/clock-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Clock } from '../ports/clock.ts'
import type { Speed } from '../ports/speed.ts'
import { type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** Who asks and what time it is; and how fast that passes, where it is simulated. */
export function registerClockRoutes(clock: Clock, speed: Speed | undefined, door: Door): void {
  registerRoute(door, OPERATIONS.me, async ({ principal }) => {
    const me: Me = { principal, nowMs: clock.nowMs(), ...(speed ? { speed: speed.now() } : {}) }
    return { jsonBody: me }
  })
  registerRoute(door, OPERATIONS.setClock, async ({ body }) => {
    if (!speed)
      return problem('wrong-state', 'time is the world’s here; only a simulated region’s has a speed')
    speed.set(body.speed)
    const view: ClockView = { nowMs: clock.nowMs(), speed: speed.now() }
    return { jsonBody: view }
  })
}
