import { afterEach, expect, test } from 'vitest'
import { PlanList } from '../../src/messages/api.ts'
import { openBrowser } from '../browser.ts'
import { type RunningRestamp, startRestamp } from './running-restamp.ts'

const STEP_MS_MAX = 120_000
let restamp: RunningRestamp | undefined
afterEach(() => restamp?.stop())

test('the server is killed under the page and started again: the page says so, asks to sign in, and the run waits where it was', async (context) => {
  const browser = await openBrowser(context)
  try {
    restamp = await startRestamp('--speed', 'skip')
    const page = await browser.newPage()
    page.setDefaultTimeout(STEP_MS_MAX)
    const linkOf = (running: RunningRestamp) =>
      `${running.baseUrl}/dashboard/#token=${running.tokenOf('approver')}`
    await page.goto(linkOf(restamp))
    await page.getByRole('link', { name: 'Open its plan' }).click()
    await page.getByText('tail-1 waits for approval').waitFor()
    const plan = new URL(page.url()).hash

    restamp = await restamp.killedAndStartedAgain()
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor()
    await page.goto(linkOf(restamp))
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    await page.goto(`${restamp.baseUrl}/dashboard/${plan}`)
    await page.getByText('tail-1 waits for approval').waitFor()
    await page.getByRole('button', { name: 'Approve…' }).click()
    await page.getByLabel('Why').fill('the rehearsal passed')
    await page.getByRole('button', { name: 'Approve tail-1' }).click()
    await page.getByText('medium-1 waits for approval').waitFor()
    const { plans } = PlanList.parse(JSON.parse((await restamp.command('plans', '--json')).out))
    expect(plans).toHaveLength(1)
  } finally {
    await browser.close()
  }
}, 300_000)
