import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantIn, instantOf, sampleIn } from '../../../src/adapters/files/field-values.ts'

const instant = (text: string) => {
  const bytes = Buffer.from(`x${text}x`)
  return instantIn(bytes, 1, bytes.length - 1)
}
const sample = (text: string) => {
  const bytes = Buffer.from(`9${text}9`)
  return sampleIn(bytes, 1, bytes.length - 1)
}
const NOON = Date.UTC(2024, 1, 29, 12)

describe('R3: times', () => {
  test.each([
    ['2024-02-29T12:00:00Z', NOON],
    ['2024-02-29T12:00:00', NOON],
    ['2024-02-29 12:00:00', NOON],
    ['2024-02-29t12:00:00z', NOON],
    ['2024-02-29T12:00Z', NOON],
    ['2024-02-29T12', NOON],
    ['2024-02-29', NOON - 43_200_000],
    ['2024-02-29T13:00:00+01:00', NOON],
    ['2024-02-29T06:30:00-0530', NOON],
    ['2024-02-29T14:00:00+02', NOON],
    ['2024-03-01T00:00:00+12:00', NOON],
    ['2024-02-29T12:00:00.5Z', NOON + 500],
    ['2024-02-29T12:00:00,250', NOON + 250],
    ['2024-02-29T13:00:00.001+01:00', NOON + 1],
    ['2024-02-29T24:00:00Z', NOON + 43_200_000],
    ['20240229T120000Z', NOON],
    [' 2024-02-29T12:00:00Z ', NOON],
    ['1709208000', NOON],
    ['1709208000.25', NOON + 250],
    ['1.709208e9', NOON],
    ['0', 0],
    ['-60', -60_000],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:00Z', -60_000],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['9999-12-31T23:59:59Z', 253_402_300_799_000],
  ])('%s is read', (text, ms) => {
    expect(instant(text)).toBe(ms)
  })

  test.each([
    ['2024-02-30T00:00:00Z'],
    ['2023-02-29T00:00:00Z'],
    ['1900-02-29T00:00:00Z'],
    ['2024-04-31T00:00:00Z'],
    ['2024-13-01T00:00:00Z'],
    ['2024-00-10T00:00:00Z'],
    ['2024-01-00T00:00:00Z'],
    ['2024-01-15T25:00:00Z'],
    ['2024-01-15T24:00:01Z'],
    ['2024-01-15T12:60:00Z'],
    ['2024-01-15T12:00:60Z'],
    ['2024-01-15T12:00:00+24:00'],
    ['2024-01-15T12:00:00+01:60'],
    ['2024-01-15T1:00:00Z'],
    ['2024-1-15T12:00:00Z'],
    ['2024/01/15T12:00:00Z'],
    ['15.01.2024 12:00:00'],
    ['01/15/2024 08:00'],
    ['2024-01-15T12:00:00 UTC'],
    ['2024-01-15T12-00-00Z'],
    ['2024-01-15Z'],
    ['0000-01-01T00:00:00Z'],
    ['yesterday'],
    ['null'],
    ['NaN'],
    ['inf'],
    ['1e400'],
    ['99999999999999999'],
    ['1705305600000'],
    ['253402300800'],
    ['-62135596801'],
    ['0001-01-01T00:00:00+01:00'],
    ['0x10'],
    [''],
    [' '],
    ['2024-01-15T12:0O:00Z'],
  ])('%j is unreadable', (text) => {
    expect(instant(text)).toBeNaN()
  })

  test('a fraction is cut off, never rounded into the next bin', () => {
    const minute = NOON + 60_000
    for (const digits of ['9', '99', '999999', '999999999', '999999999999']) {
      expect(instant(`2024-02-29T12:00:59.${digits}Z`)).toBeLessThan(minute)
      expect(instant(`1709208059.${digits}`)).toBeLessThan(minute)
    }
  })

  test('every second that a date has is read as the platform reads it', () => {
    const anyTime = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T23:59:59Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -23 * 60, max: 23 * 60 }), (date, offset) => {
        const text = date.toISOString()
        expect(instant(text)).toBe(date.getTime())
        expect(instantOf(text)).toBe(date.getTime())
        const whole = `${text.slice(0, 19)}Z`
        expect(instant(whole)).toBe(Date.parse(whole))
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
        const zone = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
        expect(instant(`${text.slice(0, 23)}${zone}`)).toBe(date.getTime() - offset * 60_000)
      }),
      { numRuns: 500 },
    )
  })

  test('the quick way and the slow way agree on what is no time', () => {
    const digit = fc.constantFrom('0', '1', '2', '3', '5', '6', '9')
    const anyText = fc.tuple(digit, digit, digit, digit, digit, digit).map(([a, b, c, d, e, f]) => {
      return `2024-${a}${b}-${c}${d}T${e}${f}:00:00Z`
    })
    fc.assert(
      fc.property(anyText, (text) => {
        expect(instant(text)).toBe(instantOf(text))
      }),
      { numRuns: 500 },
    )
  })
})

describe('R4: values', () => {
  test.each([
    ['0', 0],
    ['5', 5],
    ['43.125', 43.125],
    ['0.1', 0.1],
    ['100.0', 100],
    ['106', 106],
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    ['+5', 5],
    [' 5 ', 5],
    ['\t5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
    ['0.30000000000000004', 0.30000000000000004],
    ['123456789012345680', 123456789012345680],
    ['99.99999999999999999999', 100],
  ])('%j is the sample %d', (text, value) => {
    expect(sample(text)).toBe(value)
  })

  test.each([
    '',
    ' ',
    'null',
    'NaN',
    'nan',
    'inf',
    '-inf',
    'Infinity',
    '1e999',
    '-1',
    '-0.001',
    '-1e-9',
    'n/a',
    '5 %',
  ])('%j is no sample', (text) => {
    expect(sample(text)).toBeNaN()
  })

  test.each(['1,5', '0x10', '0b1', '1_000', '1 000', '1.2.3', '+', '.', '+-5', '5+', '--5', 'e5', '1e', '٣'])(
    '%j is text, and so no sample',
    (text) => {
      expect(sample(text)).toBeNaN()
    },
  )

  test('every number from 0 up comes back as it was printed', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
        fc.nat({ max: 9 }),
        (value, decimals) => {
          expect(sample(String(value))).toBe(value)
          const short = (value % 1e6).toFixed(decimals)
          expect(sample(short)).toBe(Number(short))
        },
      ),
      { numRuns: 500 },
    )
  })
})
