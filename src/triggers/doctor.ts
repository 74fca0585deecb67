import { OPERATIONS } from '../messages/operations.ts'
import type { Checks } from '../ports/checks.ts'
import { type Door, registerRoute } from './api.ts'

/** What the app finds of all that it depends on, under its own identity. */
export function registerDoctorRoute(checks: Checks, door: Door): void {
  registerRoute(door, OPERATIONS.doctor, async () => {
    const found = await checks.run()
    return { jsonBody: { holds: found.every(({ outcome }) => outcome !== 'fix'), checks: found } }
  })
}
