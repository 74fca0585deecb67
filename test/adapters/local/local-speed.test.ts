import { describe, expect, test } from 'vitest'
import { LocalSpeed } from '../../../src/adapters/local/local-speed.ts'
import type { ClockSpeed } from '../../../src/domain/clock-speed.ts'

function clock(speed: ClockSpeed) {
  const modes: ClockSpeed[] = []
  return { speed: new LocalSpeed(speed, (mode) => modes.push(mode)), mode: () => modes.at(-1) }
}

describe('the speed of a local host', () => {
  test('is as everywhere until time may be hurried, and again when it may not', () => {
    const { speed, mode } = clock({ rate: 60 })
    speed.hurry(true)
    expect(mode()).toEqual({ rate: 60 })
    speed.hurry(false)
    expect(mode()).toBe('real')
  })

  test('counts at once where time is hurried, and later where it is not', () => {
    const { speed, mode } = clock({ rate: 60 })
    speed.hurry(true)
    speed.set({ rate: 3_600 })
    expect(mode()).toEqual({ rate: 3_600 })
    speed.hurry(false)
    speed.set({ rate: 600 })
    expect(mode()).toBe('real')
    speed.hurry(true)
    expect(mode()).toEqual({ rate: 600 })
  })

  test('skips at all times: a skipping clock asks by itself whether it may jump', () => {
    const { speed, mode } = clock({ rate: 60 })
    speed.set('skip')
    expect(mode()).toBe('skip')
    speed.hurry(false)
    expect(mode()).toBe('skip')
  })
})
