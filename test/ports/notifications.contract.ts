import { describe, expect, it } from 'vitest'
import type { Message, Told } from '../../src/domain/reminders.ts'
import type { Notifications } from '../../src/ports/notifications.ts'
import { PLAN_ID } from '../domain/a-run.ts'

export const aMessage = (key: string): Message => ({
  key,
  planId: PLAN_ID,
  to: 'approvers',
  subject: 'waits for an answer',
  text: `about ${key}`,
  dueAtMs: 1,
})

export interface NotificationsUnderTest {
  readonly notifications: Notifications
  /** What has reached people, in order. */
  readonly arrived: () => Promise<readonly Told[]>
  /** Puts the channel out of order, or in order again. */
  readonly setWorking: (works: boolean) => Promise<void>
}

/** What every implementation of `Notifications` must do; `open` gives one that has told nothing yet. */
export function notificationsContract(name: string, open: () => Promise<NotificationsUnderTest>): void {
  describe(`${name} keeps the notifications contract`, () => {
    it('what is told arrives as it is, in order', async () => {
      const { notifications, arrived } = await open()
      for (const key of ['one', 'two']) expect(await notifications.tell(aMessage(key))).toBe('told')

      expect(await arrived()).toEqual([aMessage('one'), aMessage('two')])
    })

    it('one key is told once, by several at once neither', async () => {
      const { notifications, arrived } = await open()
      const answers = await Promise.all([1, 2, 3].map(() => notifications.tell(aMessage('one'))))

      expect(answers.toSorted()).toEqual(['told', 'toldBefore', 'toldBefore'])
      expect(await arrived()).toHaveLength(1)
    })

    it('what could not be told is said so by name, and can be told later', async () => {
      const { notifications, arrived, setWorking } = await open()
      await setWorking(false)
      await expect(notifications.tell(aMessage('one'))).rejects.toMatchObject({ name: 'NotTold' })
      await setWorking(true)

      expect(await notifications.tell(aMessage('one'))).toBe('told')
      expect(await arrived()).toEqual([aMessage('one')])
    })
  })
}
