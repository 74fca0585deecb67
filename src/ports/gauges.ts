import type { Reading } from '../domain/readings.ts'

/** Takes what was measured to where operators watch. Readings that can't be taken there now are lost; the next ones come soon. */
export interface Gauges {
  publish(readings: readonly Reading[]): Promise<void>
}
