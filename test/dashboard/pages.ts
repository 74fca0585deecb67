import { rm } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import type { TestContext } from 'vitest'
import type { ClockSpeed } from '../../src/domain/clock-speed.ts'
import type { Role } from '../../src/domain/principal.ts'
import { openBrowser } from '../browser.ts'
import { buildDashboard } from './build-dashboard.ts'
import { type FakeApi, SESSION_COOKIE, startFakeApi } from './fake-api.ts'
import { PLAN_ID, type RunState } from './worked-plan.ts'

const FIND_MS = 30_000

export const ON_PLAN = `#/plans/${PLAN_ID}`

interface Opened extends AsyncDisposable {
  readonly api: FakeApi
  readonly page: Page
  /** What the page did wrong, by itself: errors thrown and content refused by the policy. */
  readonly faults: readonly string[]
}

interface Who {
  readonly name?: string
  readonly roles?: readonly Role[]
  readonly state?: RunState
  readonly planned?: boolean
  readonly registries?: number
  readonly speed?: ClockSpeed
  readonly isBehindSignIn?: boolean
  readonly at?: string
  readonly width?: number
  readonly theme?: 'light' | 'dark'
}

/** The built page and a browser, for the tests of one file. */
export class Pages implements AsyncDisposable {
  readonly folder: string
  #browser: Browser | undefined

  private constructor(folder: string) {
    this.folder = folder
  }

  static async build(): Promise<Pages> {
    return new Pages(await buildDashboard())
  }

  async open(context: TestContext, who: Who = {}): Promise<Opened> {
    this.#browser ??= await openBrowser(context)
    const {
      name = 'amira',
      roles = ['Approver', 'Operator'],
      at = '',
      width = 1280,
      theme = 'light',
      ...rest
    } = who
    const api = await startFakeApi({ folder: this.folder, name, roles, ...rest })
    const tab = await this.#browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme })
    tab.setDefaultTimeout(FIND_MS)
    if (who.isBehindSignIn)
      await tab.addCookies([{ name: SESSION_COOKIE, value: api.token, url: new URL(api.link).origin }])
    const page = await tab.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text())
    })
    await page.goto(api.link)
    if (at !== '') await page.goto(new URL(at, page.url()).href)
    const close = async () => {
      await tab.close()
      await api[Symbol.asyncDispose]()
    }
    return { api, page, faults, [Symbol.asyncDispose]: close }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
